"""The manifest beside an output: a row for each document that is done, so that a run can be broken off at any moment.

``OUT.manifest`` is an SQLite database. It never holds a text or a record, only what decides whether a document is done:
the hash of its text, what it was extracted with, how it ended, what it cost, and where its line stands in the output.
A line counts once its row is committed; what stands behind the last such line is cut off when the run goes on.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any

from llmx.dataclass import dataclass
from llmx.documents import Document, RowFields, Unreadable
from llmx.documents.find import MANIFEST
from llmx.errors import OutputError
from llmx.file_lock import hold
from llmx.private_file import make_private
from llmx.sinks.writing import output_error

FORMAT = 1
SUFFIX = MANIFEST

UNSEEN = 10**12
"""Added to the places of documents that a run has not met yet."""

BATCH = 64
BATCH_S = 0.25
"""Rows are committed this many at a time, or after so long. A row that is lost costs one look into the cache."""

_TABLES = """
create table if not exists facts (name text primary key, value text) without rowid;
create table if not exists plans (number integer primary key, schema text, prompt text, model text, options text,
  unique (schema, prompt, model, options));
create table if not exists plan_fields (plan integer, place integer, field text, fingerprint text,
  primary key (plan, place)) without rowid;
create table if not exists documents (id text primary key, hash text, plan integer, status text, issue text,
  tries integer, attempts integer, requests integer, input_tokens integer, output_tokens integer, cached_tokens integer,
  seconds real, at integer, bytes integer, position integer, models text default '') without rowid;
create table if not exists pages (url text primary key, led_to text, fetched_at text, sha256 text, documents integer)
  without rowid;
create table if not exists page_documents (url text, id text, primary key (url, id)) without rowid;
create table if not exists moved (id text primary key, at integer, bytes integer) without rowid;
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A document that is done.

    ``tries`` is the number of runs in which it failed, 0 where it did not. ``at`` and ``bytes`` say where its line
    stands in a .jsonl output, -1 where there is none; ``position`` is its place in the source. ``models`` is what each
    model did for it, as JSON, where a fallback was asked: see ``model_shares.py``.
    """

    id: str
    hash: str
    plan: int
    status: str
    issue: str
    tries: int
    attempts: int
    requests: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    seconds: float
    at: int
    bytes: int
    position: int
    models: str = ""


_columns = attrgetter(*(column.name for column in fields(Row)))


def manifest_path(target: Path) -> Path:
    """Return where the manifest of the output ``target`` stands."""
    return target.with_name(target.name + SUFFIX)


def place_of_address(address: str) -> Path:
    """Return the name beside which the manifest of an output stands that is no file: among the state of this user.

    ``address`` is that of a database, without its password.
    """
    from platformdirs import user_state_path  # noqa: PLC0415 - only for such outputs

    name = hashlib.sha256(address.encode()).hexdigest()[:32]
    return user_state_path("llmx") / "databases" / name


def text_hash(document: Document | Unreadable) -> str:
    """Return 32 hex digits of the sha256 of the text and the date, '' for a document that cannot be read."""
    if isinstance(document, Unreadable):
        return ""
    dated = document.text if document.date is None else f"{document.text}\0{document.date}"
    if document.pages is not None:  # boxes are of the file's bytes, even where these give the same text
        dated += f"\0{document.pages.fingerprint}"
    if document.elements is not None:  # so are XPaths
        dated += f"\0{document.elements.fingerprint}"
    return hashlib.sha256(dated.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Manifest:
    """The database at ``path``. One process writes at a time, which ``locked`` ensures; any may read meanwhile.

    ``before_commit`` is called before rows are committed: an output that waits with its records writes them then.
    """

    def __init__(self, path: Path, *, writing: bool = True) -> None:
        self.path = path
        self._turn = threading.RLock()  # a slow source is read in a thread of its own, and asks too
        try:
            self._db = _opened(path) if writing else _to_read(path)
            version = self.fact("format")
            if writing and not version:
                self.set_fact("format", version := str(FORMAT))
        except sqlite3.OperationalError as error:
            raise output_error(error, path) from error
        except sqlite3.Error as error:
            raise OutputError(f"{path}: {error}", hint="It is damaged, or no manifest of llmx: remove it.") from None
        if version != str(FORMAT):
            raise OutputError(f"{path} was written by another version of llmx", hint="Remove it and run anew.")
        self._rows: list[Row] = []
        self._last_s = time.monotonic()
        self._full = False
        self.before_commit: Callable[[], None] = lambda: None

    def fact(self, name: str) -> str:
        """Return the fact called ``name``, '' where there is none."""
        found = self._db.execute("select value from facts where name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    def set_fact(self, name: str, value: str) -> None:
        """Note ``value`` as the fact called ``name``."""
        with self._telling():
            self._db.execute("replace into facts values (?, ?)", (name, value))

    def row(self, document_id: str) -> Row | None:
        """Return the row of a document, None where it is not done."""
        with self._turn:
            found = self._db.execute("select * from documents where id = ?", (document_id,)).fetchone()
        return Row(*found) if found else None

    def rows(self, order: str = "position, at") -> Iterator[Row]:
        """Yield all rows, ordered by ``order`` (names of columns)."""
        for found in self._db.execute(f"select * from documents order by {order}"):  # noqa: S608 - ours
            yield Row(*found)

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows that an SQL statement gives."""
        with self._turn, self._telling():
            return self._db.execute(sql, values).fetchall()

    def add(self, row: Row, *, at_once: bool) -> None:
        """Note a document as done; with ``at_once`` the row is committed before this returns."""
        self._rows.append(row)
        if at_once or len(self._rows) >= BATCH or time.monotonic() - self._last_s > BATCH_S:
            self.commit()

    def commit(self) -> None:
        """Commit the rows that were added. Raises OutputError once where the disk is full, and then gives up."""
        if self._rows and not self._full:
            try:
                self.before_commit()
            except OutputError:
                self._full = True  # some of its records may be lost: what was not noted is done again
                raise
            with self.together():
                marks = ", ".join("?" * len(fields(Row)))
                self._db.executemany(f"replace into documents values ({marks})", map(_columns, self._rows))  # noqa: S608 - marks only
            self._rows.clear()
        self._last_s = time.monotonic()

    def set_positions(self, positions: list[tuple[int, str]]) -> None:
        """Note the places of documents in the source, as (position, id)."""
        with self.together():
            self._db.executemany("update documents set position = ? where id = ?", positions)

    def move_positions(self, by: int) -> None:
        """Move all documents behind those that this run is going to meet."""
        with self._telling():
            self._db.execute("update documents set position = position + ? where position < ?", (by, by))

    def remove(self, key: str) -> None:
        """Forget one document."""
        with self._turn, self._telling():
            self._db.execute("delete from documents where id = ?", (key,))

    def excuse(self, keys: Iterable[str]) -> None:
        """Take back the last try of each document of ``keys``."""
        with self.together():
            self._db.executemany(
                "update documents set tries = max(0, tries - 1) where id = ?", ((key,) for key in keys)
            )

    @contextmanager
    def together(self) -> Iterator[sqlite3.Connection]:
        """Commit everything within the ``with`` block at once, or nothing of it."""
        with self._turn, self._telling():
            self._db.execute("begin immediate")
            try:
                yield self._db
                self._db.execute("commit")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite has done so itself where the disk is full
                    self._db.execute("rollback")
                raise

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Raise what SQLite says as an OutputError, and take no more rows: what cannot be noted is done again."""
        try:
            yield
        except sqlite3.Error as error:
            self._full = True
            raise output_error(error, self.path) from error

    def forget(self) -> None:
        """Forget all documents: the output begins anew."""
        with self.together() as db:
            db.execute("delete from documents")
            db.execute("delete from moved")
            db.execute("delete from pages")
            db.execute("delete from page_documents")
            db.execute("delete from facts where name <> 'format'")

    def close(self) -> None:
        """Commit and close."""
        try:
            self.commit()
        finally:
            with self._turn:
                self._db.close()


def _opened(path: Path) -> sqlite3.Connection:
    """Open the database for writing; create it where there is none."""
    make_private(path)  # SQLite's files beside it get the same permissions
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        db.execute("pragma journal_mode=wal")
        db.execute("pragma synchronous=normal")
        db.executescript(_TABLES)
        if "models" not in _columns_of(db):
            db.execute("alter table documents add column models text default ''")  # it is older than fallbacks
    except sqlite3.Error:
        db.close()
        raise
    return db


def _columns_of(db: sqlite3.Connection) -> set[str]:
    return {str(name) for _, name, *_ in db.execute("pragma table_info(documents)")}


def _to_read(path: Path) -> sqlite3.Connection:
    """Open the database for reading, even where not so much as SQLite's own files beside it may be written."""
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        db.execute("select value from facts limit 1")
    except sqlite3.OperationalError:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True, isolation_level=None)
    return db


def row_fields(target: Path) -> RowFields | None:
    """Return how the documents of the output ``target`` were read, None where that was not noted."""
    path = manifest_path(target)
    if not path.is_file():
        return None
    try:
        manifest = Manifest(path, writing=False)
    except OutputError:  # of another version, or no manifest: the texts may be found without it
        return None
    try:
        return RowFields.from_json(json.loads(manifest.fact("fields") or "{}"))
    except (TypeError, ValueError):
        return None
    finally:
        manifest.close()


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """Be the only run that writes ``target`` within the ``with`` block. A process that ends in any way frees the lock.

    Raises OutputError where another run writes it, or nothing may be written there.
    """
    held = OutputError(
        f"{target} is being written by another run",
        hint="Wait for it (`llmx status` shows how far it is), or write to another output.",
    )
    try:
        lock = hold(lock_path(target), held=held)
    except OSError as error:
        raise output_error(error, target) from error
    try:
        yield
    finally:
        lock.release()


def lock_path(target: Path) -> Path:
    """Return the lock file of the output ``target``; it is there while a run writes."""
    return target.with_name(f"{target.name}{SUFFIX}-lock")
