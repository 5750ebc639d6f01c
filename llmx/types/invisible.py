"""Reads past what nobody sees (zero-width blanks, soft hyphens, marks of direction, Markdown's bold) and wide marks.

In Chinese and Japanese, a decimal point and a minus beside full-width digits may have the same width: １．５, －３.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading

T = TypeVar("T")
_BOLD = LazyPattern(r"(?<!\d)(?:\*\*|__)|(?:\*\*|__)(?!\d)")  # 10**6 is a power
_INVISIBLE = "\u200b\u00ad\u2060\ufeff\u200e\u200f\u200c\u200d"
_TOLD = LazyPattern(rf"[{_INVISIBLE}\uff0d\uff10-\uff19]")
_WIDE_DIGIT = LazyPattern(r"[\uff10-\uff19]")
_WIDE_MARK = LazyPattern(
    r"(?<=[\uff10-\uff19])[\uff0e\uff0d](?=[\uff10-\uff19])|(?<![\w\uff09)])\uff0d(?=[\d\uff10-\uff19])"
)
_NARROW = {"\uff0e": ".", "\uff0d": "-"}


def past_invisible(find: Callable[[str], list[Reading[T]]], text: str) -> list[Reading[T]]:
    """Return what ``find`` finds in ``text`` less what is invisible in it, in its places in ``text``."""
    bold = "**" in text or "__" in text
    if not bold and text.isascii():
        return find(text)
    if not bold and _TOLD.search(text) is None:
        return find(text)
    plain = _narrow(text)
    if not bold and not any(letter in text for letter in _INVISIBLE):
        return find(text) if plain is text else [_of(each, text, at=(each.start, each.end)) for each in find(plain)]
    hidden = {at for mark in (_BOLD.finditer(text) if bold else ()) for at in range(*mark.span())}
    places = [at for at, letter in enumerate(text) if letter not in _INVISIBLE and at not in hidden]
    found = []
    for reading in find("".join(plain[at] for at in places)):
        start = places[reading.start] if reading.start < len(places) else len(text)
        found.append(_of(reading, text, at=(start, places[reading.end - 1] + 1 if reading.end else start)))
    return found


def _of(reading: Reading[T], text: str, *, at: tuple[int, int]) -> Reading[T]:
    """Return the reading in its place in ``text``, with the words that stand there."""
    return replace(reading, words=text[at[0] : at[1]], start=at[0], end=at[1])


def _narrow(text: str) -> str:
    """Return ``text`` with the marks of full-width numbers in ASCII, in the same places."""
    if _WIDE_DIGIT.search(text) is None and "\uff0d" not in text:
        return text
    return _WIDE_MARK.sub(_narrow_mark, text)


def _narrow_mark(mark: re.Match[str]) -> str:
    return _NARROW[mark.group()]
