"""A JSON Schema has the last word: each of its keywords has an effect, on a record of llmx and on data from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from llmx.errors import SchemaError
from llmx.schema import load_schema
from tests.extraction.scripted import codes, extracted

TEXT = "Bill B-7 of Ann Lee, ann@example.com, 12 items: ink, paper. Paid at 10:30 on 3 May 2024."


def schema_of(folder: Path, prop: dict[str, Any], **more: Any) -> str:
    path = folder / "bill.json"
    schema = {"type": "object", "title": "Bill", "properties": {"name": {"type": "string"}, "v": prop}} | more
    path.write_text(json.dumps(schema), "utf-8")
    return str(path)


KEYWORDS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "pattern": ({"type": "string", "pattern": "^[A-Z]-[0-9]$"}, "B-7", "Ann Lee"),
    "minLength": ({"type": "string", "minLength": 4}, "Ann Lee", "ink"),
    "maxLength": ({"type": "string", "maxLength": 4}, "ink", "Ann Lee"),
    "format": ({"type": "string", "format": "email"}, "ann@example.com", "Ann Lee"),
    "minimum": ({"type": "integer", "minimum": 10}, 12, 3),
    "exclusiveMaximum": ({"type": "integer", "exclusiveMaximum": 12}, 3, 12),
    "multipleOf": ({"type": "integer", "multipleOf": 6}, 12, 3),
    "minItems": ({"type": "array", "items": {"type": "string"}, "minItems": 2}, ["ink", "paper"], ["ink"]),
    "uniqueItems": (
        {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        ["ink", "paper"],
        ["ink", "ink"],
    ),
}


@pytest.mark.parametrize(("prop", "right", "wrong"), KEYWORDS.values(), ids=KEYWORDS.keys())
def test_a_keyword_is_judged_in_data_from_elsewhere(
    prop: dict[str, Any], right: Any, *, wrong: Any, tmp_path: Path
) -> None:
    model = load_schema(schema_of(tmp_path, prop)).model
    model.model_validate_json(json.dumps({"v": right, "unknown": 1}))
    with pytest.raises(ValidationError):
        model.model_validate_json(json.dumps({"v": wrong}))


@pytest.mark.parametrize("keyword", ["pattern", "format", "minimum"])
async def test_what_a_keyword_refuses_is_asked_for_again_and_costs_that_value(keyword: str, tmp_path: Path) -> None:
    prop, right, wrong = KEYWORDS[keyword]
    schema = schema_of(tmp_path, prop)
    good, bad = {"name": "Ann Lee", "v": str(right)}, {"name": "Ann Lee", "v": str(wrong)}
    record = await extracted(schema, TEXT, [bad, good])
    assert (record.status, record.attempts) == ("ok", 2)
    record = await extracted(schema, TEXT, [bad], unproven="keep")
    assert record.status == "partial"
    assert record.data is not None
    assert (record.data.name, record.data.v) == ("Ann Lee", None)
    assert ("invalid_value", "/v") in codes(record)
    assert any(keyword in issue.message for issue in record.issues)


async def test_absent_optional_fields_and_required_nulls_are_no_fault(tmp_path: Path) -> None:
    schema = schema_of(tmp_path, {"type": ["integer", "null"], "minimum": 1}, required=["v"])
    record = await extracted(schema, TEXT, [{"name": None, "v": None}])
    assert record.status == "ok"


async def test_the_default_stands_where_nothing_was_found(tmp_path: Path) -> None:
    record = await extracted(
        schema_of(tmp_path, {"type": "integer", "default": 7}), TEXT, [{"name": "Ann Lee", "v": None}]
    )
    assert record.data is not None
    assert record.data.v == 7


async def test_a_date_time_without_an_offset_is_kept(tmp_path: Path) -> None:
    schema = schema_of(tmp_path, {"type": "string", "format": "date-time"})
    record = await extracted(schema, TEXT, [{"name": "Ann Lee", "v": "3 May 2024"}])
    assert record.status == "ok"
    assert record.data is not None
    assert record.data.v is not None


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"properties": {"a": {"type": "strin"}}}, "strin"),
        ({"properties": {"a": {"type": "string", "pattern": "("}}}, "no JSON Schema"),
        (
            {"properties": {"a": {"type": "string", "not": {"$ref": "http://127.0.0.1:9/x.json"}}}},
            "leads out of the file",
        ),
        (
            {"properties": {"a": {"type": "string"}}, "not": {"$ref": "http://127.0.0.1:9/x.json"}},
            "leads out of the file",
        ),
    ],
    ids=["type", "pattern", "nested not", "another host"],
)
def test_what_is_no_schema_or_leads_elsewhere_is_refused_at_load(schema: Any, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(schema), "utf-8")
    with pytest.raises(SchemaError, match=words):
        load_schema(str(path))
