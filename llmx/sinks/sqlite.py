"""A SQLite database: a table of records, one for each list in them, their proofs and issues, for queries in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

from llmx.sinks.database import Cells, Columns, listed, quoted
from llmx.sinks.database_writer import DatabaseWriter
from llmx.sinks.tables import Kind, NameRules
from llmx.sinks.writing import Writer, dump, output_error

_TYPES: Mapping[Kind, str] = {"number": "REAL", "boolean": "INTEGER"}
_INT64 = 1 << 63
_AT_ONCE = 200
"""Records of a transaction in a database that others may read meanwhile: each of them waits for the disk."""


class Sqlite:
    """The database at ``path``. Any column holds any value, so that none needs another type.

    With ``alone`` nobody else has the file yet, and nothing waits for the disk.
    """

    naming = NameRules()
    keys = True
    cascades = False  # only where a connection asks for it
    text = id = record = "TEXT"
    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, path: Path, *, alone: bool) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        if alone:
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute("PRAGMA journal_mode = MEMORY")
        self._connection.execute("PRAGMA temp_store = MEMORY")

    def type_of(self, kind: Kind, schema: Mapping[str, Any]) -> str:
        """Return the declared type of a column.

        Integers that may have more than 64 bits are in a column without one: SQLite would make a rounded float of them
        in any other that holds numbers (https://sqlite.org/datatype3.html, "Type Affinity"). Decimals are text, for
        the same reason.
        """
        if kind == "integer":
            bounded = schema.get("minimum", -inf) >= -_INT64 and schema.get("maximum", inf) < _INT64
            return "INTEGER" if bounded else ""
        return _TYPES.get(kind, "TEXT")

    def fitting(self, kind: Kind, value: Any) -> str:  # noqa: ARG002 - any holds any
        """Return "": every type does."""
        return ""

    def together(self, types: set[str]) -> str:
        """Return one of them."""
        return min(types)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        return self._connection.execute(sql).fetchall()

    def begin(self, *, making: bool = False) -> None:  # noqa: ARG002 - one writes at a time
        """Begin a transaction."""
        self._connection.execute("BEGIN IMMEDIATE")

    def columns(self, table: str) -> dict[str, str]:
        """Return the types of the columns of ``table``."""
        found = self._connection.execute(f"PRAGMA table_info({quoted(table)})")
        return {str(name): str(type_) for _, name, type_, *_ in found}

    def tables(self) -> list[str]:
        """Return the names of the tables."""
        return [name for (name,) in self.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def retype(self, table: str, column: str, type_: str) -> None:
        """Do nothing: any column holds any value."""

    def load(self, table: str, columns: Columns, lines: Sequence[Cells]) -> None:
        """Insert rows."""
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {quoted(table)} ({listed(columns)}) VALUES ({marks})"  # noqa: S608 -- quoted
        self._connection.executemany(statement, ([_cell(value) for value in line] for line in lines))

    def message(self, error: Exception) -> Exception:
        """Return the error as it is."""
        return error

    def close(self) -> None:
        """Close it."""
        self._connection.close()


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return dump(value).decode()
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return str(value)
    return value


def open_writer(path: Path, target: Path) -> Writer:
    """Return the writer for ``target``. Each record is a transaction, so a killed run leaves whole ones."""
    return _opened(path, target, upserts=False)


def open_existing(target: Path) -> Writer:
    """Return the writer that puts records into the database ``target``, in place of those of the same documents."""
    return _opened(target, target, upserts=True)


def _opened(path: Path, target: Path, *, upserts: bool) -> Writer:
    try:
        database = Sqlite(path, alone=not upserts)
        database.tables()
    except sqlite3.Error as exc:
        raise output_error(exc, target) from exc
    return DatabaseWriter(database, target, at_once=_AT_ONCE if upserts else 1, upserts=upserts)
