"""Numbers and dates are looked for by several types in the same words, one after the other: they are found once.

What is found hangs on the words and their locale alone and is never changed. Some short texts are remembered, and the
last few that are as long as a chunk; longer ones are not held.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")

_SHORT_CHARS, _SHORT_TEXTS = 120, 256
_LONG_CHARS, _LONG_TEXTS = 100_000, 4

_FORGET: list[Callable[[], None]] = []


def forget_found() -> None:
    """Forget what was found, so that it is looked for anew: to measure how long that takes."""
    for forget in _FORGET:
        forget()


def found_once(find: Callable[[str, str | None], Sequence[T]]) -> Callable[[str, str | None], list[T]]:
    """Return ``find``, of a text and its locale, with a memory for the last texts; each call gives its own list."""

    def anew(text: str, locale: str | None) -> tuple[T, ...]:
        return tuple(find(text, locale))

    short, long = lru_cache(maxsize=_SHORT_TEXTS)(anew), lru_cache(maxsize=_LONG_TEXTS)(anew)
    _FORGET.extend((short.cache_clear, long.cache_clear))

    @wraps(find)
    def found(text: str, locale: str | None) -> list[T]:
        if len(text) > _LONG_CHARS:
            return list(find(text, locale))
        return list((short if len(text) < _SHORT_CHARS else long)(text, locale))

    return found
