"""From the words of a page to its cells: words without a gap between them, and such lines one below the other.

Words that stand beside each other without a gap are a *run*; runs that the file draws one below the other are a *cell*,
of one line or several. The file draws together what belongs together, and is a better witness of that than geometry.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice, pairwise

from llmx.documents.converters.pdf_bidi import reading_order
from llmx.documents.converters.pdf_words import PdfWord, Rectangle

_GAP = 1.1  # words further apart than this, in heights of a letter, stand in different cells
SAME_LINE = 0.5  # two boxes are on one line if they share half of the lower one's height
_LEADING = (0.5, 1.6)  # from one line of a cell to the next, in heights of the line
_SIZES = 0.8  # lines of one cell are about as high as each other
PROSE_LINES, _PROSE_WORDS, _PROSE_FILL = 3, 4.5, 0.7
_ON_LINE = 0.6  # what stands beside a line shares so much of its height
_FIGURE = re.compile(r"[^\w]*\d[\d.,:/%'’()\s+-]*[^\w]*")


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
    """Runs one below the other that belong together.

    ``grid`` is the number of the ruled columns of which this is a cell that lines frame, -1 for any other cell.
    """

    __slots__ = ("grid", "runs", "x0", "x1", "y0", "y1")

    def __init__(self, run: Segment) -> None:
        self.runs = [run]
        self.grid = -1
        self.x0, self.y0, self.x1, self.y1 = run.x0, run.y0, run.x1, run.y1

    @classmethod
    def ruled(cls, runs: list[Segment], box: Rectangle, grid: int) -> TextCell:
        """Return the runs in the frame ``box`` as a cell, which reaches as far as the frame does."""
        cell = cls(runs[0])
        cell.runs, cell.grid = runs, grid
        cell.x0, cell.y0, cell.x1, cell.y1 = box
        return cell

    def add(self, run: Segment) -> None:
        """Add the run below."""
        self.runs.append(run)
        self.x0, self.x1 = min(self.x0, run.x0), max(self.x1, run.x1)
        self.y0, self.y1 = min(self.y0, run.y0), max(self.y1, run.y1)

    @property
    def is_prose(self) -> bool:
        """Whether this is running text: some lines, most of them full of words."""
        if len(self.runs) < PROSE_LINES or self.grid >= 0:
            return False
        full = self.runs[:-1]
        words = sum(len(run.words) for run in full) / len(full)
        filled = sum(run.x1 - run.x0 for run in full) / (len(full) * max(self.x1 - self.x0, 1.0))
        return words >= _PROSE_WORDS and filled >= _PROSE_FILL


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
            and (b1 if b1 < y1 else y1) - (b0 if b0 > y0 else y0) >= SAME_LINE * height
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


def cells_of(runs: list[Segment]) -> list[TextCell]:
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
    return not (is_figure(run) and is_figure(last))


def is_figure(run: Segment) -> bool:
    """Whether a line is a number, an amount, a date in figures."""
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
