"""Asks the model about one document after the other; each question names the fields that are known already."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any

from llmx.documents import Document, Unreadable
from llmx.endpoint import EndpointSettings
from llmx.errors import EndpointError
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.propose.answer import NamedFields
from llmx.propose.fields import merged
from llmx.record import Record, fatal_issue
from llmx.resources import shipped_folder

_PROMPT = "propose"


async def ask_about(
    documents: Iterable[Document | Unreadable], ask: str, settings: EndpointSettings, *, options: Options
) -> AsyncIterator[tuple[Document | Unreadable, Record[NamedFields] | None]]:
    """Yield each document with the fields that the model names for it; None where it cannot be read.

    ``ask`` says what is wanted. The prompt, the examples and the number of passes are this package's own; the rest of
    ``options`` holds. Raises what ``open_session`` raises, and AuthError or CassetteError where no document would fare
    better.
    """
    extractor = Extractor(NamedFields, _own(options))
    answers: list[tuple[Document, Record[NamedFields]]] = []
    async with open_session(extractor, settings) as session:
        for document in documents:
            if isinstance(document, Unreadable):
                yield document, None
                continue
            wanted = _wanted(ask, [field.name for field in merged(answers).fields])
            asking = replace(extractor, options=replace(extractor.options, instructions=wanted))
            record: Record[Any] = await extract_document(document, asking.plan(session.plan.resolved), session.endpoint)
            yield document, record
            answers.append((document, record))


def no_answer(records: Iterable[Record[Any]]) -> EndpointError:
    """Return the error that says why no document was answered."""
    issue = next((found for record in records if (found := fatal_issue(record.issues)) is not None), None)
    why = f": {issue.message}" if issue is not None else ""
    return EndpointError(f"no document was answered{why}", hint="Try another --model, or other documents.")


def _own(options: Options) -> Options:
    examples = shipped_folder("prompts") / f"{_PROMPT}.examples.yaml"
    return replace(
        options, prompt=_PROMPT, examples=str(examples), instructions="", unproven=None, evidence="words", passes=1,
        samples=1,
    )  # fmt: skip


def _wanted(ask: str, known: list[str]) -> str:
    wanted = f"What is wanted: {' '.join(ask.split())}"
    return f"{wanted}\n- Names to use again where they fit: {', '.join(known)}" if known else wanted
