"""What is asked for each field of a schema's root, as one hash a field: by them a changed schema is known in part.

A hash is over all that steers the answer for the field: its name, its part of the wire's JSON Schema and of the user's
own with the definitions that they refer to, and the marks, which no JSON Schema shows. The reasons are in
docs/decisions/field-fingerprints.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llmx import json_pointer
from llmx.record import dumped_name
from llmx.request import fingerprint
from llmx.schema.load import Schema
from llmx.schema.tree import Leaf, ListOf, ObjectOf, RootOf, marks_of, nodes_below, nodes_of

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_MOST_STEPS = 16  # from one reference to the next: a schema may lead in a circle


def field_fingerprints(schema: Schema) -> dict[str, str]:
    """Return the hash of each field of the root, by its name, in the order of the schema."""
    wire, document = schema.wire.model_json_schema(), schema.model.model_json_schema(mode="serialization")
    own, asked = own_root(document), own_root(wire).get("properties", {})
    described, on_wire = _Parts(document), _Parts(wire)
    return {
        member.name: fingerprint(
            [
                member.name,
                on_wire.with_definitions(asked[member.name]),
                described.with_definitions(own_part(schema.model, member.name, own)),
                [marks_of(node) for node in nodes_below(member.node)],
            ]
        )
        for member in schema.tree.members
    }


def dependence(tree: ObjectOf) -> str:
    """Return why no field of ``tree`` can be asked for without the others, '' where each can."""
    if isinstance(tree, RootOf):
        return "a record that is no object is asked for as a whole"
    if any(isinstance(node, ListOf) and node.remainder for node in nodes_of(tree)):
        return "a list holds what no other field holds"
    if any(isinstance(member.node, Leaf) and member.node.near is not None for member in tree.members):
        return "a field is proven by what stands near another one"
    return ""


def record_fingerprint(schema: Schema) -> str:
    """Return the hash of what all fields share: what the record is called, and what is said of it."""
    return fingerprint([schema.name, schema.tree.name, schema.tree.description or "", schema.model.__doc__ or ""])


def own_root(document: Any) -> dict[str, Any]:
    """Return the part of a JSON Schema that describes its root, which may be a definition; {} for true and false."""
    return resolved_part(document, document) if isinstance(document, dict) else {}


def resolved_part(part: dict[str, Any], document: Any) -> dict[str, Any]:
    """Return what a part of the JSON Schema ``document`` says, without references and a null beside one alternative."""
    for _ in range(_MOST_STEPS):
        choices = [each for each in part.get("anyOf") or part.get("oneOf") or () if each != {"type": "null"}]
        if "$ref" in part:
            target = _resolved(str(part["$ref"]), document)
            beside = {name: value for name, value in part.items() if name != "$ref"}
            part = {**target, **beside} if isinstance(target, dict) and target is not document else beside
        elif len(choices) == 1 and isinstance(choices[0], dict):
            beside = {name: value for name, value in part.items() if name not in {"anyOf", "oneOf"}}
            part = {**choices[0], **beside}
        else:
            break
    return part


def own_part(model: Any, name: str, own: dict[str, Any]) -> Any:
    """Return what the JSON Schema ``own`` of the class ``model`` says of a field, which it may call by an alias.

    None where it says nothing of it.
    """
    described = own.get("properties")
    if not isinstance(described, dict):
        return None
    info = getattr(model, "model_fields", {}).get(name)
    alias = (info and (info.serialization_alias or info.alias)) or dumped_name(model, name)
    return described.get(name, described.get(alias))


class _Parts:
    """The parts of a JSON Schema, each with what it refers to. Many refer to the same definitions, hashed once."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._hashes: dict[frozenset[str], str] = {}

    def with_definitions(self, part: Any) -> list[Any]:
        """Return ``part`` and a hash of all that it refers to; of None that of the document, which may say anything."""
        if part is None:
            return [None, self._hash({"": self._document})]
        found: dict[str, Any] = {}
        todo = [part]
        while todo:
            for reference in _references(todo.pop()):
                if reference not in found:
                    found[reference] = _resolved(reference, self._document)
                    todo.append(found[reference])
        return [part, self._hash(found)]

    def _hash(self, found: dict[str, Any]) -> str:
        names = frozenset(found)
        if names not in self._hashes:
            self._hashes[names] = fingerprint(found)
        return self._hashes[names]


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
