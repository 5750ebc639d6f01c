"""The words of ruled tables: those in one ruled cell are one cell, and no line of words reaches over a rule.

Rules tell more than gaps and heights do, with one exception: where only columns are ruled, a ruled cell holds the lines
of many rows. Its words are left to ``pdf_layout`` then, which puts them into rows by their heights.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from llmx.documents.converters.pdf_cells import Segment, TextCell, cells_of, is_figure, runs_of

if TYPE_CHECKING:
    from llmx.documents.converters.pdf_rules import RuledTable
    from llmx.documents.converters.pdf_words import PdfWord, Rectangle

_NO_TABLE = (-1, -1)
_LEADING = 2.2  # heights of a line: lines further apart are no lines of one text
_ALIGNED = 0.4  # heights of a line: lines so near to each other's height may be of one row
_MOST_GRIDS = 10_000  # of a table
_BESIDE_BANDS, _BESIDE = 3, 0.5  # tables of so many bands stand beside each other if they share half of one's height
_INSET = 0.5  # points: cells that share an edge do not overlap

Place = tuple[int, int]
"""The number of a table of the page, and of a cell in it."""


def ruled_text_cells(words: list[PdfWord], tables: Sequence[RuledTable], *, rtl: bool) -> list[TextCell]:
    """Return the cells of words that stand level, in the order in which the file draws them."""
    stretches: list[tuple[Place, list[PdfWord]]] = []
    last: Place | None = None
    for word in words:
        place = _place(word, tables)
        if place == last:
            stretches[-1][1].append(word)
        else:
            stretches.append((place, [word]))
            last = place
    runs = [(place, runs_of(stretch, rtl=rtl)) for place, stretch in stretches]
    held: dict[Place, list[Segment]] = {}
    for place, lines in runs:
        if place[1] >= 0:
            held[place] = [*held[place], *lines] if place in held else lines
    whole = _whole(held, tables)
    cells, others = list[TextCell](), list[Segment]()
    for place, lines in runs:
        if place not in whole:
            others += lines
        elif (cell := whole[place]) is not None:
            cells += cells_of(others)
            others = []
            cells.append(cell)
            whole[place] = None
    return cells + cells_of(others)


def _place(word: PdfWord, tables: Sequence[RuledTable]) -> Place:
    x0, y0, x1, y1 = word[:4]
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    for number, table in enumerate(tables):
        left, top, right, bottom = table.box
        if left <= x < right and top <= y < bottom:
            return number, table.cell_at(x, y)
    return _NO_TABLE


def _whole(held: dict[Place, list[Segment]], tables: Sequence[RuledTable]) -> dict[Place, TextCell | None]:
    """Return the ruled cells whose words are one text; in a row of cells all are, or none is."""
    whole: dict[Place, TextCell | None] = {}
    runs = {place: lines if len(lines) == 1 else sorted(lines, key=lambda run: run.y0) for place, lines in held.items()}
    for number, table in enumerate(tables):
        for band in table.bands:
            places = [(number, cell) for cell in band.cells if table.cells[cell][1] == band.top]
            row = [(place, runs[place]) for place in places if place in runs]
            ends = [table.cells[place[1]][2] for place, _ in row]
            if len(band.cells) < 2 or not _is_row([lines for _, lines in row], ends):
                continue
            for place, lines in row:
                x0, y0, x1, y1 = table.cells[place[1]]
                box = (x0 + _INSET, y0 + _INSET, x1 - _INSET, y1 - _INSET)
                whole[place] = TextCell.ruled(lines, box, _MOST_GRIDS * number + band.grid)
    return whole


def _is_row(cells: list[list[Segment]], rights: list[float]) -> bool:
    """Whether ruled cells side by side, which end at ``rights``, are a row: none holds lines of several rows."""
    tall = [(lines, right) for lines, right in zip(cells, rights, strict=True) if len(lines) > 1]
    if not tall:
        return bool(cells)
    if not all(_is_text(lines) for lines, _ in tall):
        return False
    loose = [lines for lines, right in tall if not _is_wrapped(lines, right)]
    return len(loose) < min(len(cells), 2) or not any(_may_be_rows(one, other) for one, other in pairwise(loose))


def _is_text(lines: list[Segment]) -> bool:
    """Whether lines follow each other without a gap, and at most one of them is a mere figure."""
    if sum(is_figure(line) for line in lines) > 1:
        return False
    return all(
        above.y0 + 0.5 * above.height < below.y0 + 0.5 * below.height - 0.4 * min(above.height, below.height)
        and below.y1 - above.y1 < _LEADING * max(above.height, below.height)
        for above, below in pairwise(lines)
    )


def _is_wrapped(lines: list[Segment], right: float) -> bool:
    """Whether each line ends where it does because the next word did not fit into the cell."""
    return all(
        above.x1 + (below.words[0].x1 - below.words[0].x0) + 0.2 * above.height > right - 0.5 * above.height
        for above, below in pairwise(lines)
    )


def _may_be_rows(one: list[Segment], other: list[Segment]) -> bool:
    """Whether lines of two cells stand beside each other, so that they may be rows."""
    near = _ALIGNED * one[0].height
    return abs(one[0].y1 - other[0].y1) < near and abs(one[1].y1 - other[1].y1) < near


def side_by_side(tables: Sequence[RuledTable]) -> list[RuledTable]:
    """Return the tables beside which another one stands: their rows are none of one table."""
    long = [table for table in tables if len(table.bands) >= _BESIDE_BANDS]
    return [one for one in long if any(_is_beside(one.box, other.box) for other in long)]


def _is_beside(one: Rectangle, other: Rectangle) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > _BESIDE * min(one[3] - one[1], other[3] - other[1]) and (one[2] <= other[0] or other[2] <= one[0])
