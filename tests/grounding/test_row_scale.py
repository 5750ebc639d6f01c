"""What is told of elements whose words stand in very many places, or are wrapped in their cells."""

from __future__ import annotations

from pydantic import BaseModel

from llmx.grounding.ground import ground
from llmx.grounding.text import SourceText
from llmx.grounding.values import ListValue, ObjectValue
from llmx.locating import TextIndex
from llmx.schema import compile_tree
from llmx.span import Span
from llmx.types import Money, Number


class Row(BaseModel):
    name: str
    count: Number | None = None
    price: Money | None = None


class Table(BaseModel):
    rows: list[Row]


def _grounded(rows: list[dict[str, str]], text: str) -> list[ObjectValue]:
    source = SourceText(text, TextIndex(text), Span(0, len(text)), locale="en")
    root = ground(compile_tree(Table), {"rows": rows}, source)
    assert isinstance(root, ObjectValue)
    found = root.fields["rows"]
    assert isinstance(found, ListValue)
    return [item for item in found.items if isinstance(item, ObjectValue)]


def test_elements_without_a_rare_word_are_found_in_the_lines_that_hold_two_of_their_common_ones() -> None:
    pairs = [(count, price) for count in range(100, 166) for price in range(200, 266)]
    lines = [f"item            {count}        {price}.50" for count, price in pairs]
    asked = pairs[::401][::-1]
    answer = [{"name": "item", "count": str(count), "price": f"{price}.50"} for count, price in asked]
    text = "\n".join(["Name            No.        Price", *lines])
    for row, (count, price) in zip(_grounded(answer, text), asked, strict=True):
        proof = [row.fields[name].evidence for name in ("count", "price")]  # type: ignore[union-attr]
        own = 1 + pairs.index((count, price))
        assert [text.count("\n", 0, each.start) for each in proof if each is not None] == [own, own]


def test_words_with_a_slip_are_proven_in_their_own_row_and_not_in_another() -> None:
    names = ["Hydraulic pump unit A", "Hydraulic purnp unit B", "Hydraulic pump unit C"]
    text = "\n".join(["Name\tNo.\tPrice", *(f"{name}\t{at}\t{at}7.50" for at, name in enumerate(names, 1))])
    answer = [
        {"name": f"Hydraulic pump unit {x}", "count": str(at), "price": f"{at}7.50"} for at, x in enumerate("ABC", 1)
    ]
    second = _grounded(answer, text)[1].fields["name"]
    assert second.evidence is not None  # type: ignore[union-attr]
    assert second.evidence.quote == "Hydraulic purnp unit B"  # type: ignore[union-attr]
