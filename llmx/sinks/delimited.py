"""CSV and TSV: one row per record, for spreadsheets."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from llmx.sinks.columns import Column, columns_of, plain
from llmx.sinks.growing import open_growing
from llmx.sinks.writing import Model, Row, Writer

_HEAD = ("id", "source", "status")


class Delimited:
    """The columns are id, source, status, those of the data, and the issues; a list is JSON in its cell.

    The header names the columns of the schema, which the first record with data brings. Records before it wait.
    """

    readable = True

    def __init__(self, path: Path, target: Path) -> None:
        self._file = open_growing(path, target)
        self._delimiter = "\t" if target.suffix.lower() == ".tsv" else ","
        self._columns: tuple[Column, ...] | None = None
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
        self._file.add(self._line([*_HEAD, *(column.name for column in columns), "issues"]))
        self._columns, waiting, self._waiting = columns, self._waiting, []
        for row in waiting:
            self._add(row)

    def _add(self, row: Row) -> None:
        values = (plain(column.of(row["data"])) for column in self._columns or ())
        self._file.add(self._line([*(row[name] for name in _HEAD), *values, _issues(row)]))

    def _line(self, cells: list[object]) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=self._delimiter, lineterminator="\n").writerow(cells)
        return text.getvalue().encode("utf-8", "backslashreplace")


def open_writer(path: Path, target: Path) -> Writer:
    """Return the writer for ``target``: separated by tabs for ``.tsv``, else by commas."""
    return Delimited(path, target)


def _issues(row: Row) -> str:
    return "; ".join(
        f"{issue['path']}: {issue['message']}" if issue["path"] else issue["message"] for issue in row["issues"]
    )
