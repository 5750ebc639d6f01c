"""From the words of a page to its lines in reading order: rows of tables on one line, columns one after the other.

A PDF has no lines, only letters at places. Words that stand beside each other without a gap are a *run*; runs that the
file draws one below the other are a *cell*, of one line or several. Running text is a tall, broad cell and stays as the
file has it, so that columns are read one after the other. Everything between is put in rows by its height: the cells of
a row stand on one line, with a tab between them, and a cell of several lines becomes one, as a reader sees it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from operator import attrgetter

from llmx.documents.converters.pdf_bidi import reading_order
from llmx.documents.converters.pdf_words import RTL as _RTL
from llmx.documents.converters.pdf_words import PdfWord, Rectangle

_GAP = 1.1  # words further apart than this, in heights of a letter, stand in different cells
_SAME_LINE = 0.5  # two boxes are on one line if they share half of the lower one's height
_LEADING = (0.5, 1.6)  # from one line of a cell to the next, in heights of the line
_SIZES = 0.8  # lines of one cell are about as high as each other
_PROSE_LINES, _PROSE_WORDS, _PROSE_FILL = 3, 4.5, 0.7
_PARAGRAPH_GAP, _ROW_GAP = (
    0.6,
    1.5,
)  # an empty line stands where so much of a line is free, between rows of a table more
_ON_LINE = 0.6  # what stands beside a line shares so much of its height
_FIGURE = re.compile(r"[^\w]*\d[\d.,:/%'’()\s+-]*[^\w]*")
_LETTER = re.compile(r"[^\W\d_]")
_TOP, _LEFT = attrgetter("y0"), attrgetter("x0")
_DIVIDED = re.compile(r"[^\W\d_]-")


class Segment:
    """Words on one line without a gap between them."""

    __slots__ = ("words", "x0", "x1", "y0", "y1")

    def __init__(self, words: list[PdfWord], box: Rectangle) -> None:
        self.words = words
        self.x0, self.y0, self.x1, self.y1 = box

    @property
    def height(self) -> float:
        """How high the line is."""
        return self.y1 - self.y0

    @property
    def text(self) -> str:
        """The words with blanks between them."""
        return " ".join([word.text for word in self.words])


class TextCell:
    """Runs one below the other that belong together."""

    __slots__ = ("runs", "x0", "x1", "y0", "y1")

    def __init__(self, run: Segment) -> None:
        self.runs = [run]
        self.x0, self.y0, self.x1, self.y1 = run.x0, run.y0, run.x1, run.y1

    def add(self, run: Segment) -> None:
        """Add the run below."""
        self.runs.append(run)
        self.x0, self.x1 = min(self.x0, run.x0), max(self.x1, run.x1)
        self.y0, self.y1 = min(self.y0, run.y0), max(self.y1, run.y1)

    @property
    def is_prose(self) -> bool:
        """Whether this is running text: some lines, most of them full of words."""
        if len(self.runs) < _PROSE_LINES:
            return False
        full = self.runs[:-1]
        words = sum(len(run.words) for run in full) / len(full)
        filled = sum(run.x1 - run.x0 for run in full) / (len(full) * max(self.x1 - self.x0, 1.0))
        return words >= _PROSE_WORDS and filled >= _PROSE_FILL


Line = list[PdfWord | str]
"""The words of a line, and what stands between them."""


def page_lines(
    words: Sequence[PdfWord], lines_of: Callable[[list[PdfWord]], Iterable[Line]] | None = None
) -> Iterator[Line]:
    """Yield the lines of a page: words, and the white space between them. An empty line parts blocks.

    ``lines_of`` makes lines of words that stand level (``text_lines`` where there is none).
    """
    lines_of = lines_of or text_lines
    level = [word for word in words if not word.turn]
    if level:
        yield from lines_of(level)
    for turn in (1, 2, 3) if len(level) < len(words) else ():
        turned = [word for word in words if word.turn == turn]
        if turned:
            shown = {word.first: word for word in turned}
            for line in lines_of([_upright(word, turn) for word in turned]):
                yield [part if isinstance(part, str) else _placed(part, shown[part.first]) for part in line]


def _upright(word: PdfWord, turn: int) -> PdfWord:
    """Return a word that reads down (1), upside down (2) or up (3) as if the page were turned so that it is level."""
    if turn == 2:
        return word._replace(x0=-word.x1, y0=-word.y1, x1=-word.x0, y1=-word.y0)
    if turn == 1:
        return word._replace(x0=word.y0, y0=-word.x1, x1=word.y1, y1=-word.x0)
    return word._replace(x0=-word.y1, y0=word.x0, x1=-word.y0, y1=word.x1)


def _placed(word: PdfWord, shown: PdfWord) -> PdfWord:
    return word._replace(x0=shown.x0, y0=shown.y0, x1=shown.x1, y1=shown.y1)


def text_lines(words: list[PdfWord]) -> Iterator[Line]:
    """Yield the lines of words that stand level, with a tab between the cells of a row."""
    for is_apart, row in spaced_rows(words):
        if is_apart:
            yield []
        yield from row_lines(row)


def spaced_rows(words: list[PdfWord]) -> Iterator[tuple[bool, list[TextCell]]]:
    """Yield the rows of a page in reading order, each with whether an empty line stands before it."""
    below: float | None = None
    cells_before = 1
    rtl = bool(_RTL.search("".join([word.text for word in words])))
    for row in _rows(_cells(runs_of(words, rtl=rtl)), rtl=rtl):
        top, bottom = min([cell.y0 for cell in row]), max([cell.y1 for cell in row])
        height = min([cell.runs[0].height for cell in row])
        free = _ROW_GAP if len(row) > 1 and cells_before > 1 else _PARAGRAPH_GAP
        yield below is not None and not -height < top - below < free * height, row
        below, cells_before = bottom, len(row)


def runs_of(words: list[PdfWord], *, rtl: bool) -> list[Segment]:
    """Return the runs of ``words``. All of it stands in one loop, without calls: it is what a page costs most."""
    runs, run = list[Segment](), list[PdfWord]()
    left, upper, right, lower = 0.0, 0.0, 0.0, 0.0
    a0, b0, a1, b1 = 0.0, 0.0, 0.0, 0.0
    for word in words:
        x0, y0, x1, y1 = word[:4]
        height = b1 - b0 if b1 - b0 < y1 - y0 else y1 - y0
        if (
            run
            and (b1 if b1 < y1 else y1) - (b0 if b0 > y0 else y0) >= _SAME_LINE * height
            and (-height < x0 - a1 <= _GAP * height if x0 >= a0 else rtl and -height < a0 - x1 <= _GAP * height)
        ):
            run.append(word)
            left, upper = left if left < x0 else x0, upper if upper < y0 else y0
            right, lower = right if right > x1 else x1, lower if lower > y1 else y1
        else:
            if run:
                runs.append(Segment(run, (left, upper, right, lower)))
            run, left, upper, right, lower = [word], x0, y0, x1, y1
        a0, b0, a1, b1 = x0, y0, x1, y1
    if run:
        runs.append(Segment(run, (left, upper, right, lower)))
    if rtl:
        for each in runs:
            each.words = reading_order(each.words)
    return runs


def _cells(runs: list[Segment]) -> list[TextCell]:
    """Join the runs that the file draws one below the other; take apart what stands beside the lines of a table."""
    cells: list[TextCell] = []
    for run in runs:
        if cells and _is_below(cells[-1], run):
            cells[-1].add(run)
        else:
            cells.append(TextCell(run))
    tall = [cell for cell in cells if len(cell.runs) > 1]
    if not tall:
        return cells
    page = _Page(tall, sorted((cell.runs[0] for cell in cells if len(cell.runs) == 1), key=lambda run: run.y0), runs)
    return [part for cell in cells for part in (page.parts(cell) if len(cell.runs) > 1 else (cell,))]


def _is_below(cell: TextCell, run: Segment) -> bool:
    last = cell.runs[-1]
    height, step = last.y1 - last.y0, run.y1 - last.y1
    if not _LEADING[0] * height < step < _LEADING[1] * height or not (run.x0 < last.x1 and last.x0 < run.x1):
        return False
    other = run.y1 - run.y0
    if min(height, other) < _SIZES * max(height, other):
        return False
    if len(cell.runs) > 1 and abs(step - (last.y1 - cell.runs[-2].y1)) > 0.25 * height:
        return False
    return not (_is_figure(run) and _is_figure(last))


def _is_figure(run: Segment) -> bool:
    return len(run.words) < 4 and bool(_FIGURE.fullmatch(run.text))


class _Page:
    """What stands beside a cell of several lines; it tells the rows of a table from a line that was wrapped."""

    def __init__(self, tall: list[TextCell], single: list[Segment], runs: list[Segment]) -> None:
        self._tall, self._single = tall, single
        self._tops = [run.y0 for run in single]
        self._ends: dict[int, float] = {}  # how far the lines reach that begin at a place
        for run in runs:
            place = round(run.x0 / 2)
            self._ends[place] = max(self._ends.get(place, 0.0), run.x1)

    def parts(self, cell: TextCell) -> Iterator[TextCell]:
        """Yield the cell, or its lines where they are rows of a table."""
        if cell.is_prose:
            yield cell
        elif self._beside_single(cell) or self._beside_tall(cell):
            yield from (TextCell(run) for run in cell.runs)
        else:
            part = TextCell(cell.runs[0])
            for last, run in pairwise(cell.runs):
                if self._begins(last, run):
                    yield part
                    part = TextCell(run)
                else:
                    part.add(run)
            yield part

    def _begins(self, last: Segment, run: Segment) -> bool:
        """Whether ``run`` is no line that was wrapped: its first word would have fitted into the line above."""
        first = run.words[0]
        if first.text[:1].islower() or last.words[-1].broken:
            return False
        place = round(last.x0 / 2)
        end = max(self._ends.get(near, 0.0) for near in (place - 1, place, place + 1))
        return last.x1 + (first.x1 - first.x0) + last.height < end

    def _beside_single(self, cell: TextCell) -> bool:
        """Whether single runs of one column stand beside two lines of the cell or more."""
        beside = [
            [other for other in self._level(run) if other.x1 <= cell.x0 or other.x0 >= cell.x1] for run in cell.runs
        ]
        return any(
            one.x0 < other.x1 and other.x0 < one.x1 and one is not other
            for above, below in pairwise([runs for runs in beside if runs])
            for one in above
            for other in below
        )

    def _level(self, run: Segment) -> Iterator[Segment]:
        """Yield the single runs on the line of ``run``."""
        for other in islice(self._single, bisect_left(self._tops, run.y0 - run.height), None):
            if other.y0 >= run.y1:
                return
            if min(run.y1, other.y1) - max(run.y0, other.y0) > _ON_LINE * min(run.height, other.height):
                yield other

    def _beside_tall(self, cell: TextCell) -> bool:
        """Whether another cell with as many lines, three or more, stands beside this one."""
        if len(cell.runs) < 3:
            return False
        near = 0.4 * cell.runs[0].height
        return any(
            len(other.runs) == len(cell.runs)
            and other is not cell
            and abs(other.runs[0].y1 - cell.runs[0].y1) < near
            and abs(other.runs[-1].y1 - cell.runs[-1].y1) < near
            and not other.is_prose
            for other in self._tall
        )


def _rows(cells: list[TextCell], *, rtl: bool) -> Iterator[list[TextCell]]:
    """Yield the rows of a page. Running text is a row of its own, and stands where the file has it."""
    waiting: list[TextCell] = []
    for cell in cells:
        if len(cell.runs) >= _PROSE_LINES and cell.is_prose and not any(_beside(cell, other) for other in waiting):
            yield from _rows_by_height(waiting, rtl=rtl)
            waiting = []
            yield [cell]
        else:
            waiting.append(cell)
    yield from _rows_by_height(waiting, rtl=rtl)


def _beside(cell: TextCell, other: TextCell) -> bool:
    return len(other.runs) == 1 and cell.y0 < other.y1 and other.y0 < cell.y1


def _rows_by_height(cells: list[TextCell], *, rtl: bool) -> Iterator[list[TextCell]]:
    """Yield the cells in rows from the top; no two cells of a row stand one above the other."""
    row: list[TextCell] = []
    top = bottom = 0.0
    for cell in sorted(cells, key=_TOP):
        y0, y1 = cell.y0, cell.y1
        if row:
            lower = bottom if bottom < y1 else y1
            height = bottom - top if bottom - top < y1 - y0 else y1 - y0
            if lower - y0 >= _SAME_LINE * height and not _overlaps(cell, row):
                row.append(cell)
                bottom = bottom if bottom > y1 else y1
                continue
            yield _in_order(row, rtl=rtl)
        row, top, bottom = [cell], y0, y1
    if row:
        yield _in_order(row, rtl=rtl)


def _overlaps(cell: TextCell, row: list[TextCell]) -> bool:
    """Whether a part of ``cell`` stands above or below a cell of the row."""
    x0, x1 = cell.x0 + 1, cell.x1 - 1
    for other in row:  # noqa: SIM110 -- a loop takes half the time of any(), for every cell
        if x1 > other.x0 and x0 < other.x1:
            return True
    return False


def _in_order(row: list[TextCell], *, rtl: bool) -> list[TextCell]:
    """Return the cells from left to right, or from right to left where most letters read so."""
    if len(row) == 1:
        return row
    if rtl:
        letters = "".join([run.text for cell in row for run in cell.runs])
        if 2 * len(_RTL.findall(letters)) > len(_LETTER.findall(letters)):
            return sorted(row, key=lambda cell: -cell.x1)
    return sorted(row, key=_LEFT)


def row_lines(row: list[TextCell]) -> Iterator[Line]:
    """Yield the line of a row with a tab between its cells; of one cell, its lines."""
    if len(row) == 1:
        yield from _cell_lines(row[0])
        return
    line: Line = []
    for number, cell in enumerate(row):
        if number:
            gap = max(cell.x0 - row[number - 1].x1, row[number - 1].x0 - cell.x1)
            line.append(" " if gap < 0.5 * cell.runs[0].height else "\t")
        add_cell(line, cell)
    yield line


def add_cell(line: Line, cell: TextCell) -> None:
    """Add the words of a cell to ``line``, its lines as one."""
    for place, run in enumerate(cell.runs):
        if place and not _divided(line, run.words[0]):
            line.append(" ")
        _add_words(line, run.words)


def _cell_lines(cell: TextCell) -> Iterator[Line]:
    line: Line = []
    prose = cell.is_prose
    for run in cell.runs:
        if line and _divided(line, run.words[0]):
            if prose:
                line[-1] = line[-1]._replace(text=line[-1].text[:-1])  # type: ignore[union-attr]  # _divided says so
        elif line:
            yield line
            line = []
        _add_words(line, run.words)
    yield line


def _add_words(line: Line, words: list[PdfWord]) -> None:
    for number, word in enumerate(words):
        if number:
            line.append(" ")
        line.append(word)


def _divided(line: Line, word: PdfWord) -> bool:
    """Whether the last word of ``line`` ends in a hyphen and goes on with ``word``."""
    last = line[-1]
    return isinstance(last, PdfWord) and word.text[:1].islower() and bool(_DIVIDED.fullmatch(last.text[-2:]))
