"""The words of a PDF's page as pdfium finds them: their letters, their places in its text, and their boxes.

Coordinates here and everywhere in llmx are those of the page as it is shown: points from its top left corner, turned
as the page is turned. What stands outside the page is not a word of it. How words become lines is ``pdf_layout``'s.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low
from typing import TYPE_CHECKING, NamedTuple

import pypdfium2.raw as pdfium

from llmx.documents.converters.pdf_rules import ruled_tables
from llmx.documents.pages import NO_INDEX, Box

if TYPE_CHECKING:
    from llmx.documents.converters.pdf_rules import RuledTable
    from llmx.documents.converters.slant import Slant

_TOKEN = re.compile("[^\\s\x00-\x1f\ufffe\uffff]+[\x02\ufffe]?")
_HYPHENS = "\x02\ufffe"  # what pdfium makes of a hyphen at the end of a line whose word goes on
_word = tuple.__new__  # what NamedTuple calls, without its own call in between: it is made for every word
_LAST_CODE = 0x10FFFF
# pdfium gives a page's text in 16 bits a character, and cuts what needs more: an emoji then looks like these
_CUT = re.compile("[\ud400-\ud7ff\ue000-\uf8ff]")
_BESIDE_RARE = re.compile(
    "[\u2e80-\u9fff]"
)  # and a rare Chinese character like any other; it stands beside common ones
RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
"""A letter of a script that is written from right to left."""
_TO_LEFT = re.compile("[\u0590-\u065f\u066b-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\\W_]+")
"""A word of such letters alone, with marks and without figures."""

_SPACED = 1.7  # letters: pages with shorter words than this, taken together, may have their letters set apart
_TOUCHING, _ON_A_LINE = 0.06, 0.8  # shares of a line's height
_HIGH, _HIGH_POINTS = 2.0, 30.0  # a word higher than so many usual ones, or points, is looked at
_TOO_HIGH, _AROUND = 3.2, 0.25  # heights of its letters
_UNKNOWN = re.compile("[\ufffd\ue000-\uf8ff]")
_SAMPLE = 40  # characters of a page that are asked whether the font says what they are

Rectangle = tuple[float, float, float, float]
ToShown = Callable[[float, float, float, float], Rectangle]
_LOOSE_BOX = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(pdfium.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
)  # the same function with plain numbers for pointers: it is called twice a word, and this takes a third of the time

_HAS_MAP_ERROR = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)(
    ctypes.cast(pdfium.FPDFText_HasUnicodeMapError, ctypes.c_void_p).value or 0
)


class PdfWord(NamedTuple):
    """One word: its box in points from the page's top left, its letters, and the index of its ``first`` character.

    ``turn`` is the direction in which it reads: 0 to the right, 1 down, 2 upside down, 3 up. ``broken`` says that it
    ends in a hyphen that divides it at the end of a line; ``confidence`` is below 1 where OCR read it.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    text: str
    first: int
    turn: int = 0
    broken: bool = False
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of one page in the order in which the file draws them; ``unknown`` is the share without a meaning.

    ``slant`` is the way from the words' boxes to the page, for a scan that was straightened before it was read, and
    ``tables`` are those whose lines are drawn.
    """

    width: float
    height: float
    words: list[PdfWord]
    unknown: float = 0.0
    slant: Slant | None = None
    tables: Sequence[RuledTable] = ()


def page_words(page: pdfium.FPDF_PAGE, *, with_tables: bool = False) -> PageWords:
    """Return the words of ``page``.

    ``with_tables`` looks for tables whose lines are drawn, too, which takes a tenth of the time of all the rest.
    """
    to_shown, turned = shown_by(page), pdfium.FPDFPage_GetRotation(page) % 4
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    textpage = pdfium.FPDFText_LoadPage(page)
    if not textpage:
        return PageWords(width, height, [])
    try:
        text, indices = _characters(textpage)
        found = _words(textpage, text, indices, to_shown=to_shown)
        if turned or any(word.turn for word in found):
            found = [word._replace(turn=_turn(textpage, word, turned)) for word in found]
        if sum(len(word.text) for word in found) < _SPACED * len(found):
            found = _rejoined(found)
        if RTL.search(text):
            found = [_as_seen(textpage, word, to_shown) for word in found]
        if found and not turned:
            found = _lowered(textpage, found, to_shown)
        words = [word for word in found if word[2] > 0 and word[3] > 0 and word[0] < width and word[1] < height]
        tables = ruled_tables(page, to_shown) if with_tables and len(words) > 1 else ()
        return PageWords(width, height, words, _unknown(textpage, words), tables=tables)
    finally:
        pdfium.FPDFText_ClosePage(textpage)


def character_boxes(page: pdfium.FPDF_PAGE, start: int, end: int) -> list[Box]:
    """Return the boxes of the characters with the indices ``start`` to ``end`` (excluded) of pdfium's text."""
    to_shown = shown_by(page)
    textpage = pdfium.FPDFText_LoadPage(page)
    if not textpage:
        return []
    try:
        return [Box(*box) for box in _boxes(textpage, list(range(start, end)), to_shown)]
    finally:
        pdfium.FPDFText_ClosePage(textpage)


def _characters(textpage: pdfium.FPDF_TEXTPAGE) -> tuple[str, list[int] | None]:
    """Return the page's text in pdfium's order, and each letter's character index, None where it counts from 0 on."""
    count = pdfium.FPDFText_CountChars(textpage)
    if count <= 0:
        return "", None
    buffer = (ctypes.c_ushort * (2 * count + 2))()
    size = pdfium.FPDFText_GetText(textpage, 0, count, buffer)
    text = bytes(buffer)[: 2 * max(size - 1, 0)].decode("utf-16-le", "replace")
    if len(text) == count and not _BESIDE_RARE.search(text):
        return _CUT.sub(lambda match: _character(textpage, match.start()), text), None
    letters = [_character(textpage, index) for index in range(count)]
    for index, (high, low) in enumerate(pairwise(letters)):
        if "\ud800" <= high < "\udc00" <= low < "\ue000":  # a character in two halves, such as an emoji
            letters[index : index + 2] = ((high + low).encode("utf-16", "surrogatepass").decode("utf-16"), "")
    indices = [index for index, letter in enumerate(letters) if letter and not "\ud800" <= letter < "\ue000"]
    return "".join([letters[index] for index in indices]), indices


def _character(textpage: pdfium.FPDF_TEXTPAGE, index: int) -> str:
    """Return a character as the font says it, '' for none; it may be half of one."""
    code = pdfium.FPDFText_GetUnicode(textpage, index)
    return chr(code) if 0 < code <= _LAST_CODE else ""


def _words(textpage: pdfium.FPDF_TEXTPAGE, text: str, indices: list[int] | None, *, to_shown: ToShown) -> list[PdfWord]:
    """Return the words of ``text``; the box of each is that around its first and its last character."""
    tokens, wanted = [], list[int]()
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        letters = match[0]
        broken = letters[-1] in _HYPHENS
        if broken:
            letters, end = letters[:-1] + "-", max(end - 1, start + 1)
        first, last = (start, end - 1) if indices is None else (indices[start], indices[end - 1])
        tokens.append((letters, first, broken))
        wanted += (first, last)
    boxes, shown = _rectangles(textpage, wanted), list[PdfWord]()
    for (letters, index, broken), (x0, y1, x1, y0), (a0, b1, a1, b0) in zip(tokens, boxes, boxes, strict=True):
        turn = 0
        if y0 != b0 and abs(y0 + y1 - b0 - b1) > abs(x0 + x1 - a0 - a1):
            turn = 3 if b0 > y0 else 1
        elif a0 < x0:
            turn = 2
        box = to_shown(x0 if x0 < a0 else a0, y1 if y1 > b1 else b1, x1 if x1 > a1 else a1, y0 if y0 < b0 else b0)
        shown.append(_word(PdfWord, (*box, letters, index, turn, broken, 1.0)))
    return shown


def _turn(textpage: pdfium.FPDF_TEXTPAGE, word: PdfWord, turned: int) -> int:
    """Return in which direction a word reads once the page is turned.

    The angle of the font tells it of a single letter, and whether a word is upside down or only in a script that is
    written to the left.
    """
    turn = word.turn
    if len(word.text) == 1 or turn == 2:
        turn = round(pdfium.FPDFText_GetCharAngle(textpage, word.first) / (math.pi / 2))
    return (turn + turned) % 4


def _rejoined(words: list[PdfWord]) -> list[PdfWord]:
    """Return the words of a page whose letters are drawn one by one, which pdfium takes for words of one letter.

    Letters that touch are one word; where a blank is, there is room.
    """
    joined = words[:1]
    for word in words[1:]:
        last = joined[-1]
        near = _TOUCHING * (last.y1 - last.y0)
        level = min(last.y1, word.y1) - max(last.y0, word.y0) > _ON_A_LINE * max(last.y1 - last.y0, word.y1 - word.y0)
        if level and not (last.turn or word.turn) and -near < word.x0 - last.x1 < near:
            joined[-1] = last._replace(
                x1=word.x1, y0=min(last.y0, word.y0), y1=max(last.y1, word.y1), text=last.text + word.text,
                first=NO_INDEX, broken=word.broken,
            )  # fmt: skip
        else:
            joined.append(word)
    return joined


def _lowered(textpage: pdfium.FPDF_TEXTPAGE, words: list[PdfWord], to_shown: ToShown) -> list[PdfWord]:
    """Return words with boxes as high as their letters where a font says that it is as high as several lines."""
    usual = median_low([word[3] - word[1] for word in words])
    high = min(_HIGH * usual, _HIGH_POINTS)
    for number, word in enumerate(words):
        height = word[3] - word[1]
        if height > high and not word.turn and word.first != NO_INDEX:
            inked = [_ink(textpage, index, to_shown) for index in (word.first, word.first + len(word.text) - 1)]
            y0, y1 = min(box[1] for box in inked), max(box[3] for box in inked)
            if y1 > y0 and height > _TOO_HIGH * (y1 - y0):
                free = _AROUND * (y1 - y0)
                words[number] = word._replace(y0=y0 - free, y1=y1 + free)
    return words


def _ink(textpage: pdfium.FPDF_TEXTPAGE, index: int, to_shown: ToShown) -> Rectangle:
    """Return the box of what a character draws."""
    sides = [ctypes.c_double() for _ in range(4)]  # left, right, bottom, top
    pdfium.FPDFText_GetCharBox(textpage, index, *sides)
    left, right, bottom, top = (side.value for side in sides)
    return to_shown(left, top, right, bottom)


def _as_seen(textpage: pdfium.FPDF_TEXTPAGE, word: PdfWord, to_shown: ToShown) -> PdfWord:
    """Return a word as it stands on the page: amid lines of mixed scripts pdfium turns '.No', and some Arabic words.

    Latin letters and figures stand from left to right, letters of Arabic and Hebrew from right to left. Letters that
    are put in order no longer follow the file's, so that the word's index is none.
    """
    has_rtl = RTL.search(word.text) is not None
    to_left = has_rtl and _TO_LEFT.fullmatch(word.text) is not None
    mixed = not to_left and (has_rtl or word.text.isalnum())
    if len(word.text) == 1 or mixed or word.turn or word.broken or word.first == NO_INDEX:
        return word
    boxes = _boxes(textpage, list(range(word.first, word.first + len(word.text))), to_shown)
    first, last = boxes[0], boxes[-1]
    if first[0] >= last[0] if to_left else all(one[0] <= other[0] for one, other in pairwise(boxes)):
        return word
    ordered = sorted(zip(boxes, word.text, strict=True), key=lambda pair: -pair[0][2] if to_left else pair[0][0])
    return word._replace(text="".join(letter for _, letter in ordered), first=NO_INDEX)


def _boxes(textpage: pdfium.FPDF_TEXTPAGE, indices: list[int], to_shown: ToShown) -> list[Rectangle]:
    return [to_shown(*rectangle) for rectangle in _rectangles(textpage, indices)]


def _rectangles(textpage: pdfium.FPDF_TEXTPAGE, indices: list[int]) -> Iterator[Rectangle]:
    """Yield the box of each of these characters in the file: left, top, right, bottom, as high as the font."""
    rects = (ctypes.c_float * (4 * len(indices)))()
    handle, address = ctypes.cast(textpage, ctypes.c_void_p).value, ctypes.addressof(rects)
    for index in indices:
        _LOOSE_BOX(handle, index, address)
        address += 16
    values = iter(memoryview(rects).cast("B").cast("f").tolist())
    return zip(values, values, values, values, strict=True)


def shown_by(page: pdfium.FPDF_PAGE) -> ToShown:
    """Return what turns a rectangle of the file (origin below, not turned) into one of the page as it is shown."""
    rect = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, rect)
    left, bottom, right, top = rect.left, rect.bottom, rect.right, rect.top
    turned: dict[int, ToShown] = {
        0: lambda x0, y1, x1, y0: (x0 - left, top - y1, x1 - left, top - y0),
        1: lambda x0, y1, x1, y0: (y0 - bottom, x0 - left, y1 - bottom, x1 - left),
        2: lambda x0, y1, x1, y0: (right - x1, y0 - bottom, right - x0, y1 - bottom),
        3: lambda x0, y1, x1, y0: (top - y1, right - x1, top - y0, right - x0),
    }
    return turned[pdfium.FPDFPage_GetRotation(page) % 4]


def _unknown(textpage: pdfium.FPDF_TEXTPAGE, words: list[PdfWord]) -> float:
    """Return the share of some words of the page whose font does not say which letters they are."""
    step = max(1, len(words) // _SAMPLE)
    sample = words[::step]
    handle = ctypes.cast(textpage, ctypes.c_void_p).value
    wrong = sum(bool(_UNKNOWN.search(word.text)) or _HAS_MAP_ERROR(handle, word.first) == 1 for word in sample)
    return wrong / len(sample) if sample else 0.0
