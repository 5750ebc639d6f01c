"""Opens PDF files with pdfium: one at a time, for pdfium bears no threads, and with a name for each way to fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pypdfium2  # noqa: F401  starts pdfium
import pypdfium2.raw as pdfium

from llmx.documents.converters.pdf_limit import is_busy
from llmx.documents.converters.pdf_picture import page_png
from llmx.documents.converters.pdf_words import character_boxes, with_forms
from llmx.documents.pages import Box
from llmx.errors import DocumentError

_LOCK = threading.RLock()
_PASSWORD_HINT = "name its password: --password, or the variable LLMX_PASSWORD"  # noqa: S105  no password


@contextmanager
def opened(data: bytes, name: str, password: str | None = None) -> Iterator[pdfium.FPDF_DOCUMENT]:
    """Open the PDF with the bytes ``data``; nobody else uses pdfium meanwhile.

    Raises DocumentError if it is damaged or encrypted.
    """
    with _LOCK:
        secret = None if password is None else password.encode("utf-8") + b"\0"
        document = pdfium.FPDF_LoadMemDocument64(data, len(data), secret)
        if not document:
            raise _failure(pdfium.FPDF_GetLastError(), name, password)
        try:
            yield document
        finally:
            pdfium.FPDF_CloseDocument(document)


@contextmanager
def loaded(document: pdfium.FPDF_DOCUMENT, index: int) -> Iterator[pdfium.FPDF_PAGE | None]:
    """Load the page with ``index``, from 0, its filled forms included; None if it is damaged."""
    page = pdfium.FPDF_LoadPage(document, index)
    if page and with_forms(page):
        pdfium.FPDF_ClosePage(page)  # what was drawn into it is read when it is loaded again
        page = pdfium.FPDF_LoadPage(document, index)
    try:
        yield page or None
    finally:
        if page:
            pdfium.FPDF_ClosePage(page)


@dataclass(frozen=True, slots=True)
class PdfSource:
    """The bytes of a PDF, for what is read of its pages only when somebody wants it."""

    data: bytes = field(repr=False)
    name: str
    password: str | None = field(default=None, repr=False)

    def characters(self, page: int, start: int, end: int) -> list[Box]:
        """Return the boxes of the characters ``start`` to ``end`` (excluded) of the page with that number, from 1."""
        if is_busy():
            return []
        with opened(self.data, self.name, self.password) as document, loaded(document, page - 1) as handle:
            return [] if handle is None else character_boxes(handle, start, end)

    def picture(self, page: int, longest_px: int) -> bytes:
        """Return a PNG file of that page, its longer side at most ``longest_px``; b'' if there can be none."""
        if is_busy():
            return b""
        with opened(self.data, self.name, self.password) as document, loaded(document, page - 1) as handle:
            return b"" if handle is None else page_png(handle, longest_px)


def _failure(code: int, name: str, password: str | None) -> DocumentError:
    if code == pdfium.FPDF_ERR_PASSWORD:
        if password is None:
            return DocumentError(f"{name} is encrypted and needs a password", hint=_PASSWORD_HINT)
        return DocumentError(f"{name} is encrypted, and the password given does not open it", hint=_PASSWORD_HINT)
    if code == pdfium.FPDF_ERR_SECURITY:
        return DocumentError(f"{name} is encrypted in a way that is not supported", hint="save it without protection")
    hint = "print it to a new PDF with a viewer that still opens it, or ask for it again"
    return DocumentError(f"{name} is a damaged PDF: it cannot be opened", hint=hint)
