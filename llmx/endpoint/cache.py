"""Keeps answers that were paid for, so that the next run costs nothing.

They stand in a ``TextStore`` as JSON text. Only complete answers come here, and the caller says which are valid. An
entry is private and may be evicted; what is to last is a cassette.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from llmx.endpoint.completion import Completion
from llmx.endpoint.store import TextStore
from llmx.errors import ConfigError

_FORMAT = 1  # raise it when the meaning of an entry changes: older ones then count as misses


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


class Cache(TextStore):
    """Answers by request key in ``folder``."""

    def __init__(self, folder: Path, *, limit_bytes: int = 2**30) -> None:
        super().__init__(folder, limit_bytes=limit_bytes)

    def get(self, key: str) -> Completion | None:
        """Return the answer kept under ``key`` with origin ``cache``; None where there is none or it is damaged."""
        text = self.read(key)
        try:
            return _completion(text, key)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self.damaged(error)
        return None

    def put(self, completion: Completion) -> None:
        """Keep ``completion`` under its key; never raises. Incomplete answers are left out."""
        if completion.complete and completion.key:
            self.write([(completion.key, orjson.dumps({"v": _FORMAT, **completion.to_json()}).decode())])

    def info(self) -> CacheInfo:
        """Return what the cache holds. Looks at every entry: a second for 100,000."""
        entries, saved, models = 0, 0, dict[str, int]()
        for _, _, completion in self._all():
            if completion is not None:
                entries += 1
                saved += completion.usage.total_tokens
                models[completion.model] = models.get(completion.model, 0) + 1
        return CacheInfo(self.folder, entries, self.size_bytes(), self.limit_bytes, saved, dict(sorted(models.items())))

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
