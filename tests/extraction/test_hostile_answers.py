"""Answers out of all bounds: one such value costs that value and leaves an issue, never the record."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from pydantic import BaseModel

from llmx.record import Record
from llmx.types import Money
from tests.extraction.scripted import codes, extracted


class Line(BaseModel):
    """A line."""

    name: str
    price: Money | None


class Bill(BaseModel):
    """A bill."""

    number: str
    total: Money | None
    count: int | None
    tags: list[str]
    lines: list[Line]


TEXT = "Invoice INV-77 of 3 May 2024, 12 items: ink, paper. Acme owes 1,250.00 EUR in all. Tags: red."
SAID: dict[str, Any] = {
    "number": "INV-77", "total": "1,250.00 EUR", "count": "12", "tags": ["red"],
    "lines": [{"name": "ink", "price": None}],
}  # fmt: skip
RIGHT: dict[str, Any] = {
    "number": "INV-77", "total": {"amount": 1250, "currency": "EUR"}, "count": 12, "tags": ["red"],
    "lines": [{"name": "ink", "price": None}],
}  # fmt: skip

WILD = {
    "100,000 digits": "9" * 100_000,
    "a fraction of 100,000 digits": "0." + "1" * 100_000,
    "a number out of bounds": "-1e400",
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "100,000 digits as words": '"' + "9" * 100_000 + '"',
    "an exponent as words": '"1e999999999 EUR"',
    "lists, 900 deep": "[" * 900 + "]" * 900,
    "lists, 5,000 deep": "[" * 5000 + "]" * 5000,
    "objects, 900 deep": '{"a":' * 900 + "1" + "}" * 900,
    "objects, 50,000 deep": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "half a surrogate pair": '"\\ud800"',
    "20,000 names": "{" + ",".join(f'"k{n}": "v"' for n in range(20_000)) + "}",
    "names of Python": '{"__class__": "os.system", "__proto__": {}}',
}


async def answered(text: str) -> Record[Any]:
    return await extracted(Bill, TEXT, [text], reasks=0)


def with_value(name: str, wild: str) -> str:
    """Return the answer with the JSON text ``wild`` for the value of ``name``."""
    return json.dumps({**SAID, name: "@"}).replace('"@"', wild)


@pytest.mark.parametrize("name", list(SAID))
@pytest.mark.parametrize("wild", WILD.values(), ids=WILD.keys())
async def test_a_value_out_of_bounds_costs_that_value_alone(name: str, wild: str) -> None:
    record = await answered(with_value(name, wild))
    assert record.data is not None
    data = record.data.model_dump(mode="json")
    assert {field: value for field, value in data.items() if field != name} == {
        field: value for field, value in RIGHT.items() if field != name
    }
    assert codes(record)
    assert not {"internal", "endpoint"} & {code for code, _ in codes(record)}
    orjson.dumps([data, [issue.message for issue in record.issues]])  # it can be written


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 100_000, id="lists that do not end"),
        pytest.param('{"a":' * 100_000, id="objects that do not end"),
        pytest.param("<think>" * 20_000, id="thoughts that do not end"),
        pytest.param('"' * 100_001, id="quotes"),
        pytest.param('{"number": "' + "\\" * 100_001, id="backslashes"),
        pytest.param("```json\n{" * 5000, id="fences"),
        pytest.param("<tool_call>" * 20_000, id="calls that do not begin"),
        pytest.param("9" * 100_000, id="digits"),
        pytest.param("", id="nothing"),
    ],
)
async def test_an_answer_that_holds_no_record_is_invalid_and_says_why(text: str) -> None:
    record = await answered(text)
    assert record.status == "invalid"
    assert codes(record) == [("invalid_answer", "")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps(SAID) + "]" * 50_000, id="brackets behind it"),
        pytest.param(json.dumps(json.dumps(json.dumps(SAID))), id="encoded twice"),
        pytest.param("</think>" * 2000 + json.dumps(SAID), id="thoughts that did not begin"),
        pytest.param("```json\n" + json.dumps(SAID) + "\n```", id="in a fence"),
        pytest.param("\ufeff" + json.dumps(SAID), id="byte order mark"),
        pytest.param(json.dumps({"Bill": SAID}), id="under its own name"),
        pytest.param(json.dumps([SAID]), id="in a list"),
        pytest.param(json.dumps({"name": "Bill", "parameters": SAID}), id="as a call"),
        pytest.param(json.dumps(SAID).replace("\n", "\r\n"), id="CRLF"),
        pytest.param('{"number": "X", ' + json.dumps(SAID)[1:], id="the same name twice, the last one counts"),
    ],
)
async def test_what_stands_around_a_record_costs_nothing(text: str) -> None:
    record = await answered(text)
    assert record.status == "ok"
    assert record.data is not None
    assert record.data.model_dump(mode="json") == RIGHT


async def test_a_text_that_does_not_fit_leaves_the_element_that_holds_it() -> None:
    lines = [{"name": ["ink", "pen"], "price": "1,250.00 EUR"}, {"name": "paper", "price": None}]
    record = await answered(json.dumps({**SAID, "lines": lines}))
    assert record.data is not None
    assert [line.name for line in record.data.lines] == ["", "paper"]
    assert ("invalid_value", "/lines/0/name") in codes(record)


async def test_a_record_of_texts_that_do_not_fit_is_none() -> None:
    record = await answered(json.dumps({"number": ["a", "b"], "total": None, "count": None, "tags": [], "lines": []}))
    assert record.status == "invalid"


async def test_of_several_records_where_one_is_asked_for_the_first_counts_and_the_others_are_told() -> None:
    record = await extracted(Bill, TEXT, [json.dumps([SAID, SAID | {"number": "INV-78"}])] * 6)
    assert record.data is not None
    assert (record.status, record.data.model_dump(mode="json")) == ("partial", RIGHT)
    assert ("adapted", "") in codes(record)
    assert any("lists 2 records" in issue.message for issue in record.issues)
