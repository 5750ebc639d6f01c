"""A DuckDB database: the tables that SQLite gets, with dates, times and decimal numbers as such."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from llmx.errors import OutputError
from llmx.private_file import PRIVATE
from llmx.sinks.sql_tables import Cells, SqlDialect, SqlTables, quoted
from llmx.sinks.tables import Kind, RecordTable, kind_of
from llmx.sinks.writing import Model, Row, Writer, dump, output_error

_TYPES: Mapping[Kind, str] = {
    "integer": "BIGINT", "number": "DOUBLE", "decimal": "DECIMAL(38, 10)", "boolean": "BOOLEAN", "date": "DATE",
    "datetime": "TIMESTAMP",
}  # fmt: skip
_TEXT = "VARCHAR"
_WIDER = {frozenset({"BIGINT", "HUGEINT"}): "HUGEINT"}
_DECIMALS, _DIGITS = 10, 38
_AT_ONCE = 200
"""Records of a transaction: one for each would cost a hundred times as much."""


class DuckDb:
    """Tables as ``sql_tables.SqlTables`` has them. Records are written in groups; one whose id is there is replaced.

    A column whose type cannot hold one of its values as it is (a decimal with more than ten places, times with and
    without an offset) becomes text.
    """

    readable = True

    def __init__(self, path: Path, target: Path) -> None:
        try:
            import duckdb  # noqa: PLC0415 -- an extra
        except ImportError as exc:
            hint = "pip install 'llmx-extract[duckdb]', or write .sqlite or .parquet, which DuckDB reads"
            raise OutputError("DuckDB needs the package duckdb, which is not installed", hint=hint) from exc
        self.error: type[Exception] = duckdb.Error
        self.target = target
        self.model: Model | None = None
        self.begun = False
        self.waiting: list[Row] = []
        self.ids: set[str] = set()
        self.types: dict[tuple[str, str], str] = {}
        try:
            path.unlink(missing_ok=True)  # an empty file is no database to it
            self.database = duckdb.connect(str(path))
            path.chmod(PRIVATE)
            self.tables = SqlTables(self.database, SqlDialect(_type, _cell, keys=False, many=True))
            self.tables.make_details()
        except (duckdb.Error, OSError) as exc:
            raise output_error(exc, target) from exc

    def write(self, row: Row, model: Model | None) -> None:
        """Take one record; every two hundredth writes, once the columns are known."""
        self.model = self.model or model
        self.waiting.append(row)
        if len(self.waiting) >= _AT_ONCE and self.model is not None:
            self._flush()

    def close(self) -> None:
        """Write what is waiting and close the database."""
        try:
            self._flush()
        finally:
            with suppress(self.error):
                self.database.close()

    def _flush(self) -> None:
        rows = {row["id"]: row for row in self.waiting}  # of two with one id the second
        try:
            if not self.begun:
                self.begun = True
                self.tables.begin(self.model)
            cells = self.tables.cells(list(rows.values()))
            for table in self.tables.tables:
                self._widen(table, cells.get(table.name, []))
            self.database.execute("BEGIN")
            self.tables.insert(cells, ids=[id_ for id_ in rows if id_ in self.ids])
            self.database.execute("COMMIT")
        except (self.error, UnicodeEncodeError) as exc:
            with suppress(self.error):
                self.database.execute("ROLLBACK")
            raise output_error(exc, self.target) from exc
        self.ids.update(rows)
        self.waiting.clear()

    def _widen(self, table: RecordTable, lines: list[Cells]) -> None:
        """Give the columns types that hold their values as they are; numbers go into those of text as text."""
        begin = self.tables.begins(table)
        for number, column in enumerate(table.columns):
            kind, place = kind_of(column), (table.name, column.name)
            needed = {_needed(kind, line[begin + number]) for line in lines} - {""}
            known = self.types.get(place)
            wanted = _together(needed | ({known} if known else set()))
            if wanted and wanted != (known or _type(kind, {})):
                change = f"ALTER TABLE {quoted(table.name)} ALTER COLUMN {quoted(column.name)} TYPE {wanted}"
                self.database.execute(change)
            if wanted:
                self.types[place] = wanted
            if wanted == _TEXT:
                at = begin + number
                lines[:] = [(*line[:at], _spelled(line[at]), *line[at + 1 :]) for line in lines]


def open_writer(path: Path, target: Path) -> Writer:
    """Return the writer for ``target``. Raises OutputError if duckdb is not installed."""
    return DuckDb(path, target)


def _type(kind: Kind, _: Mapping[str, Any]) -> str:
    return _TYPES.get(kind, _TEXT)


def _cell(value: Any, kind: Kind) -> Any:
    if value is not None and not isinstance(value, str) and kind in ("text", "json"):
        return dump(value).decode()  # DuckDB would give all cells of one statement one type: 3 and 2.5 became 3.0
    if kind == "decimal" and isinstance(value, str):
        with suppress(InvalidOperation):
            return Decimal(value)
    return value


def _spelled(value: Any) -> str | None:
    return value if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _needed(kind: Kind, value: Any) -> str:
    """Return the type that holds ``value`` as it is, "" where the usual one of its kind does."""
    if value is None:
        return ""
    if kind == "integer":
        small, large = -(1 << 63) <= value < 1 << 63, -(1 << 127) < value < 1 << 127
        return "BIGINT" if small else "HUGEINT" if large else _TEXT
    if kind == "decimal":
        return _TYPES[kind] if isinstance(value, Decimal) and _fits(value) else _TEXT
    if kind == "datetime":
        return "TIMESTAMP WITH TIME ZONE" if datetime.fromisoformat(value).tzinfo else "TIMESTAMP"
    return ""


def _fits(value: Decimal) -> bool:
    _, digits, exponent = value.as_tuple()
    return isinstance(exponent, int) and -exponent <= _DECIMALS and len(digits) + exponent <= _DIGITS - _DECIMALS


def _together(types: set[str]) -> str:
    """Return the type that holds what all ``types`` hold, "" for none."""
    if len(types) < 2:
        return next(iter(types), "")
    return _WIDER.get(frozenset(types), _TEXT)
