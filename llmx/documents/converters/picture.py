"""Photos and scans: the words that OCR reads in a picture, with their boxes on the page that the picture is.

A TIFF file has a page for each of its pictures, other formats have one page. A camera's note how it was held is heeded,
and a picture that hangs a little is straightened before it is read; boxes are those of the picture as it is shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from PIL import Image

from llmx.documents.converters import Converted, ConvertOptions, ocr
from llmx.documents.converters.page_writing import page_list, write_page
from llmx.documents.converters.pdf_words import PageWords
from llmx.documents.converters.picture_file import (
    PictureSource,
    PixelBudget,
    frame,
    frames,
    opened,
    shows_nothing,
    size_px,
)
from llmx.documents.converters.scan import scan_words
from llmx.documents.decode import check_text
from llmx.documents.kind import kind_of
from llmx.documents.page_range import pages_in
from llmx.documents.pages import PagesBuilder
from llmx.errors import DocumentError
from llmx.record import Issue

_OCR_PX = 3_000
_DPI = (100.0, 1200.0)  # what scanners note; cameras and screens note 72 or 96, whatever the size of the paper
_LONGEST_POINTS = 842.0  # the longer side of A4, for pictures that do not say how large their paper is
_POINTS_PER_INCH = 72.0


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:
    """Return the words of a picture, where OCR is installed and wanted, and its pages.

    Without words the text is empty, and an issue says why. Raises DocumentError if the picture is damaged or too large,
    or if OCR must read it and is not installed.
    """
    engine = ocr.chosen(options) if options.ocr != "never" else None
    if engine is None and options.ocr == "always":
        raise DocumentError("OCR is not installed", hint=ocr.INSTALL)
    kind = kind_of(data).name
    builder, words, budget = PagesBuilder(), False, PixelBudget(name, len(data))
    with opened(data, name, kind) as image:
        count = frames(image, name)
        numbers = pages_in(options.pages, count)
        if not numbers:
            raise DocumentError(f"{name} has no page {options.pages}: its last one is {count}")
        for number in numbers:
            shown = frame(image, number, name, longest_px=_OCR_PX)
            budget.count(image)
            width, height = _points(image, shown)
            found = PageWords(width, height, [])
            if engine is not None and not shows_nothing(shown):
                found = scan_words(shown, width, height, engine=engine, limit_s=options.limit_s)
            words = words or bool(found.words)
            write_page(builder, found, number, picture=True, layout=options.layout)
    pages = builder.pages(hashlib.sha256(data).hexdigest()[:16], PictureSource(data, name, kind))
    text = builder.text if words else ""
    if words:
        check_text(text, name)
    return Converted(text, pages=pages, issues=tuple(_issues(numbers, options, engine, words=words)))


def _issues(
    numbers: Sequence[int], options: ConvertOptions, engine: ocr.Chosen | None, *, words: bool
) -> Iterable[Issue]:
    if engine is None:
        yield Issue("unread_pages", "", f"{page_list(numbers)} {ocr.unread(options)}")
    elif words:
        yield Issue("ocr", "", f"{page_list(numbers)} a picture, read by OCR ({engine.name})")
    else:
        yield Issue("ocr", "", f"{page_list(numbers)} a picture, in which OCR ({engine.name}) finds no words")


def _points(image: Image.Image, shown: Image.Image) -> tuple[float, float]:
    """Return the size of the present page on paper."""
    wide, high = size_px(image)
    noted = image.info.get("dpi") or (0, 0)
    dots = [float(noted[0] or 0), float(noted[1] or 0)]
    if (wide, high) != image.size:
        dots.reverse()
    if all(_DPI[0] <= each <= _DPI[1] for each in dots):
        return wide / dots[0] * _POINTS_PER_INCH, high / dots[1] * _POINTS_PER_INCH
    scale = _LONGEST_POINTS / max(shown.size)
    return shown.width * scale, shown.height * scale
