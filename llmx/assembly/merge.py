"""Merging: what several chunks (or samples, or a second look) found becomes one tree.

Values are told apart by their proof: the same words, or the same value, are one fact. Two proven values for one field
are a conflict; the first stays and the other is kept in the issue, with both proofs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce

from llmx.grounding.values import NOTHING, VALUES, LeafValue, ListValue, ObjectValue, ValueNode, leaf_values
from llmx.schema import Leaf, ListOf, Node, ObjectOf, UnionOf
from llmx.span import Span


def merge(node: Node, trees: Sequence[ValueNode]) -> ValueNode:
    """Return one tree for ``trees``, which stand in the order of the chunks. NOTHING for none."""
    return reduce(lambda a, b: _merge(node, a, b), trees) if trees else NOTHING


def _merge(node: Node, first: ValueNode, second: ValueNode) -> ValueNode:
    if isinstance(node, UnionOf):
        return _unions(node, first, second)
    if isinstance(node, ObjectOf):
        return _objects(node, first, second)
    if isinstance(node, ListOf):
        return _lists(node, first, second)
    assert isinstance(first, LeafValue)
    assert isinstance(second, LeafValue)
    return _leaves(first, second)


def _leaves(first: LeafValue, second: LeafValue) -> LeafValue:
    if second.value is None:
        return (
            first
            if first.value is not None or not second.issues
            else replace(first, issues=first.issues + second.issues)
        )
    if first.value is None or (second.proven and not first.proven):
        return second
    if first.value == second.value or not (first.proven and second.proven):
        return first
    assert second.evidence is not None
    other = f"{second.evidence.quote!r} at {second.evidence.start} says {second.value}"
    return first.with_issue("conflict", other, doubt=0.5)


def _unions(node: UnionOf, first: ValueNode, second: ValueNode) -> ValueNode:
    """Merge two values of one alternative, or two plain values; else the first that says anything stays."""
    one, other = VALUES.alternative(node, first), VALUES.alternative(node, second)
    if one is None or other is None:
        return second if one is None else first
    if one[0] is other[0]:
        return VALUES.as_alternative(one[0], _merge(one[0].node, one[1], other[1]))
    if isinstance(one[1], LeafValue) and isinstance(other[1], LeafValue):
        merged = _leaves(one[1], other[1])
        return VALUES.as_alternative(other[0] if merged is other[1] else one[0], merged)
    return first if any(leaf.value is not None for leaf in leaf_values(first)) else second


def _objects(node: ObjectOf, first: ValueNode, second: ValueNode) -> ValueNode:
    if not isinstance(first, ObjectValue):
        return second
    if not isinstance(second, ObjectValue):
        return first
    fields = {
        m.name: _merge(m.node, first.fields[m.name], second.fields[m.name])
        for m in node.members
        if m.name in first.fields and m.name in second.fields
    }
    return ObjectValue({**second.fields, **first.fields, **fields})


def _lists(node: ListOf, first: ValueNode, second: ValueNode) -> ValueNode:
    if not isinstance(first, ListValue):
        return second
    if not isinstance(second, ListValue):
        return first
    if not (first.items and second.items):
        return replace(first if first.items else second, capped=first.capped or second.capped)
    if first.rows and second.rows:
        return _rows(node, first, second)
    items = list(first.items)
    places = _Places(node.item)
    for number, old in enumerate(items):
        places.add(old, number)
    for new in second.items:
        at = next((i for i in places.near(new) if same(node.item, items[i], new)), None)
        if at is None:
            at = len(items)
            items.append(new)
        elif isinstance(node.item, ObjectOf):  # a union too
            items[at] = _merge(node.item, items[at], new)
        places.add(items[at], at)
    return ListValue(tuple(items), first.capped or second.capped)


def _rows(node: ListOf, first: ListValue, second: ListValue) -> ListValue:
    """Merge two lists whose elements are rows of a table: other rows are other facts, though they say the same."""
    numbers = {row: number for number, row in enumerate(first.rows) if row >= 0}
    items, rows = list(first.items), list(first.rows)
    for new, row in zip(second.items, second.rows, strict=True):
        if row in numbers:
            if isinstance(node.item, ObjectOf):
                items[numbers[row]] = _merge(node.item, items[numbers[row]], new)
        elif row >= 0 or not any(same(node.item, old, new) for old, at in zip(items, rows, strict=True) if at < 0):
            items.append(new)
            rows.append(row)
    return ListValue(tuple(items), first.capped or second.capped, tuple(rows))


class _Places:
    """Where in a list an element may stand that is the same fact: looked up, because a book has thousands of them."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.places: defaultdict[object, set[int]] = defaultdict(set)

    def add(self, item: ValueNode, number: int) -> None:
        """Remember that ``item`` is element ``number``."""
        for mark in self._marks(item):
            self.places[mark].add(number)

    def near(self, item: ValueNode) -> list[int]:
        """Return the numbers of the elements that may be the same as ``item``, in order."""
        return sorted(set().union(*(self.places.get(mark, ()) for mark in self._marks(item))))

    def _marks(self, item: ValueNode) -> Iterator[object]:
        """Yield marks of which two elements share one, if they are the same: of the value, and of the place."""
        node, item = _plain_node(self.node, item)
        key = item
        if isinstance(node, ObjectOf):
            leaves = [m.name for m in node.members if isinstance(m.node, Leaf)]
            name = node.key or next(iter(leaves), None)
            key = item.fields.get(name, NOTHING) if name and isinstance(item, ObjectValue) else NOTHING
        if not isinstance(key, LeafValue):
            yield "a list"
            return
        yield "value", str(_plain(key.value))
        if key.evidence is not None:
            for part in range(key.evidence.start // _PART, (key.evidence.end - 1) // _PART + 1):
                yield "place", part


_PART = 64  # characters; most proofs lie in one or two such parts of the text


def same(node: Node, a: ValueNode, b: ValueNode) -> bool:
    """Whether two list elements are one fact: equal values or overlapping proof for a leaf, the key field for an object
    (all of its proven fields where it has no key). Different alternatives of a union are different facts.
    """
    if isinstance(node, UnionOf):
        (one, a), (other, b) = _plain_node(node, a), _plain_node(node, b)
        if one is not other:
            return isinstance(a, LeafValue) and isinstance(b, LeafValue) and _same_leaf(a, b)
        node = one
        if isinstance(node, UnionOf):
            return a == b
    if isinstance(node, Leaf):
        assert isinstance(a, LeafValue)
        assert isinstance(b, LeafValue)
        return _same_leaf(a, b)
    if isinstance(node, ObjectOf) and isinstance(a, ObjectValue) and isinstance(b, ObjectValue):
        names = [node.key] if node.key else [m.name for m in node.members if isinstance(m.node, Leaf)]
        if not names:
            return a == b
        pairs = [(a.fields.get(n, NOTHING), b.fields.get(n, NOTHING)) for n in names]
        return all(isinstance(x, LeafValue) and isinstance(y, LeafValue) and _same_leaf(x, y) for x, y in pairs)
    return a == b


def _plain_node(node: Node, value: ValueNode) -> tuple[Node, ValueNode]:
    """Return the alternative that a value of a union is, with the value as such; others as they are."""
    while isinstance(node, UnionOf) and (alternative := VALUES.alternative(node, value)) is not None:
        node, value = alternative[0].node, alternative[1]
    return node, value


def _same_leaf(a: LeafValue, b: LeafValue) -> bool:
    if a.value is None or b.value is None:
        return a.value is b.value
    if a.value == b.value or _plain(a.value) == _plain(b.value):
        return True
    if a.evidence is None or b.evidence is None:
        return False
    return Span(a.evidence.start, a.evidence.end).overlaps(Span(b.evidence.start, b.evidence.end))


def _plain(value: object) -> object:
    return " ".join(value.casefold().split()) if isinstance(value, str) else value
