"""A word that OCR read, as every engine gives it."""

from __future__ import annotations

from typing import NamedTuple


class SeenWord(NamedTuple):
    """A word in a picture: its box in pixels from the top left corner, its letters, and in [0, 1] how sure they are."""

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    confidence: float
