"""Examples are checked when they are loaded: a wrong one would teach every document of a run the same mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel

from llmx.errors import PromptError
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.prompting.examples import load_examples
from llmx.schema import Free, load_schema
from llmx.types import Money
from tests.extraction.scripted import plan_for


class Line(BaseModel):
    """A line."""

    what: str
    price: Money | None


class Invoice(BaseModel):
    """An invoice."""

    number: str
    kind: Literal["invoice", "reminder"] | None
    total: Money | None
    lines: list[Line]
    summary: Annotated[str, Free()] | None


SCHEMA = load_schema(Invoice)
TEXT = "Invoice B-7 of ACME: paper 20 euros, ink 5.50 euros, in all 25.50 euros."


def load(text: str, folder: Path) -> object:
    path = folder / "examples.yaml"
    path.write_text(text)
    return load_examples(path, SCHEMA)


def test_a_good_example_is_filled_up_in_the_order_of_the_schema(tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text(
        f"- text: |\n    {TEXT}\n  record: {{lines: [{{what: paper, price: 20 euros}}, {{what: ink}}], number: B-7}}\n"
    )
    (example,) = load_examples(tmp_path / "e.yaml", SCHEMA)
    assert example.text == TEXT
    assert list(example.record) == ["number", "kind", "total", "lines", "summary"]
    assert example.record["lines"] == [{"what": "paper", "price": "20 euros"}, {"what": "ink", "price": None}]
    assert dict(example.words(SCHEMA)) == {
        "/number": "B-7", "/lines/0/what": "paper", "/lines/0/price": "20 euros", "/lines/1/what": "ink",
    }  # fmt: skip


FAULTS = {
    "words that the text does not hold": ("{number: B-7, total: 99 euros}", ["example 2", "/total", "'99 euros'"]),
    "words in a list element": ("{number: B-7, lines: [{what: paper}, {what: glue}]}", ["/lines/1/what", "'glue'"]),
    "words from which no value follows": ("{number: B-7, total: ACME}", ["/total", "'ACME'"]),
    "a field that the schema does not have": ("{number: B-7, totla: 20 euros}", ["/totla"]),
    "a value that is not allowed": ("{number: B-7, kind: bill}", ["/kind", "'invoice'"]),
    "a missing field that may not be null": ("{total: 20 euros}", ["/number"]),
    "a number instead of words": ("{number: B-7, total: 25.5}", ["/total"]),
    "a single value instead of a list": ("{number: B-7, lines: paper}", ["/lines"]),
    "an element that is no object": ("{number: B-7, lines: [paper]}", ["/lines/0"]),
    "a record that is no object": ("[B-7]", ["example 2", "'record'"]),
}


@pytest.mark.parametrize(("record", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_with_the_file_the_number_of_the_example_and_the_path(
    record: str, told: list[str], tmp_path: Path
) -> None:
    good = f"- text: '{TEXT}'\n  record: {{number: B-7}}\n"
    with pytest.raises(PromptError) as caught:
        load(f"{good}- text: '{TEXT}'\n  record: {record}\n", tmp_path)
    for words in [str(tmp_path / "examples.yaml"), "example 2", *told]:
        assert words in str(caught.value)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- [", "not YAML"),
        ("text: a", "not a list"),
        ("", "not a list"),
        ("- text: a", "'record'"),
        ("- text: ''\n  record: {number: B-7}", "text"),
        ("- {text: [1], record: {number: '1'}}", "text"),
        ("- {text: a, record: {}, more: 1}", "nothing else"),
    ],
    ids=["not YAML", "a mapping", "an empty file", "no record", "an empty text", "a text that is none", "a third key"],
)
def test_a_file_that_holds_no_examples_is_refused(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=told) as caught:
        load(text, tmp_path)
    assert str(tmp_path / "examples.yaml") in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"nowhere\.yaml"):
        load_examples(tmp_path / "nowhere.yaml", SCHEMA)


def test_the_examples_that_ship_are_right_and_stand_in_the_prompt() -> None:
    roles = [m["role"] for m in plan_for("partnership", examples="auto").rendering.messages("x")]
    assert len(roles) >= 6
    assert roles == ["system", *["user", "assistant"] * (len(roles) // 2 - 1), "user"]
    assert len(plan_for("partnership").rendering.messages("x")) == 2


def test_examples_lie_beside_a_schema_or_where_the_option_says(tmp_path: Path) -> None:
    (tmp_path / "bill.py").write_text(
        "from pydantic import BaseModel\nclass Bill(BaseModel):\n    '''A bill.'''\n    number: str\n"
    )
    (tmp_path / "bill.examples.yaml").write_text("- {text: Bill 12 is due., record: {number: '12'}}\n")
    (tmp_path / "other.yaml").write_text("- {text: Bill 99 is due., record: {number: '99'}}\n")
    plan = plan_for(f"{tmp_path}/bill.py:Bill", examples="auto")
    assert [m["content"] for m in plan.rendering.messages("x")[2:3]] == ['{"number": "12"}']
    plan = plan_for(f"{tmp_path}/bill.py:Bill", examples=str(tmp_path / "other.yaml"))
    assert [m["content"] for m in plan.rendering.messages("x")[2:3]] == ['{"number": "99"}']
    assert plan.example_phrases == {"99"}
    assert Extractor(f"{tmp_path}/bill.py:Bill", Options(examples="none")).options.examples == "none"


class Basket(BaseModel):
    owner: str
    items: list[str]


@pytest.mark.parametrize(
    "record",
    ["{owner: Ann, items: [tea]}", "[{owner: Ann, items: [tea]}]", "{items: [{owner: Ann, items: [tea]}]}"],
    ids=["one record", "a list of one", "as it is asked for"],
)
def test_an_example_of_one_record_serves_a_list_of_them(tmp_path: Path, record: str) -> None:
    path = tmp_path / "x.examples.yaml"
    path.write_text(f"- text: Ann bought tea.\n  record: {record}\n")
    [example] = load_examples(path, load_schema(list[Basket]))
    assert example.record == {"items": [{"owner": "Ann", "items": ["tea"]}]}
