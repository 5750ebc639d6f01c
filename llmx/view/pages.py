"""The pages of documents for people to look at: their sizes at once, their pictures when a page is looked at.

A file is read again for its pictures, and a few are kept: the pages of a thousand documents need no memory.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from llmx.documents import Document, Page, Pages, RowFields, Unreadable, read_documents
from llmx.documents.document import printable
from llmx.span import Span

LONGEST_PX = 1400
"""The longer side of a page's picture: sharp on a screen, some hundred kilobytes."""

PICTURES_BYTES = 48_000_000
"""What the pictures in one view may take; ``llmx review`` shows the pages beyond that."""

JPEG = b"\xff\xd8"
"""How a JPEG file begins."""

_KEPT = 4  # files whose pages are kept ready


@dataclass(frozen=True, slots=True)
class PageView:
    """The pages of one document. ``ready`` are those of a document that is in memory; else ``file`` is read again.

    ``inner`` names the document in its file: '' for the file itself, '!offer.pdf' for an attachment.
    """

    sizes: tuple[Page, ...]
    file: str = ""
    inner: str = ""
    fields: RowFields | None = None
    ready: Pages | None = None

    @classmethod
    def of(cls, document: Document, *, file: str = "", fields: RowFields | None = None) -> PageView | None:
        """Return the pages of ``document``, which was read from ``file``; None where it has none."""
        if document.pages is None:
            return None
        if not file:
            return cls(document.pages.pages, ready=document.pages)
        return cls(document.pages.pages, file, _inner(document, file), fields)

    def to_json(self) -> list[dict[str, float]]:
        """Return the number and the size of each page, in points."""
        return [{"number": page.number, "width": page.width, "height": page.height} for page in self.sizes]

    def picture(self, number: int) -> str:
        """Return the picture of the page ``number`` as a data URL, '' where there can be none."""
        pages = self._pages()
        hidden = pages is not None and pages.hidden  # the picture would show what was taken out of the text
        found = b"" if hidden or pages is None else pages.picture(number, LONGEST_PX)
        form = "jpeg" if found.startswith(JPEG) else "png"
        return f"data:image/{form};base64,{base64.b64encode(found).decode()}" if found else ""

    def places(self, spans: Mapping[str, tuple[int, int]]) -> dict[str, list[list[float]]]:
        """Return for each span its lines, as [page, x0, y0, x1, y1]."""
        pages = self._pages()
        if pages is None:
            return {}
        return {
            key: [[place.page, *(round(edge, 2) for edge in place.box)] for place in pages.places(Span(start, end))]
            for key, (start, end) in spans.items()
            if 0 <= start < end
        }

    def _pages(self) -> Pages | None:
        if self.ready is not None or self.fields is None:
            return self.ready
        return _read_again(self.file, self.inner, self.fields)


class PictureBudget:
    """Shares ``size`` bytes among the pictures of ``documents``: each has its part, and what the ones before left."""

    def __init__(self, size: int, documents: int) -> None:
        self._left, self._documents = size, documents

    def pictures(self, view: PageView, records: Iterable[Mapping[str, Any] | None]) -> Iterator[tuple[int, str]]:
        """Yield the number and the picture of the pages that fit, those with proofs first."""
        allowed = self._left // max(self._documents, 1)
        self._documents -= 1
        proven = sorted(_pages_with_proofs(records))
        for number in dict.fromkeys([*proven, *(page.number for page in view.sizes)]):
            picture = view.picture(number)
            if len(picture) > allowed:
                return
            allowed -= len(picture)
            self._left -= len(picture)
            if picture:
                yield number, picture


def _pages_with_proofs(records: Iterable[Mapping[str, Any] | None]) -> set[int]:
    proofs = (proof for record in records if record for proof in (record.get("evidence") or {}).values() if proof)
    return {
        int(page)
        for proof in proofs
        if "page" in proof
        for page in (proof["page"], *(box[4] for box in proof.get("boxes") or () if len(box) > 4))
    }


@lru_cache(maxsize=_KEPT)
def _read_again(file: str, inner: str, fields: RowFields) -> Pages | None:
    found = (each for each in reread([file], fields) if isinstance(each, Document))
    return next((document.pages for document in found if _inner(document, file) == inner), None)


def _inner(document: Document, file: str) -> str:
    return (document.source or "").removeprefix(printable(file))


def reread(sources: list[str], fields: RowFields) -> Iterable[Document | Unreadable]:
    """Return the documents of ``sources`` as the run read them."""
    return read_documents(
        sources,
        text_field=fields.text,
        id_field=fields.id,
        encoding=fields.encoding,
        pages=fields.convert.pages,
        password=fields.convert.password,
        ocr=fields.convert.ocr,
        ocr_engine=fields.convert.ocr_engine,
        ocr_languages=fields.convert.ocr_languages,
        layout=fields.convert.layout,
    )
