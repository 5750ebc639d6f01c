"""Asks the model for a better instruction: it is shown what it got wrong on documents of the training part.

Reflection on mistakes in words, as GEPA does it (Agrawal et al. 2025). A question is a document like any other, so the
answers are cached, recorded and counted. A proposal that quotes a document's own values is refused: it would know these
documents, and the words could come back as values.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, Field

from llmx import json_data
from llmx.chunk import chunk_text, estimate_tokens
from llmx.documents import Document
from llmx.evaluate import DocumentScore, Outcome
from llmx.evaluate.run_file import read_run_file
from llmx.evaluate.summary import shown
from llmx.extraction.options import CHUNK_TOKENS, Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.run import run_to_output
from llmx.schema import Free
from llmx.tune.bench import Attempt, PromptBench
from llmx.tune.split import GoldDocument
from llmx.tune.variants import as_literal

_DOCUMENTS = 3  # in one question
_MISTAKES = 8  # of one document
_LEAST_TOKENS = 100  # of one document's text
_MOST_CHARS = 400  # of an instruction: a longer one is a list of cases
_VALUE_CHARS = 4  # shorter values are words of every language


class ProposedInstruction(BaseModel):
    """An instruction that would have avoided the mistakes."""

    instruction: Annotated[str, Free()] = Field(
        description="one or two sentences that tell the reader of such documents what to do otherwise, without any "
        "name, number or word of these documents"
    )


async def propose_instructions(
    bench: PromptBench, attempt: Attempt, documents: Sequence[GoldDocument], *, outline: str, count: int
) -> tuple[list[str], list[str]]:
    """Return up to ``count`` instructions for the mistakes of ``attempt``, and notes on those that are not tried.

    ``outline`` is the schema in words. Raises SearchStoppedError where the budget ends.
    """
    questions = list(_questions(attempt, documents, outline=outline, count=count, seed=bench.how.seed))
    if not questions:
        return [], ["Nothing is proposed: the best prompt makes no mistake on the documents to choose on."]
    answers = await _answers(bench, questions)
    kept: dict[str, None] = {}
    notes = []
    for number, answer in enumerate(answers, start=1):
        why = _refused(answer, documents, outline)
        if why:
            notes.append(f"Proposal {number} is not tried: {why}.")
        else:
            kept[as_literal(answer)] = None
    return list(kept), notes


async def _answers(bench: PromptBench, questions: Sequence[Document]) -> list[str]:
    options = Options(
        prompt="tune", examples="none", passes=1, verify="off", boilerplate="keep", chunk_tokens=2 * CHUNK_TOKENS
    )
    target = bench.setup.folder / "proposals.jsonl"
    async with open_session(Extractor(ProposedInstruction, options), bench.setup.ready) as session:
        summary = await run_to_output(
            questions, session, output=replace(bench.how.output, path=target), options=bench.allowed_run()
        )
    bench.account(summary)
    rows = read_run_file(target).rows
    return [_instruction(rows.get(question.id)) for question in questions]


def _instruction(row: Any) -> str:
    data = (row or {}).get("data") or {}
    return str(data.get("instruction") or "")


def _questions(
    attempt: Attempt, documents: Sequence[GoldDocument], *, outline: str, count: int, seed: int
) -> Iterator[Document]:
    """Yield a question for each of ``count`` hands of documents with mistakes; less where there are no more hands."""
    assert attempt.trial.report is not None
    by_id = {each.gold_id: each.document for each in documents}
    wrong = [each for each in attempt.trial.report.documents if each.mistakes and each.id in by_id]
    draw = random.Random(seed)  # noqa: S311 - a draw of documents, no secret
    seen: set[frozenset[str]] = set()
    for _ in range(count * 4):
        hand = draw.sample(wrong, min(_DOCUMENTS, len(wrong)))
        key = frozenset(each.id for each in hand)
        if not hand or len(seen) == count:
            return
        if key not in seen:
            seen.add(key)
            room = max(_LEAST_TOKENS, (CHUNK_TOKENS - estimate_tokens(outline)) // (_DOCUMENTS + 1))
            told = [_told(n, each, by_id[each.id].text, room=room) for n, each in enumerate(hand, start=1)]
            yield Document(f"mistakes {len(seen)}", "\n\n".join([f"The fields:\n{outline}", *told]))


def _told(number: int, score: DocumentScore, text: str, *, room: int) -> str:
    if estimate_tokens(text) > room:
        text = next(iter(chunk_text(text, max_tokens=room))).span.of(text) + " …"
    mistakes = [f"- {_mistake(each)}" for each in score.mistakes[:_MISTAKES]]
    return "\n".join(
        [f"Document {number}:", text.strip(), f"What was wrong in the record of document {number}:", *mistakes]
    )


def _mistake(outcome: Outcome) -> str:
    said, wanted = shown(outcome.predicted), shown(outcome.gold)
    told = {
        "mismatch": f"the answer was {said}; right is {wanted}",
        "omission": f"there was no answer; right is {wanted}",
        "invention": f"the answer was {said}; the document does not state it",
    }
    return f"{outcome.path}: {told[outcome.kind]}"


def _refused(answer: str, documents: Sequence[GoldDocument], outline: str) -> str:
    """Return why an instruction is not tried, '' where it is."""
    if not answer.strip():
        return "there is no answer"
    if len(answer) > _MOST_CHARS:
        return f"it has {len(answer)} characters, and more than {_MOST_CHARS} are a list of cases"
    schema, said = outline.casefold(), answer.casefold()
    for document in documents:
        for _, value in json_data.leaves(document.gold):
            words = str(value).casefold().strip()
            if isinstance(value, str) and len(words) >= _VALUE_CHARS and words in said and words not in schema:
                return f"it quotes a value of the documents, {shown(value, 40)!r}"
    return ""
