"""``--evidence quotes``: the schema with which the model also gives the words that state its inferred values.

Choices and flags are inferred, so by default nothing but cue words proves them, and that costs no token. With quotes
their wire form is an object of the words and the value. The user's class and its records stay as they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from llmx.request import fingerprint
from llmx.schema.load import Schema
from llmx.schema.sketch import sketch
from llmx.schema.tree import Leaf, ListOf, Node, ObjectOf, nodes_of
from llmx.schema.wire import wire_model


def with_quotes(schema: Schema) -> Schema:
    """Return ``schema`` with its choices and flags quoted on the wire, and a fingerprint of its own.

    It is ``schema`` itself where it has none of them.
    """
    if not any(isinstance(node, Leaf) and node.kind in ("choice", "flag") for node in nodes_of(schema.tree)):
        return schema
    tree = _object(schema.tree)
    return replace(
        schema,
        tree=tree,
        wire=wire_model(tree),
        sketch=sketch(tree),
        shape=fingerprint([schema.shape, "quotes"]),
        fingerprint=fingerprint([schema.fingerprint, "quotes"]),
    )


def paired(leaf: Leaf, value: Any, text: str) -> Any:
    """Return an example's ``value`` in the wire form of ``leaf``; its quote is the first cue word in ``text``."""
    if not leaf.quoted or value is None or isinstance(value, dict):
        return value
    words = leaf.cues.words if leaf.cues else ()
    cues = words.get(str(value), ()) if isinstance(words, dict) else words if value is True else ()
    places = [(at, text[at : at + len(cue)]) for cue in cues if (at := text.casefold().find(cue.casefold())) >= 0]
    return {"quote": min(places)[1] if places else None, "value": value}


def _object(node: ObjectOf) -> ObjectOf:
    return replace(node, members=tuple(replace(m, node=_node(m.node)) for m in node.members))


def _node(node: Node) -> Node:
    if isinstance(node, ObjectOf):
        return _object(node)
    if isinstance(node, ListOf):
        return replace(node, item=_node(node.item))
    return replace(node, quoted=True) if node.kind in ("choice", "flag") else node
