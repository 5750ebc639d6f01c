"""A SQLite database: one row per record, and its proofs and issues in tables of their own, for queries in SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Any

from llmx.sinks.columns import Column, columns_of
from llmx.sinks.writing import Model, Row, Writer, dump, output_error

_TABLES = """
CREATE TABLE evidence (
  id TEXT NOT NULL, path TEXT NOT NULL, quote TEXT, "start" INTEGER, "end" INTEGER, kind TEXT,
  score REAL, confidence REAL, page INTEGER, boxes TEXT,
  PRIMARY KEY (id, path)) WITHOUT ROWID;
CREATE TABLE issues (id TEXT NOT NULL, code TEXT NOT NULL, path TEXT NOT NULL, message TEXT NOT NULL);
CREATE INDEX issues_id ON issues (id);
"""
_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}
_HEAD = ("id", "source", "status")
_INT64 = 1 << 63


class Sqlite:
    """Tables records (one column per value, lists as JSON, the record itself as JSON in ``record``), evidence, issues.

    A record whose id is there already replaces it. Each record is a transaction, so a killed run leaves whole ones.
    """

    readable = True

    def __init__(self, path: Path, target: Path) -> None:
        self.target = target
        self.columns: tuple[Column, ...] | None = None
        self.waiting: list[Row] = []
        try:
            self.database = sqlite3.connect(path, isolation_level=None)
            self.database.execute("PRAGMA synchronous = OFF")  # nobody else has the file before it is renamed
            self.database.execute("PRAGMA journal_mode = MEMORY")
            self.database.executescript(_TABLES)
        except sqlite3.Error as exc:
            raise output_error(exc, target) from exc

    def write(self, row: Row, model: Model | None) -> None:
        """Write one record, or keep it until the columns are known."""
        if self.columns is None:
            if model is None:
                self.waiting.append(row)
                return
            self._begin(columns_of(model))
        self._add(row)

    def close(self) -> None:
        """Write what is waiting and close the database."""
        try:
            if self.columns is None:
                self._begin(())
        finally:
            with suppress(sqlite3.Error):
                self.database.close()

    def _begin(self, columns: tuple[Column, ...]) -> None:
        typed = [f"{_quoted(c.name)} {_type(c.schema)}" for c in columns]
        names = ["id TEXT PRIMARY KEY", "source TEXT", "status TEXT NOT NULL", *typed, "record TEXT NOT NULL"]
        self.columns, waiting, self.waiting = columns, self.waiting, []
        try:
            self.database.execute(f"CREATE TABLE records ({', '.join(names)})")
        except sqlite3.Error as exc:
            raise output_error(exc, self.target) from exc
        for row in waiting:
            self._add(row)

    def _add(self, row: Row) -> None:
        columns = self.columns or ()
        cells = [*(row[name] for name in _HEAD), *(_cell(c.of(row["data"])) for c in columns), dump(row).decode()]
        names = [*_HEAD, *(column.name for column in columns), "record"]
        places = ", ".join("?" * len(cells))
        listed = ", ".join(map(_quoted, names))
        try:
            self.database.execute("BEGIN")
            self.database.execute(f"INSERT OR REPLACE INTO records ({listed}) VALUES ({places})", cells)  # noqa: S608 -- names are quoted
            self._add_details(row)
            self.database.execute("COMMIT")
        except (sqlite3.Error, UnicodeEncodeError) as exc:
            with suppress(sqlite3.Error):
                self.database.execute("ROLLBACK")
            raise output_error(exc, self.target) from exc

    def _add_details(self, row: Row) -> None:
        for table in ("evidence", "issues"):
            self.database.execute(f"DELETE FROM {table} WHERE id = ?", (row["id"],))  # noqa: S608 -- our own names
        proofs = [
            (
                row["id"],
                path,
                *(proof.get(name) for name in ("quote", "start", "end", "kind", "score")),
                row["confidence"].get(path),
                proof.get("page"),
                dump(proof["boxes"]).decode() if "boxes" in proof else None,
            )
            for path, proof in ((path, proof or {}) for path, proof in row["evidence"].items())
        ]
        self.database.executemany("INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", proofs)
        issues = [(row["id"], issue["code"], issue["path"], issue["message"]) for issue in row["issues"]]
        self.database.executemany("INSERT INTO issues VALUES (?, ?, ?, ?)", issues)


def open_writer(path: Path, target: Path) -> Writer:
    """Return the writer for ``target``."""
    return Sqlite(path, target)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _type(schema: Mapping[str, Any]) -> str:
    """Return the declared type of a column.

    Integers that may have more than 64 bits are in a column without one: SQLite would make a rounded float of them in
    any other that holds numbers (https://sqlite.org/datatype3.html, "Type Affinity").
    """
    kind = str(schema.get("type"))
    if kind == "integer" and not (schema.get("minimum", -inf) >= -_INT64 and schema.get("maximum", inf) < _INT64):
        return ""
    return _TYPES.get(kind, "TEXT")


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return dump(value).decode()
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return str(value)
    return value
