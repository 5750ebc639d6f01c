"""Cross-checks: a value that the model confirms, but not surely, is asked for once more, without being shown.

Of the values between those that verification takes away and those that the model is sure of, half are wrong. Asked for
such a field alone, it gives other words for most of the wrong ones, and the same words for nearly all of the right
ones. The question is half as long as that of verification, because it does not describe the field: the schema does.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from llmx.extraction.claims import Claim
from llmx.extraction.context import Context
from llmx.extraction.plan import Plan
from llmx.grounding.text import SourceText
from llmx.prompting.rendering import Message
from llmx.request import Request

_INTRODUCTION = (
    "Read this one field of the document alone. Answer with its exact words, or null if the document does not state it."
)

LONGEST = 60
"""Characters of a value that is asked for again: long ones, and those of several lines, come in part alone."""

_SPARE_TOKENS = 4
"""Beside a token for each character: a model that has not come to an end by then says something else."""

_SIGNS = re.compile(r"\W+")

Asking = Callable[[Plan, str], list[Message]]


def is_asked_for(claim: Claim) -> bool:
    """Return whether the field of ``claim`` can be asked for alone: one for one value, in a few words of a line."""
    if claim.listed or not claim.droppable or claim.leaf.kind == "choice":
        return False
    proof = claim.found.evidence
    return len(claim.words) <= LONGEST and (proof is None or "\n" not in proof.quote)


async def other_words(context: Context, claims: Sequence[Claim], asking: Asking) -> list[str | BaseException | None]:
    """Return for each of ``claims`` what the model says instead when it is asked for the field alone, None where it
    says the same.
    """
    asked = (_said(context, claim, asking(context.plan, f"{_INTRODUCTION}\n{claim.name}")) for claim in claims)
    return await asyncio.gather(*asked, return_exceptions=True)


async def _said(context: Context, claim: Claim, messages: list[Message]) -> str | None:
    request = _request(context.plan, messages, most=len(claim.words) + _SPARE_TOKENS)
    completion = await context.endpoint.complete(request)
    context.spending.add(completion, context)
    context.endpoint.keep(replace(completion, finish_reason="stop"))  # what is longer is another value
    said = " ".join((completion.text or "").split())
    return None if _is_same(said, claim, context.source) else said


def _is_same(said: str, claim: Claim, source: SourceText) -> bool:
    """Return whether ``said`` has the words of the value, or is an expression of the same value."""
    found, reader = claim.found, claim.leaf.reader
    again, ways = _plain(said), {_plain(words) for words in (claim.words, found.words, str(found.value)) if words}
    if any(f" {way} " in f" {again} " or way.replace(" ", "") == again.replace(" ", "") for way in ways):
        return True
    if reader is None:
        return False
    return bool(reader.from_text(said, locale=source.locale, reference=source.reference).value == found.value)


def _request(plan: Plan, messages: list[Message], *, most: int) -> Request:
    quirks = plan.resolved.quirks
    body = {"model": plan.model, "messages": messages, **quirks.params(max_output_tokens=most, temperature=0.0)}
    return Request(quirks.body({**body, **plan.resolved.extra}), "text")


def _plain(words: str) -> str:
    return _SIGNS.sub(" ", words).strip().casefold()
