"""A SQLite database: a table of records, one for each list in them, their proofs and issues, for queries in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Any

from llmx.sinks.sql_tables import SqlDialect, SqlTables
from llmx.sinks.tables import Kind
from llmx.sinks.writing import Model, Row, Writer, dump, output_error

_TYPES: Mapping[Kind, str] = {"number": "REAL", "boolean": "INTEGER"}
_INT64 = 1 << 63


class Sqlite:
    """Tables as ``sql_tables.SqlTables`` has them; the record itself is JSON in ``records.record``.

    A record whose id is there already replaces it. Each record is a transaction, so a killed run leaves whole ones.
    """

    readable = True

    def __init__(self, path: Path, target: Path) -> None:
        self.target = target
        self.begun = False
        self.waiting: list[Row] = []
        try:
            self.database = sqlite3.connect(path, isolation_level=None)
            self.database.execute("PRAGMA synchronous = OFF")  # nobody else has the file before it is renamed
            self.database.execute("PRAGMA journal_mode = MEMORY")
            self.tables = SqlTables(self.database, SqlDialect(_type, _cell))
            self.tables.make_details()
        except sqlite3.Error as exc:
            raise output_error(exc, target) from exc

    def write(self, row: Row, model: Model | None) -> None:
        """Write one record, or keep it until the columns are known."""
        if not self.begun:
            if model is None:
                self.waiting.append(row)
                return
            self._begin(model)
        self._add(row)

    def close(self) -> None:
        """Write what is waiting and close the database."""
        try:
            if not self.begun:
                self._begin(None)
        finally:
            with suppress(sqlite3.Error):
                self.database.close()

    def _begin(self, model: Model | None) -> None:
        self.begun, waiting, self.waiting = True, self.waiting, []
        try:
            self.tables.begin(model)
        except sqlite3.Error as exc:
            raise output_error(exc, self.target) from exc
        for row in waiting:
            self._add(row)

    def _add(self, row: Row) -> None:
        try:
            self.database.execute("BEGIN")
            self.tables.write([row])
            self.database.execute("COMMIT")
        except (sqlite3.Error, UnicodeEncodeError) as exc:
            with suppress(sqlite3.Error):
                self.database.execute("ROLLBACK")
            raise output_error(exc, self.target) from exc


def open_writer(path: Path, target: Path) -> Writer:
    """Return the writer for ``target``."""
    return Sqlite(path, target)


def _type(kind: Kind, schema: Mapping[str, Any]) -> str:
    """Return the declared type of a column.

    Integers that may have more than 64 bits are in a column without one: SQLite would make a rounded float of them in
    any other that holds numbers (https://sqlite.org/datatype3.html, "Type Affinity"). Decimals are text, for the same
    reason.
    """
    if kind == "integer":
        bounded = schema.get("minimum", -inf) >= -_INT64 and schema.get("maximum", inf) < _INT64
        return "INTEGER" if bounded else ""
    return _TYPES.get(kind, "TEXT")


def _cell(value: Any, _: Kind) -> Any:
    if isinstance(value, list | dict):
        return dump(value).decode()
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return str(value)
    return value
