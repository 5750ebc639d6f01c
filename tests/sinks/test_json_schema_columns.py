"""Any JSON Schema has columns: its own words need not be those that Pydantic writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmx.schema import load_schema
from llmx.sinks.columns import columns_of


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ({"properties": {"a": True, "b": {"type": "string"}, "c": False}}, ["a", "b", "c"]),
        ({"properties": {"a": {"anyOf": [True, {"type": "null"}]}}}, ["a"]),
        ({"properties": {"a": {"$ref": "#/definitions/x"}}, "definitions": {"x": {"properties": {"y": {}}}}}, ["a.y"]),
        ({"type": "array", "items": {"type": "string"}}, ["data"]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, ["data"]),
    ],
    ids=["booleans", "anyOf", "definitions", "list", "map"],
)
def test_a_json_schema_has_columns(schema: dict[str, Any], names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "thing.json"
    path.write_text(json.dumps(schema), "utf-8")
    assert [column.name for column in columns_of(load_schema(str(path)).model)] == names
