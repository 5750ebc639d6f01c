"""The rows of Parquet files and SQLite databases as documents, a few at a time."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any
from urllib.parse import quote

from llmx.documents.blob import Blob
from llmx.documents.document import Document, Unreadable
from llmx.documents.rows import RowFields, row_document
from llmx.errors import DocumentError, UsageError, did_you_mean

_BATCH_ROWS = 256
_STEPS = 1_000_000  # of SQLite's machine between two looks at the clock
_ROW_S = 60.0  # the longest that one row may take: a query of somebody else's view may never end
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_COLUMNS = "--text-field, --id-field and --date-field name the columns"


def read_parquet(
    blob: Blob, prefix: str, fields: RowFields, *, groups: Sequence[int] | None = None, first: int = 0
) -> Iterator[Document | Unreadable]:
    """Yield a document for each row of a Parquet file. Its id is that of the id column, or ``prefix:row`` from 1.

    ``groups`` are the row groups to read, None for all; ``first`` rows are before them.
    """
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415 -- an extra, and 0.2 s
    except ImportError as exc:
        hint = 'pip install "llmx-extract[parquet]"; or save it as .jsonl or .csv'
        raise DocumentError(f"{blob.source} is a Parquet table, which cannot be read here: {exc}", hint=hint) from None
    try:
        with blob.open() as stream, parquet.ParquetFile(stream) as table:
            _check(table.schema_arrow.names, fields, blob)
            batches = table.iter_batches(batch_size=_BATCH_ROWS, row_groups=groups)
            rows = (row for batch in batches for row in batch.to_pylist())
            yield from _documents(rows, blob, prefix, fields=fields, first=first)
    except (ArrowException, OSError, ValueError) as exc:
        raise DocumentError(f"{blob.source} is a Parquet table, and damaged: {exc}", hint="write it again") from None


def read_sqlite(blob: Blob, prefix: str, fields: RowFields) -> Iterator[Document | Unreadable]:
    """Yield a document for each row of a database: those of its query, else of the one table that has the columns.

    The database is only read; no trigger, no extension and nothing that a view could call changes anything.
    """
    try:
        with closing(_opened(blob)) as database:
            clock = _Clock()
            database.set_progress_handler(clock.is_over, _STEPS)
            database.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY)
            rows = database.execute(blob.query or _all_of(_table(database, fields, blob)))
            names = [column[0] for column in rows.description or ()]
            _check(names, fields, blob)
            found = (dict(zip(names, row, strict=True)) for row in clock.timed(rows))
            yield from _documents(found, blob, prefix, fields=fields)
    except sqlite3.Error as exc:
        asked = f": {blob.query}" if blob.query else ""
        raise DocumentError(f"{blob.source} is an SQLite database, and says: {exc}{asked}", hint=_SELECT) from None


_SELECT = "name its rows as database.sqlite::SELECT id, text FROM …"


class _Clock:
    """Tells when a query has taken too long for a row."""

    def __init__(self) -> None:
        self._until = time.monotonic() + _ROW_S

    def is_over(self) -> int:
        """Return 1 to have the query ended."""
        return int(time.monotonic() > self._until)

    def timed(self, rows: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
        """Yield the rows, and set the clock for each."""
        for row in rows:
            yield row
            self._until = time.monotonic() + _ROW_S


def _opened(blob: Blob) -> sqlite3.Connection:
    if blob.path is not None:
        return sqlite3.connect(f"file:{quote(str(blob.path.absolute()))}?mode=ro", uri=True, check_same_thread=False)
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.deserialize(blob.read())
    return database


def _table(database: sqlite3.Connection, fields: RowFields, blob: Blob) -> str:
    """Return the only table or view with the columns that are wanted."""
    listed = database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    names = [name for (name,) in listed if not name.startswith("sqlite_")]
    columns = {name: {column[0] for column in database.execute(_all_of(name)).description} for name in names}
    having: list[str] = [name for name in names if fields.required <= columns[name]]
    if len(having) == 1:
        return having[0]
    wanted = " and ".join(f"'{name}'" for name in sorted(fields.required))
    count = "no table" if not having else "more than one table"
    what = f"{blob.source} is an SQLite database with {count} that has the column {wanted}"
    raise DocumentError(f"{what}; its tables are {', '.join(names) or 'none'}", hint=_SELECT)


def _all_of(table: str) -> str:
    name = table.replace('"', '""')
    return f'SELECT * FROM "{name}"'  # noqa: S608 -- quoted as SQLite quotes names


def _check(names: list[str], fields: RowFields, blob: Blob) -> None:
    if missing := fields.required - set(names):
        wanted = " and ".join(f"'{name}'" for name in sorted(missing))
        hint = "".join(did_you_mean(name, names) for name in sorted(missing)) + _COLUMNS
        raise UsageError(f"{blob.source} has no column {wanted}; its columns are {', '.join(names)}", hint=hint)


def _documents(
    rows: Iterator[Mapping[str, Any]], blob: Blob, prefix: str, *, fields: RowFields, first: int = 0
) -> Iterator[Document | Unreadable]:
    dated = {fields.date}
    for number, row in enumerate(rows, start=first + 1):
        plain = {key: value if key in dated else _plain(value) for key, value in row.items()}
        yield row_document(plain, fields, source=f"{blob.source}:{number}", fallback=f"{prefix}:{number}")


def _plain(value: Any) -> Any:
    """Return a value as JSON can say it."""
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
