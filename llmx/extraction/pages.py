"""A record for each page of a document (``--target page``): forms, scans and statements of one page each in one file.

A page ends at a form feed, as texts from ``pdftotext`` have it. Each page is extracted as a document of its own, in the
order of the pages; its proofs are places of the whole text, and relative dates count from the date of the document.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from llmx.documents import Document, document_date
from llmx.extraction.rows import several
from llmx.record import Issue, ModelShare, Record, Usage, row_id
from llmx.span import Span
from llmx.types import guess_locale

FORM_FEED = "\f"


def pages_of(text: str) -> list[Span]:
    """Return the pages of ``text``; one whole page where there is no form feed.

    >>> pages_of("one" + FORM_FEED + "two")
    [Span(start=0, end=3), Span(start=4, end=7)]
    """
    at, pages = 0, list[Span]()
    for page in text.split(FORM_FEED):
        pages.append(Span(at, at + len(page)))
        at += len(page) + 1
    return pages


async def extract_pages(document: Document, extract: Callable[[Document], Awaitable[Record[Any]]]) -> Record[Any]:
    """Return the outcome of ``document`` with a record for each of its pages, made by ``extract``.

    A page without text has none, which the first record says.
    """
    pages = pages_of(document.text)
    filled = [(number, page) for number, page in enumerate(pages, 1) if page.of(document.text).strip()]
    if not filled:
        return await extract(document)
    date = document_date(document, locale=guess_locale(document.text))
    records: list[Record[Any]] = []
    for number, page in filled:
        part = replace(
            document, id=row_id(document.id, number), text=page.of(document.text), date=date.day,
            date_source=date.source if date.day else document.date_source,
        )  # fmt: skip
        records.append(_shifted(await extract(part), page.start))
    blank = [number for number in range(1, len(pages)) if number not in {number for number, _ in filled}]
    if blank:  # behind the last form feed there need be no page
        told = Issue("empty", "", f"of the document: no text on page {', '.join(map(str, blank))}")
        records[0] = replace(records[0], issues=(*records[0].issues, told))
    return several(_together(document, records), records)


def _shifted(record: Record[Any], by: int) -> Record[Any]:
    """Return the record of a page with the places of the document."""
    evidence = {
        path: None if proof is None else replace(proof, start=proof.start + by, end=proof.end + by)
        for path, proof in record.evidence.items()
    }
    return replace(record, evidence=evidence)


def _together(document: Document, records: Sequence[Record[Any]]) -> Record[Any]:
    """Return what the pages came to as one outcome: what a run counts."""
    states = {record.status for record in records}
    answered = states & {"ok", "partial"}
    status = "ok" if states == {"ok"} else "partial" if answered else records[0].status
    issues = tuple(
        replace(each, path="", message=f"{record.id}: {each.message}") for record in records for each in record.issues
    )
    return replace(
        records[0], id=document.id, status=status, data=None, issues=issues, evidence={}, confidence={},
        keys=tuple(key for record in records for key in record.keys),
        usage=sum((record.usage for record in records), Usage()),
        seconds=sum(record.seconds for record in records), attempts=sum(record.attempts for record in records),
        models=_shares(records),
    )  # fmt: skip


def _shares(records: Sequence[Record[Any]]) -> tuple[ModelShare, ...]:
    """Return what each model did; () where no fallback was asked for any page."""
    if not any(record.models for record in records):
        return ()
    sums: dict[int, ModelShare] = {}
    for record in records:
        alone = ModelShare(0, record.model, record.mode, 1, len(record.keys), record.usage)
        for share in record.models or (alone,):
            known = sums.get(share.fallback, replace(share, answers=0, requests=0, usage=Usage()))
            sums[share.fallback] = replace(
                known, answers=known.answers + share.answers, requests=known.requests + share.requests,
                usage=known.usage + share.usage,
            )  # fmt: skip
    return tuple(sums[number] for number in sorted(sums))
