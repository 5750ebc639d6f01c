"""Voting: several samples of one chunk become one tree, the majority, with the agreement on every leaf."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from llmx.assembly.merge import same
from llmx.grounding.values import NOTHING, VALUES, LeafValue, ListValue, ObjectValue, ValueNode, map_values
from llmx.schema import Leaf, ListOf, Node, ObjectOf, UnionOf


def vote(node: Node, samples: Sequence[ValueNode]) -> ValueNode:
    """Return the majority of ``samples``, each a whole look at the same text, with the agreement on every leaf.

    A list, an element of one, an object or a value stays when at least half of the samples have it.
    """
    if isinstance(node, Leaf):
        return _vote_leaf([s for s in samples if isinstance(s, LeafValue)])
    if isinstance(node, ObjectOf):
        objects = [s for s in samples if isinstance(s, ObjectValue)]
        if 2 * len(objects) < len(samples) or not objects:
            return NOTHING
        if isinstance(node, UnionOf):
            return _vote_alternative(node, objects)
        return ObjectValue({m.name: vote(m.node, [o.fields[m.name] for o in objects]) for m in node.members})
    return _vote_list(node, samples)


def _vote_alternative(node: UnionOf, values: Sequence[ObjectValue]) -> ValueNode:
    """Return the majority of the alternative that most samples have, the first of equals."""
    names = Counter(next(iter(value.fields)) for value in values)
    name, votes = names.most_common(1)[0]
    member = node.member(name)
    winner = vote(member.node, [value.fields[name] for value in values if name in value.fields])
    return VALUES.as_alternative(member, map_values(winner, lambda leaf: _scaled(leaf, votes / len(values))))


def _vote_leaf(leaves: Sequence[LeafValue]) -> LeafValue:
    counts = Counter(repr(leaf.value) for leaf in leaves)
    if not counts:
        return NOTHING
    winner, votes = max(counts.items(), key=lambda item: item[1])
    best = max((x for x in leaves if repr(x.value) == winner), key=lambda x: x.proven)
    return replace(best, agreement=votes / len(leaves))


def _vote_list(node: ListOf, samples: Sequence[ValueNode]) -> ValueNode:
    lists = [s for s in samples if isinstance(s, ListValue)]
    if 2 * len(lists) < len(samples) or not lists:
        return NOTHING
    groups: list[list[ValueNode]] = []
    for each in lists:
        for item in each.items:
            group = next((g for g in groups if same(node.item, g[0], item)), None)
            if group is None:
                groups.append([item])
            else:
                group.append(item)
    kept = [_agreed(node.item, g, len(lists)) for g in groups if 2 * len(g) >= len(lists)]
    return ListValue(tuple(kept), any(each.capped for each in lists))


def _agreed(node: Node, group: list[ValueNode], asked: int) -> ValueNode:
    share = min(1.0, len(group) / asked)
    return map_values(vote(node, group), lambda leaf: _scaled(leaf, share))


def _scaled(leaf: LeafValue, share: float) -> LeafValue:
    return replace(leaf, agreement=(1.0 if leaf.agreement is None else leaf.agreement) * share)
