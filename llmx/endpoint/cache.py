"""Keeps answers that were paid for, so that the next run costs nothing.

Answers are JSON text in a store of texts, on disk or on a server (``shared_cache.py``). Only complete answers are kept,
and the caller says which are valid. The cache is private and may evict an entry; what is to last belongs in a cassette.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from llmx.dataclass import dataclass
from llmx.endpoint.completion import Completion
from llmx.endpoint.store import Texts, TextStore

_FORMAT = 1  # raise it when the meaning of an entry changes: older ones then count as misses


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What a cache holds; ``saved_tokens`` is what its entries cost when they were paid for.

    ``limit_bytes`` is 0 where the server decides how large it may become.
    """

    place: str
    entries: int
    size_bytes: int
    limit_bytes: int
    saved_tokens: int
    models: dict[str, int]

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the value of each figure, as a person reads them."""
        yield ("server" if "://" in self.place else "folder"), self.place
        yield "answers", f"{self.entries:,}"
        limit = f" of {self.limit_bytes / 1e6:,.0f}" if self.limit_bytes else ""
        yield "size", f"{self.size_bytes / 1e6:,.1f} MB{limit}"
        yield "tokens paid once", f"{self.saved_tokens:,}"
        for model, count in self.models.items():
            yield f"  {model or 'unnamed'}", f"{count:,}"


class Answers(Texts):
    """Answers by request key, in the store that a class gives that has both."""

    def get(self, key: str) -> Completion | None:
        """Return the answer kept under ``key`` with origin ``cache``, None where there is none or it is damaged."""
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
        """Return what the cache holds. Reads every entry: a second for 100,000."""
        entries, saved, models = 0, 0, dict[str, int]()
        for _, completion in self._answers():
            if completion is not None:
                entries += 1
                saved += completion.usage.total_tokens
                models[completion.model] = models.get(completion.model, 0) + 1
        return CacheInfo(self.place, entries, self.size_bytes(), self.limit_bytes, saved, dict(sorted(models.items())))

    def verify(self) -> list[str]:
        """Return the keys of damaged or outdated entries.

        Raises ConfigError where the database itself is damaged or cannot be opened.
        """
        self.check()
        return [key for key, completion in self._answers() if completion is None]

    def _answers(self) -> Iterator[tuple[str, Completion | None]]:
        """Yield the key and the answer of each entry, None for one that is damaged or outdated."""
        for key, text in self.entries():
            try:
                yield key, _completion(text, key)
            except (ValueError, KeyError, TypeError, AttributeError):
                yield key, None


class Cache(TextStore, Answers):
    """Answers in ``folder``."""

    def __init__(self, folder: Path, *, limit_bytes: int = 2**30) -> None:
        super().__init__(folder, limit_bytes=limit_bytes)


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
