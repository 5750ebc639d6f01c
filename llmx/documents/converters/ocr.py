"""Words read from pictures by rapidocr. Its models come with it: nothing is fetched, nothing leaves the machine."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from typing import Any, NamedTuple

MODULES = ("rapidocr", "onnxruntime")
"""What the extra ``ocr`` brings."""


class SeenWord(NamedTuple):
    """A word in a picture: its box in pixels from the top left corner, its letters, and in [0, 1] how sure they are."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    confidence: float


def is_installed() -> bool:
    """Whether pictures can be read here."""
    return all(find_spec(name) is not None for name in MODULES)


def picture_words(picture: bytes) -> list[SeenWord]:
    """Return the words of a picture (a PNG or JPEG file), line by line; none where it is blank."""
    found = _engine()(picture, return_word_box=True)
    if not found.txts:
        return []
    words = (word for line in found.word_results if not isinstance(line[0], str) for word in line if len(word) == 3)
    return [
        SeenWord(*_around(corners), text, float(confidence))
        for text, confidence, corners in words
        if text.strip() and corners is not None
    ]


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR  # noqa: PLC0415 -- it loads for a second, and most files need no OCR

    return RapidOCR(params={"Global.log_level": "critical"})


def _around(corners: Any) -> tuple[float, float, float, float]:
    across, down = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return min(across), min(down), max(across), max(down)
