"""A part of a schema: some fields of its root, asked for alone where the values of the others are known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from llmx.schema.load import Schema
from llmx.schema.sketch import sketch
from llmx.schema.wire import wire_model


def part_of(schema: Schema, names: Collection[str]) -> Schema:
    """Return ``schema`` with the root's fields called ``names`` alone, in its order.

    The class and the fingerprint are those of the whole: it is the whole record that they say something of.
    """
    tree = replace(schema.tree, members=tuple(member for member in schema.tree.members if member.name in names))
    return replace(schema, tree=tree, wire=wire_model(tree), sketch=sketch(tree))
