"""Goes on with what filled a cap of llmx's own within a record: lists in objects and in elements, and long texts.

Such a cap guards against models that loop, where an endpoint keeps to it. A list that fills it is asked for what else
there is, a text for the whole of it, each at its own place. Lists of the top level are continued together
(``followup.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Optional

from pydantic import create_model

from llmx.dataclass import dataclass
from llmx.extraction.context import Context
from llmx.extraction.conversation import Conversation
from llmx.extraction.fallback import ask_in_turn
from llmx.extraction.followup import continue_lists
from llmx.extraction.plan import Plan
from llmx.extraction.reask import Question
from llmx.grounding.leaf import ground_leaf
from llmx.grounding.values import LeafValue, ListValue, ObjectValue, ValueNode
from llmx.record import Issue
from llmx.schema import Leaf, ListOf, MapOf, Member, Node, ObjectOf, UnionOf, WireModel, nodes_of
from llmx.schema.per_tree import once_per_tree
from llmx.schema.tree import nodes_below
from llmx.schema.wire import wire_field

_MOST_PLACES = 200
"""Places that are gone on with in one chunk."""

_SHOWN_CHARS = 60

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class CappedPlace:
    """A list or a text that filled llmx's own cap: its path in the tree, its field, and ``owner``, words that say what
    it is of.
    """

    path: Path
    member: Member
    value: ListValue | LeafValue
    owner: str


def capped_places(tree: ObjectOf, found: ValueNode) -> Iterator[CappedPlace]:
    """Yield the lists below the top level, and the texts outside of lists, that filled a cap of llmx's own."""
    yield from _Search(_holders(tree)).places(tree, found, ())


@once_per_tree
def _holders(tree: ObjectOf) -> frozenset[int]:
    """Return which lists, by identity, have lists within their elements."""
    lists = [node for node in nodes_of(tree) if isinstance(node, ListOf)]
    return frozenset(id(node) for node in lists if any(isinstance(each, ListOf) for each in nodes_below(node.item)))


@once_per_tree
def _members_with_caps(node: ObjectOf) -> tuple[Member, ...]:
    """Return the fields of an object that may fill a cap of llmx's own, or hold what may."""
    return tuple(member for member in node.members if any(map(_has_cap, nodes_below(member.node))))


def _has_cap(node: Node) -> bool:
    return isinstance(node, ListOf) or (isinstance(node, Leaf) and node.kind == "text" and not node.firm)


@dataclass(frozen=True, slots=True)
class _Search:
    """Looks for places; of lists only into those of ``holders``."""

    holders: frozenset[int]

    def places(self, node: Node, found: ValueNode, path: Path, *, owner: str = "") -> Iterator[CappedPlace]:
        if isinstance(node, ListOf) and isinstance(found, ListValue):
            for number, item in enumerate(found.items if id(node) in self.holders else ()):
                yield from self.places(node.item, item, (*path, number), owner=_called(item) or owner)
        elif isinstance(node, ObjectOf) and isinstance(found, ObjectValue) and not isinstance(node, UnionOf):
            for member in _members_with_caps(node):
                value = found.fields.get(member.name)
                if isinstance(value, LeafValue) and isinstance(member.node, Leaf):
                    if len(value.words) == member.node.cap:
                        yield CappedPlace((*path, member.name), member, value, owner)
                elif value is not None:
                    yield from self._of_member(member, value, (*path, member.name), owner=owner)

    def _of_member(self, member: Member, value: ValueNode, path: Path, *, owner: str) -> Iterator[CappedPlace]:
        if isinstance(value, ListValue) and _filled_its_cap(member.node, value, top=len(path) == 1):
            yield CappedPlace(path, member, value, owner)
        yield from self.places(member.node, value, path, owner=owner)


def _filled_its_cap(node: Node, value: ListValue, *, top: bool) -> bool:
    if not isinstance(node, ListOf) or top or not value.capped:
        return False
    return not (node.firm or node.complete or isinstance(node, MapOf))


def _called(item: ValueNode) -> str:
    """Return the first words of an element."""
    if isinstance(item, ObjectValue):
        return next((leaf.words for leaf in item.fields.values() if isinstance(leaf, LeafValue) and leaf.words), "")
    return ""


async def continue_below(
    tree: ValueNode, context: Context, conversation: Conversation
) -> tuple[ValueNode, tuple[Issue, ...]]:
    """Return ``tree`` with the lists and texts whole that filled llmx's own cap, as far as the model goes on with them,
    and the issues of the replies. Nothing is sent where there are none. Raises EndpointError.
    """
    told: tuple[Issue, ...] = ()
    for number, place in enumerate(capped_places(context.plan.schema.tree, tree)):
        if number == _MOST_PLACES:
            break
        if isinstance(place.value, ListValue):
            value, more = await _continued_list(place, context, conversation)
        else:
            value, more = await _whole_text(place, context, conversation)
        tree, told = _put(tree, place.path, value), told + more
    return tree, told


async def _continued_list(
    place: CappedPlace, context: Context, conversation: Conversation
) -> tuple[ValueNode, tuple[Issue, ...]]:
    """Ask for the list as if it were one of the top level; its description says what it is of."""
    name = place.member.name
    owner = f"of {place.owner[:_SHOWN_CHARS]}" if place.owner else ""
    described = "; ".join(filter(None, [place.member.description, owner]))
    lists = replace(context.plan.schema.tree, members=(replace(place.member, description=described),))
    found, told = await continue_lists(ObjectValue({name: place.value}), context, conversation, schema=lists)
    assert isinstance(found, ObjectValue)
    return found.fields[name], told


async def _whole_text(
    place: CappedPlace, context: Context, conversation: Conversation
) -> tuple[ValueNode, tuple[Issue, ...]]:
    member, have = place.member, place.value
    assert isinstance(member.node, Leaf)
    assert isinstance(have, LeafValue)
    fields: dict[str, Any] = wire_field(0, member.name, Optional[str], description=member.description)  # noqa: UP045 - built at run time
    wire: type[WireModel] = create_model("WholeText", __base__=WireModel, **fields)
    told = (
        f"The text of {member.name} ends after {member.node.cap} characters: {have.words[-_SHOWN_CHARS:]!r}. Give the "
        "whole of it, from its beginning to its end. Return a JSON object with this field only."
    )

    def question(plan: Plan) -> Question:
        return Question(conversation.asking(told, plan), wire, body=plan.asking(wire))

    reply = (await ask_in_turn(context, question)).answer
    words = (reply.wire or {}).get(member.name)
    if not isinstance(words, str) or len(words) <= len(have.words):
        return have, ()
    return ground_leaf(member.node, words, context.source), ()


def _put(tree: ValueNode, path: Path, value: ValueNode) -> ValueNode:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(tree, ObjectValue) and isinstance(first, str):
        return ObjectValue({**tree.fields, first: _put(tree.fields[first], rest, value)})
    assert isinstance(tree, ListValue)
    assert isinstance(first, int)
    items = (*tree.items[:first], _put(tree.items[first], rest, value), *tree.items[first + 1 :])
    return replace(tree, items=items)
