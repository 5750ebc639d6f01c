"""Follow-ups: one more small question, where it pays.

A follow-up goes on from the first conversation: the same prefix, so that prompt caches are hit, then the answer, then
one question. ``followup_fields`` asks again for unproven fields. Where llmx itself can find expressions of the field's
type in the text, it names them, and where the text holds none, the field is not asked for. Fields that the first answer
left empty are asked for from the third pass on only: measured on twelve documents that nothing was tuned on, a 1.5B
model that is shown the dates of a text chooses one, and asking for empty fields cost two points of precision
(docs/quality.md).

``followup_items`` asks for the elements that the first answer left out of its lists: from the third pass on, or at once
where the answer was cut by length, for the list in which it was cut and those behind it. A new element counts if its
key is proven. ``continue_lists`` asks so from the second pass on, for lists that filled llmx's own cap. Lists that
llmx completes from the text itself (``Remainder(complete=True)``) are not asked about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any, Literal, Optional

from pydantic import create_model

from llmx.assembly.merge import merge
from llmx.dataclass import dataclass
from llmx.extraction.context import Context
from llmx.extraction.conversation import Conversation
from llmx.extraction.fallback import ask_in_turn
from llmx.extraction.plan import Plan
from llmx.extraction.reask import Answer, Question
from llmx.grounding.ground import ground
from llmx.grounding.leaf import ground_leaf
from llmx.grounding.logprobs import with_logprobs
from llmx.grounding.text import SourceText
from llmx.grounding.text_expressions import in_the_form_of, is_telling
from llmx.grounding.values import NOTHING, LeafValue, ListValue, ObjectValue, ValueNode
from llmx.record import Issue
from llmx.schema import Leaf, ListOf, Member, Node, ObjectOf, WireModel, wire_model
from llmx.schema.wire import wire_field

MOST_CANDIDATES = 12
"""Expressions named for a field: with more, the model is no better off than with the document."""

MOST_NAMES = 60
"""Elements named that are there already, of a list that is continued: the last ones say where to go on."""

ANSWER_TOKENS = 256

_MOST_CONTINUATIONS = 200
"""How often the lists of one chunk are continued: enough for thousands of rows, and an end."""


async def followup_fields(
    tree: ValueNode, context: Context, conversation: Conversation, *, empty: bool = False
) -> ValueNode:
    """Return ``tree`` with what one more question found for its unproven fields of the top level.

    ``empty``: fields that the first answer left empty are asked for too. Nothing is sent, and ``tree`` itself is
    returned, where nothing is missing, or where the text has no expression of a missing field's type.
    """
    if not isinstance(tree, ObjectValue):
        return tree
    wanted = _wanted(context.plan.schema.tree, tree, context.source, empty=empty)
    if not wanted:
        return tree
    told, wire = _fields_question(wanted), _fields_wire(wanted)

    def question(plan: Plan) -> Question:
        body = plan.asking(wire, max_output_tokens=ANSWER_TOKENS)
        return Question(conversation.asking(told, plan), wire, body=body)

    reply = (await ask_in_turn(context, question)).answer
    fields = dict(tree.fields)
    if reply.wire is None:
        return ObjectValue(
            fields | {want.member.name: _with_failure(fields[want.member.name], reply) for want in wanted}
        )
    for want in wanted:
        grounded = ground_leaf(want.leaf, reply.wire.get(want.member.name), context.source)
        if isinstance(have := fields[want.member.name], LeafValue) and have.read_as is not None:
            grounded = in_the_form_of(grounded, have, context.source)
        found = with_logprobs(grounded, reply.logprobs)
        if isinstance(found, LeafValue) and found.proven and found.value is not None:
            fields[want.member.name] = found
    return ObjectValue(fields)


def has_full_lists(tree: ValueNode) -> bool:
    """Return whether a list of the top level filled its cap, so that there may be more."""
    if isinstance(tree, ObjectValue):
        for value in tree.fields.values():
            if isinstance(value, ListValue) and value.capped:
                return True
    return False


async def continue_lists(
    tree: ValueNode, context: Context, conversation: Conversation, *, schema: ObjectOf | None = None
) -> tuple[ValueNode, tuple[Issue, ...]]:
    """Return ``tree`` with its lists of the top level continued that filled a cap which is not the schema's own.

    ``schema`` is what describes ``tree``, by default the schema itself.
    Each is asked for what else there is until an answer does not fill the cap, or adds nothing. Raises EndpointError.
    """
    told: tuple[Issue, ...] = ()
    for _ in range(_MOST_CONTINUATIONS):
        members = tuple(m for m in (schema or context.plan.schema.tree).members if _is_unfinished(m, tree))
        if not members:
            break
        before = _lengths(members, tree)
        tree, more = await _ask_for_items(tree, context, conversation, members=members)
        told += more
        if _lengths(members, tree) == before:
            break
    return tree, told


def _is_unfinished(member: Member, tree: ValueNode) -> bool:
    have = tree.fields.get(member.name) if isinstance(tree, ObjectValue) else None
    if not isinstance(member.node, ListOf) or not isinstance(have, ListValue):
        return False
    return have.capped and not member.node.firm and _is_asked(member, ObjectValue({member.name: have}))


def _lengths(members: tuple[Member, ...], tree: ValueNode) -> list[int]:
    assert isinstance(tree, ObjectValue)
    lists = [tree.fields[member.name] for member in members]
    return [len(each.items) if isinstance(each, ListValue) else 0 for each in lists]


async def followup_items(
    tree: ValueNode, context: Context, conversation: Conversation
) -> tuple[ValueNode, tuple[Issue, ...]]:
    """Return ``tree`` with the proven elements that one more question found for its filled lists of the top level, and
    the issues of the reply. Nothing is sent where there are none. Raises EndpointError as ``ask`` does.
    """
    if not isinstance(tree, ObjectValue):
        return tree, ()
    members = tuple(m for m in context.plan.schema.tree.members if _is_asked(m, tree))
    if not members:
        return tree, ()
    return await _ask_for_items(tree, context, conversation, members=members)


async def followup_the_cut(
    tree: ValueNode, context: Context, conversation: Conversation, *, whole: Collection[tuple[str, ...]]
) -> tuple[ValueNode, tuple[Issue, ...], bool]:
    """Return ``tree`` with what an answer that was cut does not say, as far as further questions bring it, the issues
    of the replies, and whether nothing is missing by now.

    That is the last list that has elements, in which or behind which it was cut, and the fields after it. ``whole`` are
    lists that are complete by code's count; of another one nobody knows. Raises EndpointError as ``ask`` does.
    """
    if not isinstance(tree, ObjectValue):
        return tree, (), False
    members = _from_the_cut(context.plan.schema.tree.members, tree)
    mended = bool(members) and (members[0].name,) in whole
    members = tuple(m for m in members if (m.name,) not in whole and not _is_completed(m))
    told: tuple[Issue, ...] = ()
    for _ in range(_MOST_CONTINUATIONS):
        if not members:
            break
        before = _lengths(members, tree)
        tree, more = await _ask_for_items(tree, context, conversation, members=members)
        told += more
        if not any(issue.code == "truncated" for issue in more):
            return tree, told, mended and not more
        if _lengths(members, tree) == before:
            return tree, told, False
    return tree, told, mended and not members


async def _ask_for_items(
    tree: ValueNode, context: Context, conversation: Conversation, *, members: tuple[Member, ...]
) -> tuple[ValueNode, tuple[Issue, ...]]:
    assert isinstance(tree, ObjectValue)
    lists = replace(context.plan.schema.tree, members=members)
    asked, wire = _items_question(lists, tree), wire_model(lists, "WhatElse")

    def question(plan: Plan) -> Question:
        return Question(conversation.asking(asked, plan), wire, lists, body=plan.asking(wire))

    reply = (await ask_in_turn(context, question)).answer
    told = tuple(Issue(issue.code, "", f"asked what else there is: {issue.message}") for issue in reply.issues)
    if reply.wire is None:
        return tree, told
    found = with_logprobs(ground(lists, reply.wire, context.source), reply.logprobs)
    assert isinstance(found, ObjectValue)
    return ObjectValue({**tree.fields, **_joined(lists, tree, found)}), told


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A field to ask for once more, and the expressions of its type that the text holds."""

    member: Member
    leaf: Leaf
    candidates: tuple[str, ...]


def _with_failure(have: ValueNode, reply: Answer) -> LeafValue:
    """Say at a field that it was asked for once more, and what became of that."""
    assert isinstance(have, LeafValue)
    for issue in reply.issues:
        have = have.with_issue(issue.code, f"asked for once more: {issue.message}")
    return have


def _is_everywhere(leaf: Leaf) -> bool:
    """Whether expressions of the leaf's type stand in every text: numbers, names, countries, languages, currencies.

    That there are some says nothing about a field that was left empty, and a small model that is shown them chooses
    one. A date or a sum of money is worth a second question.
    """
    from llmx.types import CountryCode, CurrencyCode, LanguageCode, Verbatim  # noqa: PLC0415 - heavy

    assert leaf.reader is not None
    return leaf.reader.numeric or issubclass(leaf.kind_of, CountryCode | CurrencyCode | LanguageCode | Verbatim)


def _wanted(tree: ObjectOf, found: ObjectValue, source: SourceText, *, empty: bool) -> list[_Wanted]:
    wanted = []
    for member in tree.members:
        have = found.fields.get(member.name)
        if (
            not isinstance(member.node, Leaf)
            or not isinstance(have, LeafValue)
            or have.proven
            or have.seen
            or (reader := member.node.reader or have.read_as) is None
            or (have.read_as is not None and not is_telling(have.read_as))
        ):
            continue
        if have.value is None and not have.issues and (not empty or _is_everywhere(member.node)):
            continue
        readings = [r for r in source.readings(reader) if r.value is not None]
        words = tuple(dict.fromkeys(r.words for r in readings))
        if words:
            wanted.append(_Wanted(member, member.node, words[:MOST_CANDIDATES]))
    return wanted


def _fields_question(wanted: list[_Wanted]) -> str:
    lines = [
        (
            "Look at these fields once more. For each, choose the words of the document that say it, or null when the "
            "document does not say it:"
        )
    ]
    for want in wanted:
        described = f" ({want.member.description})" if want.member.description else ""
        lines.append(f"- {want.member.name}{described}: {' | '.join(want.candidates)} | null")
    return "\n".join([*lines, "Return a JSON object with these fields only."])


def _fields_wire(wanted: list[_Wanted]) -> type[WireModel]:
    fields: dict[str, Any] = {}
    for number, want in enumerate(wanted):
        fields |= wire_field(number, want.member.name, Optional[Literal[want.candidates]])  # noqa: UP045 - built at run time
    made: type[WireModel] = create_model("SecondLook", __base__=WireModel, **fields)
    return made


def _is_asked(member: Member, tree: ObjectValue) -> bool:
    have = tree.fields.get(member.name)
    return (
        isinstance(member.node, ListOf)
        and not member.node.complete
        and isinstance(have, ListValue)
        and any(_element_names(member.node.item, have))
    )


def _from_the_cut(members: tuple[Member, ...], tree: ObjectValue) -> tuple[Member, ...]:
    """Return the last list that has elements, in which the answer was cut or behind which, and what comes after it."""
    filled = [n for n, m in enumerate(members) if isinstance(have := tree.fields.get(m.name), ListValue) and have.items]
    return members[filled[-1] :] if filled else ()


def _is_completed(member: Member) -> bool:
    return isinstance(member.node, ListOf) and member.node.complete


def _joined(lists: ObjectOf, tree: ObjectValue, found: ObjectValue) -> dict[str, ValueNode]:
    """Return each list with its new elements. One that filled its cap is no longer cut where this answer did not."""
    joined: dict[str, ValueNode] = {}
    for member in lists.members:
        more = found.fields[member.name]
        if not isinstance(member.node, ListOf) or not isinstance(more, ListValue):
            joined[member.name] = merge(member.node, [tree.fields[member.name], more])
            continue
        proven = tuple(item for item in more.items if _identity(member.node.item, item).proven)
        both = merge(member.node, [tree.fields[member.name], ListValue(proven)])
        assert isinstance(both, ListValue)
        joined[member.name] = replace(both, capped=more.capped)
    return joined


def _identity(node: Node, item: ValueNode) -> LeafValue:
    """Return the leaf that tells an element from the others; the first proven one of an object without a key."""
    if isinstance(item, LeafValue):
        return item
    if not isinstance(node, ObjectOf) or not isinstance(item, ObjectValue):
        return NOTHING
    leaves = [leaf for leaf in item.fields.values() if isinstance(leaf, LeafValue)]
    key = item.fields.get(node.key) if node.key else next((leaf for leaf in leaves if leaf.proven), None)
    return key if isinstance(key, LeafValue) else NOTHING


def _element_names(node: Node, have: ListValue) -> Iterator[str]:
    """Yield the words by which the elements of a list are called."""
    for item in have.items:
        if words := _identity(node, item).words.strip():
            yield words


def _items_question(lists: ObjectOf, tree: ObjectValue) -> str:
    lines = [
        (
            "What else does the document say? For each of these lists, give the elements that are missing. Do not "
            "repeat those that are there already; give an empty list where nothing is missing:"
        )
    ]
    for member in lists.members:
        have = tree.fields[member.name]
        described = f" ({member.description})" if member.description else ""
        if not isinstance(member.node, ListOf) or not isinstance(have, ListValue):
            lines.append(f"- {member.name}{described}: its value, or null")
            continue
        names = list(dict.fromkeys(_element_names(member.node.item, have)))
        there = " | ".join(names[-MOST_NAMES:]) or "nothing"
        there = there if len(names) <= MOST_NAMES else f"{len(names)} elements, the last of which are {there}"
        lines.append(f"- {member.name}{described}; already there: {there}")
    return "\n".join([*lines, "Return a JSON object with these lists only."])
