"""The text of a document from its parts: paragraphs, and tables as Markdown rows.

    | Item | Price |
    | Bolt | 1.20 |

A cell keeps its place in the row even if it is empty, and stays on one line whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llmx.documents.cells import Cells
from llmx.documents.limits import TEXT_CHARS
from llmx.errors import DocumentError

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff\u00ad]")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet: its cells, each with its column from 1, all of them those of the sheet's table."""

    number: int
    columns: Sequence[int]
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class SheetTitle:
    """The line before the rows of a sheet."""

    name: str
    line: str


def row_line(cells: Sequence[str]) -> str:
    """Return a row of a table: ``| a | b |``, '' where no cell has words.

    >>> row_line(["a", "", "b  c"])
    '| a |  | b c |'
    """
    flat = [" ".join(cell.split()) for cell in cells]
    return f"| {' | '.join(flat)} |" if any(flat) else ""


def table_lines(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table, all with the same number of cells; rows without words are left out."""
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    width = max((len(row) for row in kept), default=0)
    return [row_line([*row, *[""] * (width - len(row))]) for row in kept]


def joined_text(lines: Iterable[str], name: str) -> str:
    """Return the text of ``lines``, with never more than one empty line between two.

    Raises DocumentError if there are no words, or more than any document has.
    """
    return located_text(lines, name)[0]


def located_text(lines: Iterable[str | SheetTitle | SheetRow], name: str) -> tuple[str, Cells]:
    """Return the same as ``joined_text``, and where the cells of the sheets stand in it."""
    kept: list[str] = []
    chars, cells = 0, Cells()
    for each in lines:
        line = each if isinstance(each, str) else _located(each, chars, cells)
        clean = _UNSEEN.sub("", line).rstrip()
        if clean or (kept and kept[-1]):
            kept.append(clean)
            chars += len(clean) + 1
        if chars > TEXT_CHARS:
            raise DocumentError(f"{name} has more than {TEXT_CHARS:,} characters", hint="cut it into several documents")
    if not kept:
        raise DocumentError(f"{name} is empty: it holds no words", hint="what stands in its pictures is not read")
    return "\n".join(kept).rstrip() + "\n", cells


def _located(line: SheetTitle | SheetRow, start: int, cells: Cells) -> str:
    """Return a line of a sheet that begins at ``start``, and add its cells."""
    if isinstance(line, SheetTitle):
        cells.begin_sheet(line.name, start)
        return line.line
    flat = [" ".join(_UNSEEN.sub("", cell).split()) for cell in line.cells]
    at = start + len("| ")
    for column, words in zip(line.columns, flat, strict=True):
        if words:
            cells.add(at, line.number, column)
        at += len(words) + len(" | ")
    return row_line(flat)
