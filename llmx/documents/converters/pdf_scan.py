"""The words of pages that are only pictures, by OCR: each page is drawn by pdfium and read by ``ocr``."""

from __future__ import annotations

import struct
from collections.abc import Iterable

from llmx.documents.converters.ocr import picture_words
from llmx.documents.converters.pdf_words import PageWords, PdfWord
from llmx.documents.pages import NO_INDEX, Pages

_PX_PER_POINT = 200 / 72  # 200 dots an inch: letters of ten points are then as high as OCR is trained on
_MOST_PX = 2_600


def scans_of(pages: Pages, numbers: Iterable[int]) -> dict[int, PageWords]:
    """Return the words on the pictures of these pages, by number; a page that cannot be drawn is left out."""
    wanted, scans = set(numbers), dict[int, PageWords]()
    for page in pages:
        if page.number not in wanted:
            continue
        longest = max(page.width, page.height)
        picture = pages.picture(page.number, min(round(longest * _PX_PER_POINT), _MOST_PX))
        if picture:
            scale = page.width / struct.unpack(">I", picture[16:20])[0]  # a PNG begins with its width
            words = [
                PdfWord(
                    seen.x0 * scale, seen.y0 * scale, seen.x1 * scale, seen.y1 * scale, seen.text, NO_INDEX,
                    confidence=min(seen.confidence, 0.99),
                )
                for seen in picture_words(picture)
            ]  # fmt: skip
            scans[page.number] = PageWords(page.width, page.height, words)
    return scans
