"""From the picture of a page to its words, placed in points: turned and straightened if need be, and read by OCR."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING

from llmx.documents.converters.pdf_words import PageWords, PdfWord
from llmx.documents.pages import NO_INDEX

if TYPE_CHECKING:
    from PIL import Image

    from llmx.documents.converters.ocr import Chosen

_UPRIGHT = 0.75  # words on their head are read with less confidence
_SIDEWAYS = 1.5  # lines that stand upright are so much sharper in the sums of columns than in those of rows
_LONG = 4  # letters: a longer word is broader than it is high
_SURE = 0.99  # no word of a picture is as certain as one of a text layer


def scan_words(image: Image.Image, width: float, height: float, *, engine: Chosen, limit_s: float) -> PageWords:
    """Return the words of a page of ``width`` by ``height`` points that ``image`` shows.

    A page that lies on its side or stands on its head is turned: its lines tell whether it lies, and words of which OCR
    is not sure let it try the other ways.
    """
    from llmx.documents.converters.slant import uprightness  # noqa: PLC0415 -- it needs Pillow

    def read(quarters: int) -> PageWords:
        return _turned_words(image, (width, height), quarters, engine=engine, limit_s=limit_s)

    upright = uprightness(image)
    on_side = upright > _SIDEWAYS
    best = read(1 if on_side else 0)
    if on_side:
        others: tuple[int, ...] = (3, 0)
    elif _are_upright(best.words) if best.words else upright > 1:
        others = (1, 3)
    else:
        others = (2,) if best.words else ()
    for quarters in others:
        if _sureness(best.words) >= _UPRIGHT:
            break
        other = read(quarters)
        if _read_surely(other.words) > _read_surely(best.words):
            best = other
    return best


def _turned_words(
    image: Image.Image, size: tuple[float, float], quarters: int, *, engine: Chosen, limit_s: float
) -> PageWords:
    """Return the words of ``image`` once it is turned by so many quarters, counter-clockwise, and straightened."""
    from PIL import Image as Pillow  # noqa: PLC0415 -- it need not be installed

    from llmx.documents.converters.slant import Slant, straightened  # noqa: PLC0415

    turns = (Pillow.Transpose.ROTATE_90, Pillow.Transpose.ROTATE_180, Pillow.Transpose.ROTATE_270)
    turned = image.transpose(turns[quarters - 1]) if quarters else image
    level, degrees = straightened(turned)
    out = io.BytesIO()
    level.save(out, "PNG", compress_level=1)
    width, height = size
    scale, degrees = width / image.width, degrees + 90 * quarters
    slant = Slant(degrees, width, height, level.width * scale, level.height * scale) if degrees else None
    words = _words(out.getvalue(), scale, engine=engine, limit_s=limit_s)
    return PageWords(width, height, words, slant=slant)


def _sureness(words: Sequence[PdfWord]) -> float:
    """Return the mean confidence of the letters of ``words``, 0.0 for none or if most words read backwards."""
    letters = sum(len(word.text) for word in words)
    pairs = [(one, other) for one, other in pairwise(words) if one.y0 < other.y1 and other.y0 < one.y1]
    backwards = sum(other.x1 < one.x0 for one, other in pairs)
    if not letters or 2 * backwards > len(pairs) > 0 or _are_upright(words):
        return 0.0
    return sum(word.confidence * len(word.text) for word in words) / letters


def _are_upright(words: Sequence[PdfWord]) -> bool:
    """Whether most words read down or up: engines turn single lines by themselves."""
    long = [word for word in words if len(word.text) >= _LONG]
    return 2 * sum(word.y1 - word.y0 > word.x1 - word.x0 for word in long) > len(long)


def _read_surely(words: Sequence[PdfWord]) -> float:
    """Return how many letters were read with certainty."""
    return _sureness(words) ** 2 * sum(len(word.text) for word in words)


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
