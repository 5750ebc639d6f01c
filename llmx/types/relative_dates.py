"""Dates that count from today: yesterday, l'année dernière, 去年. What they count from is the document's own date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from llmx.types.date_hit import Hit
from llmx.types.months import relative_words
from llmx.types.patterns import LazyPattern


@cache
def _spaced_relatives() -> tuple[str, ...]:
    return tuple(sorted((word for word in relative_words() if ord(word[0]) < 0x2E7F), key=len, reverse=True))


_HAN_RELATIVE = LazyPattern(
    lambda: "|".join(sorted((word for word in relative_words() if ord(word[0]) > 0x2E7F), key=len, reverse=True))
)
_SPACED_RELATIVE = LazyPattern(
    lambda: "(?:" + "|".join(word.replace("'", "['’]") for word in _spaced_relatives()) + r")(?!\w)", re.IGNORECASE
)


@cache
def relative_starts() -> frozenset[str]:
    """Return the first words of the relative dates that are written with blanks."""
    return frozenset(re.split(r"[ '’]", word)[0] for word in _spaced_relatives())


def han_relatives(text: str) -> Iterator[Hit]:
    """Yield the relative dates in Chinese and Japanese."""
    for found in _HAN_RELATIVE.finditer(text):
        yield Hit(*found.span(), (), "date.relative", relative=relative_words()[found.group()])


def relative_at(text: str, start: int) -> Hit | None:
    """Return the relative date that begins at ``start``, None where none does."""
    found = _SPACED_RELATIVE.match(text, start)
    if found is None:
        return None
    return Hit(*found.span(), (), "date.relative", relative=relative_words()[found.group().lower().replace("’", "'")])
