"""CSV and TSV: one row per record, for spreadsheets.

A spreadsheet takes a cell that begins with ``= + - @`` for a formula, and a document may hold one that sends its
neighbours away (https://owasp.org/www-community/attacks/CSV_Injection). Such a cell gets an apostrophe in front, unless
it is a plain number; ``unguarded`` takes it away again.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

from llmx.sinks.columns import Column, columns_of, plain
from llmx.sinks.growing import open_growing
from llmx.sinks.kept_columns import KeptColumns, data_of
from llmx.sinks.writing import Model, Row, Writer

HEAD = ("id", "source", "status")
_FORMULA = re.compile(r"'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")  # in East Asia the wide forms count, too
_NUMBER = re.compile(r"[+-]?\d[\d.,]*(?:[eE][+-]?\d+)?")


class Delimited:
    """The columns are id, source, status, those of the data, the issues, and what is kept of the input; a list is JSON.

    The header names the columns of the schema, which the first record with data brings. Records before it wait. With
    ``safe`` no cell is a formula.
    """

    readable = True

    def __init__(self, path: Path, target: Path, *, safe: bool) -> None:
        self._file = open_growing(path, target)
        self._safe = safe
        self._delimiter = "\t" if target.suffix.lower() == ".tsv" else ","
        self._columns: tuple[Column, ...] | None = None
        self._beside: tuple[Column, ...] = ()
        self.kept = KeptColumns()
        self._waiting: list[Row] = []

    def write(self, row: Row, model: Model | None) -> None:
        """Write one record, or keep it until the columns are known."""
        if self._columns is None:
            if model is None:
                self._waiting.append(row)
                return
            self._begin(columns_of(model))
        self._add(row)

    def close(self) -> None:
        """Write what is waiting and close the file."""
        if self._file.closed:
            return
        try:
            if self._columns is None and self._waiting:
                self._begin(())
        finally:
            self._file.close()

    def _begin(self, columns: tuple[Column, ...]) -> None:
        names = [*HEAD, *(column.name for column in columns), "issues"]
        self._beside = tuple(self.kept.columns(names))
        self._file.add(self._line([*names, *(column.name for column in self._beside)]))
        self._columns, waiting, self._waiting = columns, self._waiting, []
        for row in waiting:
            self._add(row)

    def _add(self, row: Row) -> None:
        data = data_of(row) if self._beside else row["data"]
        values = (plain(column.of(data)) for column in self._columns or ())
        kept = (plain(column.of(data)) for column in self._beside)
        self._file.add(self._line([*(row[name] for name in HEAD), *values, _issues(row), *kept]))

    def _line(self, cells: list[object]) -> bytes:
        return line_of(cells, self._delimiter, safe=self._safe)


class DelimitedTable:
    """One table's file, with a header of its columns."""

    def __init__(self, path: Path, columns: tuple[Column, ...], *, delimiter: str, safe: bool) -> None:
        self.path, self._delimiter, self._safe = path, delimiter, safe
        self._file = open_growing(path, path)
        self.add([column.name for column in columns])

    def add(self, cells: list[Any]) -> None:
        """Write one row."""
        self._file.add(line_of([plain(cell) for cell in cells], self._delimiter, safe=self._safe))

    def close(self) -> None:
        """Close the file."""
        if not self._file.closed:
            self._file.close()


def line_of(cells: list[object], delimiter: str, *, safe: bool) -> bytes:
    """Return ``cells`` as a line; with ``safe`` no cell is a formula."""
    if safe:
        cells = [guarded(cell) if isinstance(cell, str) else cell for cell in cells]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerow(cells)
    return text.getvalue().encode("utf-8", "backslashreplace")


def open_writer(path: Path, target: Path) -> Writer:
    """Return the writer for ``target``: separated by tabs for ``.tsv``, else by commas."""
    return Delimited(path, target, safe=True)


def open_plain_writer(path: Path, target: Path) -> Writer:
    """Return the writer for ``target`` that leaves every cell as it is."""
    return Delimited(path, target, safe=False)


def guarded(text: str) -> str:
    """Return ``text`` with an apostrophe in front where a spreadsheet would take it for a formula.

    >>> guarded("=1+1"), guarded("-12.50"), guarded("ACME")
    ("'=1+1", '-12.50', 'ACME')
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Return the text that ``guarded`` made ``text`` of.

    >>> unguarded("'=1+1"), unguarded("'tis")
    ('=1+1', "'tis")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _issues(row: Row) -> str:
    return "; ".join(
        f"{issue['path']}: {issue['message']}" if issue["path"] else issue["message"] for issue in row["issues"]
    )
