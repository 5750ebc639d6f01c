"""Tells a blank page by its picture: nobody is to be asked what it says, for a model would invent something."""

from __future__ import annotations

import io
import struct
import zlib
from importlib.util import find_spec

LONGEST_PX = 300
"""At this size a speck is gone, and a line of writing is not."""

_LEAST_CONTRAST = 20  # of 255, between the lightest and the darkest spot
_MARGIN = 0.04  # of each side is left out: scans have shadows at their edges
_CHANNELS = 3
_HEAD = 33  # bytes of a PNG file before the first chunk that follows its header


def is_blank(file: bytes) -> bool:
    """Whether the picture ``file`` (PNG or JPEG, ``LONGEST_PX`` at most) shows paper and nothing else."""
    rows = _rows_by_pillow(file) if find_spec("PIL") is not None else _rows_of_png(file)
    if not rows or not rows[0]:
        return False
    above, aside = int(len(rows) * _MARGIN), int(len(rows[0]) // _CHANNELS * _MARGIN) * _CHANNELS
    inner = [row[aside : len(row) - aside] for row in rows[above : len(rows) - above]]
    return max(max(row) for row in inner) - min(min(row) for row in inner) < _LEAST_CONTRAST


def _rows_by_pillow(file: bytes) -> list[bytes]:
    from PIL import Image  # noqa: PLC0415 -- it need not be installed

    with Image.open(io.BytesIO(file), formats=("PNG", "JPEG")) as image:
        shown = image.convert("L").convert("RGB")
        pixels, wide = shown.tobytes(), shown.width * _CHANNELS
    return [pixels[at : at + wide] for at in range(0, len(pixels), wide)]


def _rows_of_png(file: bytes) -> list[bytes]:
    """Return the rows of a PNG file as ``pdf_picture`` writes it: three channels, one IDAT, no filters."""
    (wide,) = struct.unpack(">I", file[16:20])
    (size,) = struct.unpack(">I", file[_HEAD : _HEAD + 4])
    pixels, row = zlib.decompress(file[_HEAD + 8 : _HEAD + 8 + size]), wide * _CHANNELS + 1
    return [pixels[at + 1 : at + row] for at in range(0, len(pixels), row)]
