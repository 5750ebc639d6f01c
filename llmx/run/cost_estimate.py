"""What a run would cost, before anything is sent: documents, requests, tokens and dollars, as ranges where unsure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

from llmx.documents import Document, Unreadable
from llmx.endpoint import SHOWS_SCHEMA, response_format
from llmx.endpoint.pictures import picture_sizes, picture_tokens
from llmx.extraction.preparation import PreparedText, first_requests
from llmx.record import Usage
from llmx.run.budget import price_of
from llmx.run.token_counter import GUESS, Count, token_counter
from llmx.run.verification_cost import LIST_ITEMS, QUESTION_TOKENS, questions

if TYPE_CHECKING:
    from llmx.endpoint import Endpoint
    from llmx.extraction.plan import Plan

CALIBRATING = 8
"""How many documents have their tokens counted exactly; the characters per token found there give the rest."""

MESSAGE_TOKENS = 4
"""Tokens that a chat template adds to a message for its role and marks: 3 to 5 with the usual ones."""

ANSWER_LOW, ANSWER_HIGH = 0.4, 2.5
"""Most answers of one schema have a length within these multiples of the expected one."""

_LEAF_TOKENS = 14
"""Tokens of a value with its name in JSON: punctuation and name are half of them."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run would send and cost, as (low, high) where it is unsure. ``counted`` says how tokens were counted.

    ``cached`` requests would be answered by the cache and are in neither the tokens nor the cost; ``cost_usd`` is None
    where the price is not known.
    """

    documents: int
    unreadable: int
    chunks: int
    requests: tuple[int, int]
    cached: int
    input_tokens: tuple[int, int]
    output_tokens: tuple[int, int]
    cost_usd: tuple[float, float] | None
    counted: str
    notes: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "documents": self.documents, "unreadable": self.unreadable, "chunks": self.chunks,
            "requests": list(self.requests), "cached": self.cached, "input_tokens": list(self.input_tokens),
            "output_tokens": list(self.output_tokens),
            "cost_usd": None if self.cost_usd is None else [round(c, 6) for c in self.cost_usd],
            "counted": self.counted, "notes": list(self.notes),
        }  # fmt: skip


@dataclass(slots=True)
class _Sum:
    documents: int = 0
    unreadable: int = 0
    chunks: int = 0
    cached: int = 0
    saved_tokens: int = 0
    chars: int = 0
    sample_chars: int = 0
    sample_tokens: int = 0
    pictures: int = 0
    picture_tokens: int = 0
    bounded: int = 0
    left_out_chars: int = 0

    def see(self, prepared: PreparedText) -> None:
        """Count what of a document is not sent because --relevant bounds it."""
        if prepared.issues:
            self.bounded += 1
            self.left_out_chars += max(len(prepared.document.text) - len(prepared.text), 0)


async def estimate(
    documents: Iterable[Document | Unreadable],
    plan: Plan,
    endpoint: Endpoint | None = None,
    *,
    batch: bool = False,
) -> Estimate:
    """Return what it would take to extract from ``documents``, with ``batch`` at the price of the batch API.

    Reads them all and looks into ``endpoint``'s cache. Nothing is sent but texts to a server's tokenizer.
    """
    count, how = await token_counter(plan.model, endpoint)
    total = _Sum()
    for document in documents:
        if isinstance(document, Unreadable):
            total.unreadable += 1
            continue
        total.documents += 1
        await _add_document(document, plan, endpoint, count=count, total=total)
    prefix = await count(fixed_text(plan))
    per_token = total.sample_chars / total.sample_tokens if total.sample_tokens else 4.0
    found = _estimate(plan, endpoint, total, prefix=prefix, chars_per_token=per_token, how=how)
    return _at_batch_price(found, plan, endpoint) if batch else found


def _at_batch_price(found: Estimate, plan: Plan, endpoint: Endpoint | None) -> Estimate:
    """Return ``found`` with the cost of its tokens in batches, and a note that says so."""
    price = price_of(plan.model, None if endpoint is None else endpoint.base_url)
    if price is None or found.cost_usd is None:
        return found
    low, high = (cost * price.batch_share for cost in found.cost_usd)
    told = "the cost is that of the batch API"
    if price.batch_share == 1:
        told = "what the batch API costs is not known: the cost is the full price"
    return replace(found, cost_usd=(low, high), notes=(*found.notes, told))


async def _add_document(
    document: Document, plan: Plan, endpoint: Endpoint | None, *, count: Count, total: _Sum
) -> None:
    for text, request in first_requests(document, plan, sees=True, told=total.see):
        total.chunks += 1
        if endpoint is not None and (kept := endpoint.lookup(request.key)) is not None:
            total.cached += 1
            total.saved_tokens += kept.usage.total_tokens
            continue
        total.chars += len(text)
        total.pictures += len(picture_sizes(request))
        total.picture_tokens += picture_tokens(request)
        if total.documents <= CALIBRATING:
            total.sample_chars += len(text)
            total.sample_tokens += await count(text)


def fixed_text(plan: Plan) -> str:
    """Return everything but the document that the model reads in a request."""
    shown = "".join(str(message.get("content") or "") for message in plan.rendering.prefix())
    schema = orjson.dumps(response_format(plan.schema.wire, "tools").body).decode() if SHOWS_SCHEMA[plan.mode] else ""
    return shown + plan.rendering.user + schema


def _estimate(
    plan: Plan, endpoint: Endpoint | None, total: _Sum, *, prefix: int, chars_per_token: float, how: str
) -> Estimate:
    asked = total.chunks - total.cached
    samples, passes = plan.options.samples, plan.options.passes
    passes += passes > 2  # the last of several asks what else there is
    low, high = asked * samples, asked * samples * passes
    each = prefix + MESSAGE_TOKENS * (len(plan.rendering.prefix()) + 1)
    text_tokens = math.ceil(total.chars / chars_per_token)
    answer = min(answer_tokens(plan), plan.options.max_output_tokens)
    first_in = asked * samples * each + samples * text_tokens
    shown = samples * total.picture_tokens
    certain = shown if plan.options.images == "always" else 0
    tokens_in = (first_in + certain, (first_in + shown) * passes + (high - low) * answer)
    spread = 1.0 if how != GUESS else 1.3
    tokens_in = (int(tokens_in[0] / spread), int(tokens_in[1] * spread))
    tokens_out = (
        int(low * answer * ANSWER_LOW),
        int(high * min(answer * ANSWER_HIGH, plan.options.max_output_tokens)),
    )
    if plan.verifies and asked:
        asking = asked * questions(plan, total.chars // asked, answer)
        q_low, q_high = int(asking * ANSWER_LOW), math.ceil(asking * ANSWER_HIGH)
        each += text_tokens // asked + QUESTION_TOKENS
        low, high = low + q_low, high + q_high
        tokens_in = (tokens_in[0] + int(q_low * each / spread), tokens_in[1] + int(q_high * each * spread))
        tokens_out = (tokens_out[0] + q_low, tokens_out[1] + q_high)
    price = price_of(plan.model, None if endpoint is None else endpoint.base_url)
    cost = None
    if price is not None:
        cost = (price.of(Usage(tokens_in[0], tokens_out[0])), price.of(Usage(tokens_in[1], tokens_out[1])))
    notes = ["re-asks and retries are not counted"]
    if plan.verifies and asked:
        notes.append(f"the verification asks {q_low:,} to {q_high:,} questions of a token each")
    if plan.resolved.how == "assumed":
        notes.append(f"the endpoint was not asked yet: mode {plan.mode} is assumed")
    if not plan.model:
        notes.append("no model is named: what the cache has is not known")
    elif price is None:
        notes.append(f"the price of {plan.model!r} is not known")
    if total.pictures:
        where = "" if plan.options.images == "always" else ", if the model sees"
        notes.append(f"{total.pictures:,} pages are shown as pictures{where}: about {shown:,} tokens each time")
    if total.bounded:
        notes.append(f"--relevant leaves out {total.left_out_chars:,} characters of {total.bounded:,} documents")
    if total.cached:
        notes.append(f"the cache saves {total.saved_tokens:,} tokens")
    return Estimate(
        total.documents, total.unreadable, total.chunks, (low, high), total.cached, tokens_in,
        tokens_out, cost, how, tuple(notes),
    )  # fmt: skip


def answer_tokens(plan: Plan) -> int:
    """Return the likely number of tokens of an answer: the examples' mean, or a guess by the schema."""
    if plan.rendering.turns:
        chars = [len(str(turn.messages[1]["content"])) for turn in plan.rendering.turns]
        return math.ceil(sum(chars) / len(chars) / 3)
    return max(16, _size(plan.schema.tree))


def _size(node: Any) -> int:
    from llmx.schema import ListOf, ObjectOf, UnionOf  # noqa: PLC0415 - not needed elsewhere here

    if isinstance(node, UnionOf):
        return max(_size(member.node) for member in node.members)
    if isinstance(node, ObjectOf):
        return 4 + sum(_size(member.node) for member in node.members)
    return 4 + min(node.cap, LIST_ITEMS) * _size(node.item) if isinstance(node, ListOf) else _LEAF_TOKENS
