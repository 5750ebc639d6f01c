"""A DuckDB database: the tables that SQLite gets, with dates, times and decimal numbers as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from llmx.errors import OutputError
from llmx.private_file import PRIVATE
from llmx.sinks.database import Cells, Columns, decimal_of, is_of, listed, literal, moment_of, quoted, spelled
from llmx.sinks.database_writer import DatabaseWriter
from llmx.sinks.tables import Kind, NameRules
from llmx.sinks.writing import Writer, output_error

_DECIMALS, _DIGITS = 10, 38
_TYPES: Mapping[Kind, str] = {
    "integer": "BIGINT", "number": "DOUBLE", "decimal": f"DECIMAL({_DIGITS},{_DECIMALS})", "boolean": "BOOLEAN",
    "date": "DATE", "datetime": "TIMESTAMP",
}  # fmt: skip
_ZONED = "TIMESTAMP WITH TIME ZONE"
_WIDER = {
    frozenset({"BIGINT", "HUGEINT"}): "HUGEINT",
    frozenset({"BIGINT", _TYPES["decimal"]}): _TYPES["decimal"],
}
_AT_ONCE = 1000
"""Records of a transaction: one for each would cost a hundred times as much."""


class DuckDb:
    """The database at ``path``, which will be called ``target``."""

    naming = NameRules()
    keys = False  # a key is an index, which has to fit the memory
    cascades = False
    text = id = record = "VARCHAR"
    errors: tuple[type[Exception], ...]

    def __init__(self, path: Path, target: Path) -> None:
        try:
            import duckdb  # noqa: PLC0415 -- an extra
        except ImportError as exc:
            hint = "pip install 'llmx-extract[duckdb]', or write .sqlite or .parquet, which DuckDB reads"
            raise OutputError("DuckDB needs the package duckdb, which is not installed", hint=hint) from exc
        self.errors = (duckdb.Error, OSError)
        try:
            if path.exists() and not path.stat().st_size:
                path.unlink()  # an empty file is no database to it
            self._connection = duckdb.connect(str(path))
            path.chmod(PRIVATE)
        except self.errors as exc:
            raise output_error(exc, target) from exc

    def type_of(self, kind: Kind, schema: Mapping[str, Any]) -> str:  # noqa: ARG002 - the values decide
        """Return the type of a column for values of ``kind``."""
        return _TYPES.get(kind, self.text)

    def fitting(self, kind: Kind, value: Any) -> str:
        """Return the type that holds ``value`` as it is."""
        if not is_of(kind, value):
            return self.text
        if kind == "integer":
            small, large = -(1 << 63) <= value < 1 << 63, -(1 << 127) < value < 1 << 127
            return "BIGINT" if small else "HUGEINT" if large else self.text
        if kind == "decimal":
            return _TYPES[kind] if _fits(value) else self.text
        if kind == "datetime" and (moment := moment_of(value)):
            return _ZONED if moment.tzinfo else "TIMESTAMP"
        return _TYPES.get(kind, self.text)

    def together(self, types: set[str]) -> str:
        """Return the type that holds what each of two ``types`` holds."""
        return _WIDER.get(frozenset(types), self.text)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        found: list[tuple[Any, ...]] = self._connection.execute(sql).fetchall()
        return found

    def begin(self, *, making: bool = False) -> None:  # noqa: ARG002 - one process has the file
        """Begin a transaction."""
        self._connection.execute("BEGIN")

    def columns(self, table: str) -> dict[str, str]:
        """Return the types of the columns of ``table``."""
        found = self.execute(
            "SELECT column_name, data_type FROM information_schema.columns"  # noqa: S608 -- a literal
            f" WHERE table_schema = 'main' AND table_name = {literal(table)} ORDER BY ordinal_position"
        )
        return {str(name): str(type_) for name, type_ in found}

    def tables(self) -> list[str]:
        """Return the names of the tables."""
        where = "table_schema = 'main' AND table_type = 'BASE TABLE'"
        found = self.execute(f"SELECT table_name FROM information_schema.tables WHERE {where}")  # noqa: S608 -- ours
        return [name for (name,) in found]

    def retype(self, table: str, column: str, type_: str) -> None:
        """Give a column another type."""
        self._connection.execute(f"ALTER TABLE {quoted(table)} ALTER COLUMN {quoted(column)} TYPE {type_}")

    def load(self, table: str, columns: Columns, lines: Sequence[Cells]) -> None:
        """Insert rows: column by column, as texts that DuckDB casts, because rows as parameters take it ten times as
        long (https://duckdb.org/docs/stable/data/insert).
        """
        texts = [[spelled(value) for value in column] for column in zip(*lines, strict=True)]
        cast = ", ".join(f"unnest(?::VARCHAR[])::{type_}" for type_, _ in columns.values())
        self._connection.execute(f"INSERT INTO {quoted(table)} ({listed(columns)}) SELECT {cast}", texts)

    def message(self, error: Exception) -> Exception:
        """Return the error as it is."""
        return error

    def close(self) -> None:
        """Close it."""
        self._connection.close()


def _fits(text: str) -> bool:
    number = decimal_of(text)
    assert number is not None
    _, digits, exponent = number.as_tuple()
    return isinstance(exponent, int) and -exponent <= _DECIMALS and len(digits) + exponent <= _DIGITS - _DECIMALS


def open_writer(path: Path, target: Path) -> Writer:
    """Return the writer for ``target``. Raises OutputError if duckdb is not installed."""
    return DatabaseWriter(DuckDb(path, target), target, at_once=_AT_ONCE, upserts=False)


def open_existing(target: Path) -> Writer:
    """Return the writer that puts records into the database ``target``, in place of those of the same documents."""
    return DatabaseWriter(DuckDb(target, target), target, at_once=_AT_ONCE, upserts=True)
