"""How far a scan or a photo is turned from the level, and the way back from the straightened picture.

The lines of a text are sharpest in the sums of its rows of pixels when they are level: the angle at which these sums
differ most from one row to the next is that of the text (Postl 1986, as most programs that straighten scans do it).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageOps

from llmx.documents.pages import Rectangle

_LONGEST_PX = 900
_MOST_DEGREES, _COARSE, _FINE = 8.0, 1.0, 0.25
_LEAST_DEGREES = 0.4  # less does no harm to anybody who reads lines
_GAIN = 1.15  # a picture that is no text has no best angle
_INNER = 0.08  # of each side is left out: a turned picture has corners of its own there
_BLANK = 1e-9
_QUARTER = 90.0


@dataclass(frozen=True, slots=True)
class Slant:
    """A picture of ``width`` by ``height`` that was turned by ``degrees``, counter-clockwise, to be level.

    ``level_width`` and ``level_height`` are its size then; all in one unit.
    """

    degrees: float
    width: float
    height: float
    level_width: float
    level_height: float

    @property
    def turn(self) -> int:
        """How words of the level picture read in the picture as it was: 0 to the right, 1 down, 2 upside down, 3 up."""
        return round(self.degrees / _QUARTER) % 4

    def place(self, box: Rectangle) -> Rectangle:
        """Return the box around what ``box`` of the level picture covers in the picture as it was."""
        turn = math.radians(self.degrees)
        cos, sin = math.cos(turn), math.sin(turn)
        corners = [(x - self.level_width / 2, y - self.level_height / 2) for x in box[::2] for y in box[1::2]]
        across = [cos * x - sin * y + self.width / 2 for x, y in corners]
        down = [sin * x + cos * y + self.height / 2 for x, y in corners]
        return (
            max(min(across), 0.0), max(min(down), 0.0), min(max(across), self.width), min(max(down), self.height),
        )  # fmt: skip


def slant_of(image: Image.Image) -> float:
    """Return the degrees by which ``image`` has to be turned, counter-clockwise, to be level; 0.0 where it is."""
    small = ImageOps.autocontrast(image.convert("L"))
    small.thumbnail((_LONGEST_PX, _LONGEST_PX), Image.Resampling.BOX)
    level = _sharpness(small, 0.0)
    if level < _BLANK:
        return 0.0
    steps = int(_MOST_DEGREES / _COARSE)
    best = max((each * _COARSE for each in range(-steps, steps + 1)), key=lambda angle: _sharpness(small, angle))
    fine = int(_COARSE / _FINE)
    best = max((best + each * _FINE for each in range(-fine, fine + 1)), key=lambda angle: _sharpness(small, angle))
    if abs(best) < _LEAST_DEGREES or abs(best) > _MOST_DEGREES or _sharpness(small, best) < _GAIN * level:
        return 0.0
    return best


def uprightness(image: Image.Image) -> float:
    """Return how much sharper the sums of columns of ``image`` are than those of its rows.

    Well above 1 for a page that was scanned on its side, whose lines stand upright; well below 1 for a level one.
    """
    small = ImageOps.autocontrast(image.convert("L"))
    small.thumbnail((_LONGEST_PX, _LONGEST_PX), Image.Resampling.BOX)
    sideways = _sharpness(small.transpose(Image.Transpose.ROTATE_90), 0.0)
    return sideways / max(_sharpness(small, 0.0), _BLANK)


def straightened(image: Image.Image) -> tuple[Image.Image, float]:
    """Return ``image`` turned level, and by how many degrees it was turned for that."""
    degrees = slant_of(image)
    if not degrees:
        return image, 0.0
    return image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white"), degrees


def _sharpness(image: Image.Image, degrees: float) -> float:
    turned = image.rotate(degrees, Image.Resampling.BILINEAR) if degrees else image
    aside, above = int(turned.width * _INNER), int(turned.height * _INNER)
    inner = turned.crop((aside, above, turned.width - aside, turned.height - above))
    sums = inner.resize((1, max(inner.height, 1)), Image.Resampling.BOX).tobytes()
    return sum((one - other) ** 2 for one, other in pairwise(sums)) / max(len(sums), 1)
