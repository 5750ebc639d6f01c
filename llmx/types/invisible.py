"""Reads past characters that nobody sees: zero-width blanks, soft hyphens, marks of direction, Markdown's bold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading

T = TypeVar("T")
_BOLD = LazyPattern(r"(?<!\d)(?:\*\*|__)|(?:\*\*|__)(?!\d)")  # 10**6 is a power
_INVISIBLE = "\u200b\u00ad\u2060\ufeff\u200e\u200f\u200c\u200d"


def past_invisible(find: Callable[[str], list[Reading[T]]], text: str) -> list[Reading[T]]:
    """Return what ``find`` finds in ``text`` less what is invisible in it, in its places in ``text``."""
    bold = "**" in text or "__" in text
    if not bold and (text.isascii() or not any(letter in text for letter in _INVISIBLE)):
        return find(text)
    hidden = {at for mark in (_BOLD.finditer(text) if bold else ()) for at in range(*mark.span())}
    places = [at for at, letter in enumerate(text) if letter not in _INVISIBLE and at not in hidden]
    found = []
    for reading in find("".join(text[at] for at in places)):
        start = places[reading.start] if reading.start < len(places) else len(text)
        end = places[reading.end - 1] + 1 if reading.end else start
        found.append(replace(reading, words=text[start:end], start=start, end=end))
    return found
