"""Where the cells of a workbook stand in its text, so that a proof can name the cell that says a value."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass(slots=True)
class Cells:
    """The cells of a document, in the order of its text: where each begins, and its sheet, row and column from 1."""

    _starts: array[int] = field(default_factory=lambda: array("Q"))
    _rows: array[int] = field(default_factory=lambda: array("L"))
    _columns: array[int] = field(default_factory=lambda: array("L"))
    _sheet_starts: list[int] = field(default_factory=list)
    _sheets: list[str] = field(default_factory=list)

    def begin_sheet(self, name: str, start: int) -> None:
        """Say that the cells from ``start`` on are those of the sheet ``name``."""
        self._sheets.append(name)
        self._sheet_starts.append(start)

    def add(self, start: int, row: int, column: int) -> None:
        """Say that a cell begins at ``start``."""
        self._starts.append(start)
        self._rows.append(row)
        self._columns.append(column)

    def __len__(self) -> int:
        return len(self._starts)

    def at(self, offset: int) -> str:
        """Return the cell in which the character at ``offset`` stands, as ``Sheet1!B7``; '' if it stands in none."""
        number = bisect_right(self._starts, offset) - 1
        sheet = bisect_right(self._sheet_starts, offset) - 1
        if number < 0 or sheet < 0 or self._starts[number] < self._sheet_starts[sheet]:
            return ""
        name = self._sheets[sheet]
        quoted = name if _PLAIN.fullmatch(name) else "'" + name.replace("'", "''") + "'"
        return f"{quoted}!{column_letters(self._columns[number])}{self._rows[number]}"


def column_letters(number: int) -> str:
    """Return the letters of a column from 1.

    >>> column_letters(1), column_letters(26), column_letters(27)
    ('A', 'Z', 'AA')
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
