"""Schemas: loading them, the tree llmx works with, the wire model and the sketch that the language model sees.

Names are loaded when they are first used: evaluation needs the marks, and not the typed values that the tree brings.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmx.schema.class_tree import compile_tree as compile_tree
    from llmx.schema.compare import Compare as Compare
    from llmx.schema.fingerprints import dependence as dependence
    from llmx.schema.fingerprints import field_fingerprints as field_fingerprints
    from llmx.schema.fingerprints import record_fingerprint as record_fingerprint
    from llmx.schema.load import Schema as Schema
    from llmx.schema.load import SchemaLike as SchemaLike
    from llmx.schema.load import list_of as list_of
    from llmx.schema.load import load_model as load_model
    from llmx.schema.load import load_schema as load_schema
    from llmx.schema.marks import POLICIES as POLICIES
    from llmx.schema.marks import Cap as Cap
    from llmx.schema.marks import Check as Check
    from llmx.schema.marks import Cues as Cues
    from llmx.schema.marks import Depth as Depth
    from llmx.schema.marks import Free as Free
    from llmx.schema.marks import Key as Key
    from llmx.schema.marks import Near as Near
    from llmx.schema.marks import Policy as Policy
    from llmx.schema.marks import Proof as Proof
    from llmx.schema.marks import Remainder as Remainder
    from llmx.schema.marks import Rows as Rows
    from llmx.schema.marks import Translated as Translated
    from llmx.schema.part import part_of as part_of
    from llmx.schema.quoted import paired as paired
    from llmx.schema.quoted import with_quotes as with_quotes
    from llmx.schema.tree import Leaf as Leaf
    from llmx.schema.tree import ListOf as ListOf
    from llmx.schema.tree import MapOf as MapOf
    from llmx.schema.tree import Member as Member
    from llmx.schema.tree import Node as Node
    from llmx.schema.tree import ObjectOf as ObjectOf
    from llmx.schema.tree import RootOf as RootOf
    from llmx.schema.tree import TupleOf as TupleOf
    from llmx.schema.tree import UnionOf as UnionOf
    from llmx.schema.tree import nodes_of as nodes_of
    from llmx.schema.wire import WireModel as WireModel
    from llmx.schema.wire import wire_model as wire_model

_HOME = {
    "class_tree": ("compile_tree",),
    "compare": ("Compare",),
    "fingerprints": ("dependence", "field_fingerprints", "record_fingerprint"),
    "load": ("Schema", "SchemaLike", "list_of", "load_model", "load_schema"),
    "marks": (
        "POLICIES",
        "Cap",
        "Check",
        "Cues",
        "Depth",
        "Free",
        "Key",
        "Near",
        "Policy",
        "Proof",
        "Remainder",
        "Rows",
        "Translated",
    ),
    "part": ("part_of",),
    "quoted": ("paired", "with_quotes"),
    "tree": (
        "Leaf",
        "ListOf",
        "MapOf",
        "Member",
        "Node",
        "ObjectOf",
        "RootOf",
        "TupleOf",
        "UnionOf",
        "nodes_of",
    ),
    "wire": ("WireModel", "wire_model"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE_OF)  # noqa: PLE0605 - the table above is the one list of names


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
