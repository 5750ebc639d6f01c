"""An answer that says the right thing in another JSON form costs nothing; what is ambiguous costs that value alone."""

from __future__ import annotations

import json
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from llmx.extraction.coercion import coerce
from llmx.schema import load_schema
from llmx.types import Money, Number
from tests.extraction.scripted import codes, extracted, said


class Kind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit note"


class Priority(IntEnum):
    LOW = 1
    HIGH = 2


class Grade(StrEnum):
    BEST = "A+"
    GOOD = "B"


class Line(BaseModel):
    """A line."""

    name: str
    note: str = ""


class Bill(BaseModel):
    """A bill."""

    number: str
    count: int | None = None
    paid: bool | None = None
    kind: Kind | None = None
    priority: Priority | None = None
    grade: Grade | None = None
    weight: Number | None = None
    total: Money | None = None
    lines: list[Line] = []
    tags: list[str] | None = None


TEXT = "Invoice 77, credit note, 12 items, paid, priority 2: 1,250.00 EUR. Lines: ink late; paper. Tags: red."
PLAIN: dict[str, Any] = {
    "number": "77", "count": "12", "paid": True, "kind": "invoice", "priority": 2, "total": "1,250.00 EUR",
    "lines": [{"name": "ink", "note": "late"}, {"name": "paper", "note": None}], "tags": ["red"],
}  # fmt: skip

CHANGES: dict[str, dict[str, Any]] = {
    "a number for a text": {"number": 77},
    "a number for words": {"count": 12},
    "words for a flag": {"paid": "yes"},
    "an enum in another case": {"kind": "Invoice"},
    "an enum of numbers as text": {"priority": "2"},
    "an object for one value": {"total": {"amount": "1,250.00", "currency": "EUR"}},
    "a list of one for a value": {"count": ["12"]},
    "one element for a list": {"tags": "red"},
    "an empty text in an element": {"lines": [{"name": "ink", "note": "late"}, {"name": "paper", "note": ""}]},
    "a list as JSON text": {"tags": '["red"]'},
    "an unknown field": {"confidence": 0.9},
    "a whole number with a point": {"priority": 2.0},
}


async def result(answer: Any, **options: Any) -> tuple[Any, Any]:
    given = said(answer) if isinstance(answer, str) else answer
    record = await extracted(Bill, TEXT, [given], reasks=0, unproven="keep", **options)
    return record, record.data.model_dump(mode="json") if record.data is not None else None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_a_value_in_another_json_form_is_read_at_once(change: dict[str, Any]) -> None:
    _, wanted = await result(PLAIN)
    record, data = await result(PLAIN | change)
    assert (record.status, data) == ("ok", wanted)
    assert record.attempts == 1


WRAPPED: dict[str, Any] = {
    "the name of the class": {"Bill": PLAIN},
    "a list of one": [PLAIN],
    "JSON text": json.dumps(json.dumps(PLAIN)),
    "the text of a tool call": f"<tool_call>\n{json.dumps({'name': 'Bill', 'arguments': PLAIN})}\n</tool_call>",
    "parameters": {"name": "Bill", "parameters": PLAIN},
    "arguments encoded twice": {"name": "Bill", "arguments": json.dumps(PLAIN)},
    "a trailing comma": json.dumps(PLAIN)[:-1] + ",}",
    "single quotes": str(PLAIN),
    "an object after it": json.dumps(PLAIN) + '\n\nNote: {"number": "draft"}',
    "names in another case": {name.capitalize(): value for name, value in PLAIN.items()},
}


@pytest.mark.parametrize("answer", WRAPPED.values(), ids=WRAPPED.keys())
async def test_a_record_in_another_wrapping_is_read_at_once(answer: Any) -> None:
    _, wanted = await result(PLAIN)
    record, data = await result(answer, mode="json")
    assert (record.status, data) == ("ok", wanted)


async def test_what_was_changed_is_an_issue_with_its_place() -> None:
    record, _ = await result(PLAIN | {"kind": "CREDIT-NOTE", "extra": 1})
    assert ("adapted", "/kind") in codes(record)
    assert any(issue.code == "adapted" and "'extra'" in issue.message for issue in record.issues)


async def test_a_value_with_two_readings_is_asked_for_and_costs_itself_alone() -> None:
    record, data = await result(PLAIN | {"total": [["1"], ["2"]]})
    assert record.status == "partial"
    assert data["total"] is None
    assert data["number"] == "77"
    assert ("invalid_value", "/total") in codes(record)


OTHERS: dict[str, dict[str, Any]] = {
    "another sign behind a letter": {"grade": "A-"},
    "no sign behind a letter": {"grade": "A"},
    "a sign before a number": {"priority": -2},
    "a point within a number": {"priority": 0.2},
    "three decimals, which may be thousands": {"weight": 1.234},
    "such a number in an object": {"total": {"amount": 1.234, "currency": "EUR"}},
}


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS.keys())
async def test_what_is_only_similar_is_never_taken_for_it(change: dict[str, Any]) -> None:
    record, data = await result(PLAIN | change)
    (name,) = change
    assert (record.status, data[name]) == ("partial", None)
    assert ("invalid_value", f"/{name}") in codes(record)


class Basket(BaseModel):
    """A basket."""

    lines: list[Line] = []
    weight: Number | None = None


@pytest.mark.parametrize(
    "answer", [{"Lines": [{"name": "ink"}]}, {"LINES": {"name": "ink"}}], ids=["a list", "one element"]
)
async def test_the_only_field_under_its_name_in_another_case_is_no_wrapping(answer: Any) -> None:
    record = await extracted(Basket, "Ink.", [answer], reasks=0)
    assert record.data is not None
    assert record.data.model_dump(mode="json") == {"lines": [{"name": "ink", "note": ""}], "weight": None}


async def test_an_object_without_any_field_of_the_schema_is_asked_for_again() -> None:
    record = await extracted(Basket, "Ink.", [{"name": "ink"}, {"lines": [{"name": "ink"}], "weight": None}])
    assert record.data is not None
    assert (len(record.data.lines), record.attempts) == (1, 2)


async def test_a_small_number_is_not_read_from_its_exponent() -> None:
    record = await extracted(Basket, "Ink, 0.0000001 g.", [{"lines": [], "weight": 1e-07}], reasks=0)
    assert record.data is not None
    assert record.data.model_dump(mode="json")["weight"] == 1e-07


async def test_brackets_that_do_not_close_are_not_repaired() -> None:
    record, _ = await result('{"number": "77", "lines": [{"name": "ink"}, {"name": "pap')
    assert record.status == "invalid"


async def test_an_empty_object_says_nothing_and_is_asked_for_again() -> None:
    record = await extracted(Bill, TEXT, [{}, PLAIN])
    assert (record.status, record.attempts) == ("ok", 2)


async def test_null_for_a_text_that_must_be_there_is_no_words_and_says_so() -> None:
    record, data = await result(PLAIN | {"number": None})
    assert (record.status, data["number"]) == ("ok", "")
    assert {code for code, path in codes(record) if path == "/number"} == {"adapted", "not_found"}


class Defaulted(BaseModel):
    """Fields with defaults."""

    name: str
    count: int = 7
    note: str = "nothing"
    tags: list[str] = ["a"]
    ok: bool = False
    places: list[str] | None = None


@pytest.mark.parametrize("none", [None, "absent"], ids=["null", "missing"])
async def test_defaults_apply_where_nothing_was_found(none: Any) -> None:
    answer: dict[str, Any] = {"name": "Ann"}
    if none is None:
        answer |= dict.fromkeys(("count", "note", "ok", "places"))
    record = await extracted(Defaulted, "Ann came", [answer])
    assert record.data is not None
    data = record.data.model_dump()
    assert {name: data[name] for name in ("count", "note", "ok", "places")} == {
        "count": 7, "note": "nothing", "ok": False, "places": None,
    }  # fmt: skip
    assert record.status == "ok"


async def test_none_that_the_text_says_is_a_value() -> None:
    class Chart(BaseModel):
        allergies: str
        smoker: str | None = None

    record = await extracted(
        Chart, "Patient Ann Lee. Allergies: none. None of the tests failed.", [{"allergies": "none", "smoker": "none"}]
    )
    assert record.data is not None
    assert record.data.allergies == "none"
    assert record.evidence["/allergies"] is not None


async def test_a_strict_class_gets_its_enum() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(strict=True)
        kind: Kind

    record = await extracted(Strict, "an invoice", [{"kind": "invoice"}])
    assert record.data is not None
    assert record.data.kind is Kind.INVOICE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["number", "lines", "total", "name", "arguments", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.slow
@given(JSON)
@example({"lines": -(2**63) - 1})  # more than 64 bits
def test_coercion_never_raises_changes_nothing_given_and_is_stable(value: Any) -> None:
    tree = load_schema(Bill).tree
    before = json.dumps(value, sort_keys=True)
    once = coerce(tree, value).value
    assert json.dumps(value, sort_keys=True) == before
    assert coerce(tree, once).value == once


class Habit(BaseModel):
    smokes: bool


async def test_yes_and_no_are_taken_in_the_words_of_the_text() -> None:
    for words, smokes in [("Sí", True), ("nein", False), ("なし", False), ("Oui.", True), ("no", False)]:
        record = await extracted(Habit, f"Smokes: {words}", [{"smokes": words}])
        assert record.data == Habit(smokes=smokes), words
