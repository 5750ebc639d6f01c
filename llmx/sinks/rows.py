"""Formats that grow by a record at a time and are whole after each: JSON Lines, a JSON array, CSV."""

from __future__ import annotations

import csv
import io
import os
from contextlib import suppress
from pathlib import Path

from llmx.errors import OutputError
from llmx.sinks.columns import Column, columns_of, data_columns, plain, proof_of
from llmx.sinks.writing import Model, Row, dump, output_error

_HEAD = ("id", "source", "status")


class _Growing:
    """A file that ends in ``tail`` whenever nobody is writing, so that it is whole even when the process is killed.

    ``body`` counts the bytes before the tail. Each unit overwrites the tail and ends in a new one.
    """

    def __init__(self, path: Path, target: Path, *, tail: bytes = b"") -> None:
        self.target, self.tail = target, tail
        try:
            self.file = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        except OSError as exc:
            raise output_error(exc, target) from exc
        self.body = os.fstat(self.file).st_size
        self.closed = False

    def add(self, unit: bytes) -> None:
        """Write ``unit`` whole; where that fails, the file is as before, and OutputError is raised."""
        try:
            self._put(unit + self.tail)
        except OSError as exc:
            self._restore()
            raise output_error(exc, self.target) from exc
        self.body += len(unit)

    def close(self) -> None:
        """Leave whole units only, be sure that they are on the disk, and close."""
        if self.closed:
            return
        self.closed = True
        try:
            self._restore()
            os.fsync(self.file)
        except OSError as exc:
            raise output_error(exc, self.target) from exc
        finally:
            os.close(self.file)

    def _put(self, data: bytes) -> None:
        os.lseek(self.file, self.body, os.SEEK_SET)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.file, rest) :]

    def _restore(self) -> None:
        with suppress(OSError):
            os.ftruncate(self.file, self.body)
            self._put(self.tail)


class JsonLines:
    """A record a line."""

    whole = True

    def __init__(self, path: Path, target: Path) -> None:
        self.file = _Growing(path, target)
        self.file.body = _whole_lines(self.file.file, self.file.body)

    def write(self, row: Row, model: Model | None) -> None:  # noqa: ARG002 -- the class says nothing more here
        """Write one record."""
        self.file.add(dump(row) + b"\n")

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class JsonArray:
    """One JSON array, a record a line in it; valid JSON after every record."""

    whole = True

    def __init__(self, path: Path, target: Path) -> None:
        self.file = _Growing(path, target, tail=b"\n]\n")
        self.file.add(b"[")
        self.empty = True

    def write(self, row: Row, model: Model | None) -> None:  # noqa: ARG002 -- the class says nothing more here
        """Write one record."""
        self.file.add((b"\n" if self.empty else b",\n") + dump(row))
        self.empty = False

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class Csv:
    """A row a record: id, source, status, the data's columns, and the issues; lists as JSON in their cell.

    The header needs to know the user's class, which the first record with data tells unless it is given. The records
    before it, which have no data, wait. ``proof`` adds a column with the proving words after each of the data's.
    """

    whole = True

    def __init__(self, path: Path, target: Path, *, model: Model | None = None, proof: bool = False) -> None:
        self.file = _Growing(path, target)
        self.delimiter = "\t" if target.suffix.lower() == ".tsv" else ","
        self.proof = proof
        self.columns: tuple[Column, ...] | None = None
        self.waiting: list[Row] = []
        self.resumed = self.file.body > 0
        if model is not None:
            self._begin(columns_of(model))

    def write(self, row: Row, model: Model | None) -> None:
        """Write one record, or hold it back until the columns are known."""
        if self.columns is None:
            if row["data"] is None:
                self.waiting.append(row)
                return
            self._begin(columns_of(model) if model else data_columns(row["data"]))
        self._add([row])

    def close(self) -> None:
        """Write what is held back and close the file."""
        if self.file.closed:
            return
        try:
            if self.columns is None and self.waiting:
                self._begin(())
        finally:
            self.file.close()

    def _begin(self, columns: tuple[Column, ...]) -> None:
        names = [
            name
            for column in columns
            for name in ((column.name, f"{column.name}.quote") if self.proof else (column.name,))
        ]
        header = self._line([*_HEAD, *names, "issues"])
        if self.resumed:
            _same_header(self.file.file, header, self.file.target)
        else:
            self.file.add(header)
        self.columns, waiting, self.waiting = columns, self.waiting, []
        self._add(waiting)

    def _add(self, rows: list[Row]) -> None:
        for row in rows:
            self.file.add(self._line([*(row[name] for name in _HEAD), *self._cells(row), _issues(row)]))

    def _cells(self, row: Row) -> list[object]:
        cells: list[object] = []
        for column in self.columns or ():
            cells.append(plain(column.of(row["data"])))
            if self.proof:
                proof = proof_of(row, column)
                cells.append(proof["quote"] if proof else "")
        return cells

    def _line(self, cells: list[object]) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator="\n").writerow(cells)
        return text.getvalue().encode("utf-8", "backslashreplace")


def _issues(row: Row) -> str:
    return "; ".join(
        f"{issue['path']}: {issue['message']}" if issue["path"] else issue["message"] for issue in row["issues"]
    )


def _whole_lines(file: int, size: int) -> int:
    """Return how many bytes of a file are whole lines: what a killed process left of a line does not count."""
    block = 1 << 16
    end = size
    while end > 0:
        begin = max(0, end - block)
        os.lseek(file, begin, os.SEEK_SET)
        at = os.read(file, end - begin).rfind(b"\n")
        if at >= 0:
            return begin + at + 1
        end = begin
    return 0


def _same_header(file: int, header: bytes, target: Path) -> None:
    os.lseek(file, 0, os.SEEK_SET)
    if os.read(file, len(header)) != header:
        raise OutputError(
            f"{target} has other columns than this run's records",
            hint="its schema was another; name another file with -o",
        )
