"""A remainder that means 'every other quantity' is filled up by the code, with proof, and with quantities only."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from llmx.errors import SchemaError
from llmx.schema import Free, Remainder, load_schema
from llmx.types import Number
from tests.extraction.scripted import extracted


class Figure(BaseModel):
    what: Annotated[str, Free()]
    value: Number
    unit: Annotated[str | None, Free()] = None


class Report(BaseModel):
    """A report."""

    jobs: int | None = None
    figures: Annotated[list[Figure], Remainder(complete=True)]


async def figures(text: str, *given: dict[str, Any], jobs: str | None = None) -> list[tuple[Any, str]]:
    record = await extracted(Report, text, [{"jobs": jobs, "figures": list(given)}])
    assert record.status == "ok"
    assert record.data is not None
    found = []
    for n, figure in enumerate(record.data.figures):
        proof = record.evidence[f"/figures/{n}/value"]
        assert proof is not None
        assert text[proof.start : proof.end] == proof.quote
        found.append((Decimal(str(figure.value)), proof.rule))
    return found


async def test_what_the_model_left_out_is_filled_in_and_says_so() -> None:
    text = "The yard has 2300 workers. It built 74 ships and covers 12.5 hectares."
    found = await figures(text, {"what": "ships", "value": "74", "unit": "ships"})
    assert {value for value, _ in found} == {Decimal(74), Decimal(2300), Decimal("12.5")}
    assert [rule.startswith("completed") for _, rule in found] == [False, True, True]


async def test_what_another_field_holds_is_not_repeated() -> None:
    found = await figures("It brings 180 jobs and 3 cranes.", jobs="180 jobs")
    assert [value for value, _ in found] == [Decimal(3)]


@pytest.mark.parametrize(
    "text",
    [
        "It was founded in 1968 and opened on 3 March 2024 at 10:30.",
        "Call +49 30 1234567 or write to box A-17.",
        "The two companies met on the 3rd day, one of them late.",
        "Chapter 007 of the file no. 12/445.",
    ],
)
async def test_what_is_no_quantity_by_its_form_is_left_out(text: str) -> None:
    assert await figures(text) == []


def test_a_list_that_cannot_be_completed_is_refused() -> None:
    class Wrong(BaseModel):
        names: Annotated[list[str], Remainder(complete=True)]

    with pytest.raises(SchemaError, match=r"Wrong\.names"):
        load_schema(Wrong)
