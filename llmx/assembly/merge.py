"""Merging: what several chunks (or samples, or a second look) found becomes one tree.

Values are told apart by their proof: the same words, or the same value, are one fact. Two proven values for one field
are a conflict; the first stays and the other is kept in the issue, with both proofs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce

from llmx.grounding.values import NOTHING, Found, FoundList, FoundNode, FoundObject
from llmx.schema import Leaf, ListOf, Node, ObjectOf
from llmx.span import Span


def merge(node: Node, trees: Sequence[FoundNode]) -> FoundNode:
    """Return one tree for ``trees``, which stand in the order of the chunks. NOTHING for none."""
    return reduce(lambda a, b: _merge(node, a, b), trees) if trees else NOTHING


def _merge(node: Node, first: FoundNode, second: FoundNode) -> FoundNode:
    if isinstance(node, ObjectOf):
        return _objects(node, first, second)
    if isinstance(node, ListOf):
        return _lists(node, first, second)
    assert isinstance(first, Found)
    assert isinstance(second, Found)
    return _leaves(first, second)


def _leaves(first: Found, second: Found) -> Found:
    if second.value is None:
        return (
            first
            if first.value is not None or not second.remarks
            else replace(first, remarks=first.remarks + second.remarks)
        )
    if first.value is None or (second.proven and not first.proven):
        return second
    if first.value == second.value or not (first.proven and second.proven):
        return first
    assert second.evidence is not None
    other = f"{second.evidence.quote!r} at {second.evidence.start} says {second.value}"
    return replace(first, remarks=(*first.remarks, ("conflict", other)), doubt=max(first.doubt, 0.5))


def _objects(node: ObjectOf, first: FoundNode, second: FoundNode) -> FoundNode:
    if not isinstance(first, FoundObject):
        return second
    if not isinstance(second, FoundObject):
        return first
    fields = {
        m.name: _merge(m.node, first.fields[m.name], second.fields[m.name])
        for m in node.members
        if m.name in first.fields and m.name in second.fields
    }
    return FoundObject({**second.fields, **first.fields, **fields})


def _lists(node: ListOf, first: FoundNode, second: FoundNode) -> FoundNode:
    if not isinstance(first, FoundList):
        return second
    if not isinstance(second, FoundList):
        return first
    items = list(first.items)
    places = _Places(node.item)
    for number, old in enumerate(items):
        places.add(old, number)
    for new in second.items:
        at = next((i for i in places.near(new) if same(node.item, items[i], new)), None)
        if at is None:
            at = len(items)
            items.append(new)
        elif isinstance(node.item, ObjectOf):
            items[at] = _merge(node.item, items[at], new)
        places.add(items[at], at)
    return FoundList(tuple(items), first.capped or second.capped)


class _Places:
    """Where in a list an element may stand that is the same fact: looked up, because a book has thousands of them."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.places: defaultdict[object, set[int]] = defaultdict(set)

    def add(self, item: FoundNode, number: int) -> None:
        """Remember that ``item`` is element ``number``."""
        for mark in self._marks(item):
            self.places[mark].add(number)

    def near(self, item: FoundNode) -> list[int]:
        """Return the numbers of the elements that may be the same as ``item``, in order."""
        return sorted(set().union(*(self.places.get(mark, ()) for mark in self._marks(item))))

    def _marks(self, item: FoundNode) -> Iterator[object]:
        """Yield marks of which two elements share one, if they are the same: of the value, and of the place."""
        key = item
        if isinstance(self.node, ObjectOf):
            leaves = [m.name for m in self.node.members if isinstance(m.node, Leaf)]
            name = self.node.key or next(iter(leaves), None)
            key = item.fields.get(name, NOTHING) if name and isinstance(item, FoundObject) else NOTHING
        if not isinstance(key, Found):
            yield "a list"
            return
        yield "value", str(_plain(key.value))
        if key.evidence is not None:
            for part in range(key.evidence.start // _PART, (key.evidence.end - 1) // _PART + 1):
                yield "place", part


_PART = 64  # characters; most proofs lie in one or two such parts of the text


def same(node: Node, a: FoundNode, b: FoundNode) -> bool:
    """Whether two list elements are one fact: equal values or overlapping proof for a leaf, the key field for an object
    (all of its proven fields where it has no key).
    """
    if isinstance(node, Leaf):
        assert isinstance(a, Found)
        assert isinstance(b, Found)
        return _same_leaf(a, b)
    if isinstance(node, ObjectOf) and isinstance(a, FoundObject) and isinstance(b, FoundObject):
        names = [node.key] if node.key else [m.name for m in node.members if isinstance(m.node, Leaf)]
        pairs = [(a.fields.get(n, NOTHING), b.fields.get(n, NOTHING)) for n in names]
        return all(isinstance(x, Found) and isinstance(y, Found) and _same_leaf(x, y) for x, y in pairs)
    return a == b


def _same_leaf(a: Found, b: Found) -> bool:
    if a.value is None or b.value is None:
        return a.value is b.value
    if a.value == b.value or _plain(a.value) == _plain(b.value):
        return True
    if a.evidence is None or b.evidence is None:
        return False
    return Span(a.evidence.start, a.evidence.end).overlaps(Span(b.evidence.start, b.evidence.end))


def _plain(value: object) -> object:
    return " ".join(value.casefold().split()) if isinstance(value, str) else value


def vote(node: Node, samples: Sequence[FoundNode]) -> FoundNode:
    """Return the majority of ``samples``, each a whole look at the same text, with the agreement on every leaf.

    A list element or a value stays when at least half of the samples have it.
    """
    if isinstance(node, Leaf):
        return _vote_leaf([s for s in samples if isinstance(s, Found)])
    if isinstance(node, ObjectOf):
        objects = [s for s in samples if isinstance(s, FoundObject)]
        if 2 * len(objects) < len(samples) or not objects:
            return NOTHING
        return FoundObject({m.name: vote(m.node, [o.fields[m.name] for o in objects]) for m in node.members})
    return _vote_list(node, samples)


def _vote_leaf(leaves: Sequence[Found]) -> Found:
    counts = Counter(repr(leaf.value) for leaf in leaves)
    if not counts:
        return NOTHING
    winner, votes = max(counts.items(), key=lambda item: item[1])
    best = max((x for x in leaves if repr(x.value) == winner), key=lambda x: x.proven)
    return replace(best, agreement=votes / len(leaves))


def _vote_list(node: ListOf, samples: Sequence[FoundNode]) -> FoundNode:
    groups: list[list[FoundNode]] = []
    lists = [s for s in samples if isinstance(s, FoundList)]
    for each in lists:
        for item in each.items:
            group = next((g for g in groups if same(node.item, g[0], item)), None)
            if group is None:
                groups.append([item])
            else:
                group.append(item)
    kept = [_agreed(node.item, g, len(lists)) for g in groups if 2 * len(g) >= len(lists)]
    return FoundList(tuple(kept), any(each.capped for each in lists))


def _agreed(node: Node, group: list[FoundNode], asked: int) -> FoundNode:
    share = min(1.0, len(group) / asked)
    return _scaled(vote(node, group), share)


def _scaled(found: FoundNode, share: float) -> FoundNode:
    if isinstance(found, Found):
        return replace(found, agreement=(1.0 if found.agreement is None else found.agreement) * share)
    if isinstance(found, FoundObject):
        return FoundObject({name: _scaled(child, share) for name, child in found.fields.items()})
    return FoundList(tuple(_scaled(item, share) for item in found.items), found.capped)
