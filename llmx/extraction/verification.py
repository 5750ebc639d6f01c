"""Verification: does the document state a value, and is it what its field asks for? One question a value, yes or no.

That words stand in a document proves that nobody invented them; it does not say that they are this field's. The model
that wrote them can tell more often than it could when it wrote: each question is short, goes on from the document,
which is in the server's cache by then, and costs one token of an answer, whose probabilities say how sure the model is.
What it does not confirm becomes null, with an issue. What that brings, and what it costs: docs/quality.md.

All values in one question tell nothing: a small model confirms every one of them. Values that it confirms without being
sure are asked for once more (``cross_check.py``).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeGuard

from llmx.endpoint import Completion
from llmx.errors import AuthError, EndpointError, RequestError
from llmx.extraction.chances import chance_right
from llmx.extraction.claims import Claim, claims_of
from llmx.extraction.context import Context
from llmx.extraction.cross_check import Asking, is_asked_for, other_words
from llmx.extraction.plan import Plan
from llmx.grounding.values import LeafValue, ValueNode, map_values
from llmx.prompting.rendering import Message
from llmx.record import Issue
from llmx.request import Request

UNVERIFIED = "unverified"

LEAST = 0.81
"""The probability of yes below which a value goes. Fitted over tasks (docs/quality.md), not for a schema."""

LEAST_LISTED = 0.79
"""The same within lists, of whose values the model is less sure."""

LEAST_UNPROVEN = 0.9
"""The same for words that the document does not say: few of those are right, and the model confirms them as readily."""

SURE = 0.85
"""The probability of yes from which on a value is not asked for once more."""

SHARE = 0.5
"""How much of what its answer took the verification of a document may take, unless every value is asked about."""

CHECK_SHARE = 0.15
"""The same for asking once more."""

_READING = 0.25
"""What reading a token costs beside writing one, on a processor without a graphics card."""

_TOKEN_CHARS = 4
_TURN_CHARS = 24  # of a chat template, between the question and the answer
_CHOICES = 10
"""Likeliest tokens that are asked for: servers of OpenAI's protocol give up to 20."""

_INTRODUCTION = (
    "Check strictly what was read from this document. Is the following right, and of this field? Answer yes or no."
)
"""What all questions about a document begin with, so that only their last words are new to the server."""

_YES, _NO = "yes", "no"


async def verify(
    tree: ValueNode, context: Context, asking: Asking, *, answer: str
) -> tuple[ValueNode, tuple[Issue, ...]]:
    """Return ``tree`` with the values that the model confirms, each with its probability, and what went wrong.

    ``asking`` puts a question about the document, of which ``answer`` is the model's. A value is kept as it is where
    the endpoint gives no probabilities, and where the record, or an element of a list, could not be without it.
    """
    plan, text_chars = context.plan, len(context.source.within)
    claims: dict[str, list[Claim]] = {}
    for claim in sorted(claims_of(plan.schema.tree, tree), key=lambda claim: claim.found.proven):
        claims.setdefault(question(claim, plan), []).append(claim)
    sparing = plan.options.verify != "all"
    questions = affordable(list(claims), text_chars, answer) if sparing else list(claims)
    if not questions:
        return tree, ()
    asked = (chance_of(context, asking(plan, each)) for each in questions)
    chances = await asyncio.gather(*asked, return_exceptions=True)
    answered = zip(questions, chances, strict=True)
    told = [(claim, chance) for each, chance in answered if _is_chance(chance) for claim in claims[each]]
    if not told:
        return tree, tuple(_failures(chances))
    unsure = [
        claim for claim, chance in sorted(told, key=_chance) if _least(claim) <= chance < SURE and is_asked_for(claim)
    ]
    if sparing:
        unsure = affordable_checks(unsure, text_chars, answer)
    others = await other_words(context, unsure, asking)
    said = {id(claim.found): words for claim, words in zip(unsure, others, strict=True) if isinstance(words, str)}
    judged = {id(claim.found): _judged(claim, chance, said.get(id(claim.found))) for claim, chance in told}
    unasked = {id(claim.found) for same in claims.values() for claim in same} - set(judged)

    def verdict(leaf: LeafValue) -> LeafValue:
        if id(leaf) in unasked:
            return replace(leaf, chance=chance_right(None))
        return judged.get(id(leaf), leaf)

    return map_values(tree, verdict), tuple(_failures([*chances, *others]))


def question(claim: Claim, plan: Plan) -> str:
    """Return what is asked about a value. The description of a single field is left out where the prompt has it before;
    in lists it stays: it tells roles apart.
    """
    known = not claim.within_list and any(claim.description in str(each["content"]) for each in plan.rendering.system)
    field = claim.name if known or not claim.description else f"{claim.name} ({claim.description})"
    return f"{_INTRODUCTION}\n{field}: {claim.words}"


def _chance(told: tuple[Claim, float]) -> float:
    return told[1]


def _is_chance(given: float | BaseException | None) -> TypeGuard[float]:
    return isinstance(given, float)


def _failures(chances: Sequence[float | str | BaseException | None]) -> Iterator[Issue]:
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


def affordable_checks(claims: list[Claim], text_chars: int, answer: str) -> list[Claim]:
    """Return as many of ``claims`` as can be asked for once more within ``CHECK_SHARE`` of what the answer took."""
    room = CHECK_SHARE * (_READING * text_chars + len(answer)) / _TOKEN_CHARS
    chosen: list[Claim] = []
    for claim in claims:
        room -= (_READING * (len(claim.name) + _TURN_CHARS) + len(claim.words)) / _TOKEN_CHARS + 1
        if room < 0:
            break
        chosen.append(claim)
    return chosen


def affordable(questions: list[str], text_chars: int, answer: str) -> list[str]:
    """Return as many of the first ``questions`` as cost ``SHARE`` of reading a text and writing ``answer``."""
    room = _room(text_chars, len(answer))
    for number, each in enumerate(questions):
        room -= _READING * (len(each) - len(_INTRODUCTION) + _TURN_CHARS) / _TOKEN_CHARS + 1
        if room < 0:
            return questions[:number]
    return questions


def _room(text_chars: int, answer_chars: float) -> float:
    return SHARE * (_READING * text_chars + answer_chars) / _TOKEN_CHARS - _READING * len(_INTRODUCTION) / _TOKEN_CHARS


def affordable_questions(text_chars: int, answer_tokens: float) -> float:
    """Return about how many questions ``affordable`` leaves where none is longer than what all begin with."""
    each = _READING * (len(_INTRODUCTION) / 2 + _TURN_CHARS) / _TOKEN_CHARS + 1
    return max(_room(text_chars, answer_tokens * _TOKEN_CHARS) / each, 0.0)


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


def _least(claim: Claim) -> float:
    unproven = not claim.found.proven and not claim.found.seen and claim.leaf.kind in ("text", "quote")
    return LEAST_UNPROVEN if unproven else LEAST_LISTED if claim.within_list else LEAST


def _judged(claim: Claim, chance: float, said: str | None) -> LeafValue:
    """Return the value of ``claim`` by the probability of yes, and by what the model says instead (None: the same)."""
    leaf, right = claim.found, chance_right(chance)
    if chance >= _least(claim) and said is None:
        return replace(leaf, verified=chance, chance=right)
    doubted = f"the model does not confirm {claim.words!r} (probability of yes: {chance:.2f})"
    if said is not None:
        doubted = f"the model does not say {claim.words!r} again: asked for this field alone, it says {said!r}"
    issue = Issue(UNVERIFIED, "", doubted)
    if claim.droppable:
        return LeafValue(None, None, (*leaf.issues, issue), leaf.words, verified=chance)
    return replace(leaf, issues=(*leaf.issues, issue), verified=chance, chance=right)
