"""A schema is checked before it costs anything: each finding has a place, says why, and what to do."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from llmx.resources import shipped_folder
from llmx.schema import Cap, Cues, Free, load_schema
from llmx.schema.check import MOST_CHOICES, MOST_LEVELS, MOST_OPTIONAL, check_schema
from llmx.schema.limits import limit_findings, size_of

DESCRIBED = Field(description="what the buyer has to do with the bill")
MANY = Enum("MANY", {f"v{n}": f"v{n}" for n in range(MOST_CHOICES + 1)})  # type: ignore[misc] # built for the test


ROW: Any = create_model("Row", data=(str, ...))


class Cat(BaseModel):
    name: str


class Dog(BaseModel):
    name: str


class Marked(BaseModel):
    kind: Literal["marked"]
    name: str


class Fox(BaseModel):
    kind: Literal["fox"]
    name: str


def nested(levels: int) -> Any:
    inner: Any = str
    for number in range(levels):
        inner = create_model(f"Level{number}", inside=(inner, ...))
    return inner


FINDINGS: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "a name that says nothing": ({"field1": (str, ...)}, [("name", "/field1")]),
    "one letter": ({"x": (int, ...)}, [("name", "/x")]),
    "a name that says nothing, described": ({"value": (str, DESCRIBED)}, []),
    "a name that says something": ({"number": (str, ...), "valued_at": (int, ...)}, []),
    "a name in a list": ({"rows": (list[ROW], ...)}, [("name", "/rows/*/data")]),
    "the names of a map are llmx's": ({"prices": (dict[str, int], ...)}, []),
    "the names of a tuple are llmx's": ({"pair": (tuple[str, int], ...)}, []),
    "a choice": ({"state": (Literal["open", "paid"], ...)}, [("choice", "/state")]),
    "a choice, described": ({"state": (Literal["open", "paid"], DESCRIBED)}, []),
    "a choice with cues": ({"state": (Annotated[Literal["open", "paid"], Cues({"paid": ("paid",)})], ...)}, []),
    "a choice of one": ({"state": (Literal["open"], ...)}, []),
    "a choice of many": ({"state": (MANY, DESCRIBED)}, [("choices", "/state")]),
    "a long text": ({"clause": (Annotated[str, Cap(1500)], ...)}, [("long_text", "/clause")]),
    "a long text of its own words": ({"clause": (Annotated[str, Cap(1500), Free()], ...)}, []),
    "a summary": ({"summary": (str, ...)}, [("own_words", "/summary")]),
    "a summary, marked": ({"summary": (Annotated[str, Free()], ...)}, []),
    "what is deep": ({"deep": (nested(MOST_LEVELS + 1), ...)}, [("limit", ""), ("deep", "/deep" + "/inside" * MOST_LEVELS)]),
    "many that may be empty": (
        {f"{chr(97 + n)}_date": (str | None, None) for n in range(MOST_OPTIONAL + 1)}, [("optional", "")]
    ),
    "alternatives that look alike": ({"pets": (list[Cat | Dog], ...)}, [("union", "/pets/*")]),
    "alternatives with a field of their own": ({"pets": (list[Marked | Fox], ...)}, []),
    "bounds that exclude each other": ({"total": (int, Field(ge=5, le=3))}, [("contradiction", "/total")]),
    "bounds of a list": ({"tags": (list[str], Field(min_length=3, max_length=2))}, [("contradiction", "/tags")]),
    "bounds that meet": ({"total": (int, Field(ge=5, le=5))}, []),
    "a bound that llama.cpp refuses": (
        {"clause": (Annotated[str, Free(), Cap(2000)], ...)}, [("repetitions", "/clause")]
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FINDINGS)
def test_each_kind_of_fault_is_found_at_its_place_and_nothing_else(case: str) -> None:
    fields, expected = FINDINGS[case]
    found = check_schema(load_schema(create_model("Bill", **fields)))
    assert [(each.code, each.pointer) for each in found] == expected
    assert all(each.why and each.advice for each in found)


def test_only_what_no_answer_can_satisfy_is_an_error() -> None:
    levels = {
        each.code: each.level
        for fields, _ in FINDINGS.values()
        for each in check_schema(load_schema(create_model("Bill", **fields)))
    }
    assert [code for code, level in levels.items() if level == "error"] == ["contradiction"]


def test_the_schemas_of_llmx_have_nothing_amiss() -> None:
    names = [path.stem for path in shipped_folder("schemas").glob("*.py") if not path.stem.startswith("_")]
    assert {name: found for name in names if (found := check_schema(load_schema(name)))} == {}


def test_json_schema_and_notation_are_checked_alike(tmp_path: Path) -> None:
    path = tmp_path / "bill.json"
    kinds: dict[str, Any] = {"field1": {"type": "string"}, "state": {"enum": ["open", "paid"]}}
    total = {"type": "number", "minimum": 4, "maximum": 2}
    path.write_text(json.dumps({"type": "object", "properties": {**kinds, "total": total}}))
    assert {e.code for e in check_schema(load_schema(path))} == {"name", "choice", "contradiction"}
    assert {e.code for e in check_schema(load_schema("field1, state: open|paid"))} == {"name", "choice"}


def test_a_schema_beyond_a_strict_modes_bounds_is_told_by_the_endpoint_that_refuses_it() -> None:
    fields: Any = {f"place_{number}": (str, ...) for number in range(101)}
    wide = load_schema(create_model("Wide", **fields))
    [(code, pointer, what, why, _)] = limit_findings(wide.wire.model_json_schema())
    assert (code, pointer) == ("limit", "")
    assert "101 properties" in what
    assert "Azure" in why
    deep = load_schema(nested(11))
    assert [why.split(" ")[0] for _, _, _, why, _ in limit_findings(deep.wire.model_json_schema())] == [
        "OpenAI's",
        "Azure's",
    ]


def test_sizes_are_those_of_the_schema_on_the_wire() -> None:
    class Line(BaseModel):
        sku: str
        next: Line | None = None

    class Bill(BaseModel):
        lines: list[Line]
        state: Literal["open", "paid"]

    size = size_of(load_schema(Bill).wire.model_json_schema())
    assert size.enum_values == 2
    assert size.levels >= 3
    assert size.properties >= 4
