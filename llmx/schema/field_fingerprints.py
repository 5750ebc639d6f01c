"""What is asked for each field of a schema's root, as one hash a field: by them a changed schema is known in part.

A hash is over all that steers the answer for the field: its name, its part of the wire's JSON Schema and of the user's
own with the definitions that they refer to, and the marks, which no JSON Schema shows. The reasons are in
docs/decisions/field-fingerprints.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from llmx import json_pointer
from llmx.record import dumped_name
from llmx.request import fingerprint
from llmx.schema.load import Schema
from llmx.schema.marks import Check, Cues
from llmx.schema.tree import ListOf, Node, ObjectOf, nodes_below

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


def field_fingerprints(schema: Schema) -> dict[str, str]:
    """Return the hash of each field of the root, by its name, in the order of the schema."""
    wire, own = schema.wire.model_json_schema(), schema.model.model_json_schema(mode="serialization")
    described, asked = _properties(own), _properties(wire)
    return {
        member.name: fingerprint(
            [
                member.name,
                _with_definitions(asked[member.name], wire),
                _with_definitions(described.get(_own_name(schema.model, member.name, described), own), own),
                [_marks(node) for node in nodes_below(member.node)],
            ]
        )
        for member in schema.tree.members
    }


def record_fingerprint(schema: Schema) -> str:
    """Return the hash of what all fields share: what the record is called, and what is said of it."""
    return fingerprint([schema.name, schema.tree.name, schema.tree.description or "", schema.model.__doc__ or ""])


def _properties(schema: Any) -> dict[str, Any]:
    """Return what a JSON Schema says of each field of its root; {} where it says so in another way."""
    seen = 0
    while isinstance(schema, dict) and "properties" not in schema and "$ref" in schema and seen < len(_REFERENCES):
        target = _resolved(schema["$ref"], schema)
        schema, seen = ({**target, "$defs": schema.get("$defs", {})} if isinstance(target, dict) else {}), seen + 1
    found = schema.get("properties") if isinstance(schema, dict) else None
    return found if isinstance(found, dict) else {}


def _own_name(model: Any, name: str, described: dict[str, Any]) -> str:
    """Return the name of a field in the JSON Schema of its class, which goes by the alias in any case."""
    if name in described:
        return name
    info = getattr(model, "model_fields", {}).get(name)
    return (info and (info.serialization_alias or info.alias)) or dumped_name(model, name)


def _with_definitions(part: Any, document: Any) -> list[Any]:
    """Return ``part`` of a JSON Schema and, by its reference, each definition that it needs."""
    found: dict[str, Any] = {}
    todo = [part]
    while todo:
        for reference in _references(todo.pop()):
            if reference not in found:
                found[reference] = _resolved(reference, document)
                todo.append(found[reference])
    return [part, found]


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name in _REFERENCES and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _resolved(reference: str, document: Any) -> Any:
    """Return what a reference leads to; the whole document for one by an anchor, which may be anywhere in it."""
    try:
        return json_pointer.resolve(document, reference.removeprefix("#"))
    except (KeyError, ValueError):
        return document


def _marks(node: Node) -> list[Any]:
    """Return what the tree knows of a node and no JSON Schema says."""
    if isinstance(node, ListOf):
        return [type(node).__name__, node.cap, node.policy, node.remainder, node.complete, node.least, node.firm]
    if isinstance(node, ObjectOf):
        return [type(node).__name__, node.key, node.policy, node.level, [name for name, _ in node.ends]]
    return [
        node.kind, node.label, _name_of(node.kind_of), node.policy, [_check(each) for each in node.checks],
        node.language, _cues(node.cues), node.cap, node.free, node.near, node.quoted, node.firm,
    ]  # fmt: skip


def _check(check: Check) -> list[Any]:
    return [_name_of(check.test), check.message, check.hard]


def _cues(cues: Cues | None) -> list[Any]:
    return [] if cues is None else [cues.words, cues.weak]


def _name_of(value: type[Any] | Callable[..., Any]) -> str:
    return str(getattr(value, "__qualname__", type(value).__qualname__))
