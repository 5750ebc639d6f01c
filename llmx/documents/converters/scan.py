"""From the picture of a page to its words, placed in points: straightened where that can be done, and read by OCR."""

from __future__ import annotations

import io
import struct
from importlib.util import find_spec
from typing import TYPE_CHECKING

from llmx.documents.converters.pdf_words import PageWords, PdfWord
from llmx.documents.pages import NO_INDEX

if TYPE_CHECKING:
    from PIL import Image

    from llmx.documents.converters.ocr import Chosen

_SURE = 0.99  # no word of a picture is as certain as one of a text layer


def scan_words(image: Image.Image, width: float, height: float, *, engine: Chosen, limit_s: float) -> PageWords:
    """Return the words of a page of ``width`` by ``height`` points that ``image`` shows."""
    from llmx.documents.converters.slant import Slant, straightened  # noqa: PLC0415 -- it needs Pillow

    level, degrees = straightened(image)
    out = io.BytesIO()
    level.save(out, "PNG", compress_level=1)
    scale = width / image.width
    slant = Slant(degrees, width, height, level.width * scale, level.height * scale) if degrees else None
    words = _words(out.getvalue(), scale, engine=engine, limit_s=limit_s)
    return PageWords(width, height, words, slant=slant)


def drawn_words(picture: bytes, width: float, height: float, *, engine: Chosen, limit_s: float) -> PageWords:
    """Return the words of a page of ``width`` by ``height`` points whose picture is the PNG file ``picture``."""
    if find_spec("PIL") is not None:
        from PIL import Image  # noqa: PLC0415 -- it need not be installed

        with Image.open(io.BytesIO(picture), formats=("PNG",)) as image:
            return scan_words(image.convert("RGB"), width, height, engine=engine, limit_s=limit_s)
    scale = width / struct.unpack(">I", picture[16:20])[0]  # a PNG begins with its width
    return PageWords(width, height, _words(picture, scale, engine=engine, limit_s=limit_s))


def _words(picture: bytes, scale: float, *, engine: Chosen, limit_s: float) -> list[PdfWord]:
    return [
        PdfWord(
            seen.x0 * scale, seen.y0 * scale, seen.x1 * scale, seen.y1 * scale, seen.text, NO_INDEX,
            confidence=min(seen.confidence, _SURE),
        )
        for seen in engine.engine.words(picture, languages=engine.languages, limit_s=limit_s)
    ]  # fmt: skip
