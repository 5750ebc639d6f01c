"""The tree that the form and the readers walk: the schema's own, or one inferred from the records and gold.

Gold's notation is understood on the way: alternatives, and the lists under ``_optional``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from llmx import json_pointer
from llmx.evaluate.spec import OPTIONAL, alternatives, gold_fields
from llmx.record import dumped_name
from llmx.schema import Leaf, ListOf, MapOf, Node, ObjectOf, RootOf, TupleOf, UnionOf
from llmx.schema.infer import UNKNOWN_LEAF, infer_tree

_TYPES = {"quote": "typed", "text": "text", "choice": "choice", "flag": "flag"}
_UNNAMED = frozenset({"text", "any", "unknown"})  # labels that tell a person nothing


def tree_of_gold(values: Iterable[Any]) -> Node:
    """Return the tree that fits ``values``, the data of records and gold."""
    return infer_tree(values, answers=alternatives, fields=gold_fields)


def tree_of_data(node: Node, values: Iterable[Any]) -> Node:
    """Return the tree of records' data. What a record writes in another form than it was asked for (a map, a tuple, a
    union) is inferred from ``values``, the data of records and gold.
    """
    given = [answer for value in values for answer in alternatives(value)]
    if isinstance(node, RootOf):
        return tree_of_data(node.members[0].node, given)
    if isinstance(node, MapOf | TupleOf | UnionOf):
        return tree_of_gold(given)
    if isinstance(node, ListOf):
        return replace(
            node, item=tree_of_data(node.item, [e for each in given if isinstance(each, list) for e in each])
        )
    if isinstance(node, Leaf):
        return node
    fields = [dict(gold_fields(each)) for each in given if isinstance(each, dict)]
    members = (replace(m, node=tree_of_data(m.node, [f[m.name] for f in fields if m.name in f])) for m in node.members)
    return replace(node, members=tuple(members))


def form_json(node: Node, description: str = "") -> dict[str, Any]:
    """Return what the page needs to draw the form: kinds, names, types, labels, choices and descriptions."""
    out: dict[str, Any]
    if isinstance(node, ObjectOf):
        fields = [{"name": m.name, **form_json(m.node, m.description)} for m in node.members]
        out = {"kind": "object", "fields": fields}
    elif isinstance(node, ListOf):
        out = {"kind": "list", "item": form_json(node.item)}
    else:
        label = "" if node.label in _UNNAMED else node.label
        type_ = "any" if is_untyped(node) else _TYPES[node.kind]
        out = {"kind": "leaf", "type": type_, "label": label, "choices": list(node.choices)}
    return out | {"description": description} if description else out


def is_untyped(leaf: Leaf) -> bool:
    """Return whether ``leaf`` may hold any JSON value."""
    return leaf.kind_of is Any


def as_dumped(node: Node) -> Node:
    """Return the tree with the names under which classes dump their fields: those of records and gold."""
    if isinstance(node, ObjectOf):
        members = (
            replace(each, name=dumped_name(node.model, each.name), node=as_dumped(each.node)) for each in node.members
        )
        return replace(node, members=tuple(members))
    return replace(node, item=as_dumped(node.item)) if isinstance(node, ListOf) else node


def by_field_name(node: Node, gold: Any) -> Any:
    """Return ``gold`` with the names of the fields of ``node``'s classes, for those classes to validate."""
    if isinstance(node, ListOf) and isinstance(gold, list):
        return [by_field_name(node.item, each) for each in gold]
    if not isinstance(node, ObjectOf) or not isinstance(gold, dict):
        return gold
    members = {dumped_name(node.model, each.name): each for each in node.members}
    named = {}
    for name, value in gold.items():
        member = members.get(name)
        named[member.name if member else name] = by_field_name(member.node, value) if member else value
    return named


def empty_value(node: Node) -> Any:
    """Return a value of ``node`` that says nothing: null, an empty list, or an object of such values."""
    if isinstance(node, ObjectOf):
        return {member.name: empty_value(member.node) for member in node.members}
    return [] if isinstance(node, ListOf) else None


def node_at(tree: Node, pointer: str) -> Node:
    """Return the node at a JSON pointer into gold; one that can hold anything if the tree has no such place."""
    here = tree
    for part in json_pointer.to_parts(pointer):
        fields = {member.name: member.node for member in here.members} if isinstance(here, ObjectOf) else {}
        if part in fields:
            here = fields[part]
        elif isinstance(here, ListOf) and part.isdecimal():
            here = here.item
        elif part not in {"any", OPTIONAL} and not (isinstance(here, Leaf) and part.isdecimal()):  # an alternative's
            return UNKNOWN_LEAF
    return here


def leaf_at(tree: Node, pointer: str) -> Leaf:
    """Return the leaf at a JSON pointer into gold; one that can hold anything if there is another node, or none."""
    node = node_at(tree, pointer)
    return node if isinstance(node, Leaf) else UNKNOWN_LEAF
