"""PDF: the words of its text layer in reading order, with the page and the box of each.

pdfium reads the file, ``pdf_words`` takes its words, ``pdf_layout`` puts them into lines. A page that is only a picture
has no text layer; it is named in an issue, never passed over in silence.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pypdfium2.raw as pdfium

from llmx.documents.converters import Converted, ConvertOptions
from llmx.documents.converters.pdf_file import PdfCharacters, loaded, opened
from llmx.documents.converters.pdf_layout import page_lines
from llmx.documents.converters.pdf_words import PageWords, Word, page_words
from llmx.documents.decode import check_text
from llmx.documents.pages import NO_INDEX, Box, PagesBuilder
from llmx.errors import DocumentError
from llmx.record import Issue

_FORMS = re.compile("[\u00ad\ufb00-\ufdff\ufe70-\ufefc]")  # ligatures and the shapes of Arabic letters
_GARBLED = 0.1  # a page with more words than this that no font explains cannot be trusted


@dataclass(slots=True)
class _Remarks:
    """The numbers of pages about which there is something to say."""

    damaged: list[int]
    pictures: list[int]
    garbled: list[int]


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:
    """Return the text of a PDF, its pages, and what is the matter with some of them.

    Raises DocumentError if the file is damaged or encrypted, or if no page of it has text.
    """
    builder, remarks = PagesBuilder(), _Remarks([], [], [])
    with opened(data, name) as document:
        count = pdfium.FPDF_GetPageCount(document)
        for index in range(count):
            _add_page(document, index, builder, remarks)
    text = builder.text
    if not text.strip():
        raise _without_text(name, count, remarks)
    check_text(text, name)
    pages = builder.pages(hashlib.sha256(data).hexdigest()[:16], PdfCharacters(data, name))
    return Converted(text, pages=pages, issues=tuple(_issues(remarks)))


def _add_page(document: pdfium.FPDF_DOCUMENT, index: int, builder: PagesBuilder, remarks: _Remarks) -> None:
    with loaded(document, index) as page:
        if page is None:
            remarks.damaged.append(index + 1)
            builder.end_page(index + 1, 0.0, 0.0)
            return
        found = page_words(page)
        if not found.words and pdfium.FPDFPage_CountObjects(page) > 0:
            remarks.pictures.append(index + 1)
        if found.unknown > _GARBLED:
            remarks.garbled.append(index + 1)
        write_page(builder, found, index + 1)


def write_page(builder: PagesBuilder, found: PageWords, number: int) -> None:
    """Add the words of one page to ``builder``, line by line."""
    for line in page_lines(found.words):
        for part in line:
            if isinstance(part, Word):
                text, index = _letters(part)
                builder.add_word(text, Box(*part[:4]), index=index, turn=part.turn)
            else:
                builder.add_text(part)
        builder.add_text("\n")
    builder.end_page(number, found.width, found.height)


def _letters(word: Word) -> tuple[str, int]:
    """Return the letters of a word, without ligatures, and the index of the first one while their number is the same."""
    if not _FORMS.search(word.text):
        return word.text, word.index
    plain = unicodedata.normalize("NFKC", word.text).replace("\u00ad", "")
    return plain, word.index if len(plain) == len(word.text) else NO_INDEX


def _without_text(name: str, count: int, remarks: _Remarks) -> DocumentError:
    if not count:
        return DocumentError(f"{name} is a PDF without pages")
    if remarks.damaged:
        return DocumentError(f"{name} is a damaged PDF: {_pages(remarks.damaged)} cannot be read, and no other has text")
    if remarks.pictures:
        hint = "read it by OCR: --ocr auto, with the extra llmx-extract[ocr]"
        return DocumentError(f"{name} has no text: {_pages(remarks.pictures)} only a picture", hint=hint)
    return DocumentError(f"{name} is empty: {'its page has' if count == 1 else f'all {count} pages have'} nothing on it")


def _issues(remarks: _Remarks) -> Iterable[Issue]:
    if remarks.damaged:
        yield Issue("unread_pages", "", f"{_pages(remarks.damaged)} damaged and could not be read")
    if remarks.pictures:
        yield Issue("unread_pages", "", f"{_pages(remarks.pictures)} without text: a picture that OCR would have to read")
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
