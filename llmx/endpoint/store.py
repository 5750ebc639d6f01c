"""A store of texts on disk, shared by many processes, whose failures never stop a run.

diskcache (SQLite) holds text and nothing else: by default it would unpickle whatever is in the file (CVE-2025-69872),
so pickles are neither written nor read. A damaged entry is a miss, a full disk means no store, each with one warning.
Entries may be evicted; what is to last is kept elsewhere.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from llmx.errors import ConfigError
from llmx.private_file import make_private

if TYPE_CHECKING:
    from pathlib import Path

    import diskcache

_LOG = logging.getLogger("llmx.cache")
CULL_EVERY = 64
"""The size is checked after so many writes, and may exceed its bound by some 200 KB meanwhile."""

_PAGES = 500  # of 4 KB each: nothing is read twice
_WAL_PAGES = 10_000  # wait for the disk every 40 MB; SQLite's default of 4 MB takes a tenth of the time of a fast run
_BUSY_S = 5.0  # another process may be writing; longer means that something is wrong


class Texts(Protocol):
    """Texts under keys: on disk (``TextStore``), or on a server for many machines (``shared_cache.py``).

    Reading and writing never raise: what fails is a warning and a miss. ``limit_bytes`` is 0 where the store does not
    bound itself; ``place`` says where it is, without what is secret in that.
    """

    place: str
    limit_bytes: int

    def read(self, key: str) -> str | None:
        """Return the text under ``key``, None where there is none."""

    def write(self, entries: Iterable[tuple[str, str]]) -> None:
        """Keep ``entries`` of (key, text)."""

    def entries(self) -> Iterator[tuple[str, Any]]:
        """Yield the key and the text of every entry."""

    def check(self) -> None:
        """Raise ConfigError where the store cannot be used."""

    def clear(self) -> int:
        """Remove every entry; return how many there were."""

    def count(self) -> int:
        """Return how many entries there are."""

    def size_bytes(self) -> int:
        """Return how large the store is."""

    def close(self) -> None:
        """Close it; the next use opens it again."""

    def damaged(self, error: Exception) -> None:
        """Warn, once, that a damaged entry counts as missing."""


class TextStore:
    """Texts under keys in ``folder``, which is created with mode 0700. Opened at its first use.

    ``limit_bytes`` bounds its size; the entries stored longest ago are evicted first. ``what`` names it in warnings.
    """

    def __init__(self, folder: Path, *, limit_bytes: int, what: str = "cache") -> None:
        self.folder = folder
        self.place = str(folder)
        self.limit_bytes = limit_bytes
        self.what = what
        self._store: diskcache.Cache | None = None
        self._broken = False
        self._warned: set[str] = set()
        self._writes = CULL_EVERY  # check at the first write too: many short runs write little each

    def read(self, key: str) -> str | None:
        """Return the text under ``key``, None where there is none or it cannot be read."""
        store = self._open()
        if store is None:
            return None
        try:
            text = store.get(key)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.damaged(error)
        except (sqlite3.Error, OSError, _timeout()) as error:
            self._warn("read", f"the {self.what} {self.folder} cannot be read ({error}); going on without it")
        else:
            return None if text is None else str(text)
        return None

    def write(self, entries: Iterable[tuple[str, str]]) -> None:
        """Keep ``entries`` of (key, text), all in one transaction. Never raises."""
        store = self._open()
        if store is None:
            return
        try:
            with store.transact(retry=False):
                for key, text in entries:
                    store.set(key, text, retry=False)
                    self._writes += 1
            self._bound(store)
        except (sqlite3.Error, OSError, _timeout()) as error:
            self._warn("write", f"the {self.what} {self.folder} cannot be written ({error}); going on without it")

    def _bound(self, store: diskcache.Cache) -> None:
        """Evict the oldest entries where there are too many, once in a while."""
        if self._writes >= CULL_EVERY:
            self._writes = 0
            store.cull(retry=False)

    def entries(self) -> Iterator[tuple[str, Any]]:
        """Yield the key and the text of every entry, in the order in which they were stored.

        A text of another type than str is damaged, and so is an entry whose key is no text, which comes with the
        beginning of its key's repr. diskcache's own iteration would stop at these.
        """
        store = self._open()
        if store is None:
            return
        for key, text in _sql(store, "SELECT key, value FROM Cache ORDER BY rowid"):
            yield key if isinstance(key, str) else repr(key)[:40], text

    def check(self) -> None:
        """Raise ConfigError where the database is damaged or cannot be opened."""
        store = self._open()
        problem = "cannot be opened" if store is None else "is damaged"
        if store is None or [row[0] for row in _sql(store, "PRAGMA integrity_check")] != ["ok"]:
            raise ConfigError(
                f"the {self.what} {self.folder} {problem}", hint="Remove the folder; it will be created anew."
            )

    def clear(self) -> int:
        """Remove every entry, or the database where it cannot be opened; return how many entries there were."""
        store = self._open()
        if store is not None:
            return int(store.clear(retry=True))
        for path in self.folder.glob("cache.db*"):
            path.unlink(missing_ok=True)
        self._broken = False
        return 0

    def count(self) -> int:
        """Return how many entries there are."""
        store = self._open()
        return len(store) if store is not None else 0

    def size_bytes(self) -> int:
        """Return how large the database is."""
        store = self._open()
        return int(store.volume()) if store is not None else 0

    def close(self) -> None:
        """Close the database."""
        if self._store is not None:
            store, self._store = self._store, None
            store.close()

    def damaged(self, error: Exception) -> None:
        """Warn, once, that a damaged entry counts as missing."""
        self._warn("damaged", f"a damaged entry in the {self.what} {self.folder} counts as missing ({error})")

    def _open(self) -> diskcache.Cache | None:
        if self._store is not None or self._broken:
            return self._store
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)  # answers hold what documents hold
            make_private(self.folder / "cache.db")
            self._store = _diskcache(self.folder, self.limit_bytes)
        except (sqlite3.Error, OSError, ValueError, TypeError, AttributeError, _timeout()) as error:
            self._broken = True
            self._warn("open", f"the {self.what} {self.folder} cannot be opened ({error}); going on without it")
        return self._store

    def _warn(self, kind: str, message: str) -> None:
        """Warn once per kind: on a full disk every answer would warn."""
        if kind not in self._warned:
            self._warned.add(kind)
            _LOG.warning("%s", message)


def _sql(store: diskcache.Cache, statement: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = store._sql(statement).fetchall()  # noqa: SLF001 - diskcache has no public way
    return rows


def _timeout() -> type[Exception]:
    from diskcache import Timeout  # noqa: PLC0415 - only where a cache is used

    return Timeout  # type: ignore[no-any-return]  # diskcache has no types


def _diskcache(folder: Path, limit_bytes: int) -> diskcache.Cache:
    """Open a diskcache that stores text only."""
    from diskcache import Cache as DiskCache  # noqa: PLC0415 - only where a cache is used
    from diskcache import Disk  # noqa: PLC0415
    from diskcache.core import MODE_RAW  # noqa: PLC0415

    class JsonTextDisk(Disk):  # type: ignore[misc]  # diskcache has no types
        """Stores strings in the database, whatever their size, and refuses everything else in both directions."""

        def put(self, key: Any) -> tuple[Any, bool]:
            if not isinstance(key, str):
                raise TypeError("keys are text")
            return key, True

        def get(self, key: Any, raw: Any) -> str:
            if not raw or not isinstance(key, str):
                raise ValueError("the key is not text: refused, it may be a pickle")
            return key

        def store(self, value: Any, read: Any, key: Any = None) -> tuple[int, int, None, str]:  # noqa: ARG002 - diskcache's
            if read or not isinstance(value, str):
                raise TypeError("values are JSON text")
            return 0, MODE_RAW, None, value

        def fetch(self, mode: Any, filename: Any, value: Any, read: Any) -> str:  # noqa: ARG002, PLR0917 - diskcache's
            if mode != MODE_RAW or not isinstance(value, str):
                raise ValueError("the value is not text: refused, it may be a pickle")
            return value

    return DiskCache(
        str(folder),
        timeout=_BUSY_S,
        disk=JsonTextDisk,
        size_limit=limit_bytes,
        cull_limit=0,  # looking at the size is half of the cost of a write: ``_bound`` does it now and then
        sqlite_mmap_size=0,  # the file would count as memory of ours, page by page
        sqlite_cache_size=_PAGES,
        sqlite_wal_autocheckpoint=_WAL_PAGES,
        eviction_policy="least-recently-stored",  # 'recently-used' would write at every read
        statistics=False,
        tag_index=False,
    )
