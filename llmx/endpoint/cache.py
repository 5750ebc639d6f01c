"""Keeps answers that were paid for, so that the next run costs nothing.

diskcache (SQLite, safe for many processes) holds JSON text and nothing else: its default would unpickle whatever stands
in the file (CVE-2025-69872), so pickles are neither written nor read. Only complete answers come here, and the caller
says which are valid. An entry is private and may be evicted; what is to last is a cassette. Nothing here ever stops a
run: a damaged entry is a miss, a full disk means no cache, each with one warning.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from llmx.endpoint.completion import Completion
from llmx.errors import ConfigError

if TYPE_CHECKING:
    import diskcache

_LOG = logging.getLogger("llmx.cache")
_FORMAT = 1  # raise it when the meaning of an entry changes: older ones then count as misses
_BUSY_S = 5.0  # another process may be writing; longer means that something is wrong


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What a cache holds; ``saved_tokens`` are what its entries cost when they were paid for."""

    folder: Path
    entries: int
    size_bytes: int
    limit_bytes: int
    saved_tokens: int
    models: dict[str, int]

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the value of each figure as a person reads them."""
        yield "folder", str(self.folder)
        yield "answers", f"{self.entries:,}"
        yield "size", f"{self.size_bytes / 1e6:,.1f} MB of {self.limit_bytes / 1e6:,.0f}"
        yield "tokens paid once", f"{self.saved_tokens:,}"
        for model, count in self.models.items():
            yield f"  {model or 'unnamed'}", f"{count:,}"


class Cache:
    """Answers by request key in ``folder``, which is made with mode 0700. Opened when it is first used.

    ``limit_bytes`` bounds its size; the entries stored longest ago go first.
    """

    def __init__(self, folder: Path, *, limit_bytes: int = 2**30) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._store: diskcache.Cache | None = None
        self._broken = False
        self._warned: set[str] = set()

    def get(self, key: str) -> Completion | None:
        """Return the answer kept under ``key`` with origin ``cache``; None where there is none or it is damaged."""
        store = self._open()
        if store is None:
            return None
        try:
            text = store.get(key)
            return None if text is None else _completion(text, key)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._warn("damaged", f"a damaged entry in the cache {self.folder} counts as missing ({error})")
        except (sqlite3.Error, OSError, _timeout()) as error:
            self._warn("read", f"the cache {self.folder} cannot be read ({error}); going on without it")
        return None

    def put(self, completion: Completion) -> None:
        """Keep ``completion`` under its key; never raises. Incomplete answers are left out."""
        if not completion.complete or not completion.key:
            return
        store = self._open()
        if store is None:
            return
        text = orjson.dumps({"v": _FORMAT, **completion.to_json()}).decode()
        try:
            store.set(completion.key, text, retry=False)
        except (sqlite3.Error, OSError, _timeout()) as error:
            self._warn("write", f"the cache {self.folder} cannot be written ({error}); going on without it")

    def info(self) -> CacheInfo:
        """Return what the cache holds. Looks at every entry: a second for 100,000."""
        entries, saved, models = 0, 0, dict[str, int]()
        for _, _, completion in self._all():
            if completion is not None:
                entries += 1
                saved += completion.usage.total_tokens
                models[completion.model] = models.get(completion.model, 0) + 1
        store = self._open()
        size = int(store.volume()) if store is not None else 0
        return CacheInfo(self.folder, entries, size, self.limit_bytes, saved, dict(sorted(models.items())))

    def clear(self) -> int:
        """Remove every entry, and the database where it cannot be opened; return how many entries there were."""
        store = self._open()
        if store is not None:
            return int(store.clear(retry=True))
        for path in self.folder.glob("cache.db*"):
            path.unlink(missing_ok=True)
        self._broken = False
        return 0

    def verify(self, *, repair: bool = False) -> list[str]:
        """Return the keys of damaged or outdated entries; remove them with ``repair``.

        Raises ConfigError where the database itself is damaged or cannot be opened.
        """
        store = self._open()
        if store is None:
            raise ConfigError(
                f"the cache {self.folder} cannot be opened", hint="Remove the folder; it will be made anew."
            )
        problems = [str(row[0]) for row in store._sql("PRAGMA integrity_check").fetchall()]  # noqa: SLF001 - no public way
        if problems != ["ok"]:
            raise ConfigError(
                f"the database of the cache {self.folder} is damaged: {problems[0]}",
                hint="Remove the folder; it will be made anew.",
            )
        damaged = [(rowid, key) for rowid, key, completion in self._all() if completion is None]
        for rowid, _ in damaged if repair else ():
            store._sql("DELETE FROM Cache WHERE rowid = ?", (rowid,))  # noqa: SLF001 - its key may be a pickle
        return [key for _, key in damaged]

    def close(self) -> None:
        """Close the database."""
        if self._store is not None:
            store, self._store = self._store, None
            store.close()

    def _all(self) -> Iterator[tuple[int, str, Completion | None]]:
        """Yield row, key and answer of each entry, None for a damaged one: diskcache itself would give up there."""
        store = self._open()
        if store is None:
            return
        rows = store._sql("SELECT rowid, key, value FROM Cache ORDER BY rowid")  # noqa: SLF001 - no public way
        for rowid, key, value in rows:
            try:
                yield rowid, key, _completion(value, key)
            except (ValueError, KeyError, TypeError, AttributeError):
                yield rowid, key if isinstance(key, str) else repr(key)[:40], None

    def _open(self) -> diskcache.Cache | None:
        if self._store is not None or self._broken:
            return self._store
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)  # answers hold what documents hold
            self._store = _diskcache(self.folder, self.limit_bytes)
        except (sqlite3.Error, OSError, ValueError, TypeError, AttributeError, _timeout()) as error:
            self._broken = True
            self._warn("open", f"the cache {self.folder} cannot be opened ({error}); going on without it")
        return self._store

    def _warn(self, kind: str, message: str) -> None:
        """Say it once: with a full disk every answer would say it."""
        if kind not in self._warned:
            self._warned.add(kind)
            _LOG.warning("%s", message)


def _completion(text: Any, key: str) -> Completion | None:
    """Read an entry; None where there is none or an older llmx wrote it. Raises ValueError and its kin on damage."""
    if text is None:
        return None
    value = orjson.loads(text)
    if value["v"] != _FORMAT:
        return None
    completion = Completion.from_json(value, "cache")
    if completion.key != key or not completion.complete:
        raise ValueError("the entry belongs to another request")
    return completion


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
        eviction_policy="least-recently-stored",  # 'recently-used' would write at every read
        statistics=False,
        tag_index=False,
    )
