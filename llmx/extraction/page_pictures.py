"""Which pages of a document a model is shown as pictures, beside their text or instead of it, and with which request.

``auto`` shows pages that have no text of their own to models that see; what their words are is OCR's or nobody's. Each
request has a few pictures at most, so that a long scan takes several.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from llmx.endpoint.pictures import PictureReference, picture_part
from llmx.record import Issue
from llmx.span import Span

if TYPE_CHECKING:
    from llmx.documents import Document, Page, Pages
    from llmx.extraction.options import Options
    from llmx.extraction.session import Session

MOST_PICTURES = 8
"""In one request: some twenty thousand tokens, and within what every provider takes."""

_MOST_BYTES = 1_000_000  # Anthropic takes 5 MB of base64 a picture, and a scan as PNG has as many


@dataclass(frozen=True, slots=True)
class ShownPages:
    """The pages of a file that a model sees, by number, the longer side of each at most ``longest_px`` pixels."""

    pages: Pages
    numbers: tuple[int, ...]
    longest_px: int

    def only(self, number: int) -> ShownPages | None:
        """Return the one page with ``number``, None where it is not shown."""
        return ShownPages(self.pages, (number,), self.longest_px) if number in self.numbers else None

    def without_text(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """Return those of ``numbers`` whose pages have no text of their own."""
        pictures = {page.number for page in self.pages if page.picture}
        return tuple(number for number in numbers if number in pictures)

    def parts(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Return the parts of a message that show the pages with these ``numbers``."""
        parts: list[dict[str, Any]] = []
        for number in numbers:
            parts.append({"type": "text", "text": f"Page {number} of the document, as a picture:"})
            parts.append(picture_part(self._reference(number)))
        return parts

    def _reference(self, number: int) -> PictureReference:
        pages, longest_px = self.pages, self.longest_px
        identity = [pages.fingerprint, number]
        return PictureReference.of(identity, longest_px, lambda: _drawn(pages, number, longest_px))


def _drawn(pages: Pages, number: int, longest_px: int) -> bytes:
    """Return the picture of a page, within what every provider takes where Pillow is installed."""
    file = pages.picture(number, longest_px)
    if len(file) <= _MOST_BYTES or find_spec("PIL") is None:
        return file
    from llmx.documents.converters.picture_file import lighter  # noqa: PLC0415 -- it needs Pillow

    return lighter(file)


async def shown_pages(document: Document, models: Sequence[Session]) -> ShownPages | None:
    """Return the pages of ``document`` that ``models`` are to see; None where they see none.

    A blank page is not shown: a model would invent what it says.
    Raises AuthError where a model has to be asked whether it sees, and refuses the key.
    """
    options = models[0].plan.options
    wanted = pages_to_show(document, options)
    if not wanted or document.pages is None:
        return None
    if options.images == "auto":
        for model in models:
            if not await model.endpoint.sees():
                return None
    wanted = await asyncio.to_thread(_with_something_on_them, document, wanted)
    return ShownPages(document.pages, wanted, options.image_px) if wanted else None


def as_shown(document: Document, shown: ShownPages) -> Document:
    """Return ``document`` with issues that say that the model was shown its pictures, and not that nobody read them."""
    from llmx.documents.converters.ocr import is_unread  # noqa: PLC0415 -- few documents are pictures
    from llmx.documents.converters.page_writing import page_list  # noqa: PLC0415 -- it brings pdfium

    told = Issue("shown", "", f"{page_list(shown.numbers)} a picture that the model was shown")
    return replace(document, issues=tuple(told if is_unread(each) else each for each in document.issues))


def _with_something_on_them(document: Document, numbers: Sequence[int]) -> tuple[int, ...]:
    """Return the pages that are not blank: of those without words, what they look like says it."""
    pages = document.pages
    assert pages is not None
    worded = {page.number for page in pages if document.text[page.start : page.end].strip()}
    return tuple(number for number in numbers if number in worded or not pages.is_blank(number))


def pages_to_show(document: Document, options: Options) -> tuple[int, ...]:
    """Return the numbers of the pages that ``options`` want to be shown to a model that sees."""
    if document.pages is None or document.pages.hidden or options.images == "never":
        return ()
    every = options.images == "always"
    return tuple(page.number for page in document.pages if page.width and (every or page.picture))


def with_pages(
    chunks: Iterable[tuple[Span, str]], document: Document, shown: ShownPages
) -> Iterator[tuple[Span, str, tuple[int, ...]]]:
    """Yield each chunk with the numbers of the pages that are shown with it, and chunks of pages without words.

    A chunk of more pages than a request may have is cut where pages begin. Pages that no chunk has stand in chunks
    without a text, in their place among the others.
    """
    if document.pages is None:  # the text of one page
        texts = list(chunks) or [(Span(0, 0), "")]
        yield from ((span, carry, shown.numbers if number == 0 else ()) for number, (span, carry) in enumerate(texts))
        return
    pages = [page for page in document.pages if page.number in shown.numbers]
    silent = [page for page in pages if not document.text[page.start : page.end].strip()]
    found = [piece for span, carry in chunks for piece in _pieces(span, carry, pages)]
    empty = [silent[at : at + MOST_PICTURES] for at in range(0, len(silent), MOST_PICTURES)]
    placed = [(span.start, piece) for piece in found if (span := piece[0])]
    placed += [(group[0].start, (Span(0, 0), "", tuple(page.number for page in group))) for group in empty]
    yield from (piece for _, piece in sorted(placed, key=lambda each: each[0]))


def _pieces(span: Span, carry: str, pages: Sequence[Page]) -> Iterator[tuple[Span, str, tuple[int, ...]]]:
    """Yield ``span`` in as many pieces as its pages need, each with the numbers of its pages."""
    within = [page for page in pages if page.start < span.end and page.end > span.start and page.end > page.start]
    groups = [within[at : at + MOST_PICTURES] for at in range(0, len(within), MOST_PICTURES)] or [[]]
    starts = [span.start, *(group[0].start for group in groups[1:])]
    for start, end, group in zip(starts, [*starts[1:], span.end], groups, strict=True):
        numbers = tuple(page.number for page in group)
        yield Span(start, end), carry if start == span.start else "", numbers
