"""Number, a number as a field type, and which number is meant where words hold several.

Where numbers stand in a text, and what they are worth, is ``number_scan.py``'s.
"""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from llmx.facts import load_facts, pairs
from llmx.facts import words as words_of
from llmx.types.date_scan import scan
from llmx.types.digits import Real, exact, to_json_number
from llmx.types.duration import Duration
from llmx.types.fields import value_schema
from llmx.types.number_scan import find_numbers
from llmx.types.number_words import number_words
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, read_one, several
from llmx.types.unread import doubt_dash, doubt_unread, minus_before, with_dash_as_minus

_LETTERS = LazyPattern(lambda: rf"\s?(?P<letters>{'|'.join(pairs(load_facts('types', 'notations')['letters_alone']))})")
_SCORE_MARKS = frozenset("-–—:/")
_ACCOUNTED = LazyPattern(r"\s*\([\d.,'’ ]+\)\s*")


@lru_cache(maxsize=1024)  # years, small numbers and parts of lists come again and again
def read_number(words: str, locale: str | None = None) -> Reading[Real]:
    """Return the one number that ``words`` say.

    Of several numbers those that belong to a date or count years are left out if that leaves just one (note
    ``other_numbers``). If what is left is one number in digits beside small ones in words, it is given with the
    issue ``several``. Else all are candidates and the value is None.
    """
    plain, dashed = with_dash_as_minus(words)
    if dashed:
        return doubt_dash(read_number(plain, locale), words)
    found = find_numbers(words, locale)
    if not found and (one := _article(words)) is not None:
        return one
    if len(found) > 1:
        return _of_several(found, words, locale)
    if found and (letters := _LETTERS.fullmatch(words, found[0].end)) is not None:
        return _with_letters(found[0], words, letters["letters"])
    if found and _ACCOUNTED.fullmatch(words) and found[0].value is not None:
        loss = replace(found[0], value=-found[0].value, candidates=(-found[0].value, found[0].value))
        return loss.with_issue("ambiguous", f"{words!r} is a loss in accounts, and a number in parentheses elsewhere")
    return doubt_unread(read_one(found, words, "number"), words)


def _are_a_score(found: list[Reading[Real]], words: str) -> bool:
    """Whether two numbers that a mark joins are alike, so that they are not one said twice: 0-0, 3:3."""
    return any(words[left.end : right.start].strip() in _SCORE_MARKS for left, right in pairwise(found))


def _of_several(found: list[Reading[Real]], words: str, locale: str | None) -> Reading[Real]:
    """Return the number that is meant where there are several."""
    telling = _without_times(found, words, locale)
    if len(telling) == 1:
        return doubt_unread(telling[0], words).with_issue(
            "other_numbers", "dates and lengths of time in the words were left out"
        )
    one = doubt_unread(read_one(telling or found, words, "number"), words, said=telling or found)
    if one.value is not None and _are_a_score(telling or found, words):
        one = one.with_issue("unread_words", f"{words!r} says more than {one.words!r}")
    digits = [reading for reading in telling if reading.words[0].isdecimal()]
    if (
        one.value is not None
        or len(digits) != 1
        or any(r.value is None or r.value > 12 for r in telling if r not in digits)
    ):
        return one
    message = several(found, words, "number").issues[0].message
    first = digits[0]
    return Reading(
        first.value, first.words, first.start, first.end, first.rule, one.candidates, first.issues
    ).with_issue("several", message)


def _article(words: str) -> Reading[Real] | None:
    """Read an article as one where it is all that the words say, but for a minus: una, négatif un, min een."""
    begin = len(words) - len(words.lstrip())
    at = max(words.rstrip().rfind(" ") + 1, begin)
    if not any(word.kind == "one" for word in number_words().get(words[at:].strip().casefold(), ())):
        return None
    minus = minus_before(words, at)
    if words[:at].strip() and minus != begin:
        return None
    return Reading(1 if minus is None else -1, words, 0, len(words), "number.words")


def _with_letters(found: Reading[Real], words: str, letters: str) -> Reading[Real]:
    """Read letters behind digits as a magnitude, with a doubt: 1MM, 10 tln, 1,674.5 G; a whole 5G is a name."""
    if found.value is None or found.rule != "number.digits" or found.candidates:
        return doubt_unread(found, words)
    glued = words[found.end].isalpha() and found.words.lstrip("-").isdecimal()
    if glued and letters not in words_of(load_facts("types", "notations")["letters_glued"]):
        return doubt_unread(found, words)
    power = pairs(load_facts("types", "notations")["letters_alone"])[letters]
    value = exact(Decimal(found.value).scaleb(int(power)))
    both = replace(found, value=value, words=words[found.start :], end=len(words), candidates=(value, found.value))
    return both.with_issue("ambiguous", f"{letters!r} behind {found.words!r} is a magnitude or a unit")


def _without_times(found: list[Reading[Real]], words: str, locale: str | None) -> list[Reading[Real]]:
    """Leave out the numbers that belong to a date, count years or months, or are a lone year."""
    places = [(hit.start, hit.end) for hit in scan(words, locale)]
    places += [(reading.start, reading.end) for reading in Duration.find_all(words, locale=locale)]
    return [
        reading for reading in found
        if not any(start <= reading.start and reading.end <= end for start, end in places) and not _year_like(reading)
    ]  # fmt: skip


def _year_like(reading: Reading[Real]) -> bool:
    return reading.rule == "number.digits" and len(reading.words) == 4 and reading.words[:2] in {"19", "20"}


class Number(Decimal):
    """A number as a field type: a Decimal that is read from words and dumps to a JSON number (an integer if whole)."""

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one number that ``words`` say; ``reference`` is not used.

        >>> Number.from_text("nearly 300 Ten thousand units").value
        Number('3000000')
        """
        return read_number(words, locale).map(cls)

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every number of ``text``, in order."""
        return [reading.map(cls) for reading in find_numbers(text, locale)]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return value_schema(cls, load=cls._load, dump=to_json_number, json_schema=handler.generate_schema(int | float))

    @classmethod
    def _load(cls, given: Any) -> Self | None:
        if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
            return None
        value = Decimal(str(given))
        return cls(value) if value.is_finite() else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"
