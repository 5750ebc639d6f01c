"""Schemas: loading them, the tree llmx works with, the wire model and the sketch that the language model sees."""

from __future__ import annotations

from llmx.schema.load import Schema, SchemaLike, load_schema
from llmx.schema.marks import POLICIES, Cap, Check, Cues, Free, Key, Near, Policy, Proof, Remainder, Translated
from llmx.schema.quoted import paired, with_quotes
from llmx.schema.tree import Leaf, ListOf, Member, Node, ObjectOf, compile_tree, nodes_of, walk
from llmx.schema.wire import Wire, wire_model

__all__ = [
    "POLICIES", "Cap", "Check", "Cues", "Free", "Key", "Leaf", "ListOf", "Member", "Near", "Node", "ObjectOf",
    "Policy", "Proof",
    "Remainder", "Schema",
    "SchemaLike", "Translated", "Wire", "compile_tree", "load_schema", "nodes_of", "paired", "walk", "wire_model",
    "with_quotes",
]  # fmt: skip
