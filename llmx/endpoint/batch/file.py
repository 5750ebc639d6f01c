"""The file that a batch run keeps beside its output, ``OUT.batch``: an SQLite database, for its owner alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from llmx.documents.find import BATCH
from llmx.errors import OutputError
from llmx.private_file import make_private

FORMAT = 1

_TABLES = """
create table if not exists facts (name text primary key, value text) without rowid;
create table if not exists batches (number integer primary key, tag text unique, url text, lines integer, bytes integer,
  phase text, id text default '', told text default '', planned real, message text default '');
create table if not exists requests (key text primary key, url text, body text, bytes integer, batch integer,
  tries integer default 0, status integer, answer text, message text default '', used integer default 0,
  input_tokens integer, output_tokens integer) without rowid;
create index if not exists requests_batch on requests (batch) where batch is not null;
"""


def state_path(target: Path) -> Path:
    """Return where the state of the batches for the output ``target`` stands."""
    return target.with_name(target.name + BATCH)


class BatchFile:
    """The file ``path``, which is made where it is not there. Raises OutputError where it is no such file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        make_private(path)
        try:
            self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self.db.executescript(_TABLES)
        except sqlite3.Error as error:
            hint = "Move it away; answers that the cache holds cost nothing."
            raise OutputError(f"{path} is not the state of a batch run: {error}", hint=hint) from None
        if self.fact("format", FORMAT) != FORMAT:
            raise OutputError(f"{path} was written by another version of llmx", hint="Go on with that one.")
        self.set_fact("format", FORMAT)
        self._uncommitted, self._closed = 0, False

    def fact(self, name: str, default: Any = None) -> Any:
        """Return the JSON value that is noted under ``name``."""
        rows = self.rows("select value from facts where name = ?", name)
        return orjson.loads(rows[0][0]) if rows else default

    def set_fact(self, name: str, value: Any) -> None:
        """Note a JSON value under ``name``."""
        self.rows("insert or replace into facts values (?, ?)", name, orjson.dumps(value).decode())

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run ``statement`` and return what it gives."""
        with closing(self.db.execute(statement, values)) as cursor:
            return cursor.fetchall()

    def begin(self) -> None:
        """Begin a transaction where none is under way."""
        if not self.db.in_transaction:
            self.db.execute("begin")

    def commit(self) -> None:
        """Write down what was noted."""
        if self.db.in_transaction:
            self.db.execute("commit")
        self._uncommitted = 0

    def close(self) -> None:
        """Close the file; closing twice does no harm."""
        if not self._closed:
            self.commit()
            self.db.close()
            self._closed = True

    def remove(self) -> None:
        """Close the file and remove it: the run is over."""
        self.close()
        for end in ("", "-journal", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
