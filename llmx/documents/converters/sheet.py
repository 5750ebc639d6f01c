"""The lines of a sheet from its cells. Rows and columns in which nothing stands are left out, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from llmx.documents.converters.lines import SheetRow, SheetTitle
from llmx.documents.limits import TEXT_CHARS
from llmx.errors import DocumentError


class Cell(NamedTuple):
    """A cell with words in it; row and column count from 1."""

    row: int
    column: int
    text: str


_MOST_CELLS = 5_000_000
_HINT = "save it as CSV, where each row is a document"


def sheet_lines(title: str, name: str, cells: Iterable[Cell]) -> Iterator[str | SheetTitle | SheetRow]:
    """Yield the lines of the sheet ``name``, none if it is empty: ``title``, and a line for each row of ``cells``.

    The cells come row by row. All rows have the same number of them.
    """
    kept: list[Cell] = []
    for cell in cells:
        kept.append(cell)
        if len(kept) > _MOST_CELLS:
            raise DocumentError(f"a sheet has more than {_MOST_CELLS:,} cells", hint=_HINT)
    columns = {column: place for place, column in enumerate(sorted({cell.column for cell in kept}))}
    if kept:
        yield SheetTitle(name, title)
    chars = 0
    for number, row in groupby(kept, key=lambda cell: cell.row):
        line = [""] * len(columns)
        for cell in row:
            line[columns[cell.column]] = cell.text
        chars += len(line) + sum(map(len, line))
        if chars > TEXT_CHARS:
            raise DocumentError(f"a sheet has more than {TEXT_CHARS:,} characters", hint=_HINT)
        yield SheetRow(number, [*columns], line)
    if kept:
        yield ""
