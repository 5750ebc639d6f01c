"""What a JSON Schema describes is asked for, whichever of its words describe it, and its values are proven."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from llmx.errors import SchemaError
from llmx.schema import load_schema
from tests.extraction.scripted import Scripted, codes, extracted

TEXT = (
    "Ann Lee, ann@example.com, scored 12 in Oslo and 7 in Rome on 3 May 2024. Paid: yes. State: open. Chapter One holds "
    "Part Two."
)
TEXT_ONLY = {"type": "string"}


def at(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a schema with one required property ``v``."""
    return {"type": "object", "properties": {"v": schema}, "required": ["v"]} | more


NODE = {
    "type": "object",
    "properties": {"title": TEXT_ONLY, "parts": {"type": "array", "items": {"$ref": "#/$defs/n"}}},
}
PET = {"cat": {"properties": {"k": {"const": "cat"}, "name": TEXT_ONLY}, "required": ["k", "name"]},
       "dog": {"properties": {"k": {"const": "dog"}, "age": {"type": "integer"}}, "required": ["k", "age"]}}  # fmt: skip

CASES: dict[str, tuple[Any, Any, Any, list[str]]] = {
    # the schema, what the model says, the record's data, and the places that words of the document prove
    "object without properties": (at({"type": "object"}), {"v": {"city": "Oslo"}}, {"v": {"city": "Oslo"}}, ["/v/city"]),
    "additionalProperties": (
        at({"type": "object", "additionalProperties": {"type": "integer"}}),
        {"v": {"Oslo": "12"}}, {"v": {"Oslo": 12}}, ["/v/Oslo"],
    ),
    "patternProperties": (
        at({"patternProperties": {"^[A-Z]": {"type": "integer"}}, "additionalProperties": False}),
        {"v": {"Oslo": "12"}}, {"v": {"Oslo": 12}}, ["/v/Oslo"],
    ),
    "propertyNames": (
        at({"additionalProperties": {"type": "integer"}, "propertyNames": {"enum": ["Oslo", "Rome"]}}),
        {"v": {"Rome": "7"}}, {"v": {"Rome": 7}}, ["/v/Rome"],
    ),
    "anyOf of objects": (at({"anyOf": list(PET.values())}), {"v": {"k": "dog", "age": "12"}},
                         {"v": {"k": "dog", "age": 12}}, ["/v/age"]),
    "oneOf by reference": (
        at({"oneOf": [{"$ref": "#/definitions/cat"}, {"$ref": "#/definitions/dog"}]}, definitions=PET),
        {"v": {"k": "cat", "name": "Ann Lee"}}, {"v": {"k": "cat", "name": "Ann Lee"}}, ["/v/name"],
    ),
    "types": (at({"type": ["integer", "string"]}), {"v": "12"}, {"v": 12}, ["/v"]),
    "types, text": (at({"type": ["integer", "string"]}), {"v": "Oslo"}, {"v": "Oslo"}, ["/v"]),
    "types with null": (at({"type": ["string", "array", "null"], "items": TEXT_ONLY}), {"v": None}, {"v": None}, []),
    "allOf": (
        at({"allOf": [{"properties": {"a": TEXT_ONLY}}, {"properties": {"b": {"type": "integer"}}, "required": ["b"]}]}),
        {"v": {"a": "Oslo", "b": "12"}}, {"v": {"a": "Oslo", "b": 12}}, ["/v/a", "/v/b"],
    ),
    "if, then": (
        at({"properties": {"s": {"enum": ["open", "paid"]}}, "if": {"properties": {"s": {"const": "open"}}},
            "then": {"properties": {"to": TEXT_ONLY}, "required": ["to"]}}),
        {"v": {"s": "open", "to": "Ann Lee"}}, {"v": {"s": "open", "to": "Ann Lee"}}, ["/v/to"],
    ),
    "dependentSchemas": (
        at({"properties": {"a": TEXT_ONLY}, "dependentSchemas": {"a": {"properties": {"b": TEXT_ONLY}}}}),
        {"v": {"a": "Oslo", "b": "Rome"}}, {"v": {"a": "Oslo", "b": "Rome"}}, ["/v/b"],
    ),
    "prefixItems": (
        at({"type": "array", "prefixItems": [TEXT_ONLY, {"type": "integer"}], "items": False, "minItems": 2}),
        {"v": ["Oslo", "12"]}, {"v": ["Oslo", 12]}, ["/v/0", "/v/1"],
    ),
    "prefixItems and more": (
        at({"type": "array", "prefixItems": [TEXT_ONLY], "items": {"type": "integer"}, "minItems": 1}),
        {"v": ["Oslo", "12", "7"]}, {"v": ["Oslo", 12, 7]}, ["/v/0", "/v/1", "/v/2"],
    ),
    "items as a list": (
        at({"type": "array", "items": [TEXT_ONLY, TEXT_ONLY]}),
        {"v": ["Oslo"]}, {"v": ["Oslo"]}, ["/v/0"],
    ),
    "no type": (at({}), {"v": "Oslo"}, {"v": "Oslo"}, ["/v"]),
    "true": (at(True), {"v": "Oslo"}, {"v": "Oslo"}, ["/v"]),  # type: ignore[arg-type] # a boolean schema
    "false": ({"properties": {"a": TEXT_ONLY, "b": False}}, {"a": "Oslo"}, {"a": "Oslo"}, ["/a"]),
    "type by its words": (at({"minimum": 3}), {"v": "12"}, {"v": 12}, ["/v"]),
    "enum of any JSON": (
        at({"enum": ["open", 3, {"a": 1}, None]}), {"v": '{"a": 1}'}, {"v": {"a": 1}}, [],
    ),
    "const": (at({"const": "open"}), {"v": "open"}, {"v": "open"}, []),
    "nullable": (at({"type": "string", "nullable": True}), {"v": None}, {"v": None}, []),
    "recursion": (
        {"$ref": "#/$defs/n", "$defs": {"n": NODE}},
        {"title": "Chapter One", "parts": [{"title": "Part Two", "parts": []}]},
        {"title": "Chapter One", "parts": [{"title": "Part Two", "parts": []}]},
        ["/title", "/parts/0/title"],
    ),
    "$dynamicRef": (
        {"$dynamicAnchor": "n", "properties": {"t": TEXT_ONLY, "in": {"$dynamicRef": "#n"}}, "required": ["t"]},
        {"t": "Chapter One", "in": {"t": "Part Two", "in": None}}, {"t": "Chapter One", "in": {"t": "Part Two"}},
        ["/t", "/in/t"],
    ),
    "$anchor": (at({"$ref": "#city"}, **{"$defs": {"c": {"$anchor": "city", "type": "string"}}}), {"v": "Oslo"},
                {"v": "Oslo"}, ["/v"]),
    "odd names": (
        {"properties": {"_id": TEXT_ONLY, "model_config": TEXT_ONLY, "unit/price": {"type": "integer"}, "a b": TEXT_ONLY}},
        {"_id": "Oslo", "model_config": "Rome", "unit/price": "12", "a b": "Ann Lee"},
        {"_id": "Oslo", "model_config": "Rome", "unit/price": 12, "a b": "Ann Lee"},
        ["/_id", "/model_config", "/unit~1price", "/a b"],
    ),
    "root list": ({"type": "array", "items": TEXT_ONLY}, ["Oslo", "Rome"], ["Oslo", "Rome"], ["/0", "/1"]),
    "root of plain type": ({"type": "integer"}, {"value": "12"}, 12, [""]),
    "root map": ({"type": "object", "additionalProperties": {"type": "integer"}}, {"Oslo": "12"}, {"Oslo": 12}, ["/Oslo"]),
    "root union": ({"oneOf": list(PET.values())}, {"k": "dog", "age": "12"}, {"k": "dog", "age": 12}, ["/age"]),
    "root reference": ({"$ref": "#/definitions/cat", "definitions": PET}, {"k": "cat", "name": "Ann Lee"},
                       {"k": "cat", "name": "Ann Lee"}, ["/name"]),
    "dates": (at({"type": "string", "format": "date"}), {"v": "3 May 2024"}, {"v": "2024-05-03"}, ["/v"]),
    "demanded but not described": (
        {"properties": {"a": TEXT_ONLY}, "required": ["b"]}, {"a": "Oslo", "b": "Rome"}, {"a": "Oslo", "b": "Rome"}, ["/b"],
    ),
}  # fmt: skip


def file_of(folder: Path, schema: Any) -> str:
    path = folder / "thing.json"
    path.write_text(json.dumps(schema), "utf-8")
    return str(path)


@pytest.mark.parametrize(("schema", "said", "data", "proven"), CASES.values(), ids=CASES.keys())
async def test_a_keyword_is_asked_for_and_its_values_are_proven(
    schema: Any, said: Any, *, data: Any, proven: list[str], tmp_path: Path
) -> None:
    record = await extracted(file_of(tmp_path, schema), TEXT, [json.dumps(said)])
    assert record.status == "ok", record.issues
    assert record.to_json()["data"] == data
    assert all(record.evidence[path] is not None for path in proven), record.evidence


async def test_optional_fields_that_were_not_found_are_absent_and_defaults_stand(tmp_path: Path) -> None:
    schema = {"properties": {"a": TEXT_ONLY, "b": {"type": "integer", "default": 7},
                             "tags": {"type": "array", "items": TEXT_ONLY, "minItems": 1},
                             "in": {"type": "object", "properties": {"c": {"default": "x", "type": "string"}}}}}  # fmt: skip
    record = await extracted(file_of(tmp_path, schema), TEXT, [{"a": None, "b": None, "tags": [], "in": {"c": None}}])
    assert record.status == "ok", record.issues
    assert record.to_json()["data"] == {"b": 7, "in": {"c": "x"}}


async def test_what_the_schema_refuses_in_a_map_or_a_union_costs_that_value(tmp_path: Path) -> None:
    schema = at({"type": "object", "additionalProperties": {"type": "integer", "minimum": 10}})
    record = await extracted(file_of(tmp_path, schema), TEXT, [{"v": {"Oslo": "12", "Rome": "7"}}])
    assert record.status == "partial"
    assert record.to_json()["data"] == {"v": {"Oslo": 12}}
    assert ("invalid_value", "/v/Rome") in codes(record)


async def test_what_the_schema_refuses_is_asked_for_again_at_its_place_in_the_answer(tmp_path: Path) -> None:
    schema = at({"type": "object", "additionalProperties": {"type": "integer", "minimum": 10}})
    scripted = Scripted([{"v": {"Oslo": "7"}}, {"v": {"Oslo": "12"}}])
    record = await extracted(file_of(tmp_path, schema), TEXT, scripted)
    assert (record.status, record.attempts) == ("ok", 2)
    assert "/v/0/value" in scripted.question(1)


@pytest.mark.slow
def test_five_thousand_properties_load(tmp_path: Path) -> None:
    schema = {"properties": {f"p{n}": {"type": "string"} for n in range(5000)}}
    assert len(load_schema(file_of(tmp_path, schema)).tree.members) == 5000


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"type": "object", "properties": []}}},
        {"properties": {"a": {"$ref": 3}}},
        {"properties": {"a": {"items": [[]]}}},
        {"required": "a", "properties": {"a": {}}},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}], "properties": {"a": {"$ref": "#/properties/a"}}},
        {"$id": ":::", "properties": {"a": {"$ref": "a%zz#/b"}}},
        {"anyOf": [{"$ref": "#"}, {"type": "string"}]},
        {"properties": {"": {"type": "string"}, "\u0000": {"type": "string"}}},
        {"enum": []},
        {"type": []},
    ],
    ids=str,
)
def test_a_broken_schema_is_refused_by_name_or_loads_but_gives_no_traceback(schema: Any, tmp_path: Path) -> None:
    with contextlib.suppress(SchemaError):
        assert load_schema(file_of(tmp_path, schema)).tree.members


async def test_an_answer_that_leaves_out_what_is_optional_in_a_union_is_read(tmp_path: Path) -> None:
    first = {"type": "object", "properties": {"a": {"properties": {"b": TEXT_ONLY, "c": TEXT_ONLY}, "required": ["b"]}}}
    schema = {"anyOf": [first, {"type": "object", "properties": {"d": TEXT_ONLY}, "required": ["d"]}]}
    record = await extracted(file_of(tmp_path, schema), TEXT, [{"a": {"b": "Oslo"}}])
    assert (record.status, record.attempts) == ("ok", 1)
    assert record.to_json()["data"] == {"a": {"b": "Oslo"}}


async def test_a_field_with_an_odd_name_is_asked_for_once_more(tmp_path: Path) -> None:
    schema = {"properties": {"_day": {"type": "string", "format": "date"}}}
    endpoint = Scripted([{"_day": "7 July 1999"}, {"_day": "3 May 2024"}])
    record = await extracted(file_of(tmp_path, schema), TEXT, endpoint, passes=2)
    assert record.to_json()["data"] == {"_day": "2024-05-03"}
