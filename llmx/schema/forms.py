"""The forms in which a record writes what is asked for in another form: maps, tuples, unions, and roots of any type.

This module makes such nodes, turns values from the record's form into the wire's, and finds the alternative of a union
that a value is. ``form_pointers.py`` translates JSON pointers between the two forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmx.schema.per_tree import once_per_tree
from llmx.schema.tree import (
    KEY,
    VALUE,
    Leaf,
    ListOf,
    MapOf,
    Member,
    Node,
    ObjectOf,
    RootOf,
    TupleOf,
    UnionOf,
    nodes_of,
)

ROOT_NAMES = ("value", "items", "root")
"""Names by which an answer may call a root that is no object; it is asked for by one of the first two."""


def entry(key: Leaf, value: Node, *, nullable: bool = False) -> ObjectOf:
    """Return the object that an entry of a map is on the wire."""
    members = (Member(KEY, key, False, True, ""), Member(VALUE, value, nullable, True, ""))
    return ObjectOf(None, members, KEY, title="Entry")


def root_of(node: Node, model: Any, *, nullable: bool = False, title: str = "", about: str = "") -> RootOf:
    """Return the tree of a record that is no object."""
    name = "items" if isinstance(node, ListOf) and not isinstance(node, MapOf) else "value"
    member = Member(name, node, nullable, True, "")
    return RootOf(model, (member,), None, title=title or getattr(model, "__name__", "Record"), about=about)


def tuple_of(members: Sequence[Member], *, model: Any = None, rest: Node | None = None, policy: Any = None) -> TupleOf:
    """Return the tuple of ``members``; ``rest`` is what the elements behind them are."""
    places = tuple(members)
    if rest is not None:
        places = (*places, Member("rest", ListOf(rest), False, False, ""))
    return TupleOf(model, places, None, policy, title=getattr(model, "__name__", "Places"), open=rest is not None)


def union_of(nodes: Sequence[Node], *, encoded: bool = False, title: str = "") -> Node:
    """Return the union of ``nodes``, without those that are there twice; the node itself where only one is left."""
    different: list[Node] = []
    for node in nodes:
        inner = [m.node for m in node.members] if isinstance(node, UnionOf) and not node.encoded else [node]
        different += [each for each in inner if each not in different]
    if len(different) == 1 and not encoded:
        return different[0]
    members = tuple(Member(str(number), each, True, False, "") for number, each in enumerate(different))
    return UnionOf(None, members, None, title=title or "Choice", encoded=encoded)


@once_per_tree
def has_forms(tree: ObjectOf) -> bool:
    """Return whether a record of ``tree`` is written in another form than it is asked for."""
    return any(isinstance(node, MapOf | TupleOf | RootOf | UnionOf) for node in nodes_of(tree))


def in_wire_form(node: Node, value: Any) -> Any:
    """Return ``value`` in the wire's form where it is in the record's, as it is where it is not: its own level only."""
    if isinstance(node, RootOf):
        return _root(node.members[0], value)
    if isinstance(node, MapOf) and isinstance(value, dict) and set(value) != {KEY, VALUE}:
        return [{KEY: key, VALUE: each} for key, each in value.items()]
    if isinstance(node, TupleOf) and isinstance(value, list | tuple):
        return _places(node, value)
    return value


def _root(member: Member, value: Any) -> Any:
    if isinstance(value, dict) and member.name in value and len(value) == 1:
        return value
    if isinstance(value, dict) and len(value) == 1:
        name, inner = next(iter(value.items()))
        lists = isinstance(member.node, ListOf) and not isinstance(member.node, MapOf) and isinstance(inner, list)
        if name in ROOT_NAMES or lists:
            return {member.name: inner}
    if isinstance(value, dict) and (only := _only_list(member.node, value)) is not None:
        return {member.name: only}
    return {member.name: value}


def _only_list(node: Node, value: dict[str, Any]) -> list[Any] | None:
    """Return the one list that an object has beside what is no field of an element; None where it is an element."""
    if not isinstance(node, ListOf) or isinstance(node, MapOf) or not isinstance(node.item, ObjectOf):
        return None
    lists = [each for each in value.values() if isinstance(each, list)]
    named = any(member.name in value for member in node.item.members)
    return None if named or len(lists) != 1 else lists[0]


def _places(node: TupleOf, value: Sequence[Any]) -> Any:
    places = len(node.members) - node.open
    if len(value) > places and not node.open:
        return value
    found: dict[str, Any] = {m.name: each for m, each in zip(node.members[:places], value, strict=False)}
    if node.open:
        found[node.members[-1].name] = list(value[places:])
    return found


def chosen(node: UnionOf, value: Any) -> Member | None:
    """Return the alternative that ``value``, in the wire's form, is; None where it is none of them."""
    fitting = [member for member in node.members if _fits(member.node, value)]
    if len(fitting) > 1 and isinstance(value, str):
        return _by_words(fitting, value)
    return fitting[0] if fitting else None


def _by_words(fitting: list[Member], words: str) -> Member:
    """Return the leaf that the words say: a choice before a value computed from all of them, and text after it."""
    exact = next((m for m in fitting if isinstance(m.node, Leaf) and m.node.kind == "choice"), None)
    if exact is not None:
        return exact
    for member in fitting:
        reader = member.node.reader if isinstance(member.node, Leaf) else None
        reading = reader.from_text(words) if reader is not None else None
        if reading is not None and reading.value is not None and len(words.strip()) <= reading.end - reading.start:
            return member
    return next((m for m in fitting if isinstance(m.node, Leaf) and m.node.reader is None), fitting[0])


def _fits(node: Node, value: Any) -> bool:
    if isinstance(node, UnionOf):
        return chosen(node, value) is not None
    if isinstance(node, Leaf):
        return _leaf_fits(node, value)
    if isinstance(node, ListOf):
        return isinstance(value, list) and all(_fits(node.item, item) for item in value[:1])
    return isinstance(value, dict) and _object_fits(node, value)


def _leaf_fits(node: Leaf, value: Any) -> bool:
    if node.translated or node.quoted:
        return isinstance(value, dict) and "value" in value
    if node.kind == "choice":
        return any(value == choice and type(value) is type(choice) for choice in node.choices)
    return isinstance(value, bool) if node.kind == "flag" else isinstance(value, str)


def _object_fits(node: ObjectOf, value: dict[str, Any]) -> bool:
    if {member.name for member in node.members} != set(value):
        return False
    choices = [m for m in node.members if isinstance(m.node, Leaf) and m.node.kind == "choice" and not m.node.quoted]
    return all(value[m.name] is None or _fits(m.node, value[m.name]) for m in choices)
