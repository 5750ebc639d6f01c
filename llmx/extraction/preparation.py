"""From a document to the chunks that are asked about, and back from their places to the document's.

Boilerplate is dropped where that is wanted, the language is guessed, and a long text is cut into chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmx.assembly.policies import ResolvedRecord
from llmx.chunk import chunk_text
from llmx.dataclass import dataclass
from llmx.documents import Document, DocumentDate, document_date
from llmx.grounding.text import SourceText
from llmx.locating import TextIndex
from llmx.record import Evidence, Issue
from llmx.schema import Leaf, ObjectOf, nodes_of
from llmx.schema.per_tree import once_per_tree
from llmx.span import Span
from llmx.types import guess_locale
from llmx.types.languages import language_of

if TYPE_CHECKING:
    from llmx.documents import Pages
    from llmx.documents.elements import Elements
    from llmx.extraction.page_pictures import ShownPages
    from llmx.extraction.plan import Plan
    from llmx.extraction.relevance import Relevant
    from llmx.request import Request

_WITH_BOILERPLATE = frozenset({"text", "html"})
"""The kinds of documents that may come from the web. In a workbook the line "Contact" is no link of a page."""


def _same(span: Span) -> Span:
    return span


@dataclass(frozen=True, slots=True)
class PreparedText:
    """The text that is worked on: the document's, perhaps without its boilerplate.

    ``chunks`` are spans of ``text``, each with the sentences before it that give context. ``to_original`` turns a place
    of ``text`` into one of the document. ``date`` is the document's own, from which relative dates count. ``shown`` are
    the pages that the model sees, and ``shown_with`` the numbers of those that it sees with each chunk. ``issues`` say
    what of the document is not worked on.
    """

    document: Document
    text: str
    locale: str | None
    chunks: tuple[tuple[Span, str], ...]
    date: DocumentDate
    to_original: Callable[[Span], Span] = _same
    shown: ShownPages | None = None
    shown_with: tuple[tuple[int, ...], ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def language(self) -> str | None:
        """The language of the text as in ISO 639, None where it is not known."""
        return language_of(self.locale)

    def pictures(self, number: int) -> list[dict[str, Any]]:
        """Return the parts of a message that show the pages of the chunk with that ``number``."""
        return [] if self.shown is None else self.shown.parts(self.shown_with[number])

    def sources(self, plan: Plan) -> Iterator[tuple[SourceText, str]]:
        """Yield for each chunk the text that its values are proven with, and what stands before it."""
        index, shown = TextIndex(self.text), self.shown
        for number, (span, carry) in enumerate(self.chunks):
            source = SourceText(
                self.text,
                index,
                span,
                number,
                locale=self.locale,
                reference=self.date.day,
                reference_source=self.date.source,
                example_phrases=plan.example_phrases,
                tree=plan.schema.tree,
                seen_pages=() if shown is None else shown.without_text(self.shown_with[number]),
            )
            yield source, carry


def prepare(document: Document, plan: Plan, shown: ShownPages | None = None) -> PreparedText:
    """Return the text of ``document`` as it is to be worked on, with the pages that the model is shown."""
    options = plan.options
    text = document.text
    to_original: Callable[[Span], Span] = _same
    if options.boilerplate == "drop" and document.kind in _WITH_BOILERPLATE:
        from llmx.boilerplate import clean  # noqa: PLC0415 - heavy

        cleaned = clean(document.text)
        if cleaned.text.strip():
            text, to_original = cleaned.text, cleaned.to_original
    page_starts, issues = _page_starts(document, text), tuple[Issue, ...]()
    if options.relevant_tokens is not None:
        from llmx.extraction.relevance import relevant_part  # noqa: PLC0415 - most runs send whole documents

        part = relevant_part(text, plan.schema.tree, max_tokens=options.relevant_tokens, page_starts=page_starts)
        if part is not None:
            text, page_starts, to_original = part.text, [], _in_turn(part.to_original, to_original)
            issues = (_left_out(document, part, to_original),)
    chunks = tuple(
        (chunk.span, chunk.context(text))
        for chunk in chunk_text(text, max_tokens=options.chunk_tokens, page_starts=page_starts)
    )
    locale = options.locale or guess_locale(text)
    date = document_date(document, locale=locale) if _has_dates(plan.schema.tree) else DocumentDate()
    if shown is None:
        return PreparedText(document, text, locale, chunks, date, to_original, issues=issues)
    from llmx.extraction.page_pictures import with_pages  # noqa: PLC0415 - most documents have no pages

    if issues:  # pages without words cannot be judged by them, so they are all shown
        pieces = [*((span, carry, ()) for span, carry in chunks), *with_pages((), document, shown)]
    else:
        pieces = list(with_pages(chunks, document, shown))
    chunks, seen = tuple(each[:2] for each in pieces), tuple(each[2] for each in pieces)
    return PreparedText(document, text, locale, chunks, date, to_original, shown, seen, issues)


def _in_turn(first: Callable[[Span], Span], second: Callable[[Span], Span]) -> Callable[[Span], Span]:
    return lambda span: second(first(span))


def _left_out(document: Document, part: Relevant, to_original: Callable[[Span], Span]) -> Issue:
    """Return the issue that says how much of ``document`` is not sent, and which of its pages."""
    share = sum(map(len, part.kept)) / max(len(document.text), 1)
    told = (
        f"{part.sent:,} of {part.passages:,} passages were sent ({share:.0%} of the text), those most like the schema"
    )
    if document.pages is not None:
        sent = set[int]()
        for shown in part.shown():
            place = to_original(shown)
            sent.update(range(document.pages.at(place.start).number, document.pages.at(place.end - 1).number + 1))
        missing = [page.number for page in document.pages if page.number not in sent and page.end > page.start]
        if missing:
            from llmx.documents.page_range import numbers_told  # noqa: PLC0415

            told += f"; nothing of page{'s' * (len(missing) > 1)} {numbers_told(missing)}"
    return Issue("left_out", "", told)


def _page_starts(document: Document, text: str) -> list[int]:
    """Return where pages begin in ``text``; in a text without its boilerplate they do not stand where they stood."""
    if document.pages is None or len(text) != len(document.text):
        return []
    return [page.start for page in document.pages]


@once_per_tree
def _has_dates(tree: ObjectOf) -> bool:
    return any(isinstance(node, Leaf) and node.reader is not None and node.reader.dated for node in nodes_of(tree))


def first_requests(
    document: Document, plan: Plan, *, sees: bool = False, told: Callable[[PreparedText], object] = lambda _: None
) -> Iterator[tuple[str, Request]]:
    """Yield, for each chunk of ``document``, its text and the first request that an extraction sends for it.

    ``sees`` says that the model sees the pages that the options want to be shown. ``told`` is given the text that the
    chunks are of, before they come.
    """
    shown: ShownPages | None = None
    if sees and document.pages is not None:
        from llmx.extraction.page_pictures import ShownPages, pages_to_show  # noqa: PLC0415

        wanted = pages_to_show(document, plan.options)
        shown = ShownPages(document.pages, wanted, plan.options.image_px) if wanted else None
    for part, part_shown in _parts(document, plan, shown):
        prepared = prepare(part, plan, part_shown)
        told(prepared)
        for number, (span, carry) in enumerate(prepared.chunks):
            chunk = span.of(prepared.text)
            messages = plan.rendering.messages(
                chunk, carry, language=prepared.language, pictures=prepared.pictures(number)
            )
            yield chunk, plan.request(messages)


def _parts(document: Document, plan: Plan, shown: ShownPages | None) -> Iterator[tuple[Document, ShownPages | None]]:
    """Yield what is extracted by itself, with the pages that are shown of it: the document, or each of its pages."""
    if plan.options.target != "page":
        yield document, shown
        return
    from llmx.extraction.pages import page_parts  # noqa: PLC0415

    for part in page_parts(document, shown):
        yield part.document, part.shown


def in_document(resolved: ResolvedRecord, prepared: PreparedText, plan: Plan) -> ResolvedRecord:
    """Return ``resolved`` with places of the document instead of the prepared text's."""
    document = prepared.document
    if len(prepared.text) != len(document.text):
        evidence: dict[str, Evidence | None] = {}
        for path, proof in resolved.evidence.items():
            if proof is None or not proof.proves:
                evidence[path] = proof
                continue
            span = prepared.to_original(Span(proof.start, proof.end))
            evidence[path] = replace(proof, quote=span.of(document.text), start=span.start, end=span.end)
        resolved = replace(resolved, evidence=evidence)
    if document.pages is not None:
        from llmx.extraction.pages import on_page  # noqa: PLC0415

        pages = document.pages
        placed = {
            path: on_page(proof, pages) if proof and proof.proves else proof
            for path, proof in resolved.evidence.items()
        }
        resolved = replace(resolved, evidence=placed, confidence=_as_read(resolved, pages))
    if document.cells is not None:
        cells = document.cells
        named = {
            path: proof and replace(proof, cell=cells.at(proof.start)) for path, proof in resolved.evidence.items()
        }
        resolved = replace(resolved, evidence=named)
    if document.elements is not None and any(resolved.evidence.values()):
        resolved = replace(resolved, evidence=_in_elements(resolved.evidence, document.elements))
    return _with_boilerplate_issues(resolved, document) if _is_marked(plan, document) else resolved


def _in_elements(evidence: Mapping[str, Evidence | None], elements: Elements) -> dict[str, Evidence | None]:
    """Return the proofs with the elements in which their quotes stand."""
    proven = {path: proof for path, proof in evidence.items() if proof is not None}
    found = elements.xpaths(Span(proof.start, proof.end) for proof in proven.values())
    return {**evidence, **{path: replace(proven[path], element=each) for path, each in zip(proven, found, strict=True)}}


def _is_marked(plan: Plan, document: Document) -> bool:
    return plan.options.boilerplate == "mark" and document.kind in _WITH_BOILERPLATE


def _as_read(resolved: ResolvedRecord, pages: Pages) -> dict[str, float]:
    """Return the confidence of each value, lower where its words were read from a picture and are not certain."""
    read = {
        path: pages.confidence(Span(proof.start, proof.end))
        for path, proof in resolved.evidence.items()
        if proof and proof.proves
    }
    return {path: number * read.get(path, 1.0) for path, number in resolved.confidence.items()}


def _with_boilerplate_issues(resolved: ResolvedRecord, document: Document) -> ResolvedRecord:
    """File an issue for each value whose words stand in what would be dropped as boilerplate."""
    from llmx.boilerplate import clean  # noqa: PLC0415 - heavy

    dropped = clean(document.text).dropped
    issues = tuple(
        Issue("boilerplate", path, f"its words stand in boilerplate ({reason})")
        for path, proof in resolved.evidence.items()
        if proof is not None
        for span, reason in dropped
        if span.contains(Span(proof.start, proof.end))
    )
    return replace(resolved, issues=resolved.issues + issues)
