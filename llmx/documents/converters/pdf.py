"""PDF: the words of its text layer in reading order, with the page and the box of each.

pdfium reads the file, ``pdf_words`` takes its words, ``pdf_layout`` puts them into lines. A page that is only a picture
has no text layer; it is named in an issue, never passed over in silence.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import pypdfium2.raw as pdfium

from llmx.documents.converters import Converted, ConvertOptions, ocr
from llmx.documents.converters.pdf_file import PdfSource, loaded, opened
from llmx.documents.converters.pdf_layout import page_lines
from llmx.documents.converters.pdf_limit import in_child, in_time, is_busy, limit_s
from llmx.documents.converters.pdf_scan import scans_of
from llmx.documents.converters.pdf_words import PageWords, PdfWord, page_words
from llmx.documents.decode import check_text
from llmx.documents.page_range import pages_in
from llmx.documents.pages import NO_INDEX, Pages, PagesBuilder
from llmx.errors import DocumentError
from llmx.record import Issue

# soft hyphens, signs of a font's own, ligatures and the shapes of Arabic letters
_FORMS = re.compile("[\u00ad\ue000-\uf8ff\ufb00-\ufdff\ufe70-\ufefc]")
_GARBLED = 0.1  # a page with more words than this that no font explains cannot be trusted


@dataclass(slots=True)
class _Remarks:
    """The numbers of pages about which there is something to say."""

    damaged: list[int] = field(default_factory=list)
    pictures: list[int] = field(default_factory=list)
    garbled: list[int] = field(default_factory=list)
    scanned: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReadPdf:
    """What the pages of a PDF say, and what is the matter with some of them."""

    text: str
    pages: Pages
    remarks: _Remarks


Scans = Mapping[int, PageWords]


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:
    """Return the text of a PDF, its pages, and what is the matter with some of them.

    Pages that are only pictures are read by OCR, where it is installed and wanted. Raises DocumentError if the file is
    damaged or encrypted, if no page of it has text, or if it takes too long.
    """
    found = _read(data, name, options, scans={})
    if wanted := _wanted_scans(found, options):
        found = _read(data, name, options, scans=scans_of(found.pages, wanted))
    if not found.text.strip():
        raise _without_text(name, found)
    check_text(found.text, name)
    return Converted(found.text, pages=found.pages, issues=tuple(_issues(found.remarks)))


def _read(data: bytes, name: str, options: ConvertOptions, *, scans: Scans) -> ReadPdf:
    if is_busy():
        return in_child(data, name, options, scans=scans)
    return in_time(partial(read_pdf, data, name, options, scans=scans), name, limit_s(data, options))


def _wanted_scans(found: ReadPdf, options: ConvertOptions) -> list[int]:
    """Return the numbers of the pages that OCR is to read. Raises DocumentError where it must and cannot."""
    if options.ocr == "always":
        if not ocr.is_installed():
            raise DocumentError("OCR is not installed", hint='pip install "llmx-extract[ocr]", or --ocr auto')
        return [page.number for page in found.pages if page.width]
    return found.remarks.pictures if options.ocr == "auto" and ocr.is_installed() else []


def read_pdf(data: bytes, name: str, options: ConvertOptions, *, scans: Scans) -> ReadPdf:
    """Return what the pages say, however long it takes; ``scans`` are the words of pages that OCR has read."""
    builder, remarks = PagesBuilder(), _Remarks()
    with opened(data, name, options.password) as document:
        count = pdfium.FPDF_GetPageCount(document)
        numbers = pages_in(options.pages, count)
        if count and not numbers:
            raise DocumentError(f"{name} has no page {options.pages}: its last one is {count}")
        for number in numbers:
            if number in scans:
                remarks.scanned.append(number)
                write_page(builder, scans[number], number)
            else:
                _add_page(document, number, builder=builder, remarks=remarks)
    pages = builder.pages(hashlib.sha256(data).hexdigest()[:16], PdfSource(data, name, options.password))
    return ReadPdf(builder.text, pages, remarks)


def _add_page(document: pdfium.FPDF_DOCUMENT, number: int, *, builder: PagesBuilder, remarks: _Remarks) -> None:
    with loaded(document, number - 1) as page:
        if page is None:
            remarks.damaged.append(number)
            builder.end_page(number, 0.0, 0.0)
            return
        found = page_words(page)
        if not found.words and pdfium.FPDFPage_CountObjects(page) > 0:
            remarks.pictures.append(number)
        if found.unknown > _GARBLED:
            remarks.garbled.append(number)
        write_page(builder, found, number)


def write_page(builder: PagesBuilder, found: PageWords, number: int) -> None:
    """Add the words of one page to ``builder``, line by line."""
    plain = not _FORMS.search("".join([word.text for word in found.words]))
    for line in page_lines(found.words):
        for part in line:
            if isinstance(part, str):
                builder.add_text(part)
            elif plain:
                builder.add_word(part.text, part[:4], index=part.first, turn=part.turn, confidence=part.confidence)
            else:
                text, index = _letters(part)
                if text:
                    builder.add_word(text, part[:4], index=index, turn=part.turn, confidence=part.confidence)
        builder.add_text("\n")
    builder.end_page(number, found.width, found.height)


def _letters(word: PdfWord) -> tuple[str, int]:
    """Return the letters of a word without ligatures, and the index of the first one if they are as many."""
    if not _FORMS.search(word.text):
        return word.text, word.first
    if len(word.text) == 1 and "\ue000" <= word.text <= "\uf8ff":
        return "•", word.first  # a sign of a font of signs, nearly always one that begins an item of a list
    plain = unicodedata.normalize("NFKC", word.text).replace("\u00ad", "")
    return plain, word.first if len(plain) == len(word.text) else NO_INDEX


def _without_text(name: str, found: ReadPdf) -> DocumentError:
    remarks, count = found.remarks, len(found.pages)
    if not count:
        return DocumentError(f"{name} is a PDF without pages")
    if remarks.damaged:
        return DocumentError(f"{name} is a damaged PDF: {_pages(remarks.damaged)} broken, and no other has text")
    if remarks.pictures:
        hint = 'OCR reads it: pip install "llmx-extract[ocr]", and --ocr auto'
        return DocumentError(f"{name} has no text: {_pages(remarks.pictures)} only a picture", hint=hint)
    blank = "its page is" if count == 1 else f"all {count} pages are"
    return DocumentError(f"{name} is empty: {blank} blank{', OCR says' if remarks.scanned else ''}")


def _issues(remarks: _Remarks) -> Iterable[Issue]:
    if remarks.damaged:
        yield Issue("unread_pages", "", f"{_pages(remarks.damaged)} damaged and could not be read")
    if remarks.pictures:
        yield Issue(
            "unread_pages", "", f"{_pages(remarks.pictures)} without text: a picture that OCR would have to read"
        )
    if remarks.scanned:
        yield Issue("ocr", "", f"{_pages(remarks.scanned)} a picture, read by OCR")
    if remarks.garbled:
        yield Issue(
            "garbled_text", "", f"{_pages(remarks.garbled)} set in fonts that do not say which letters they show"
        )


def _pages(numbers: Sequence[int]) -> str:
    """Return 'page 3 is', 'pages 3, 5-7 are'."""
    parts: list[str] = []
    start = previous = numbers[0]
    for number in [*numbers[1:], -1]:
        if number != previous + 1:
            parts.append(str(start) if start == previous else f"{start}-{previous}")
            start = number
        previous = number
    return f"page {parts[0]} is" if len(numbers) == 1 else f"pages {', '.join(parts)} are"
