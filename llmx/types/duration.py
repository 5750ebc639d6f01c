"""How long something lasts: 'over the next five years', 'fünfjährig', 'sur cinq ans', '五年内', '18개월'.

A duration is a number (``number.py``) with a unit of time behind it. Its JSON form is ISO 8601: P5Y, P18M, P1Y6M.
"""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from llmx.facts import load_facts, one_of, pairs, phrases
from llmx.facts import words as words_of
from llmx.record import Issue
from llmx.types.bounds import bounds_around
from llmx.types.digits import Real, exact
from llmx.types.fields import value_schema
from llmx.types.languages import language_of
from llmx.types.number_scan import find_numbers
from llmx.types.number_words import number_words
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, read_one
from llmx.types.unread import doubt_unread

_facts = partial(load_facts, "types", "durations")


@cache
def _german_endings() -> dict[str, str]:
    """Return the endings of German adjectives with their units: fünfjährig."""
    return pairs(_facts()["german_endings"])


@cache
def _german_counts() -> dict[str, str]:
    """Return what stands before such an ending and is no numeral: halbjährig."""
    return pairs(_facts()["german_counts"])


@cache
def _further_units(language: str | None) -> dict[str, str]:
    """Return the words of a language beyond the ten, which are read only in its texts."""
    return pairs(load_facts("types", "time_units").get(language or "", ""))


@cache
def _years() -> dict[str, int]:
    """Return the words for a number of years, such as triennio."""
    return {word: int(count) for count, entry in _facts()["years"].items() for word in phrases(entry)}


_ISO = LazyPattern(
    r"P(?=\d|"
    r"T\d)(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?"
)
_HAN_UNIT = LazyPattern(
    lambda: rf"\s?(?:{'|'.join(f'(?P<{u}>{one_of(entry)})' for u, entry in _facts()['units_cjk'].items())})"
)
_WORD = LazyPattern(lambda: rf"[ \u00a0\n-]?(?:{one_of(_facts()['between'])}\s)?(?P<word>[^\W\d_]+['’]?s?)")
_GERMAN = LazyPattern(
    lambda: rf"\b(?P<count>[a-zäöüß]+?|\d{{1,3}}-?)(?P<unit>{'|'.join(_german_endings())})(?:e[nrsm]?)?\b",
    re.IGNORECASE,
)
_HALF_BEHIND = LazyPattern(
    lambda: (
        rf"[ \u00a0]{one_of(load_facts('types', 'number_joints')['and_a_half'])}(?!\w)"
        rf"|\s?{one_of(_facts()['half_behind'])}"
    ),
    re.IGNORECASE,
)
#: The number of a smaller unit from which on it makes a larger one, so that it is no part of the length before it.
_MOST = (10**9, 12, 5, 31, 24, 60, 60)
_HALF_YEAR = LazyPattern(lambda: one_of(_facts()["half_year"]), re.IGNORECASE)
_ARTICLE = LazyPattern(
    lambda: rf"\b{one_of(_facts()['article'])}\s(?P<unit>{one_of(_facts()['unit_alone'])})\b", re.IGNORECASE
)
_PERIOD_WORD = LazyPattern(lambda: rf"\b(?:{'|'.join(_years())})\b", re.IGNORECASE)


@cache
def _spaced() -> dict[str, str]:
    """Return the words for a unit of time, each with its letter of ISO 8601 (N for the minute, 10Y for a decade)."""
    return {word: unit for unit, entry in _facts()["units"].items() for word in phrases(entry)}


class Duration(str):
    """A duration as a field type: an ISO 8601 string with the numbers at hand.

    >>> over = Duration.from_text("over the next five years").value
    >>> over, over.years
    (Duration('P5Y'), 5)
    """

    __slots__ = ()
    pattern: ClassVar[str] = r"^P(?=\d|T\d)([\d.]+Y)?([\d.]+M)?([\d.]+W)?([\d.]+D)?(T([\d.]+H)?([\d.]+M)?([\d.]+S)?)?$"

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one duration that ``words`` say."""
        found = cls.find_all(words, locale=locale) or list(cls._bare(words))
        return doubt_unread(read_one(found, words, "duration"), words)

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every duration of ``text``, in order; a year such as 2024年 is none."""
        found = [*cls._counted(text, locale), *cls._adjectives(text), *cls._halves(text)]
        found.sort(key=lambda reading: (reading.start, -reading.end))
        out: list[Reading[Self]] = []
        for reading in found:
            if out and reading.start < out[-1].end:
                continue
            if out and _continues(text[out[-1].end : reading.start]) and (joined := cls._join(text, out[-1], reading)):
                out[-1] = joined
                continue
            out.append(reading)
        return out

    @property
    def years(self) -> Real | None:
        """The length in years, from years and months; None where it is said in weeks, days or hours."""
        months = self.months
        return None if months is None else exact(Decimal(months) / 12)

    @property
    def months(self) -> Real | None:
        """The length in months, from years and months; None where it is said in weeks, days or hours."""
        years, months, *others = self._parts()
        if any(others):
            return None
        return exact(years * 12 + months)

    @property
    def days(self) -> Real | None:
        """The length in days; None where it is said in years or months, which have no fixed length."""
        years, months, weeks, days, hours, minutes, _ = self._parts()
        if years or months:
            return None
        return exact(weeks * 7 + days + hours / 24 + minutes / 1440)

    def _parts(self) -> list[Decimal]:
        found = _ISO.fullmatch(self)
        return [Decimal(part or 0) for part in found.groups()] if found else [Decimal(0)] * 7

    @classmethod
    def _counted(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        language = language_of(locale)
        for found in find_numbers(text, locale):
            unit, unit_end = _unit_behind(text, found.end, language, is_year=_is_year(found))
            if unit is None:
                continue
            number, end = _with_half(text, found, unit_end)
            words = text[number.start : end]
            values = [cls._of(amount, unit) for amount in (number.candidates or (number.value,)) if amount is not None]
            issues = number.issues or bounds_around(text, number.start, end)
            if number.value is None or values[0] is None:
                candidates = tuple(value for value in values if value is not None)
                issues = issues or (Issue("impossible_duration", "", f"{words!r} is no length of time"),)
                yield Reading(None, words, number.start, end, "duration.counted", candidates, issues)
                continue
            candidates = tuple(value for value in values if value is not None) if number.candidates else ()
            yield Reading(values[0], words, number.start, end, "duration.counted", candidates, issues)

    @classmethod
    def _adjectives(cls, text: str) -> Iterator[Reading[Self]]:
        for found in _GERMAN.finditer(text):
            count = found["count"].rstrip("-").lower()
            value: Real | None = int(count) if count.isdecimal() else _german_count(count)
            duration = None if value is None else cls._of(value, _german_endings()[found["unit"].lower()])
            if duration is not None:
                yield Reading(duration, found.group(), found.start(), found.end(), "duration.adjective")

    @classmethod
    def _halves(cls, text: str) -> Iterator[Reading[Self]]:
        for found in _PERIOD_WORD.finditer(text):
            value = cls(f"P{_years()[found.group().lower()]}Y")
            yield Reading(value, found.group(), found.start(), found.end(), "duration.period")
        for found in _HALF_YEAR.finditer(text):
            yield Reading(cls("P6M"), found.group(), found.start(), found.end(), "duration.half_year")

    @classmethod
    def _bare(cls, words: str) -> Iterator[Reading[Self]]:
        """Read 'the next decade', 'une année': a unit with an article counts only where it was given as a duration."""
        for found in _ARTICLE.finditer(words):
            unit = _spaced()[found["unit"].lower()]
            duration = cls._of(1, unit)
            if duration is not None:
                yield Reading(duration, found.group(), found.start(), found.end(), "duration.unit")
        if _ISO.fullmatch(words.strip()):
            start = words.index("P")
            yield Reading(cls(words.strip()), words.strip(), start, start + len(words.strip()), "duration.iso")

    @classmethod
    def _of(cls, amount: Real, unit: str) -> Self | None:
        """Return so many of a unit; parts of a year become whole months where they are (1.5 years is P18M)."""
        if amount <= 0 or amount > 10**6:
            return None
        if unit == "10Y":
            amount, unit = amount * 10, "Y"
        if unit == "Y" and amount != int(amount):
            months = amount * 12
            return cls(f"P{int(months)}M") if months == int(months) else cls(f"P{amount}Y")
        return cls(f"PT{amount}{'H' if unit == 'H' else 'M'}") if unit in "HN" else cls(f"P{amount}{unit}")

    @classmethod
    def _join(cls, text: str, first: Reading[Self], second: Reading[Self]) -> Reading[Self] | None:
        """Join '1 year, 2 months and 3 days' to one duration: each unit smaller than the one before it."""
        if first.value is None or second.value is None:
            return None
        left, right = cls._parts(first.value), cls._parts(second.value)
        last = max(at for at, part in enumerate(left) if part)
        at = min(at for at, part in enumerate(right) if part)
        if at <= last or right[at] >= _MOST[at] or any(part != int(part) for part in left):
            return None
        parts = [exact(a + b) for a, b in zip(left, right, strict=True)]
        days, times = (
            "".join(f"{part}{unit}" for part, unit in zip(some, units, strict=True) if part)
            for some, units in ((parts[:4], "YMWD"), (parts[4:], "HMS"))
        )
        value = cls(f"P{days}T{times}" if times else f"P{days}")
        return Reading(
            value, text[first.start : second.end], first.start, second.end, "duration.counted", (), first.issues
        )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return value_schema(cls, load=cls._load, dump=str, json_schema=core_schema.str_schema(pattern=cls.pattern))

    @classmethod
    def _load(cls, given: Any) -> Self | None:
        return cls(given) if isinstance(given, str) and _ISO.fullmatch(given) else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


def _with_half(text: str, number: Reading[Real], end: int) -> tuple[Reading[Real], int]:
    """Return a number and the end of its unit, with the half that stands behind: 3 ans et demi, 3年半."""
    half = _HALF_BEHIND.match(text, end) if number.rule in {"number.digits", "number.words"} else None
    if half is None:
        return number, end
    return number.map(lambda amount: exact(amount + Decimal("0.5"))), half.end()


def _unit_behind(text: str, end: int, language: str | None, *, is_year: bool) -> tuple[str | None, int]:
    """Return the unit of time right behind a number with its end; 2024年 and 2024 года are years of the calendar."""
    han = _HAN_UNIT.match(text, end)
    if han is not None:
        return (None if is_year and han.lastgroup == "Y" else han.lastgroup), han.end()
    found = _WORD.match(text, end)
    if found is None:
        return None, end
    word = found["word"].lower().replace("’", "'")
    further = _further_units(language).get(word)
    if further is not None:
        return (None if is_year and further == "Y" else further), found.end()
    unit = _spaced().get(word) or _spaced().get(word.removesuffix("s").removesuffix("'"))
    return unit, found.end() if word in _spaced() else found.end() - (2 if word.endswith("'s") else 0)


def _is_year(number: Reading[Real]) -> bool:
    return (
        number.value is not None and number.rule in {"number.digits", "number.words"} and 1900 <= number.value <= 2100
    )


def _continues(gap: str) -> bool:
    return gap.strip().lower() in {"", *words_of(_facts()["and"])}


@lru_cache(maxsize=256)
def _german_count(word: str) -> Real | None:
    if word in _german_counts():
        return exact(Decimal(_german_counts()[word]))
    meanings = [m for m in number_words().get(word, ()) if "de" in m.languages and m.kind == "number"]
    return meanings[0].value if meanings else None
