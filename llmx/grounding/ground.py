"""Grounding an answer: the schema's tree and the model's words become a tree of values with evidence.

The leaves are grounded by ``leaf.py``. What this module adds is context: the fields of one object stand near each
other, so those whose words stand in one place only are found first and the others are looked for near them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from llmx import json_pointer
from llmx.dataclass import dataclass
from llmx.grounding.in_row import in_row
from llmx.grounding.leaf import NO_HINT, Hint, ground_leaf
from llmx.grounding.places import places_of
from llmx.grounding.row_layout import ElementRow
from llmx.grounding.rows import plan_rows
from llmx.grounding.text import SourceText, evidence_of
from llmx.grounding.values import NOTHING, LeafValue, ListValue, ObjectValue, ValueNode
from llmx.record import Issue
from llmx.schema import Leaf, ListOf, Member, Node, ObjectOf, UnionOf
from llmx.schema.algebra import Place
from llmx.schema.forms import chosen
from llmx.schema.per_tree import once_per_tree
from llmx.span import Span

_NEAR_OTHERS = (Leaf, UnionOf)
"""What is looked for near the other values of its object."""


@dataclass(frozen=True, slots=True)
class _Where:
    """What is known of where an answer's values stand: near which words, and in which row of a list.

    ``path`` is that of the value within its row.
    """

    hint: Hint = NO_HINT
    row: ElementRow | None = None
    path: str = ""

    def below(self, name: str) -> _Where:
        """Return the same for the field ``name`` of the object there."""
        return _Where(self.hint, self.row, f"{self.path}/{name}")


_NOWHERE = _Where()


def ground(node: Node, wire: Any, source: SourceText) -> ValueNode:
    """Return what ``wire``, a validated answer, is worth against the text of ``source``."""
    return _ground(node, wire, source, where=_NOWHERE)


def unreadable(node: Node, found: ValueNode, pointer: str = "") -> Iterator[Place[LeafValue]]:
    """Yield the leaves that a record cannot do without and that nothing came of.

    The model's words neither stand in the text nor say a value. Elements of lists are not among them: they can go.
    """
    if isinstance(node, ObjectOf) and isinstance(found, ObjectValue):
        for member in _needed(node):
            below = found.fields.get(member.name)
            if isinstance(below, LeafValue) and below.value is not None:
                continue
            there = pointer if isinstance(node, UnionOf) else json_pointer.child(pointer, member.name)
            if isinstance(below, ObjectValue):
                yield from unreadable(member.node, below, there)
            elif isinstance(member.node, Leaf) and isinstance(below, LeafValue) and _is_unreadable(below):
                yield Place(there, member.node, below)


@once_per_tree
def _needed(node: ObjectOf) -> tuple[Member, ...]:
    """Return the fields of which something must come, and those that may hold such."""
    return tuple(
        each
        for each in node.members
        if (not each.nullable and each.required if isinstance(each.node, Leaf) else isinstance(each.node, ObjectOf))
    )


def _is_unreadable(found: LeafValue) -> bool:
    if found.value is not None or not found.words:
        return False
    return any(issue.code == "unproven" for issue in found.issues)


def _ground(node: Node, wire: Any, source: SourceText, *, where: _Where) -> ValueNode:
    if isinstance(node, Leaf):
        if where.row is None:
            return ground_leaf(node, wire, source, hint=where.hint)
        return in_row(node, wire, source, row=where.row, path=where.path)
    if isinstance(node, UnionOf):
        member = None if wire is None else chosen(node, wire)
        return (
            NOTHING if member is None else ObjectValue({member.name: _ground(member.node, wire, source, where=where)})
        )
    if isinstance(node, ObjectOf):
        return _object(node, wire, source, where=where)
    return NOTHING if wire is None else _list(node, wire, source, where=where)


def _list(node: ListOf, wire: list[Any], source: SourceText, *, where: _Where) -> ListValue:
    """Ground the elements of a list, each in its own row."""
    rows = plan_rows(node, wire, source, bounds=None if where.row is None else where.row.inner(source.lines))
    items = tuple(
        _ground(node.item, item, source, where=_Where(where.hint) if row is None else _Where(where.hint, row))
        for item, row in zip(wire, rows, strict=True)
    )
    full = len(items) == node.cap and (node.firm or not ends_in_a_loop(wire))
    return ListValue(items, capped=full or (node.firm and len(items) > node.cap))


def ends_in_a_loop(items: list[Any]) -> bool:
    """Return whether a list ends in elements that repeat those before them: the model went round, and there is no more.

    >>> ends_in_a_loop(["a", "b", "c", "b", "c"]), ends_in_a_loop(["a", "b", "b"]), ends_in_a_loop(["b", "b", "b"])
    (True, False, True)
    """
    if items[-1:] == items[-2:-1]:
        return len(items) > 2 and items[-3] == items[-1]
    return any(items[-size:] == items[-2 * size : -size] for size in range(2, len(items) // 2 + 1))


def _object(node: ObjectOf, wire: Any, source: SourceText, *, where: _Where) -> ValueNode:
    """Ground the fields; those whose words stand in one place only go first, the others are looked for near them."""
    if wire is None:
        return NOTHING
    near = where
    if where.row is None:
        places = {m.name: places_of(m.node, wire.get(m.name), source) for m in node.members}
        own = [spans[0] for spans in places.values() if len(spans) == 1] or places.get(node.key or "", [])
        near = _Where(Hint(own[0])) if own else where
    fields: dict[str, ValueNode] = {}
    for member in node.members:
        there = near if isinstance(member.node, _NEAR_OTHERS) else where
        if there.row is not None:
            there = there.below(member.name)
        fields[member.name] = _ground(member.node, wire.get(member.name), source, where=there)
    return _held_near(node, ObjectValue(fields), wire, source=source)


def _held_near(node: ObjectOf, found: ObjectValue, wire: Any, *, source: SourceText) -> ObjectValue:
    """Take away the proof of fields that must be proven near the object's key and are not (mark ``Near``)."""
    marked = _marked_near(node)
    if not marked:
        return found
    fields = dict(found.fields)
    for name, leaf in marked:
        have = fields[name]
        if isinstance(have, LeafValue) and have.evidence is not None:
            fields[name] = _nearest(leaf, have, _key_places(node, wire, source), source=source)
    return ObjectValue(fields)


@once_per_tree
def _marked_near(node: ObjectOf) -> tuple[tuple[str, Leaf], ...]:
    """Return the fields with the mark ``Near``."""
    leaves = ((member.name, member.node) for member in node.members)
    return tuple((name, leaf) for name, leaf in leaves if isinstance(leaf, Leaf) and leaf.near is not None)


def _key_places(node: ObjectOf, wire: Any, source: SourceText) -> list[Span]:
    key = wire.get(node.key) if node.key else None
    return [m.span for m in source.index.find_all(key, limit=20)] if isinstance(key, str) and key.strip() else []


def _nearest(leaf: Leaf, have: LeafValue, keys: list[Span], *, source: SourceText) -> LeafValue:
    """Return ``have`` with a proof of the same value near one of ``keys``, or unproven where there is none."""
    assert leaf.near is not None
    assert have.evidence is not None
    place = Span(have.evidence.start, have.evidence.end)
    if any(place.distance(key) <= leaf.near for key in keys):
        return have
    if leaf.reader is not None:
        for other in source.readings(leaf.reader):
            span = Span(other.start, other.end)
            if other.value == have.value and any(span.distance(key) <= leaf.near for key in keys):
                return replace(have, evidence=evidence_of(source, span, None, words=have.words, rule=other.rule))
    far = Issue("unproven", "", f"{have.evidence.quote!r} does not stand near what it is said of")
    return LeafValue(have.value, None, (*have.issues, far), have.words)
