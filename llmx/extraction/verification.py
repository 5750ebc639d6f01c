"""Verification: does the document state a value, and is it what its field asks for? One question a value, yes or no.

That words stand in a document proves that nobody invented them; it does not say that they are this field's. The model
that wrote them can tell more often than it could when it wrote: each question is short, goes on from the document,
which is in the server's cache by then, and costs one token of an answer, whose probabilities say how sure the model is.
What it does not confirm becomes null, with an issue. What that brings, and what it costs: docs/quality.md.

All values in one question tell nothing: a small model confirms every one of them.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from llmx.endpoint import Completion
from llmx.errors import AuthError, EndpointError, RequestError
from llmx.extraction.chances import chance_right
from llmx.extraction.context import Context
from llmx.extraction.plan import Plan
from llmx.grounding.values import NOTHING, LeafValue, ListValue, ObjectValue, ValueNode, map_values
from llmx.prompting.rendering import Message
from llmx.record import Issue
from llmx.request import Request
from llmx.schema import Leaf, ListOf, Member, ObjectOf, UnionOf

UNVERIFIED = "unverified"

LEAST = 0.79
"""The probability of yes below which a value goes. Fitted over tasks (docs/quality.md), not for a schema."""

SHARE = 0.5
"""How much of what its answer took the verification of a document may take, unless every value is asked about."""

_READING = 0.25
"""What reading a token costs beside writing one, on a processor without a graphics card."""

_TOKEN_CHARS = 4
_TURN_CHARS = 24  # of a chat template, between the question and the answer
_CHOICES = 10
"""Likeliest tokens that are asked for: servers of OpenAI's protocol give up to 20."""

_MOST_CHARS = 300
"""Of a value, in a question."""

_INTRODUCTION = (
    "Check strictly what was read from this document. Is the following right, and of this field? Answer yes or no."
)
"""What all questions about a document begin with, so that only their last words are new to the server."""

_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Claim:
    """A value to ask about: what its field is called, how it is described, and which value of which object it is.

    ``droppable``: nothing else goes with it, neither the record nor the element that cannot be without it.
    """

    found: LeafValue
    label: str
    description: str
    of: str
    droppable: bool

    @property
    def question(self) -> str:
        """What is asked about the value."""
        described = f" ({self.description})" if self.description else ""
        whose = f" of {self.of}" if self.of else ""
        return f"{_INTRODUCTION}\n{self.label}{whose}{described}: {_shown(self.found)}"


async def verify(
    tree: ValueNode, context: Context, asking: Callable[[Plan, str], list[Message]], *, answer: str
) -> tuple[ValueNode, tuple[Issue, ...]]:
    """Return ``tree`` with the values that the model confirms, each with its probability, and what went wrong.

    ``asking`` puts a question about the document, of which ``answer`` is the model's. A value is kept as it is where
    the endpoint gives no probabilities, and where the record, or an element of a list, could not be without it.
    """
    root = context.plan.schema.tree
    claims = every = list(_claims(root, tree))
    if context.plan.options.verify != "all":
        claims = affordable(claims, len(context.source.within), answer)
    if not claims:
        return tree, ()
    asked = (chance_of(context, asking(context.plan, claim.question)) for claim in claims)
    chances = await asyncio.gather(*asked, return_exceptions=True)
    told = {
        id(claim.found): (claim, chance) for claim, chance in zip(claims, chances, strict=True) if _is_chance(chance)
    }
    if not told:
        return tree, tuple(_failures(chances))
    unasked = {id(claim.found) for claim in every} - set(told)

    def judged(leaf: LeafValue) -> LeafValue:
        if id(leaf) in told:
            return _judged(leaf, *told[id(leaf)])
        return replace(leaf, chance=chance_right(None)) if id(leaf) in unasked else leaf

    return map_values(tree, judged), tuple(_failures(chances))


def _is_chance(given: float | BaseException | None) -> TypeGuard[float]:
    return isinstance(given, float)


def _failures(chances: Sequence[float | BaseException | None]) -> Iterator[Issue]:
    """Yield why values were not verified. Raises what no other document would fare better with."""
    errors = [each for each in chances if isinstance(each, BaseException)]
    for error in errors:
        if isinstance(error, AuthError) or not isinstance(error, EndpointError):
            raise error
    if errors and isinstance(errors[0], RequestError):
        yield Issue(UNVERIFIED, "", f"the endpoint refuses to verify values: {errors[0].message}")
    elif errors:
        yield Issue("endpoint", "", f"the verification failed: {errors[0]}")
    elif chances and all(chance is None for chance in chances):
        yield Issue(UNVERIFIED, "", "no value was verified: the endpoint gives no probabilities of tokens")


def affordable(claims: list[Claim], text_chars: int, answer: str) -> list[Claim]:
    """Return as many of ``claims`` as cost ``SHARE`` of reading a text and writing ``answer``; unproven ones first."""
    room = _room(text_chars, len(answer))
    chosen: list[Claim] = []
    for claim in sorted(claims, key=lambda claim: claim.found.proven):
        room -= _READING * (len(claim.question) - len(_INTRODUCTION) + _TURN_CHARS) / _TOKEN_CHARS + 1
        if room < 0:
            break
        chosen.append(claim)
    return chosen


def _room(text_chars: int, answer_chars: float) -> float:
    return SHARE * (_READING * text_chars + answer_chars) / _TOKEN_CHARS - _READING * len(_INTRODUCTION) / _TOKEN_CHARS


def affordable_questions(text_chars: int, answer_tokens: float) -> float:
    """Return about how many questions ``affordable`` leaves where none is longer than what all begin with."""
    each = _READING * (len(_INTRODUCTION) / 2 + _TURN_CHARS) / _TOKEN_CHARS + 1
    return max(_room(text_chars, answer_tokens * _TOKEN_CHARS) / each, 0.0)


def is_asked_about(leaf: Leaf) -> bool:
    """Return whether values of ``leaf`` can be asked about: not the model's own words, and no flags."""
    return not leaf.free and leaf.kind != "flag"


async def chance_of(context: Context, messages: list[Message]) -> float | None:
    """Return the probability of yes as the answer to ``messages``, None where the endpoint gives none."""
    request = _request(context.plan, messages)
    completion = await context.endpoint.complete(request)
    context.spending.add(completion, context)
    chance = chance_of_yes(completion)
    if chance is None:
        context.endpoint.reject(completion)
    else:
        context.endpoint.keep(replace(completion, finish_reason="stop"))  # one token is all that was asked for
    return chance


def _request(plan: Plan, messages: list[Message]) -> Request:
    quirks = plan.resolved.quirks
    body = {"model": plan.model, "messages": messages, **quirks.params(max_output_tokens=1)}
    body |= {"logprobs": True, "top_logprobs": _CHOICES, **plan.resolved.extra}
    return Request(quirks.body(body), "text")


def chance_of_yes(completion: Completion) -> float | None:
    """Return the probability of yes where the first token is yes or no, None where neither is among the likeliest."""
    shares = {_YES: 0.0, _NO: 0.0}
    for token, logprob in completion.choices or ():
        word = token.strip(" \"'*.").casefold()
        if word in shares:
            shares[word] += math.exp(min(logprob, 0.0))
    both = sum(shares.values())
    return shares[_YES] / both if both else None


def _judged(leaf: LeafValue, claim: Claim, chance: float) -> LeafValue:
    right = chance_right(chance)
    if chance >= LEAST:
        return replace(leaf, verified=chance, chance=right)
    doubted = f"the model does not confirm {_shown(leaf)!r} (probability of yes: {chance:.2f})"
    issue = Issue(UNVERIFIED, "", doubted)
    if claim.droppable:
        return LeafValue(None, None, (*leaf.issues, issue), leaf.words, verified=chance)
    return replace(leaf, issues=(*leaf.issues, issue), verified=chance, chance=right)


def _shown(found: LeafValue) -> str:
    words = found.evidence.quote if found.evidence is not None else found.words or str(found.value)
    words = " ".join(words.split())
    return words if len(words) <= _MOST_CHARS else words[:_MOST_CHARS] + "…"


def _claims(node: ObjectOf, found: ValueNode, *, of: str = "") -> Iterator[Claim]:
    """Yield the values below an object that can be asked about: not the model's own words, flags, nor what code found
    in the text itself.
    """
    if not isinstance(found, ObjectValue):
        return
    for member in node.members:
        value = found.fields.get(member.name)
        if isinstance(value, LeafValue) and isinstance(member.node, Leaf):
            whose = "" if value.words == of else of
            yield from _claim(member, member.node, value, of=whose, droppable=member.nullable or not member.required)
        elif isinstance(value, ListValue) and isinstance(member.node, ListOf) and not member.node.complete:
            yield from _of_list(member, member.node, value, of=of)
        elif type(member.node) is ObjectOf:
            yield from _claims(member.node, NOTHING if value is None else value, of=of)


def _of_list(member: Member, node: ListOf, found: ListValue, *, of: str) -> Iterator[Claim]:
    for item in found.items:
        if isinstance(item, LeafValue) and isinstance(node.item, Leaf):
            yield from _claim(member, node.item, item, of=of, droppable=not node.least)
        elif isinstance(node.item, ObjectOf) and not isinstance(node.item, UnionOf):
            yield from _claims(node.item, item, of=_name_of(node.item, item))


def _claim(member: Member, leaf: Leaf, value: LeafValue, **more: Any) -> Iterator[Claim]:
    if value.value is None or not is_asked_about(leaf):
        return
    label = member.name.replace("_", " ")
    yield Claim(value, label, member.description, **more)


def _name_of(node: ObjectOf, item: ValueNode) -> str:
    """Return the words by which an element of a list is called: those of its key, or of its first value."""
    if not isinstance(item, ObjectValue):
        return ""
    values = [item.fields.get(member.name) for member in node.members]
    words = [value.words for value in values if isinstance(value, LeafValue) and value.words]
    key = item.fields.get(node.key or "")
    return key.words if isinstance(key, LeafValue) and key.words else next(iter(words), "")
