"""How far an expression goes: from the words that a model quoted to the whole of what stands there.

Models quote '3.2' where the text says '3.2 billion'. A look at the next words says whether a number may go on; only
then is the neighbourhood read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from llmx.grounding.text import SourceText
from llmx.span import Span
from llmx.types import Reader
from llmx.types.languages import language_of
from llmx.types.number_joints import number_joints
from llmx.types.number_words import number_words_in, unspaced_scales

NEIGHBOURHOOD_CHARS = 48
"""How far beyond the model's words an expression is searched: long sums of money in running text take some 40."""

NEXT_CHARS = 12
"""How far the words next to a number are looked at: 'and a half ', 'Millionen', 'hundred and'; then to their ends."""

_SIGNS = frozenset("-−–.,'’")
_NUMERAL = re.compile("(?<![\\w-])[0-9]|[½¼¾\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u2e80-\uffef]")
_PARTED = re.compile(r"[,;:!?()\[\]](?=\s)\s*|\n")  # no number goes on behind a comma and a blank
_LETTERS = re.compile(r"[^\W\d_]+")
_NEXT_WORDS = 4


def widened(reader: Reader, span: Span, source: SourceText) -> Span:
    """Return ``span`` widened to the expressions of that type that it cuts."""
    if reader.numeric and not _goes_on(reader, span, source):
        return span
    if reader.as_quoted:
        said = reader.from_text(span.of(source.text), locale=source.locale, reference=source.reference)
        if said.value is not None and not said.doubts:
            return span
    start = max(source.within.start, span.start - NEIGHBOURHOOD_CHARS)
    end = min(source.within.end, span.end + NEIGHBOURHOOD_CHARS)
    window = source.text[start:end]
    for reading in reader.find_all(window, locale=source.locale, reference=source.reference):
        place = Span(start + reading.start, start + reading.end)
        if place.overlaps(span) and not span.contains(place):
            span = Span(min(span.start, place.start), max(span.end, place.end))
    return span


def _goes_on(reader: Reader, span: Span, source: SourceText) -> bool:
    """Whether a number goes on before or behind ``span``: a cheap look at the words next to it.

    Other types may go on behind a word that says nothing by itself, as a sum does until its currency comes.
    """
    text, within = source.text, source.within
    before = text[max(within.start, span.start - NEIGHBOURHOOD_CHARS) : span.start]
    after = text[span.end : min(within.end, span.end + NEIGHBOURHOOD_CHARS)]
    if not _numerals_near(before, after, language_of(source.locale)):
        return False
    near = Span(max(within.start, span.start - NEXT_CHARS), min(within.end, span.end + NEXT_CHARS))
    window = _to_blanks(near, source)
    found = reader.find_all(window.of(text), locale=source.locale, reference=source.reference)
    places = (Span(window.start + reading.start, window.start + reading.end) for reading in found)
    return any(place.overlaps(span) and not span.contains(place) for place in places)


def _numerals_near(before: str, after: str, language: str | None) -> bool:
    """Whether anything beside a number could belong to it: glued letters or signs, digits, number words, Han signs."""
    if before[-1:].isalnum() or after[:1].isalnum() or before[-1:] in _SIGNS:
        return True
    left, right = _PARTED.split(before)[-1].split(), _PARTED.split(after, maxsplit=1)[0].split()
    between = not number_joints().between.isdisjoint(map(str.casefold, left[-_NEXT_WORDS:]))
    return _numeral_next(left[::-1], language, between=between) or _numeral_next(right, language, between=between)


def _numeral_next(words: Sequence[str], language: str | None, *, between: bool) -> bool:
    """Whether a numeral comes before any word that parts numbers: '5 and 6' are two, but for 'between 5 and 6'."""
    joined = True
    for word in words[:_NEXT_WORDS]:
        kind = _kind_of(word, language)
        if kind != "joint":
            return kind == "number" or (kind == "digits" and (joined or between))
        joined = joined and word.casefold() not in number_joints().parting
    return False


@lru_cache(maxsize=4096)
def _kind_of(word: str, language: str | None) -> Literal["number", "digits", "joint", "other"]:
    """Return what a word is beside a number: a number in words, digits, one that joins numbers, or one that parts them.

    Digits with letters on them (6bn, 5万) count as numbers in words: they may be the larger part of a number.
    """
    letters, table, joints = _LETTERS.findall(word.casefold()), number_words_in(language), number_joints()
    if any(each in table or each in joints.parts for each in letters) or word.startswith(tuple(unspaced_scales())):
        return "number"
    if _NUMERAL.search(word):
        return "number" if letters else "digits"
    return "joint" if all(each in joints.words for each in letters) else "other"


def neighbourhood(span: Span, source: SourceText) -> Span:
    """Return ``span`` with as much around it as a long expression takes, no word being cut but very long ones."""
    return _to_blanks(
        Span(
            max(source.within.start, span.start - NEIGHBOURHOOD_CHARS),
            min(source.within.end, span.end + NEIGHBOURHOOD_CHARS),
        ),
        source,
    )


def _to_blanks(span: Span, source: SourceText) -> Span:
    """Return ``span`` widened to the next blanks, by at most a neighbourhood."""
    text, within, start, end = source.text, source.within, span.start, span.end
    while start > within.start and not text[start - 1].isspace() and start > span.start - NEIGHBOURHOOD_CHARS:
        start -= 1
    while end < within.end and not text[end].isspace() and end < span.end + NEIGHBOURHOOD_CHARS:
        end += 1
    return Span(start, end)
