"""Opens pictures with Pillow, within bounds: a file is hostile until it is read, and a few kilobytes can be a gigabyte.

A picture is opened before any of its pixels is unpacked, so that what is too large is refused by what its header says.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from PIL import Image, ImageOps, UnidentifiedImageError

from llmx.documents.blank import LONGEST_PX, is_blank
from llmx.documents.kind import KINDS
from llmx.documents.limits import MEMBER_BYTES
from llmx.documents.pages import Box
from llmx.errors import DocumentError

MOST_PIXELS = 80_000_000
"""Of one picture: a page of A3 at 600 dots an inch has 70 million, and so many take 240 MB."""
MOST_FRAMES = 2_000
"""Of one TIFF file."""

_MOST_SCANS = 100  # of a progressive JPEG: each goes over all pixels once more, and programs that make some write ten
_SCAN = b"\xff\xda"
_FORMATS = {"png": ("PNG",), "jpeg": ("JPEG", "MPO"), "tiff": ("TIFF",), "webp": ("WEBP",), "bmp": ("BMP",)}
_KINDS = {form: kind for kind, forms in _FORMATS.items() for form in forms}
_RATIO = 1_000  # a fax of black on white comes to some hundred, but for its blank pages
_BITS = {"1": 1, "L": 8, "P": 8, "RGB": 24}  # of a pixel, by Pillow's name of its form
_JPEG_QUALITY = 85  # letters stay sharp, at a tenth of the size
_DEEP = frozenset({"I", "F", "I;16", "I;16B", "I;16L"})
_FAULTS = (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError, OverflowError, MemoryError)


@contextmanager
def opened(data: bytes, name: str, kind: str) -> Iterator[Image.Image]:
    """Open the picture ``data`` of the ``kind``. Raises DocumentError if it is damaged."""
    if kind == "jpeg" and data.count(_SCAN) > _MOST_SCANS:
        raise DocumentError(f"{name} is a JPEG picture made to do harm: it draws itself more than {_MOST_SCANS} times")
    with _named_faults(name, kind), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is too large is refused below, and odd metadata do no harm
        image = Image.open(io.BytesIO(data), formats=_FORMATS[kind])
    with image:
        yield image


@dataclass(slots=True)
class PixelBudget:
    """How much the pages of a file may unpack to. ``name`` is the file's, ``size`` its bytes."""

    name: str
    size: int
    used: int = 0

    def count(self, image: Image.Image) -> None:
        """Count the present page. Raises DocumentError where the pages grow as those of a bomb do."""
        self.used += image.width * image.height * _BITS.get(image.mode, 32) // 8
        if self.used > MEMBER_BYTES + _RATIO * self.size:
            what = f"{self.name} is not read: its pages grow to more than {_RATIO:,} times its size, as a bomb does"
            raise DocumentError(what, hint="name the pages that are wanted with --pages")


def frames(image: Image.Image, name: str) -> int:
    """Return how many pages there are: those of a TIFF file; of other formats only the first picture is one."""
    with _named_faults(name, image.format):
        count = int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1
    if count > MOST_FRAMES:
        what = f"{name} has {count:,} pages, more than the {MOST_FRAMES:,} that are read"
        raise DocumentError(what, hint="cut it into several files")
    return count


def frame(image: Image.Image, number: int, name: str, *, longest_px: int = 0) -> Image.Image:
    """Return page ``number``, from 1, as it is to be looked at, in three channels, on white where it is transparent.

    Its longer side has at most ``longest_px`` pixels, where that is given. Raises DocumentError.
    """
    with _named_faults(name, image.format):
        if number > 1:
            image.seek(number - 1)
        if image.width * image.height > MOST_PIXELS:
            size = f"{image.width:,} by {image.height:,} pixels"
            raise DocumentError(f"{name} is a picture of {size}, which is too large to be read", hint=_SMALLER)
        if longest_px:
            image.draft("RGB", (longest_px, longest_px))  # a JPEG is unpacked at about that size at once
        shown = _in_colour(ImageOps.exif_transpose(image))
        if longest_px and max(shown.size) > longest_px:
            shown.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS)
        return shown


def size_px(image: Image.Image) -> tuple[int, int]:
    """Return the size of the present page as it is to be looked at, without unpacking it."""
    turned = image.getexif().get(_ORIENTATION, 1) in _ON_ITS_SIDE
    return (image.height, image.width) if turned else (image.width, image.height)


_ORIENTATION = 0x0112
_ON_ITS_SIDE = (5, 6, 7, 8)


def encoded(image: Image.Image) -> bytes:
    """Return the picture as a JPEG file, without what a camera writes into it, such as the place."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return out.getvalue()


def shows_nothing(image: Image.Image) -> bool:
    """Whether ``image`` is one of blank paper."""
    small = image.copy()
    small.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.BOX)
    return is_blank(encoded(small))


def lighter(file: bytes) -> bytes:
    """Return a picture as a JPEG file where that has fewer bytes, else as it is."""
    with Image.open(io.BytesIO(file), formats=("PNG", "JPEG")) as image:
        other = encoded(image.convert("RGB"))
    return other if len(other) < len(file) else file


def _in_colour(image: Image.Image) -> Image.Image:
    if image.mode in _DEEP:  # 16 bits a pixel, of which a conversion would take the lower half
        image = image.convert("F")
        low, high = cast("tuple[float, float]", image.getextrema())
        scale = 255.0 / ((high - low) or 1.0)
        image = image.point(lambda value: value * scale - low * scale).convert("L")
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


@dataclass(frozen=True, slots=True)
class PictureSource:
    """The bytes of a picture, for what is drawn of its pages only when somebody wants it."""

    data: bytes = field(repr=False)
    name: str
    kind: str

    def characters(self, page: int, start: int, end: int) -> list[Box]:  # noqa: ARG002 -- the protocol's
        """Return no boxes: the characters of a picture stand nowhere but in it."""
        return []

    def picture(self, page: int, longest_px: int) -> bytes:
        """Return a JPEG file of that page, its longer side at most ``longest_px``; b'' if there can be none."""
        try:
            with opened(self.data, self.name, self.kind) as image:
                return encoded(frame(image, page, self.name, longest_px=longest_px))
        except DocumentError:
            return b""


_SMALLER = f"save it with at most {MOST_PIXELS // 1_000_000} million pixels"


@contextmanager
def _named_faults(name: str, kind: str | None) -> Iterator[None]:
    what = KINDS[_KINDS.get(kind or "", kind or "png")].label
    try:
        yield
    except DocumentError:
        raise
    except Image.DecompressionBombError as exc:
        size = str(exc).partition(")")[0].rpartition("(")[2]
        raise DocumentError(f"{name} is {what} of {size}, which is too large to be read", hint=_SMALLER) from None
    except _FAULTS as exc:
        told = "no program reads it" if isinstance(exc, UnidentifiedImageError) else f"{exc or type(exc).__name__}"
        hint = "open it with a viewer and save it again"
        raise DocumentError(f"{name} is {what}, and damaged: {told}", hint=hint) from None
