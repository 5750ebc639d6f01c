"""JSON pointers of maps, tuples, unions and roots: from the wire's form into the record's, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from llmx import json_pointer
from llmx.schema.forms import chosen
from llmx.schema.tree import KEY, VALUE, Leaf, ListOf, MapOf, Node, ObjectOf, RootOf, TupleOf, UnionOf


def to_record_pointer(tree: Node, wire: Any, pointer: str) -> str:
    """Return where in the record stands what ``pointer`` names in ``wire``, an answer in the wire's form."""
    return json_pointer.from_parts(_record_parts(tree, wire, json_pointer.to_parts(pointer)))


def _record_parts(node: Node | None, wire: Any, parts: Sequence[str]) -> Iterator[int | str]:
    node = _alternative(node, wire)
    if not parts or node is None or isinstance(node, Leaf):
        return
    first, rest = parts[0], parts[1:]
    below = _below(wire, first)
    if isinstance(node, MapOf):
        if isinstance(below, dict) and KEY in below:
            yield str(below[KEY])
            if rest and rest[0] == VALUE:
                yield from _record_parts(value_of(node), below.get(VALUE), rest[1:])
    elif isinstance(node, ListOf):
        yield int(first) if first.isdecimal() else first
        yield from _record_parts(node.item, below, rest)
    elif isinstance(node, TupleOf):
        yield from _tuple_parts(node, wire, parts)
    else:
        if not isinstance(node, RootOf):
            yield first
        yield from _record_parts(_member_node(node, first), below, rest)


def _tuple_parts(node: TupleOf, wire: Any, parts: Sequence[str]) -> Iterator[int | str]:
    number = next((n for n, member in enumerate(node.members) if member.name == parts[0]), len(node.members))
    below, rest = _below(wire, parts[0]), parts[1:]
    inner = _member_node(node, parts[0])
    if number < len(node.members) - node.open:
        yield number
        yield from _record_parts(inner, below, rest)
    elif isinstance(inner, ListOf) and rest and rest[0].isdecimal():
        yield number + int(rest[0])
        yield from _record_parts(inner.item, _below(below, rest[0]), rest[1:])


def to_wire_parts(node: Node | None, wire: Any, parts: Sequence[int | str]) -> Iterator[int | str]:
    """Yield the parts of the wire's pointer for ``parts``, a place in the record that was made from ``wire``.

    It ends where the two differ: what was left out of a list stands at other numbers.
    """
    node = _alternative(node, wire)
    if isinstance(node, RootOf):
        root = node.members[0]
        yield root.name
        yield from to_wire_parts(root.node, _below(wire, root.name), parts)
    elif not parts or node is None or isinstance(node, Leaf):
        return
    elif isinstance(node, MapOf):
        yield from _entry_parts(node, wire, parts)
    elif isinstance(node, ListOf):
        yield parts[0]
        yield from to_wire_parts(node.item, _below(wire, parts[0]), parts[1:])
    else:
        name = _name_at(node, parts[0])
        inner = None if name is None else _member_node(node, name)
        if name is not None and inner is not None:
            yield name
            yield from to_wire_parts(inner, _below(wire, name), parts[1:])
        elif name is not None:  # a name that Pydantic puts in for an alternative
            yield from to_wire_parts(node, wire, parts[1:])


def _entry_parts(node: MapOf, wire: Any, parts: Sequence[int | str]) -> Iterator[int | str]:
    for number, each in enumerate(wire if isinstance(wire, list) else ()):
        if isinstance(each, dict) and str(each.get(KEY)) == str(parts[0]):
            yield number
            yield VALUE
            yield from to_wire_parts(value_of(node), each.get(VALUE), parts[1:])
            return


def _name_at(node: ObjectOf, part: int | str) -> str | None:
    """Return the name of a field, or of the place of a tuple; None for an element behind the places."""
    if isinstance(node, TupleOf) and isinstance(part, int):
        return node.members[part].name if part < len(node.members) - node.open else None
    return str(part)


def node_at(node: Node | None, data: Any, parts: Sequence[int | str]) -> Node | None:
    """Return the node of the place ``parts`` of a record's ``data``; None where the tree has none."""
    while isinstance(node, RootOf):
        node = node.members[0].node
    if isinstance(node, UnionOf):
        found = [node_at(member.node, data, parts) for member in node.members if _has_form(member.node, data)]
        return next((each for each in found if each is not None), None)
    if not parts or node is None or isinstance(node, Leaf):
        return node if not parts else None
    below = _below(data, parts[0])
    if isinstance(node, ListOf):
        return node_at(value_of(node) if isinstance(node, MapOf) else node.item, below, parts[1:])
    name = _name_at(node, parts[0])
    return None if name is None else node_at(_member_node(node, name), below, parts[1:])


def value_of(node: MapOf) -> Node:
    """Return the node of a map's values."""
    assert isinstance(node.item, ObjectOf)
    return node.item.member(VALUE).node


def _alternative(node: Node | None, wire: Any) -> Node | None:
    while isinstance(node, UnionOf):
        member = chosen(node, wire)
        node = None if member is None else member.node
    return node


def _member_node(node: ObjectOf, name: str) -> Node | None:
    return next((member.node for member in node.members if member.name == name), None)


def _below(value: Any, part: int | str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and str(part).isdecimal() and int(part) < len(value):
        return value[int(part)]
    return None


def _has_form(node: Node, data: Any) -> bool:
    """Whether ``data``, in the record's form, may be of this node."""
    if isinstance(node, MapOf):
        return isinstance(data, dict)
    if isinstance(node, ListOf | TupleOf):
        return isinstance(data, list)
    if isinstance(node, ObjectOf):
        return isinstance(data, dict) and set(data) <= {m.name for m in node.members} | {n for n, _ in node.ends}
    return not isinstance(data, dict | list)
