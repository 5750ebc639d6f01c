"""Documents from the web: a page is fetched when its turn comes, and read like a file with the same bytes."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from llmx.documents.blob import Blob
from llmx.documents.content import documents_in
from llmx.documents.dates import DocumentDate
from llmx.documents.document import Document, Unreadable, printable
from llmx.documents.kind import TEXT, kind_of_suffix, signature
from llmx.documents.rows import RowFields
from llmx.documents.visits import Visit, Visits
from llmx.errors import DocumentError
from llmx.web import WebOptions
from llmx.web.urls import document_id, list_of, shown_url

if TYPE_CHECKING:
    from llmx.web.fetch import Fetcher
    from llmx.web.page_cache import WebPage

_SUFFIX_OF_TYPE = {
    "text/html": ".html", "application/xhtml+xml": ".html", "text/csv": ".csv", "text/tab-separated-values": ".tsv",
    "application/json": ".json", "application/x-ndjson": ".jsonl", "application/jsonl": ".jsonl",
    "text/markdown": ".md", "text/plain": ".txt", "application/xml": ".xml", "text/xml": ".xml",
    "message/rfc822": ".eml", "application/rtf": ".rtf",
}  # fmt: skip


@dataclass(frozen=True)
class WebReader:
    """Reads what URLs name. ``visits`` hears of each page, and says which ones need not be fetched."""

    options: WebOptions
    fields: RowFields
    visits: Visits
    left_out: Counter[str] = field(repr=False)

    @cached_property
    def _fetcher(self) -> Fetcher:
        from llmx.web.fetch import Fetcher  # noqa: PLC0415 -- most runs fetch nothing

        return Fetcher(self.options)

    def read(self, name: str) -> Iterator[Document | Unreadable]:
        """Yield the documents of a page, or of all pages of a list (``sitemap:https://…``, ``feed:https://…``)."""
        kind, url = list_of(name)
        if not kind:
            yield from self._page(url)
            return
        from llmx.documents import web_lists  # noqa: PLC0415 -- most runs meet no list

        named = False
        leave_out = lambda why: self.left_out.update([why])
        for page in web_lists.listed_pages(kind, url, read=self._list, leave_out=leave_out):
            named = True
            if isinstance(page, web_lists.UnreadList):
                yield Unreadable(document_id(shown_url(page.url)), shown_url(page.url), page.error)
            else:
                date = DocumentDate(page.day, f"the {kind}") if page.day else None
                yield from self._page(page.url, named_by=page.host, date=date)
        if not named:
            shown = shown_url(url)
            yield Unreadable(document_id(shown), shown, DocumentError(f"{shown} names no page", hint=""))

    def read_row(self, row: Document) -> Iterator[Document | Unreadable]:
        """Yield the documents of the page whose URL a row has; its id, date and other columns are the row's."""
        date = DocumentDate(row.date, row.date_source) if row.date or row.date_source else None
        for document in self._page(row.text.strip(), id_=row.id):
            if isinstance(document, Document):
                dated = {"date": date.day, "date_source": date.source} if date else {}
                yield replace(document, meta={**row.meta, **document.meta}, **dated)  # type: ignore[arg-type] # of both types
            else:
                yield document

    def _page(
        self, url: str, *, id_: str = "", named_by: str = "", date: DocumentDate | None = None
    ) -> Iterator[Document | Unreadable]:
        shown = shown_url(url)
        if self.visits.is_done(shown):
            return
        id_ = id_ or document_id(shown)
        try:
            page = self._fetcher.get(url, named_by=named_by)
        except DocumentError as exc:
            yield Unreadable(id_, shown, exc)
            return
        visit = Visit(shown, shown_url(page.url), page.fetched_at, page.sha256)
        self.visits.current = visit
        for document in documents_in(page_blob(page, shown, self.fields), id_, self.fields, left_out=self.left_out):
            if isinstance(document, Document) and document.date is None and not document.date_source and date:
                document = replace(document, date=date.day, date_source=date.source)  # noqa: PLW2901 -- takes its place
            yield document
            self.visits.current = visit
        self.visits.current = None
        self.visits.ended(visit)

    def _list(self, url: str, named_by: str) -> tuple[bytes, str]:
        page = self._fetcher.get(url, named_by=named_by)
        return page.data, page.url


def page_blob(page: WebPage, source: str, fields: RowFields) -> Blob:
    """Return the bytes of a page with the suffix and the encoding that they are to be read by.

    What a page is, its bytes tell; where they leave a choice, the end of its address and then the type that the server
    names. The encoding that the server names comes before the page's own, as in a browser.
    """
    suffix = PurePosixPath(unquote(urlsplit(page.url).path)).suffix.lower()
    if kind_of_suffix(suffix) is TEXT and suffix not in TEXT.suffixes:
        suffix = _SUFFIX_OF_TYPE.get(page.media_type, suffix)
    data = page.data if fields.encoding else _in_utf8(page.data, page.charset)
    return Blob(printable(source), suffix, None, data)


def _in_utf8(data: bytes, charset: str) -> bytes:
    """Return a text in ``charset`` as UTF-8 with a mark that says so; ``data`` itself where it is no such text.

    A server that calls UTF-8 by another name is not believed: other texts are hardly ever UTF-8 by accident.
    """
    if not charset or data.isascii() or signature(data) or data.startswith((codecs.BOM_UTF8, b"\xff\xfe", b"\xfe\xff")):
        return data
    from llmx.documents.decode import declared_codec  # noqa: PLC0415 -- for texts only

    for codec in ("utf-8", declared_codec(charset)):
        try:
            return codecs.BOM_UTF8 + data.decode(codec).encode("utf-8")
        except (LookupError, ValueError):
            continue
    return data
