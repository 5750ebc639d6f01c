"""A second look, only where it pays: unproven fields are asked for once more in one small request.

The request goes on from the first conversation (the same prefix, so prompt caches are hit; then the answer, then one
question), and asks only for those fields. Where llmx itself can find expressions of the field's type in the text, it
names them, and where the text holds none, the field is not asked for at all. Fields that the first answer left empty
are asked for from the third pass on only: measured on twelve documents that nothing was tuned on, a 1.5B model that is
shown the dates of a text chooses one, and asking for empty fields cost two points of precision (docs/quality.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Optional

from pydantic import Field, create_model

from llmx.extraction.reask import Answer, Spent, ask
from llmx.grounding.ground import ground_leaf
from llmx.grounding.logprobs import weighed
from llmx.grounding.text import Source
from llmx.grounding.values import Found, FoundNode, FoundObject
from llmx.schema import Leaf, Member, ObjectOf, Wire

if TYPE_CHECKING:
    from llmx.endpoint import Endpoint
    from llmx.extraction.plan import Plan
    from llmx.prompting.prompt import Message

MOST_CANDIDATES = 12
"""Expressions named for a field: with more, the model is no better off than with the document."""

ANSWER_TOKENS = 256

_UNTELLING = frozenset({"number", "country", "words", "person", "organisation", "language", "currency"})
"""Types whose expressions stand in every text: that there are some says nothing about a field that was left empty,
and a small model that is shown them chooses one. A date or a sum of money is worth a second question."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A field to ask for once more, and the expressions of its type that the text holds."""

    member: Member
    leaf: Leaf
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said in the first look: the messages, and the model's answer. ``empty``: fields that it left empty are
    asked for too, not only the unproven ones. ``cut``: the answer was cut by length, and this is what is left of it.
    """

    messages: list[Message]
    answer: str
    empty: bool = False
    cut: bool = False


async def look_again(
    tree: FoundNode, source: Source, plan: Plan, *, endpoint: Endpoint, spent: Spent, first: Conversation
) -> FoundNode:
    """Return ``tree`` with what a second, focused request found for its empty or unproven fields of the top level.

    Nothing is sent where nothing is missing, or where the text has no expression of a missing field's type.
    """
    if not isinstance(tree, FoundObject):
        return tree
    wanted = _wanted(plan.schema.tree, tree, source, empty=first.empty)
    if not wanted:
        return tree
    question = _question(wanted)
    again = plan.rendering.ask_again(first.messages, first.answer, question)
    wire = _wire(wanted)
    reply = await ask(
        plan, endpoint, again, spent=spent, wire=wire, **plan.asking(wire, max_output_tokens=ANSWER_TOKENS)
    )
    fields = dict(tree.fields)
    if reply.wire is None:
        return FoundObject(fields | {want.member.name: _told(fields[want.member.name], reply) for want in wanted})
    for want in wanted:
        found = weighed(ground_leaf(want.leaf, reply.wire.get(want.member.name), source), reply.logprobs)
        if isinstance(found, Found) and found.proven and found.value is not None:
            fields[want.member.name] = found
    return FoundObject(fields)


def _told(have: FoundNode, reply: Answer) -> FoundNode:
    """Say at a field that it was asked for once more, and what became of that."""
    assert isinstance(have, Found)
    told = tuple((issue.code, f"asked for once more: {issue.message}") for issue in reply.issues)
    return replace(have, remarks=have.remarks + told)


def _wanted(tree: ObjectOf, found: FoundObject, source: Source, *, empty: bool) -> list[_Wanted]:
    wanted = []
    for member in tree.members:
        have = found.fields.get(member.name)
        if (
            not isinstance(member.node, Leaf)
            or not isinstance(have, Found)
            or have.proven
            or member.node.reader is None
        ):
            continue
        if have.value is None and not have.remarks and (not empty or member.node.label in _UNTELLING):
            continue
        readings = [r for r in source.readings(member.node.reader) if r.value is not None]
        words = tuple(dict.fromkeys(r.words for r in readings))
        if words:
            wanted.append(_Wanted(member, member.node, words[:MOST_CANDIDATES]))
    return wanted


def _question(wanted: list[_Wanted]) -> str:
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


def _wire(wanted: list[_Wanted]) -> type[Wire]:
    fields: dict[str, Any] = {}
    for want in wanted:
        fields[want.member.name] = (Optional[Literal[want.candidates]], Field())  # noqa: UP045 - built at run time
    made: type[Wire] = create_model("SecondLook", __base__=Wire, **fields)
    return made
