"""PDF: the words of its text layer in reading order, with the page and the box of each.

pdfium reads the file, ``pdf_words`` takes its words, ``pdf_layout`` puts them into lines. A page that is only a picture
has no text layer; it is named in an issue, never passed over in silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import pypdfium2.raw as pdfium

from llmx.documents.converters import Converted, ConvertOptions, ocr
from llmx.documents.converters.page_writing import page_list, write_page
from llmx.documents.converters.pdf_annotations import with_ticks
from llmx.documents.converters.pdf_file import OpenPdf, PdfSource, loaded, opened
from llmx.documents.converters.pdf_limit import in_child, in_time, is_busy, limit_s
from llmx.documents.converters.pdf_scan import scans_of
from llmx.documents.converters.pdf_words import PageWords, page_words
from llmx.documents.decode import check_text
from llmx.documents.limits import MEMBERS
from llmx.documents.page_range import pages_in
from llmx.documents.pages import Pages, PagesBuilder
from llmx.errors import DocumentError
from llmx.record import Issue

_ATTACHED = "file attached to a PDF"
_GARBLED = 0.1  # a page with more words than this that no font explains cannot be trusted


@dataclass(slots=True)
class _Remarks:
    """The numbers of pages about which there is something to say, and how many files are attached."""

    damaged: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    garbled: list[int] = field(default_factory=list)
    scanned: list[int] = field(default_factory=list)
    files: int = 0


@dataclass(frozen=True, slots=True)
class ReadPdf:
    """What the pages of a PDF say, and what is the matter with some of them."""

    text: str
    pages: Pages
    remarks: _Remarks


Scans = Mapping[int, PageWords]


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:
    """Return the text of a PDF, its pages, and what is the matter with some of them.

    Pages that are only pictures are read by OCR, where it is installed and wanted; where no page has words, but some
    are pictures, the text is empty. Raises DocumentError if the file is damaged or encrypted, if it is blank, or if it
    takes too long.
    """
    found, engine = _read(data, name, options, scans={}), ""
    if wanted := _wanted_scans(found, options):
        chosen = ocr.chosen(options)
        assert chosen is not None
        scans = scans_of(found.pages, wanted, engine=chosen, limit_s=options.limit_s)
        found, engine = _read(data, name, options, scans=scans), chosen.name
    remarks = found.remarks
    blank = not found.text.strip()
    if blank and (remarks.damaged or not (remarks.pictures or remarks.scanned)):
        raise _without_text(name, found)
    if not blank:
        check_text(found.text, name)
    issues = tuple(_issues(remarks, options, engine=engine))
    left_out = (_ATTACHED,) * min(remarks.files, MEMBERS)
    return Converted("" if blank else found.text, pages=found.pages, issues=issues, left_out=left_out)


def _read(data: bytes, name: str, options: ConvertOptions, *, scans: Scans) -> ReadPdf:
    if is_busy():
        return in_child(data, name, options, scans=scans)
    return in_time(partial(read_pdf, data, name, options, scans=scans), name, limit_s(data, options))


def _wanted_scans(found: ReadPdf, options: ConvertOptions) -> list[int]:
    """Return the numbers of the pages that OCR is to read. Raises DocumentError where it must and cannot."""
    if options.ocr == "always":
        if ocr.chosen(options) is None:
            raise DocumentError("OCR is not installed", hint=f"{ocr.INSTALL}; or --ocr auto")
        return [page.number for page in found.pages if page.width]
    pictures = found.remarks.pictures if options.ocr == "auto" else []
    return pictures if pictures and ocr.chosen(options) else []


def read_pdf(data: bytes, name: str, options: ConvertOptions, *, scans: Scans) -> ReadPdf:
    """Return what the pages say, however long it takes; ``scans`` are the words of pages that OCR has read."""
    builder, remarks = PagesBuilder(), _Remarks()
    with opened(data, name, options.password) as pdf:
        count, remarks.files = pdf.page_count, pdf.file_count
        numbers = pages_in(options.pages, count)
        if count and not numbers:
            raise DocumentError(f"{name} has no page {options.pages}: its last one is {count}")
        for number in numbers:
            if number in scans:
                remarks.scanned.append(number)
                write_page(builder, scans[number], number, picture=True, layout=options.layout)
            else:
                _add_page(pdf, number, layout=options.layout, builder=builder, remarks=remarks)
    pages = builder.pages(hashlib.sha256(data).hexdigest()[:16], PdfSource(data, name, options.password))
    return ReadPdf(builder.text, pages, remarks)


def _add_page(pdf: OpenPdf, number: int, *, layout: str, builder: PagesBuilder, remarks: _Remarks) -> None:
    with loaded(pdf, number - 1) as page:
        if page is None:
            remarks.damaged.append(number)
            builder.end_page(number, 0.0, 0.0)
            return
        found = page_words(page.handle, with_tables=layout == "markdown")
        picture = not found.words and pdfium.FPDFPage_CountObjects(page.handle) > 0
        if picture:
            remarks.pictures.append(number)
        if found.unknown > _GARBLED:
            remarks.garbled.append(number)
        if page.annotations.ticks and found.words:
            found = replace(found, words=with_ticks(found.words, page.annotations.ticks))
        write_page(builder, found, number, picture=picture, layout=layout, notes=page.annotations.notes)


def _without_text(name: str, found: ReadPdf) -> DocumentError:
    remarks, count = found.remarks, len(found.pages)
    if not count:
        return DocumentError(f"{name} is a PDF without pages")
    if remarks.damaged:
        told = f"{name} is a damaged PDF: {page_list(remarks.damaged)} broken, and no other has text"
        return DocumentError(told, hint="print it to a new PDF with a viewer that shows its pages")
    blank = "its page is" if count == 1 else f"all {count} pages are"
    return DocumentError(f"{name} is empty: {blank} blank", hint="leave it out, or ask for it again")


def _issues(remarks: _Remarks, options: ConvertOptions, *, engine: str) -> Iterable[Issue]:
    if remarks.damaged:
        yield Issue("unread_pages", "", f"{page_list(remarks.damaged)} damaged and could not be read")
    if remarks.pictures:
        yield Issue("unread_pages", "", f"{page_list(remarks.pictures)} {ocr.unread(options)}")
    if remarks.scanned:
        yield Issue("ocr", "", f"{page_list(remarks.scanned)} a picture, read by OCR ({engine})")
    if remarks.garbled:
        yield Issue(
            "garbled_text", "", f"{page_list(remarks.garbled)} set in fonts that do not say which letters they show"
        )
