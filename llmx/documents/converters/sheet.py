"""The lines of a sheet from its cells. Rows and columns in which nothing stands are left out, whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from llmx.documents.converters.lines import row_line
from llmx.documents.limits import TEXT_CHARS
from llmx.errors import DocumentError


class Cell(NamedTuple):
    """A cell with words in it; row and column count from 1."""

    row: int
    column: int
    text: str


_MOST_CELLS = 5_000_000
_HINT = "save it as CSV, where each row is a document"


def sheet_lines(cells: Iterable[Cell]) -> Iterator[str]:
    """Yield a Markdown row for each row of ``cells``, which come row by row. All have the same number of cells."""
    kept: list[Cell] = []
    for cell in cells:
        kept.append(cell)
        if len(kept) > _MOST_CELLS:
            raise DocumentError(f"a sheet has more than {_MOST_CELLS:,} cells", hint=_HINT)
    columns = {column: place for place, column in enumerate(sorted({cell.column for cell in kept}))}
    chars = 0
    for _, row in groupby(kept, key=lambda cell: cell.row):
        line = [""] * len(columns)
        for cell in row:
            line[columns[cell.column]] = cell.text
        found = row_line(line)
        chars += len(found)
        if chars > TEXT_CHARS:
            raise DocumentError(f"a sheet has more than {TEXT_CHARS:,} characters", hint=_HINT)
        yield found
