"""The words of a PDF's pages that are only pictures, by OCR: each page is drawn by pdfium and read by ``scan``."""

from __future__ import annotations

from collections.abc import Iterable

from llmx.documents.converters.ocr import Chosen
from llmx.documents.converters.pdf_words import PageWords
from llmx.documents.converters.scan import drawn_words
from llmx.documents.pages import Pages

_POINTS_PER_INCH = 72
_MOST_INCHES = 13  # a larger page, such as a drawing, is read at less dots an inch


def scans_of(pages: Pages, numbers: Iterable[int], *, engine: Chosen, limit_s: float) -> dict[int, PageWords]:
    """Return the words on the pictures of these pages, by number; a page that cannot be drawn is left out."""
    wanted, scans = set(numbers), dict[int, PageWords]()
    for page in pages:
        if page.number not in wanted:
            continue
        if pages.is_blank(page.number):
            scans[page.number] = PageWords(page.width, page.height, [])
            continue
        inches = min(max(page.width, page.height) / _POINTS_PER_INCH, _MOST_INCHES)
        picture = pages.picture(page.number, round(inches * engine.engine.DPI))
        if picture:
            scans[page.number] = drawn_words(picture, page.width, page.height, engine=engine, limit_s=limit_s)
    return scans
