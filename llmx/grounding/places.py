"""Where a field's words may stand: the anchors of an object, found before its values are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from llmx.grounding.text import SourceText
from llmx.locating.borders import CLEAN, cut, letter_count, parted
from llmx.schema import Leaf, Node
from llmx.span import Span


def places_of(node: Node, words: Any, source: SourceText) -> list[Span]:
    """Return the first places where the words of a leaf stand; none for objects, lists and inferred values."""
    if not isinstance(node, Leaf) or node.kind not in ("quote", "text") or not isinstance(words, str) or not words:
        return []
    return clean_places(words, source) or [match.span for match in source.index.find_all(words, limit=3)]


def clean_places(words: str, source: SourceText) -> list[Span]:
    """Return the first two places where exactly these words stand, nothing being cut; they are remembered."""
    known = source.clean_places.get(words)
    if known is not None:
        return known
    places: list[Span] = []  # not list[Span](), which takes thirty times as long, for each words of an answer
    text, size = source.text, len(words)
    for at in _occurrences(words, text):
        if parted(text, at, at + size) or cut(text, Span(at, at + size), letter_count(words)) == CLEAN:
            places.append(Span(at, at + size))
            if len(places) == 2:
                break
    source.clean_places[words] = places
    return places


def _occurrences(words: str, text: str) -> Iterator[int]:
    """Yield where ``words`` begin; most places of a short number are inside of a longer one, and left out here."""
    if len(words) <= 3 and words.isdecimal():
        for match in _last_digits(words).finditer(text):
            if not (match.start() and text[match.start() - 1].isdecimal()):
                yield match.start()
        return
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + len(words))


@lru_cache(maxsize=1024)
def _last_digits(digits: str) -> re.Pattern[str]:
    return re.compile(digits + r"(?!\d)")
