"""What the documents of a corpus take, measured on a sample: requests, tokens, bytes.

Either by counting, before anything was sent: then the answers are guessed by the schema, and what follows an answer (a
second look, questions of a verification) may or may not be asked. Or from a run that was recorded: its manifest says
what each document took.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from llmx.documents import Document, Unreadable
from llmx.endpoint.pictures import picture_tokens
from llmx.errors import OutputError
from llmx.extraction.preparation import first_requests
from llmx.run.cost_estimate import ANSWER_HIGH, ANSWER_LOW, MESSAGE_TOKENS, answer_tokens, fixed_text
from llmx.run.manifest import Manifest, manifest_path
from llmx.run.token_counter import GUESS, token_counter
from llmx.run.verification_cost import QUESTION_TOKENS, questions

if TYPE_CHECKING:
    from llmx.endpoint import Endpoint
    from llmx.extraction.plan import Plan

_GUESS_SPREAD = 1.3
"""Tokens that are estimated from characters are right within this factor, for most languages."""

_LINE_BYTES, _LINE_PER_TOKEN = 400, 16
"""A record takes some bytes for itself, and for each token of the answer its value, its place and its quote."""

_REQUEST_BYTES_PER_TOKEN = 4.5
"""Of a request as it goes out: English has 4.4 characters a token, and JSON adds a little."""


@dataclass(frozen=True, slots=True)
class DocumentCost:
    """What one document takes. ``reused`` are the input tokens that every one of its requests has in common."""

    requests: float
    input_tokens: float
    output_tokens: float
    line_bytes: float


@dataclass(frozen=True, slots=True)
class CorpusSample:
    """A sample of ``met`` documents.

    For each of its documents ``low``, ``likely`` and ``high`` say what it takes, in the same order; the three are the
    same where a run was recorded. ``how`` says how the tokens were counted, ``latency_s`` how long a request took, None
    where that is not known. ``rounds`` are the batches, one after the other, that a document may take at most.
    """

    low: tuple[DocumentCost, ...]
    likely: tuple[DocumentCost, ...]
    high: tuple[DocumentCost, ...]
    met: int
    unreadable: int
    how: str
    rounds: int
    latency_s: float | None = None

    @property
    def whole(self) -> bool:
        """Whether every document that was met is in it."""
        return len(self.likely) == self.met


async def measure_sample(
    documents: Iterable[Document | Unreadable], plan: Plan, endpoint: Endpoint | None, *, size: int, seed: int = 0
) -> CorpusSample:
    """Return what ``size`` documents take, drawn evenly from all ``documents``, which are read once.

    Raises OutputError where there is no document.
    """
    chosen, met, unreadable = _drawn(documents, size, random.Random(seed))  # noqa: S311 - a sample is no secret
    if not chosen:
        raise OutputError("there is no document to measure", hint="Name a file or a folder that holds some.")
    count, how = await token_counter(plan.model, endpoint)
    fixed = await count(fixed_text(plan)) + MESSAGE_TOKENS * (len(plan.rendering.prefix()) + 1)
    spread = _GUESS_SPREAD if how == GUESS else 1.0
    costs: list[tuple[DocumentCost, DocumentCost, DocumentCost]] = []
    for document in chosen:
        chunks = [
            (len(text), fixed + await count(text) + picture_tokens(request))
            for text, request in first_requests(document, plan, sees=True)
        ]
        costs.append(_scenarios(plan, chunks, spread))
    low, likely, high = zip(*costs, strict=True)
    passes = plan.options.passes + (plan.options.passes > 2)
    return CorpusSample(low, likely, high, met, unreadable, how, passes + plan.verifies)


def _drawn(
    documents: Iterable[Document | Unreadable], size: int, chance: random.Random
) -> tuple[list[Document], int, int]:
    """Return ``size`` documents, each as likely as any other (Vitter's algorithm R), and how many there were."""
    chosen, met, unreadable = list[Document](), 0, 0
    for each in documents:
        if isinstance(each, Unreadable):
            unreadable += 1
            continue
        met += 1
        if len(chosen) < size:
            chosen.append(each)
        elif (place := chance.randrange(met)) < size:
            chosen[place] = each
    return chosen, met, unreadable


def _scenarios(
    plan: Plan, chunks: Sequence[tuple[int, float]], spread: float
) -> tuple[DocumentCost, DocumentCost, DocumentCost]:
    """Return what a document takes where nothing is asked again, as is likely, and where everything is."""
    passes = plan.options.passes + (plan.options.passes > 2)
    most = plan.options.max_output_tokens
    usual = min(answer_tokens(plan), most)
    return (
        _cost(plan, chunks, spread=1 / spread, looks=1, answer=usual * ANSWER_LOW),
        _cost(plan, chunks, spread=1, looks=1 + (passes - 1) / 2, answer=usual),
        _cost(plan, chunks, spread=spread, looks=passes, answer=min(usual * ANSWER_HIGH, most)),
    )


def _cost(
    plan: Plan, chunks: Sequence[tuple[int, float]], *, spread: float, looks: float, answer: float
) -> DocumentCost:
    samples, asked = plan.options.samples, plan.verifies
    requests = given = written = 0.0
    for chars, tokens in chunks:
        whole = tokens * spread
        requests += samples * looks
        given += samples * (looks * whole + (looks - 1) * answer)  # a second look is shown the answer
        written += samples * looks * answer
        if asked:
            more = questions(plan, chars, answer)
            requests += more
            given += more * (whole + QUESTION_TOKENS)
            written += more
    return DocumentCost(requests, given, written, _LINE_BYTES + _LINE_PER_TOKEN * answer * len(chunks))


def recorded_sample(output: Path) -> CorpusSample:
    """Return what the documents of a run took, from the manifest beside its ``output``. Raises OutputError."""
    path = manifest_path(output)
    if not path.exists():
        raise OutputError(f"{output} has no manifest", hint="Name the output of a run of llmx extract, a .jsonl file.")
    manifest = Manifest(path, writing=False)
    try:
        rows = manifest.query(
            "select max(requests, attempts, 1), input_tokens, output_tokens, bytes, seconds from documents"
            " where input_tokens > 0"
        )
    finally:
        manifest.close()
    if not rows:
        raise OutputError(f"no document of {output} took any tokens", hint="Name a run that asked a model.")
    costs = tuple(DocumentCost(float(row[0]), float(row[1]), float(row[2]), float(row[3] or 0)) for row in rows)
    requests = sum(cost.requests for cost in costs)
    seconds = sum(float(row[4] or 0) for row in rows)
    rounds = max(1, round(max(cost.requests for cost in costs)))
    return CorpusSample(
        costs, costs, costs, len(costs), 0, f"as {output.name} took", rounds, latency_s=seconds / requests or None
    )


def request_bytes(cost: DocumentCost) -> float:
    """Return how long the requests of a document are together."""
    return cost.input_tokens * _REQUEST_BYTES_PER_TOKEN
