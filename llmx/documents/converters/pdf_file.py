"""Opens PDF files with pdfium: one at a time, for pdfium bears no threads, and with a name for each way to fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

import pypdfium2  # noqa: F401  starts pdfium
import pypdfium2.raw as pdfium

from llmx.documents.converters.pdf_annotations import Annotations, annotations_of, draw_text, needs_drawing
from llmx.documents.converters.pdf_limit import is_busy
from llmx.documents.converters.pdf_picture import page_png
from llmx.documents.converters.pdf_words import character_boxes
from llmx.documents.pages import Box
from llmx.errors import DocumentError

_LOCK = threading.RLock()
_PASSWORD_HINT = "name its password: --password, or the variable LLMX_PASSWORD"  # noqa: S105  no password


class OpenPdf(NamedTuple):
    """A PDF that pdfium has open, and its forms, None where it has none."""

    document: pdfium.FPDF_DOCUMENT
    form: pdfium.FPDF_FORMHANDLE | None

    @property
    def page_count(self) -> int:
        """How many pages it has."""
        return int(pdfium.FPDF_GetPageCount(self.document))

    @property
    def file_count(self) -> int:
        """How many files are attached to it."""
        return max(int(pdfium.FPDFDoc_GetAttachmentCount(self.document)), 0)


class LoadedPage(NamedTuple):
    """A page with its filled forms drawn into it, and what stands on it that is not drawn."""

    handle: pdfium.FPDF_PAGE
    annotations: Annotations


@contextmanager
def opened(data: bytes, name: str, password: str | None = None) -> Iterator[OpenPdf]:
    """Open the PDF with the bytes ``data``; nobody else uses pdfium meanwhile.

    Raises DocumentError if it is damaged or encrypted.
    """
    with _LOCK:
        secret = None if password is None else password.encode("utf-8") + b"\0"
        document = pdfium.FPDF_LoadMemDocument64(data, len(data), secret)
        if not document:
            raise _failure(pdfium.FPDF_GetLastError(), name, password)
        form = None
        try:
            if pdfium.FPDF_GetFormType(document) != pdfium.FORMTYPE_NONE:
                # pdfium draws the values of fields that the file has not drawn; it runs no script of the file's
                callbacks = pdfium.FPDF_FORMFILLINFO(version=2)
                form = pdfium.FPDFDOC_InitFormFillEnvironment(document, callbacks) or None
            yield OpenPdf(document, form)
        finally:
            if form is not None:
                pdfium.FPDFDOC_ExitFormFillEnvironment(form)
            pdfium.FPDF_CloseDocument(document)


@contextmanager
def loaded(pdf: OpenPdf, index: int) -> Iterator[LoadedPage | None]:
    """Load the page with ``index``, from 0, its filled forms included; None if it is damaged."""
    page = pdfium.FPDF_LoadPage(pdf.document, index)
    annotations = Annotations()
    if page:
        draws = pdf.form is not None and needs_drawing(page, pdf.form)
        if draws:
            pdfium.FORM_OnAfterLoadPage(page, pdf.form)
        annotations = annotations_of(page, pdf.form)
        drawn = annotations.has_drawn_text and draw_text(page)
        if draws:
            pdfium.FORM_OnBeforeClosePage(page, pdf.form)
        if drawn:
            pdfium.FPDF_ClosePage(page)  # what was drawn into it is read when it is loaded again
            page = pdfium.FPDF_LoadPage(pdf.document, index)
    try:
        yield LoadedPage(page, annotations) if page else None
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
        with opened(self.data, self.name, self.password) as pdf, loaded(pdf, page - 1) as found:
            return [] if found is None else character_boxes(found.handle, start, end)

    def picture(self, page: int, longest_px: int) -> bytes:
        """Return a PNG file of that page, its longer side at most ``longest_px``; b'' if there can be none."""
        if is_busy():
            return b""
        with opened(self.data, self.name, self.password) as pdf, loaded(pdf, page - 1) as found:
            return b"" if found is None else page_png(found.handle, longest_px)


def _failure(code: int, name: str, password: str | None) -> DocumentError:
    if code == pdfium.FPDF_ERR_PASSWORD:
        if password is None:
            return DocumentError(f"{name} is encrypted and needs a password", hint=_PASSWORD_HINT)
        return DocumentError(f"{name} is encrypted, and the password given does not open it", hint=_PASSWORD_HINT)
    if code == pdfium.FPDF_ERR_SECURITY:
        return DocumentError(f"{name} is encrypted in a way that is not supported", hint="save it without protection")
    hint = "print it to a new PDF with a viewer that still opens it, or ask for it again"
    return DocumentError(f"{name} is a damaged PDF: it cannot be opened", hint=hint)
