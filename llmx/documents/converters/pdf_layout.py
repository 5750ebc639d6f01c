"""From the words of a page to its lines in reading order: rows of tables on one line, columns one after the other.

A PDF has no lines, only letters at places; ``pdf_cells`` puts them into cells, and ``pdf_ruled`` those of tables whose
lines are drawn. Running text is a tall, broad cell and stays as the file has it, so that columns are read one after
the other. Everything between is put in rows by its height: the cells of a row stand on one line, with a
tab between them, and a cell of several lines becomes one, as a reader sees it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from llmx.documents.converters.pdf_cells import PROSE_LINES, SAME_LINE, TextCell, cells_of, runs_of
from llmx.documents.converters.pdf_order import from_above
from llmx.documents.converters.pdf_ruled import ruled_text_cells, side_by_side
from llmx.documents.converters.pdf_words import RTL as _RTL
from llmx.documents.converters.pdf_words import PdfWord

if TYPE_CHECKING:
    from llmx.documents.converters.pdf_rules import RuledTable

# an empty line stands where so much of a line is free, between rows of a table more
_PARAGRAPH_GAP, _ROW_GAP = 0.6, 1.5
_TEXT_WORDS = 3  # a line with so many words is text, in which a hyphen at its end divides a word
_LETTER = re.compile(r"[^\W\d_]")
_TOP, _LEFT = attrgetter("y0"), attrgetter("x0")
_DIVIDED = re.compile(r"[^\W\d_]-")


Line = list[PdfWord | str]
"""The words of a line, and what stands between them."""


Tables = Sequence["RuledTable"]
"""The ruled tables of a page."""


def page_lines(
    words: Sequence[PdfWord], lines_of: Callable[[list[PdfWord], Tables], Iterable[Line]], tables: Tables = ()
) -> Iterator[Line]:
    """Yield the lines of a page: words, and the white space between them. An empty line parts blocks.

    ``lines_of`` makes lines of words that stand level, such as ``text_lines``.
    """
    level = [word for word in words if not word.turn]
    if level:
        yield from lines_of(level, tables)
    for turn in (1, 2, 3) if len(level) < len(words) else ():
        turned = [word for word in words if word.turn == turn]
        if turned:
            shown = {word.first: word for word in turned}
            for line in lines_of([_upright(word, turn) for word in turned], ()):
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


def text_lines(words: list[PdfWord], tables: Tables) -> Iterator[Line]:
    """Yield the lines of words that stand level, with a tab between the cells of a row."""
    for is_apart, row in spaced_rows(words, tables):
        if is_apart:
            yield []
        yield from row_lines(row)


def spaced_rows(words: list[PdfWord], tables: Tables) -> Iterator[tuple[bool, list[TextCell]]]:
    """Yield the rows of a page in reading order, each with whether an empty line stands before it."""
    below: float | None = None
    cells_before = 1
    rtl = bool(_RTL.search("".join([word.text for word in words])))
    cells = ruled_text_cells(words, tables, rtl=rtl) if tables else cells_of(runs_of(words, rtl=rtl))
    for row in _rows(cells, side_by_side(tables), rtl=rtl):
        top, bottom = min([cell.y0 for cell in row]), max([cell.y1 for cell in row])
        height = min([cell.runs[0].height for cell in row])
        free = _ROW_GAP if len(row) > 1 and cells_before > 1 else _PARAGRAPH_GAP
        yield below is not None and not -height < top - below < free * height, row
        below, cells_before = bottom, len(row)


def _rows(cells: list[TextCell], tables: Tables, *, rtl: bool) -> Iterator[list[TextCell]]:
    """Yield the rows of a page. Running text is a row of its own, and stands where the file has it.

    The rows of ``tables``, which stand side by side, are theirs alone.
    """
    prose, between = list[TextCell](), [list[TextCell]()]
    for cell in cells:
        if len(cell.runs) >= PROSE_LINES and cell.is_prose and not any(_beside(cell, other) for other in between[-1]):
            prose.append(cell)
            between.append([])
        else:
            between[-1].append(cell)
    if prose:
        prose, between = from_above(prose, between)
    for number, others in enumerate(between):
        yield from _rows_between(others, tables, rtl=rtl)
        if number < len(prose):
            yield [prose[number]]


def _rows_between(cells: list[TextCell], tables: Tables, *, rtl: bool) -> Iterator[list[TextCell]]:
    """Yield the rows of what stands between running text, those of each of ``tables`` together."""
    if not tables:
        yield from _rows_by_height(cells, rtl=rtl)
        return
    within: list[list[TextCell]] = [[] for _ in (*tables, None)]
    for cell in cells:
        x, y = (cell.x0 + cell.x1) / 2, (cell.y0 + cell.y1) / 2
        boxes = [table.box for table in tables]
        number = next((n for n, (x0, y0, x1, y1) in enumerate(boxes) if x0 < x < x1 and y0 < y < y1), len(tables))
        within[number].append(cell)
    blocks = [list(_rows_by_height(held, rtl=rtl)) for held in within[:-1] if held]
    blocks += [[row] for row in _rows_by_height(within[-1], rtl=rtl)]
    for block in sorted(blocks, key=lambda block: (block[0][0].y0, block[0][0].x0)):
        yield from block


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
            if lower - y0 >= SAME_LINE * height and not _overlaps(cell, row):
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
            before = row[number - 1]
            gap = max(cell.x0 - before.x1, before.x0 - cell.x1)
            is_one = gap < 0.5 * cell.runs[0].height and cell.grid < 0 and before.grid < 0
            line.append(" " if is_one else "\t")
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
    for number, run in enumerate(cell.runs):
        if line and _divided(line, run.words[0]):
            if prose or len(cell.runs[number - 1].words) >= _TEXT_WORDS:
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
