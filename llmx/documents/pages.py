"""The pages of a paged document: which part of its text stands on which page, and in which boxes.

Offsets in the text stay the law; this is the way from them to the paper. A converter fills a ``PagesBuilder`` while it
writes the text: about 30 bytes a word, whatever the page holds. Boxes of a part of a word are asked from the file, and
only for the places that somebody wants to see.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, NamedTuple, Protocol

from llmx.span import Span

NO_INDEX = 0xFFFFFFFF
"""The index of a word whose letters the file cannot tell apart, because their number is another one there."""

_CERTAIN = 255
# What fonts leave free above and below a word, as a share of its box, and beside it, in points: a proof's box goes
# without, so that it holds no ink of the lines above and below.
_LEADING, _BEARING = 0.1, 0.2
_ON_A_LINE = 0.6  # boxes that share so much of the lower one's height are one line


class Box(NamedTuple):
    """A rectangle on a page, in points (1/72 inch) from its top left corner; ``x0 < x1`` and ``y0 < y1``."""

    x0: float
    y0: float
    x1: float
    y1: float

    def united(self, other: Box) -> Box:
        """Return the smallest box that covers both."""
        return Box(min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1))

    def within(self, page: Page) -> Box:
        """Return the part of the box that lies on ``page``."""
        return Box(max(self.x0, 0.0), max(self.y0, 0.0), min(self.x1, page.width), min(self.y1, page.height))


Rectangle = tuple[float, float, float, float]
"""The corners of a box before it is one: x0, y0, x1, y1."""


class Placed(NamedTuple):
    """One line of a place in a text: its page, counted from 1, and its box there."""

    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its number in the file, from 1; its characters in the text; its size as it is shown, in points.

    ``picture`` says that the file has no text for it: its words, if there are any, are those that OCR read.
    """

    number: int
    start: int
    end: int
    width: float
    height: float
    picture: bool = False


class PageSource(Protocol):
    """The file, for what is read of its pages only when somebody wants it."""

    def characters(self, page: int, start: int, end: int) -> list[Box]:
        """Return the boxes of the characters ``start`` to ``end`` (excluded) of the page with that number."""
        ...

    def picture(self, page: int, longest_px: int) -> bytes:
        """Return a PNG or JPEG file of the page, its longer side at most ``longest_px`` pixels; b'' for none."""
        ...


@dataclass(slots=True)
class _Words:
    """The words of a document in arrays, sorted by their place in the text.

    A turn is 0 or 2 where a word reads along a line, 1 or 3 down or up. An index is that of the first character in the
    file, ``NO_INDEX`` where the characters cannot be told apart. A confidence is a share of ``_CERTAIN``.
    """

    starts: array[int] = field(default_factory=lambda: array("I"))
    ends: array[int] = field(default_factory=lambda: array("I"))
    indices: array[int] = field(default_factory=lambda: array("I"))
    turns: array[int] = field(default_factory=lambda: array("B"))
    confidences: array[int] = field(default_factory=lambda: array("B"))
    boxes: array[float] = field(default_factory=lambda: array("f"))


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a document, and where its words stand on them.

    ``fingerprint`` is a hash of the file: boxes are another file's if it changes, even where the text does not.
    ``hidden`` says that no model may see the pages, because something was taken out of the text.
    """

    pages: tuple[Page, ...]
    fingerprint: str
    _words: _Words = field(repr=False)
    _source: PageSource | None = field(default=None, repr=False)
    hidden: bool = False

    def __len__(self) -> int:
        return len(self.pages)

    def __iter__(self) -> Iterator[Page]:
        return iter(self.pages)

    def without_pictures(self) -> Pages:
        """Return the same pages, which no model may see."""
        return replace(self, hidden=True)

    def at(self, offset: int) -> Page:
        """Return the page on which the character at ``offset`` stands; between two pages, the one before."""
        return self.pages[max(bisect_right(self.pages, offset, key=lambda page: page.start) - 1, 0)]

    def places(self, span: Span) -> tuple[Placed, ...]:
        """Return the lines of ``span`` in reading order: a box for each, around the words and parts of words in it."""
        found: list[Placed] = []
        turn = 0
        for number in self._numbers(span):
            page = self.at(self._words.starts[number])
            placed = Placed(page.number, self._inked(number, self._box(number, span, page.number)).within(page))
            before, turn = turn, self._words.turns[number]
            if found and turn == before and _on_a_line(found[-1], placed, upright=turn % 2 == 0):
                found[-1] = Placed(placed.page, found[-1].box.united(placed.box))
            else:
                found.append(placed)
        return tuple(found)

    def picture(self, number: int, longest_px: int) -> bytes:
        """Return a PNG or JPEG file of the page ``number``, its longer side at most ``longest_px``; b'' for none."""
        return b"" if self._source is None else self._source.picture(number, longest_px)

    def is_blank(self, number: int) -> bool:
        """Whether the picture of the page ``number`` shows nothing but paper."""
        from llmx.documents.blank import LONGEST_PX, is_blank  # noqa: PLC0415 -- most pages have a text

        picture = self.picture(number, LONGEST_PX)
        return bool(picture) and is_blank(picture)

    def confidence(self, span: Span) -> float:
        """Return the least confidence with which a word of ``span`` was read, 1.0 where none is from a picture."""
        return min((self._words.confidences[number] / _CERTAIN for number in self._numbers(span)), default=1.0)

    def _numbers(self, span: Span) -> range:
        first = bisect_right(self._words.ends, span.start)
        return range(first, max(first, bisect_left(self._words.starts, span.end)))

    def _whole(self, number: int) -> Box:
        return Box(*self._words.boxes[4 * number : 4 * number + 4])

    def _inked(self, number: int, box: Box) -> Box:
        """Return the box without what a font leaves free around a word; one that was read from a picture is tight."""
        if self._words.confidences[number] < _CERTAIN:
            return box
        high, wide = _LEADING * (box.y1 - box.y0), min(_BEARING, (box.x1 - box.x0) / 4)
        if self._words.turns[number] % 2:
            high, wide = min(_BEARING, (box.y1 - box.y0) / 4), _LEADING * (box.x1 - box.x0)
        return Box(box.x0 + wide, box.y0 + high, box.x1 - wide, box.y1 - high)

    def _box(self, number: int, span: Span, page: int) -> Box:
        """Return the box of what ``span`` covers of a word."""
        words, whole = self._words, self._whole(number)
        start, end = words.starts[number], words.ends[number]
        first, last = max(start, span.start), min(end, span.end)
        if (first, last) == (start, end):
            return whole
        if words.indices[number] == NO_INDEX or self._source is None:
            return whole if words.turns[number] % 2 else _share(whole, first - start, last - start, of=end - start)
        index = words.indices[number]
        boxes = self._source.characters(page, index + first - start, index + last - start)
        found = boxes[0] if boxes else whole
        for box in boxes[1:]:
            found = found.united(box)
        return found if words.turns[number] % 2 else Box(found.x0, whole.y0, found.x1, whole.y1)


def _share(box: Box, first: int, last: int, *, of: int) -> Box:
    """Return about the part of a word's box in which its letters ``first`` to ``last`` (excluded) stand."""
    letter = (box.x1 - box.x0) / of
    return Box(box.x0 + first * letter, box.y0, box.x0 + last * letter, box.y1)


def _on_a_line(first: Placed, second: Placed, *, upright: bool) -> bool:
    one, other = first.box, second.box
    if first.page != second.page:
        return False
    if upright:
        shared = min(one.y1, other.y1) - max(one.y0, other.y0)
        return shared >= _ON_A_LINE * min(one.y1 - one.y0, other.y1 - other.y0)
    return min(one.x1, other.x1) - max(one.x0, other.x0) >= _ON_A_LINE * min(one.x1 - one.x0, other.x1 - other.x0)


class PagesBuilder:
    """Collects the text of a document and the places of its words, in the order of the text."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._pages: list[Page] = []
        self._words = _Words()
        self._waiting: list[tuple[int, int, int, int, int]] = []
        self._boxes: list[Rectangle] = []
        self._size = self._page_start = 0

    def add_text(self, text: str) -> None:
        """Add what is no word: blanks, line ends."""
        self._parts.append(text)
        self._size += len(text)

    def add_word(
        self, text: str, box: Rectangle, *, index: int = NO_INDEX, turn: int = 0, confidence: float = 1.0
    ) -> None:
        """Add a word. ``index`` is that of its first character, if it has as many characters in the file as here."""
        start = self._size
        self._parts.append(text)
        self._size = end = start + len(text)
        self._waiting.append((start, end, index, turn, _CERTAIN if confidence == 1.0 else round(_CERTAIN * confidence)))
        self._boxes.append(box)

    def add_line(self, parts: Iterable[tuple[Any, ...] | str]) -> None:
        """Add a line at once, word by word as ``add_word`` takes them: a text, or a word as converters have it.

        A word is the four sides of its box, its letters, its index, its turn, whether it is divided, its confidence.
        """
        size, texts, waiting, boxes = self._size, self._parts, self._waiting, self._boxes
        for part in parts:
            if isinstance(part, str):
                text = part
                size += len(text)
            else:
                x0, y0, x1, y1, text, index, turn, _, confidence = part
                start = size
                size += len(text)
                certain = _CERTAIN if confidence == 1.0 else round(_CERTAIN * confidence)
                waiting.append((start, size, index, turn, certain))
                boxes.append((x0, y0, x1, y1))
            texts.append(text)
        texts.append("\n")
        self._size = size + 1

    def end_page(self, number: int, width: float, height: float, *, picture: bool = False) -> None:
        """End the page that the file counts as ``number``; the next one begins after an empty line."""
        words = self._words
        if self._waiting:
            columns = zip(*self._waiting, strict=True)
            for into, column in zip(
                (words.starts, words.ends, words.indices, words.turns, words.confidences), columns, strict=True
            ):
                into.extend(column)
            words.boxes.extend(chain.from_iterable(self._boxes))
            self._waiting.clear()
            self._boxes.clear()
        self._pages.append(Page(number, self._page_start, self._size, width, height, picture))
        self.add_text("\n")
        self._page_start = self._size

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(self._parts)

    def pages(self, fingerprint: str, source: PageSource | None = None) -> Pages:
        """Return the pages as they were added. ``source`` tells the boxes of a part of a word."""
        return Pages(tuple(self._pages), fingerprint, self._words, source)
