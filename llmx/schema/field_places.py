"""The fields of a schema, each with its place: what checking and comparing schemas walk.

A place is written like a JSON pointer into the record, with ``*`` for the elements of a list and the values of a map.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from llmx import json_pointer
from llmx.schema.fingerprints import own_part, own_root, resolved_part
from llmx.schema.form_pointers import value_of
from llmx.schema.load import Schema
from llmx.schema.tree import Leaf, ListOf, MapOf, Member, Node, ObjectOf, RootOf, TupleOf, UnionOf


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """A field, its ``pointer``, and ``own``, what the user's own JSON Schema says of it, {} where that is not plain.

    ``levels`` counts the objects and lists around it, the record included. ``holder`` is the object that it is in.
    """

    pointer: str
    member: Member
    holder: ObjectOf
    own: dict[str, Any]
    levels: int

    @property
    def named(self) -> bool:
        """Whether the schema's author gave it its name: places of a tuple and a root that is no object have none."""
        return not isinstance(self.holder, TupleOf | RootOf | UnionOf)


def field_places(schema: Schema) -> Iterator[FieldPlace]:
    """Yield every field of ``schema``, from the outside in, in its order. A class within itself is walked once."""
    document = schema.model.model_json_schema(mode="serialization")
    yield from _Walk(document).members(schema.tree, own_root(document), "", levels=1)


def type_words(node: Node) -> str:
    """Return what a field holds in a few words, such as 'list of objects' or 'date'."""
    if isinstance(node, MapOf):
        return f"map to {type_words(value_of(node))}"
    if isinstance(node, ListOf):
        return f"list of {type_words(node.item)}"
    if isinstance(node, UnionOf):
        return " or ".join(dict.fromkeys(type_words(member.node) for member in node.members))
    if isinstance(node, TupleOf):
        return f"tuple of {', '.join(type_words(member.node) for member in node.members)}"
    if isinstance(node, ObjectOf):
        return "object"
    return "yes or no" if node.kind == "flag" else node.label


@dataclass(frozen=True, slots=True)
class _Walk:
    """The walk of a tree beside the JSON Schema of its class."""

    document: Any

    def members(self, tree: ObjectOf, own: dict[str, Any], pointer: str, *, levels: int) -> Iterator[FieldPlace]:
        for number, member in enumerate(tree.members):
            if isinstance(tree, RootOf):
                part, here = own, pointer
            elif isinstance(tree, TupleOf):
                part, here = {}, json_pointer.child(pointer, number)
            else:
                found = own_part(tree.model, member.name, own)
                part, here = found if isinstance(found, dict) else {}, json_pointer.child(pointer, member.name)
            yield FieldPlace(here, member, tree, part, levels)
            yield from self._below(member.node, part, here, levels=levels)

    def _below(self, node: Node, own: dict[str, Any], pointer: str, *, levels: int) -> Iterator[FieldPlace]:
        own = resolved_part(own, self.document)
        if isinstance(node, Leaf) or (isinstance(node, ObjectOf) and node.level):
            return
        if isinstance(node, UnionOf):
            for member in node.members:
                yield from self._below(member.node, {}, pointer, levels=levels)
        elif isinstance(node, ListOf):
            item = value_of(node) if isinstance(node, MapOf) else node.item
            below = own.get("additionalProperties" if isinstance(node, MapOf) else "items")
            yield from self._below(item, below if isinstance(below, dict) else {}, f"{pointer}/*", levels=levels + 1)
        else:
            yield from self.members(node, own, pointer, levels=levels + 1)
