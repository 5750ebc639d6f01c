"""A record's data as columns: nested objects become columns of their own, lists stay one.

The columns come from the JSON Schema of the user's class, so that they are the same whichever documents came first.
The schema's tree would not do: it says what a model is asked for, and a sum of money, one leaf of it, is two columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from llmx import json_pointer
from llmx.sinks.writing import Model, dump

_RESERVED = frozenset({"id", "source", "status", "model", "issues", "evidence", "confidence", "record"})
_DEPTH = 6  # of references to references


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` is the path with dots; ``schema`` the JSON Schema of its values, references resolved at the top only.

    Names differ in more than their case, because SQLite and DuckDB take ``Name`` and ``name`` for one: the second is
    ``name_2``. What a sink itself calls so is under ``data.``. ``aliases`` are the other names of the parts
    of ``path``: a class within may dump its fields by alias, and another one by name.
    """

    name: str
    path: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    schema: Mapping[str, Any] = field(default_factory=dict)
    definitions: Mapping[str, Any] = field(default_factory=dict)

    def of(self, data: Any) -> Any:
        """Return this column's value in a record's data, None if there is none."""
        for part, alias in zip(self.path, self.aliases or self.path, strict=True):
            if not isinstance(data, dict):
                return None
            data = data[part] if part in data else data.get(alias)
        return data


def columns_of(model: Model) -> tuple[Column, ...]:
    """Return the columns of ``model``'s dumped data, in the order of its fields and named as ``model`` dumps them."""
    columns = (replace(each, aliases=other.path) for each, other in paired_columns(model))
    return tuple(_named_apart(columns)) or (Column("data", ()),)


def paired_columns(model: Model) -> list[tuple[Column, Column]]:
    """Return the columns of ``model`` as it dumps them, each with the same one under its other name."""
    by_alias = bool(model.model_config.get("serialize_by_alias"))
    dumped, otherwise = _all_columns(model, by_alias=by_alias), _all_columns(model, by_alias=not by_alias)
    if len(otherwise) != len(dumped):  # two fields have one alias
        otherwise = dumped
    return list(zip(dumped, otherwise, strict=True))


def columns_in(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[Column]:
    """Return the columns of the objects that ``schema`` describes; none where it describes something else."""
    return list(_columns(schema, (), definitions=definitions))


def _all_columns(model: Model, *, by_alias: bool) -> list[Column]:
    schema = dumped_schema(model, by_alias=by_alias)
    return columns_in(schema, schema.get("$defs", {}))


def dumped_schema(model: Model, *, by_alias: bool) -> dict[str, Any]:
    """Return the JSON Schema of ``model``'s dumped data, in which decimal numbers have the format ``decimal``."""
    return model.model_json_schema(mode="serialization", by_alias=by_alias, schema_generator=_WithDecimals)


class _WithDecimals(GenerateJsonSchema):
    """Tells decimal numbers, which are dumped as text, from other texts."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Return the schema of a decimal number."""
        return (
            {**super().decimal_schema(schema), "format": "decimal"}
            if self.mode == "serialization"
            else super().decimal_schema(schema)
        )


def resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``schema`` without the reference and the 'or null' around it; {} where it may be several things."""
    for _ in range(_DEPTH):
        if not isinstance(schema, Mapping):  # a boolean schema
            return {}
        if "$ref" in schema:
            schema = definitions.get(json_pointer.last(str(schema["$ref"]).removeprefix("#")), {})
        elif "allOf" in schema and len(schema["allOf"]) == 1:
            schema = schema["allOf"][0]
        elif "anyOf" in schema:
            some = [each for each in schema["anyOf"] if not isinstance(each, Mapping) or each.get("type") != "null"]
            numbers = some and all(
                isinstance(each, Mapping) and each.get("type") in {"integer", "number"} for each in some
            )
            schema = some[0] if len(some) == 1 else {"type": "number"} if numbers else {}
        else:
            break
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = [each for each in kind if each != "null"]
        return {**schema, "type": kinds[0]} if len(kinds) == 1 else {}
    return schema


def plain(value: Any) -> Any:
    """Return ``value`` as one cell of text: lists and objects as JSON, true and false as JSON has them, None as ''."""
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return dump(value).decode()
    return value


def _columns(
    schema: Mapping[str, Any],
    path: tuple[str, ...],
    *,
    definitions: Mapping[str, Any],
    above: frozenset[str] = frozenset(),
) -> Iterator[Column]:
    names = references(schema)
    schema = resolved(schema, definitions)
    inner = schema.get("properties")
    further = schema.get("additionalProperties")  # True only says that more is no fault, as in most JSON Schemas
    if inner and not names & above and not isinstance(further, dict):
        for name, each in inner.items():
            yield from _columns(each, (*path, name), definitions=definitions, above=above | names)
    elif path:
        yield Column(".".join(path), path, schema=schema, definitions=definitions)


def _named_apart(columns: Iterable[Column]) -> Iterator[Column]:
    taken: set[str] = set()
    for column in columns:
        name = f"data.{column.name}" if column.name.lower() in _RESERVED else column.name
        number = 1
        while (unique := name if number == 1 else f"{name}_{number}").lower() in taken:
            number += 1
        taken.add(unique.lower())
        yield replace(column, name=unique)


def references(schema: Mapping[str, Any]) -> frozenset[str]:
    """Return what ``schema`` refers to, so that an object within itself is seen."""
    some = (schema, *schema.get("anyOf", ())) if isinstance(schema, Mapping) else ()
    return frozenset(str(each["$ref"]) for each in some if isinstance(each, Mapping) and "$ref" in each)
