"""A record for each page of a document (``--target page``): forms, scans and statements of one page each in one file.

Where the file has pages, they count; in a text a page ends at a form feed, as ``pdftotext`` writes it. Each page is
extracted as a document of its own, in the order of the pages; its proofs are places of the whole text, and relative
dates count from the date of the document.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llmx.documents import Document, Pages, document_date
from llmx.extraction.page_pictures import ShownPages
from llmx.extraction.rows import several
from llmx.record import Evidence, Issue, ModelShare, Record, Usage, row_id
from llmx.span import Span
from llmx.types import guess_locale

FORM_FEED = "\f"


def pages_of(document: Document) -> list[tuple[int, Span]]:
    """Return the numbers and the places of the pages: as the file has them, else by form feeds; else one whole page.

    >>> pages_of(Document("a", "one" + FORM_FEED + "two"))
    [(1, Span(start=0, end=3)), (2, Span(start=4, end=7))]
    """
    if document.pages is not None:
        return [(page.number, Span(page.start, page.end)) for page in document.pages]
    at, pages = 0, list[Span]()
    for page in document.text.removesuffix(FORM_FEED).split(FORM_FEED):
        pages.append(Span(at, at + len(page)))
        at += len(page) + 1
    return list(enumerate(pages, 1))


@dataclass(frozen=True, slots=True)
class PagePart:
    """A page as a document of its own, where it begins in the whole one, and the page itself where a model sees it."""

    document: Document
    start: int
    shown: ShownPages | None = None


def page_parts(document: Document, shown: ShownPages | None = None) -> list[PagePart]:
    """Return a document for each page that has text, or that the model is ``shown``."""
    date = document_date(document, locale=guess_locale(document.text))
    told = date.source if date.day else document.date_source
    return [
        PagePart(
            replace(document, id=row_id(document.id, number), text=page.of(document.text), date=date.day,
                    date_source=told, pages=None, issues=()),
            page.start,
            seen,
        )
        for number, page in pages_of(document)
        if (seen := shown and shown.only(number)) or page.of(document.text).strip()
    ]  # fmt: skip


async def extract_pages(
    document: Document,
    extract: Callable[[Document, ShownPages | None], Awaitable[Record[Any]]],
    *,
    shown: ShownPages | None = None,
) -> Record[Any]:
    """Return the outcome of ``document`` with a record for each of its pages, made by ``extract``.

    A page without text that the model is not ``shown`` has none, which the first record says.
    """
    parts = page_parts(document, shown)
    if not parts:
        return await extract(document, None)
    records = [_shifted(await extract(part.document, part.shown), part.start, document.pages) for part in parts]
    there = {part.document.id for part in parts}
    blank = [str(number) for number, _ in pages_of(document) if row_id(document.id, number) not in there]
    told = document.issues
    if blank and not told:
        told = (Issue("empty", "", f"of the document: no text on page {', '.join(blank)}"),)
    records[0] = replace(records[0], issues=records[0].issues + told)
    return several(_together(document, records), records)


def on_page(proof: Evidence, pages: Pages) -> Evidence:
    """Return ``proof`` with its page, and a box for each line of its quote."""
    span = Span(proof.start, proof.end)
    places = pages.places(span)
    page = places[0].page if places else pages.at(proof.start).number
    boxes = tuple(
        (*(round(edge, 2) for edge in place.box), *(() if place.page == page else (place.page,))) for place in places
    )
    return replace(proof, page=page, boxes=boxes)


def _shifted(record: Record[Any], by: int, pages: Pages | None) -> Record[Any]:
    """Return the record of a page with the places of the document."""
    evidence: dict[str, Evidence | None] = {}
    for path, proof in record.evidence.items():
        if proof is None or not proof.proves:
            evidence[path] = proof
            continue
        moved = replace(proof, start=proof.start + by, end=proof.end + by)
        evidence[path] = moved if pages is None else on_page(moved, pages)
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
