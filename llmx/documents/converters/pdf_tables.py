"""The Markdown layout of a page: rows of tables between bars, each cell in its column, and headings marked as such.

What is a row and what is a cell is ``pdf_layout``'s; here the cells of rows that follow each other find their columns,
so that an empty cell keeps its place: ``| Bolt |  | 1.20 |``. A label and its value are a row of two cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median_low

from llmx.documents.converters.pdf_cells import TextCell
from llmx.documents.converters.pdf_layout import Line, Tables, add_cell, row_lines, spaced_rows
from llmx.documents.converters.pdf_words import PdfWord

_HEADING, _TITLE = 1.25, 1.7  # how much higher than most lines a heading is, and a title
_HEADING_WORDS = 14
_APART = 1.0  # points that cells of one column share at least

Row = list[TextCell]


def markdown_lines(words: list[PdfWord], tables: Tables) -> Iterator[Line]:
    """Yield the lines of words that stand level: rows of tables between bars, headings behind ``#``."""
    rows = list(spaced_rows(words, tables))
    usual = median_low([run.height for _, row in rows for cell in row for run in cell.runs])
    block: list[Row] = []
    grids: set[int] = set()
    for is_apart, row in rows:
        is_row = len(row) > 1 or row[0].grid >= 0
        own = {cell.grid for cell in row if cell.grid >= 0}  # lines of words may be of any table, framed cells may not
        if is_row and block and len(grids | own) < 2 and (not is_apart or _continues(block[-1], row)):
            block.append(row)
            grids |= own
            continue
        yield from _table_lines(block)
        block = []
        if is_apart:
            yield []
        grids = own
        if is_row:
            block = [row]
            continue
        mark = _mark(row[0], usual)
        for line in row_lines(row):
            yield [mark, *line] if mark else line
    yield from _table_lines(block)


def _mark(cell: TextCell, usual: float) -> str:
    """Return the mark of a heading, '' for any other line."""
    run = cell.runs[0]
    if len(cell.runs) > 1 or len(run.words) > _HEADING_WORDS or run.height < _HEADING * usual:
        return ""
    if not any(letter.isalpha() for letter in run.text):
        return ""
    return "# " if run.height >= _TITLE * usual else "## "


def _continues(above: Row, row: Row) -> bool:
    """Whether rows with free room between them are rows of one table: most cells of the shorter stand in columns."""
    shorter, other = (above, row) if len(above) < len(row) else (row, above)
    return 2 * sum(any(_shared(cell, each) > _APART for each in other) for cell in shorter) > len(shorter) + 1


def _shared(one: TextCell | _Column, other: TextCell | _Column) -> float:
    return min(one.x1, other.x1) - max(one.x0, other.x0)


@dataclass(slots=True)
class _Column:
    """A column of a table: from where to where it reaches, and the rows that have a cell in it."""

    x0: float
    x1: float
    rows: set[int]


def _table_lines(rows: Sequence[Row]) -> Iterator[Line]:
    """Yield the rows of a table, all with the same number of cells."""
    if not rows:
        return
    columns = _columns(rows)
    to_left = sum(row[0].x0 > row[-1].x0 for row in rows) * 2 > len(rows)
    if to_left:
        columns.reverse()
    for row in rows:
        placed: list[list[TextCell]] = [[] for _ in columns]
        for cell in row:
            best = max(range(len(columns)), key=lambda number: _shared(cell, columns[number]))
            placed[best].append(cell)
        line: Line = ["| "]
        for number, cells in enumerate(placed):
            if number:
                line.append(" | ")
            for place, cell in enumerate(cells):
                if place:
                    line.append(" ")
                add_cell(line, cell)
        line.append(" |")
        yield line


def _columns(rows: Sequence[Row]) -> list[_Column]:
    """Return the columns of a table from left to right.

    Ruled cells make them, and narrow ones; a cell over several columns, such as a title, makes none. Two columns of
    which no row has both, under a cell over both, are one: words at its left and figures at its right.
    """
    cells = sorted(
        ((cell, number) for number, row in enumerate(rows) for cell in row),
        key=lambda pair: (pair[0].grid < 0, pair[0].x1 - pair[0].x0),
    )
    columns: list[_Column] = []
    broad: list[TextCell] = []
    for cell, number in cells:
        over = [column for column in columns if _shared(cell, column) > _APART]
        if not over:
            columns.append(_Column(cell.x0, cell.x1, {number}))
        elif len(over) == 1 and number not in over[0].rows:
            column = over[0]
            column.x0, column.x1 = min(column.x0, cell.x0), max(column.x1, cell.x1)
            column.rows.add(number)
        elif len(over) > 1:
            broad.append(cell)
    columns.sort(key=lambda column: column.x0)
    joined = columns[:1]
    for column in columns[1:]:
        last = joined[-1]
        under_one = any(_shared(cell, last) > _APART and _shared(cell, column) > _APART for cell in broad)
        if under_one and not last.rows & column.rows:
            last.x1 = max(last.x1, column.x1)
            last.rows |= column.rows
        else:
            joined.append(column)
    return joined
