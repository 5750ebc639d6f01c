"""The tree algebra: how a value is walked beside the schema node that describes it.

Plain JSON data, and the tree of grounded values before it becomes data, have the same shape: objects by field name,
lists in order, leaves. ``Parts`` says how one kind of value is taken apart; ``leaves``, ``map_leaves`` and ``fold`` do
the walking for all of them, so that nobody else needs to. A value that does not have the shape its node says (null for
an object, say) is skipped by ``leaves``, kept by ``map_leaves``, and given to ``fold``'s ``absent``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from llmx import json_pointer
from llmx.dataclass import dataclass
from llmx.schema.forms import chosen
from llmx.schema.tree import Leaf, ListOf, Member, Node, ObjectOf, UnionOf

V = TypeVar("V")
V_contra = TypeVar("V_contra", contravariant=True)
R = TypeVar("R")


class Parts(Protocol[V]):
    """How values of one kind are taken apart and rebuilt."""

    def fields(self, value: V) -> Mapping[str, V] | None:
        """Return the fields of an object, None where ``value`` is no object."""
        ...

    def items(self, value: V) -> Sequence[V] | None:
        """Return the elements of a list, None where ``value`` is no list."""
        ...

    def with_fields(self, value: V, fields: dict[str, V]) -> V:
        """Return the object ``value`` with ``fields`` instead of its own."""
        ...

    def with_items(self, value: V, items: list[V]) -> V:
        """Return the list ``value`` with ``items`` instead of its own."""
        ...

    def alternative(self, node: UnionOf, value: V) -> tuple[Member, V] | None:
        """Return the alternative that ``value`` is, and ``value`` as such; None where it is none of them."""
        ...

    def as_alternative(self, member: Member, value: V) -> V:
        """Return ``value``, of the alternative ``member``, as a value of the union."""
        ...


class _Plain:
    """JSON data: dicts, lists and scalars."""

    def fields(self, value: Any) -> Mapping[str, Any] | None:
        return value if isinstance(value, dict) else None

    def items(self, value: Any) -> Sequence[Any] | None:
        return value if isinstance(value, list | tuple) else None

    def with_fields(self, value: Any, fields: dict[str, Any]) -> Any:  # noqa: ARG002 - other kinds need the old value
        return fields

    def with_items(self, value: Any, items: list[Any]) -> Any:  # noqa: ARG002 - as above
        return items

    def alternative(self, node: UnionOf, value: Any) -> tuple[Member, Any] | None:
        member = chosen(node, value)
        return None if member is None else (member, value)

    def as_alternative(self, member: Member, value: Any) -> Any:  # noqa: ARG002 - as above
        return value


PLAIN: Parts[Any] = _Plain()
"""The parts of JSON data in the form in which it is asked for."""


@dataclass(frozen=True, slots=True)
class Place(Generic[V]):
    """One leaf of a value: its JSON pointer, the schema's leaf, and the value."""

    pointer: str
    leaf: Leaf
    value: V


def leaves(node: Node, value: V, *, parts: Parts[V] = PLAIN, pointer: str = "") -> Iterator[Place[V]]:
    """Yield every leaf of ``value`` in the schema's order, with the pointer from the root down.

    >>> from llmx.schema.tree import Member
    >>> text = Leaf("text", "text")
    >>> items = ListOf(ObjectOf(None, (Member("unit/price", text, False, True, ""),), None))
    >>> [(place.pointer, place.value) for place in leaves(items, [{"unit/price": "3"}, None])]
    [('/0/unit~1price', '3')]
    """
    if isinstance(node, Leaf):
        yield Place(pointer, node, value)
    elif isinstance(node, UnionOf):
        if (alternative := parts.alternative(node, value)) is not None:
            yield from leaves(alternative[0].node, alternative[1], parts=parts, pointer=pointer)
    elif isinstance(node, ListOf):
        for number, item in enumerate(parts.items(value) or ()):
            yield from leaves(node.item, item, parts=parts, pointer=json_pointer.child(pointer, number))
    elif (fields := parts.fields(value)) is not None:
        for member in node.members:
            if member.name in fields:
                below = json_pointer.child(pointer, member.name)
                yield from leaves(member.node, fields[member.name], parts=parts, pointer=below)


def map_leaves(node: Node, value: V, change: Callable[[Leaf, V], V], *, parts: Parts[V] = PLAIN) -> V:
    """Return a copy of ``value`` in which ``change`` was applied to every leaf, in the schema's order.

    Fields that the schema does not have stay as they are.
    """
    if isinstance(node, Leaf):
        return change(node, value)
    if isinstance(node, UnionOf):
        return _map_alternative(node, value, change, parts=parts)
    if isinstance(node, ListOf):
        items = parts.items(value)
        if items is None:
            return value
        return parts.with_items(value, [map_leaves(node.item, item, change, parts=parts) for item in items])
    fields = parts.fields(value)
    if fields is None:
        return value
    changed = {
        member.name: map_leaves(member.node, fields[member.name], change, parts=parts)
        for member in node.members
        if member.name in fields
    }
    return parts.with_fields(value, {**fields, **changed})


def _map_alternative(node: UnionOf, value: V, change: Callable[[Leaf, V], V], *, parts: Parts[V]) -> V:
    alternative = parts.alternative(node, value)
    if alternative is None:
        return value
    member, inner = alternative
    return parts.as_alternative(member, map_leaves(member.node, inner, change, parts=parts))


class Fold(Protocol[V_contra, R]):
    """What ``fold`` makes of each kind of node. Results are made from the leaves up."""

    def leaf(self, node: Leaf, value: V_contra) -> R:
        """Return the result for a leaf."""
        ...

    def object(self, node: ObjectOf, value: V_contra, results: dict[str, R]) -> R:
        """Return the result for an object, from those of its fields in the schema's order; absent fields included."""
        ...

    def list(self, node: ListOf, value: V_contra, results: list[R]) -> R:
        """Return the result for a list, from those of its elements."""
        ...

    def union(self, node: UnionOf, member: Member, result: R) -> R:
        """Return the result for a union, from that of its alternative ``member``."""
        ...

    def absent(self, node: Node) -> R:
        """Return the result for a field, object or list that is not there."""
        ...


def fold(node: Node, value: V, folder: Fold[V, R], *, parts: Parts[V] = PLAIN) -> R:
    """Return what ``folder`` makes of ``value``, bottom up."""
    if isinstance(node, Leaf):
        return folder.leaf(node, value)
    if isinstance(node, UnionOf):
        return _fold_alternative(node, value, folder, parts=parts)
    if isinstance(node, ListOf):
        items = parts.items(value)
        if items is None:
            return folder.absent(node)
        return folder.list(node, value, [fold(node.item, item, folder, parts=parts) for item in items])
    fields = parts.fields(value)
    if fields is None:
        return folder.absent(node)
    results = {
        member.name: fold(member.node, fields[member.name], folder, parts=parts)
        if member.name in fields
        else folder.absent(member.node)
        for member in node.members
    }
    return folder.object(node, value, results)


def _fold_alternative(node: UnionOf, value: V, folder: Fold[V, R], *, parts: Parts[V]) -> R:
    alternative = parts.alternative(node, value)
    if alternative is None:
        return folder.absent(node)
    member, inner = alternative
    return folder.union(node, member, fold(member.node, inner, folder, parts=parts))
