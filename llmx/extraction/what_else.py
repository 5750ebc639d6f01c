"""What else? Lists that the first answer filled are asked once for the elements that it left out.

The question goes on from the first conversation, like a second look (the same prefix, so prompt caches are hit), and
is sent from the third pass on only; or at once where the answer was cut by length, for the list in which it was cut and
those behind it. A new element counts if its key is proven; ``merge`` tells which are new. Lists
that llmx completes from the text itself (``Remainder(complete=True)``) are not asked about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from llmx.assembly.merge import merge
from llmx.extraction.reask import Spent, ask
from llmx.grounding.ground import ground
from llmx.grounding.logprobs import weighed
from llmx.grounding.values import NOTHING, Found, FoundList, FoundNode, FoundObject
from llmx.record import Issue
from llmx.schema import ListOf, Member, Node, ObjectOf
from llmx.schema.wire import wire_model

if TYPE_CHECKING:
    from llmx.endpoint import Endpoint
    from llmx.extraction.plan import Plan
    from llmx.extraction.second_look import Conversation
    from llmx.grounding.text import Source


async def what_else(
    tree: FoundNode, source: Source, plan: Plan, *, endpoint: Endpoint, spent: Spent, first: Conversation
) -> tuple[FoundNode, tuple[Issue, ...]]:
    """Return ``tree`` with the proven elements that one more question found for its filled lists of the top level (of a
    cut answer: the last one and those behind it), and what is to be said of the reply. Where there are none, nothing is
    sent. Raises EndpointError as ``ask`` does.
    """
    if not isinstance(tree, FoundObject):
        return tree, ()
    members = plan.schema.tree.members
    members = _from_the_cut(members, tree) if first.cut else tuple(m for m in members if _is_asked(m, tree))
    if not members:
        return tree, ()
    lists = replace(plan.schema.tree, members=members)
    wire = wire_model(lists, "WhatElse")
    question = plan.rendering.ask_again(first.messages, first.answer, _question(lists, tree))
    reply = await ask(plan, endpoint, question, spent=spent, wire=wire, **plan.asking(wire))
    told = tuple(Issue(issue.code, "", f"asked what else there is: {issue.message}") for issue in reply.issues)
    if reply.wire is None:
        return tree, told
    found = weighed(ground(lists, reply.wire, source), reply.logprobs)
    assert isinstance(found, FoundObject)
    return FoundObject({**tree.fields, **_joined(lists, tree, found)}), told


def _is_asked(member: Member, tree: FoundObject) -> bool:
    have = tree.fields.get(member.name)
    return (
        isinstance(member.node, ListOf)
        and not member.node.complete
        and isinstance(have, FoundList)
        and any(_named(member.node.item, have))
    )


def _from_the_cut(members: tuple[Member, ...], tree: FoundObject) -> tuple[Member, ...]:
    """Return the last list that has elements, in which the answer was cut or behind which, and the lists after it."""
    lists = [m for m in members if isinstance(m.node, ListOf)]
    filled = [n for n, m in enumerate(lists) if isinstance(have := tree.fields.get(m.name), FoundList) and have.items]
    rest = lists[filled[-1] :] if filled else []
    return tuple(m for m in rest if isinstance(m.node, ListOf) and not m.node.complete)


def _joined(lists: ObjectOf, tree: FoundObject, found: FoundObject) -> dict[str, FoundNode]:
    """Return each list with its new elements. One that filled its cap is no longer cut where this answer did not."""
    joined: dict[str, FoundNode] = {}
    for member in lists.members:
        assert isinstance(member.node, ListOf)
        more = found.fields[member.name]
        assert isinstance(more, FoundList)
        proven = tuple(item for item in more.items if _key(member.node.item, item).proven)
        both = merge(member.node, [tree.fields[member.name], FoundList(proven)])
        assert isinstance(both, FoundList)
        joined[member.name] = replace(both, capped=more.capped)
    return joined


def _key(node: Node, item: FoundNode) -> Found:
    """Return the leaf that tells an element from the others; the first proven one of an object without a key."""
    if isinstance(item, Found):
        return item
    if not isinstance(node, ObjectOf) or not isinstance(item, FoundObject):
        return NOTHING
    leaves = [leaf for leaf in item.fields.values() if isinstance(leaf, Found)]
    key = item.fields.get(node.key) if node.key else next((leaf for leaf in leaves if leaf.proven), None)
    return key if isinstance(key, Found) else NOTHING


def _named(node: Node, have: FoundList) -> Iterator[str]:
    """Yield the words by which the elements of a list are called."""
    for item in have.items:
        if words := _key(node, item).words.strip():
            yield words


def _question(lists: ObjectOf, tree: FoundObject) -> str:
    lines = [
        (
            "What else does the document say? For each of these lists, give the elements that are missing. Do not "
            "repeat those that are there already; give an empty list where nothing is missing:"
        )
    ]
    for member in lists.members:
        have = tree.fields[member.name]
        assert isinstance(have, FoundList)
        assert isinstance(member.node, ListOf)
        described = f" ({member.description})" if member.description else ""
        there = " | ".join(dict.fromkeys(_named(member.node.item, have))) or "nothing"
        lines.append(f"- {member.name}{described}; already there: {there}")
    return "\n".join([*lines, "Return a JSON object with these lists only."])
