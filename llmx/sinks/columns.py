"""A record's data as columns: nested objects become columns of their own, lists stay one.

The columns come from the user's class, so that they are the same whichever documents came first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from llmx import json_pointer
from llmx.sinks.writing import Model, Row, dump

_RESERVED = frozenset({"id", "source", "status", "issues", "evidence", "record"})
_DEPTH = 6  # of references to references


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` is the path with dots; ``shape`` the JSON schema of its values, references resolved at the top only."""

    name: str
    path: tuple[str, ...]
    shape: Mapping[str, Any] = field(default_factory=dict)
    definitions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pointer(self) -> str:
        """The JSON pointer of the column's value in the data."""
        return json_pointer.from_parts(self.path)

    def of(self, data: Any) -> Any:
        """Return this column's value in a record's data, None where there is none."""
        for part in self.path:
            if not isinstance(data, dict):
                return None
            data = data.get(part)
        return data


def columns_of(model: Model) -> tuple[Column, ...]:
    """Return the columns of ``model``'s dumped data, in the order of its fields."""
    schema = model.model_json_schema(mode="serialization", by_alias=False)
    definitions = schema.get("$defs", {})
    return tuple(_columns(schema, (), definitions=definitions)) or (Column("data", ()),)


def data_columns(data: Any) -> tuple[Column, ...]:
    """Return the columns of dumped data whose class is not known: one a key."""
    if not isinstance(data, dict):
        return (Column("data", ()),)
    return tuple(Column(_named((key,)), (key,)) for key in data)


def resolved(shape: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return ``shape`` without the reference and the 'or null' around it; {} where it may be several things."""
    for _ in range(_DEPTH):
        if "$ref" in shape:
            shape = definitions.get(json_pointer.last(str(shape["$ref"]).removeprefix("#")), {})
        elif "allOf" in shape and len(shape["allOf"]) == 1:
            shape = shape["allOf"][0]
        elif "anyOf" in shape:
            some = [each for each in shape["anyOf"] if each.get("type") != "null"]
            numbers = some and all(each.get("type") in {"integer", "number"} for each in some)
            shape = some[0] if len(some) == 1 else {"type": "number"} if numbers else {}
        else:
            break
    kind = shape.get("type")
    if isinstance(kind, list):
        kinds = [each for each in kind if each != "null"]
        return {**shape, "type": kinds[0]} if len(kinds) == 1 else {}
    return shape


def proof_of(row: Row, column: Column) -> Mapping[str, Any] | None:
    """Return the proof of a column's value: its own, or that of the value it is part of."""
    for length in range(len(column.path), 0, -1):
        pointer = Column("", column.path[:length]).pointer
        if pointer in row["evidence"]:
            proof: Mapping[str, Any] | None = row["evidence"][pointer]
            return proof
    return None


def plain(value: Any) -> Any:
    """Return ``value`` as one cell of text: lists and objects as JSON, true and false as JSON has them, None as ''."""
    if value is None:
        return ""
    if isinstance(value, bool | list | dict):
        return dump(value).decode()
    return value


def _columns(
    shape: Mapping[str, Any],
    path: tuple[str, ...],
    *,
    definitions: Mapping[str, Any],
    above: frozenset[str] = frozenset(),
) -> Iterator[Column]:
    names = _references(shape)
    shape = resolved(shape, definitions)
    inner = shape.get("properties")
    if inner and not names & above and not shape.get("additionalProperties"):
        for name, each in inner.items():
            yield from _columns(each, (*path, name), definitions=definitions, above=above | names)
    elif path:
        yield Column(_named(path), path, shape, definitions)


def _references(shape: Mapping[str, Any]) -> frozenset[str]:
    """Return what ``shape`` refers to, so that an object within itself is seen."""
    return frozenset(str(each["$ref"]) for each in (shape, *shape.get("anyOf", ())) if "$ref" in each)


def _named(path: tuple[str, ...]) -> str:
    name = ".".join(path)
    return f"data.{name}" if name in _RESERVED else name
