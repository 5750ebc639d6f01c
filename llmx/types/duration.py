"""How long something lasts: 'over the next five years', 'fünfjährig', 'sur cinq ans', '五年内', '18개월'.

A duration is a number (``number.py``) with a unit of time behind it. Its JSON form is ISO 8601: P5Y, P18M, P1Y6M.
"""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar, Self, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from llmx.facts import load_facts, one_of
from llmx.facts import words as words_of
from llmx.record import Issue
from llmx.types.bounds import bounds_around, with_bounds_behind
from llmx.types.digits import Real, exact
from llmx.types.duration_units import (
    articles,
    half_between,
    has_unit,
    length_of,
    lettered,
    named_lengths,
    unit_behind,
)
from llmx.types.fields import value_schema
from llmx.types.languages import language_of
from llmx.types.number_scan import find_numbers
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, read_one, shorten
from llmx.types.unread import doubt_unread

_facts = partial(load_facts, "types", "durations")
T = TypeVar("T")


_ISO = LazyPattern(
    r"P(?=\d|"
    r"T\d)(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?"
)
_HALF_BEHIND = LazyPattern(
    lambda: (
        rf"[ \u00a0]{one_of(load_facts('types', 'number_joints')['and_a_half'])}(?!\w)"
        rf"|\s?{one_of(_facts()['half_behind'])}"
    ),
    re.IGNORECASE,
)
_LETTERED = LazyPattern(r"\d\s?(?:h|hrs?|d|j|y|w)\s?\d", re.IGNORECASE)  # 2 h 15 min
_COLON_BEFORE = LazyPattern(r"(?<![\d:.,])(?P<n>\d{1,3}):$")  # 2:30 hours
_WORKING = LazyPattern(lambda: rf"(?<!\w){one_of(_facts()['working'])}(?!\w)", re.IGNORECASE)
_WORKING_BEHIND = LazyPattern(lambda: rf"[ \u00a0]{one_of(_facts()['working'])}(?!\w)", re.IGNORECASE)
_OF_A_YEAR = LazyPattern(r"\s(?:of\s|del?\s|do\s|van\s)?(?:19|20)\d\d")  # 2 trimestre 2023 is no length
_LEFT_BEFORE = LazyPattern(r"\d\s?[^\W\d_]{1,3}\.?\s?$")
_QUARTER_BEHIND = LazyPattern(lambda: rf"[ \u00a0]{one_of(_facts()['quarter_behind'])}(?!\w)", re.IGNORECASE)
#: The number of a smaller unit from which on it makes a larger one, so that it is no part of the length before it.
_DAYS = frozenset("YMWD")  # the units whose letter ISO 8601 writes without T before it
_MOST = (10**9, 12, 5, 31, 24, 60, 60)


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
        found = list(cls._bare(words)) if _LETTERED.search(words) else []
        found = found or cls._assembled(words, locale) or list(cls._bare(words))
        again = _are_as_long(found) and words[found[0].end : found[1].start].strip() in {"(", "（", ""}
        one = with_bounds_behind(read_one(found[:1] if again else found, words, "duration"), words)
        told = doubt_unread(one, words, said=found)
        return told if again else _doubt_units(told, words)

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every duration of ``text``, in order; a year such as 2024年 is none."""
        return [
            with_bounds_behind(reading, text)
            for reading in cls._assembled(text, locale)
            if reading.rule != "duration.unit"
        ]

    @classmethod
    def _assembled(cls, text: str, locale: str | None) -> list[Reading[Self]]:
        """Return the lengths of a text: parts of one are joined, those inside another left out."""
        found = list(cls._counted(text, locale))
        if found and found[0].end - found[0].start == len(text):
            return found[:1]  # all of the text: what else there is lies inside it
        found += [*cls._named(text), *cls._articles(text)]
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
            unit, unit_end = unit_behind(text, found.end, language, is_year=_is_year(found))
            number, end = found, unit_end
            if unit is None and (more := half_between(text, found.end)) is not None:
                unit, end = more
                number = found.map(lambda amount: exact(amount + Decimal("0.5")))
            elif unit is not None and not (len(unit) > 1 and _OF_A_YEAR.match(text, unit_end)):
                number, end = _with_half(text, found, unit_end)
            else:
                continue
            if (clocked := _clocked(text, number, unit)) is not None:
                start, parts = clocked
                yield Reading(cls._written(parts), text[start:end], start, end, "duration.counted")
                continue
            words = text[number.start : end]
            values = [cls._of(amount, unit) for amount in (number.candidates or (number.value,)) if amount is not None]
            issues = number.issues or bounds_around(text, number.start, end)
            if unit == "D" and not issues:
                issues = _working_days(text, found, end)
            if number.value is None or values[0] is None:
                candidates = tuple(value for value in values if value is not None)
                issues = issues or (Issue("impossible_duration", "", f"{words!r} is no length of time"),)
                yield Reading(None, words, number.start, end, "duration.counted", candidates, issues)
                continue
            candidates = tuple(value for value in values if value is not None) if number.candidates else ()
            yield Reading(values[0], words, number.start, end, "duration.counted", candidates, issues)

    @classmethod
    def _named(cls, text: str) -> Iterator[Reading[Self]]:
        """Yield the lengths that say no number of their own: fünfjährig, triennio, half an hour, 半年."""
        for length in named_lengths(text):
            value = cls._of(length.amount, length.unit)
            if value is not None:
                yield Reading(value, text[length.start : length.end], length.start, length.end, length.rule)

    @classmethod
    def _articles(cls, text: str) -> Iterator[Reading[Self]]:
        """Yield 'une année', 'an hour and a half'; one without a part behind counts only as a part of a length."""
        for unit, start, unit_end in articles(text):
            one: Reading[Real] = Reading(1, text[start:unit_end], start, unit_end, "number.words")
            number, end = _with_half(text, one, unit_end)
            value = cls._of(number.value or 1, unit)
            if value is not None:
                rule = "duration.unit" if end == unit_end else "duration.counted"
                yield Reading(value, text[start:end], start, end, rule)

    @classmethod
    def _bare(cls, words: str) -> Iterator[Reading[Self]]:
        """Read what is a length of time only where it was given as one: P3Y, 3h, 1h 30m, all week."""
        bare = words.strip(" \t\n.,;")
        start, end = words.find(bare), words.find(bare) + len(bare)
        if _ISO.fullmatch(bare):
            yield Reading(cls(bare), bare, start, end, "duration.iso")
        elif (length := length_of(bare)) is not None and (value := cls._of(*length)) is not None:
            yield Reading(value, bare, start, end, "duration.unit")
        elif (parts := lettered(bare)) is not None:
            value = cls._written({unit.replace("?", "N"): amount for amount, unit in parts})
            reading = Reading(value, bare, start, end, "duration.letters")
            loose = parts[-1][1] == "?"
            yield reading.with_issue("ambiguous", f"{bare!r} may be a time of day") if loose else reading

    @classmethod
    def _of(cls, amount: Real, unit: str) -> Self | None:
        """Return so many of a unit; parts of a year become whole months where they are (1.5 years is P18M)."""
        if amount <= 0 or amount > 10**6:
            return None
        if unit == "100Y" and amount >= 10:
            return None  # 19 secolo is one century
        if len(unit) > 1:  # 10Y, 3M
            amount, unit = exact(Decimal(amount) * int(unit[:-1])), unit[-1]
        if isinstance(amount, int) and unit in _DAYS:
            return cls(f"P{amount}{unit}")
        if unit == "Y" and amount != int(amount):
            months = amount * 12
            return cls(f"P{int(months)}M") if months == int(months) else cls(f"P{amount}Y")
        return cls._written({unit: amount})

    @classmethod
    def _written(cls, parts: Mapping[str, Real]) -> Self:
        """Return the amounts of the units that there are, in the order of ISO 8601."""
        days, times = (
            "".join(f"{_plain(parts[unit])}{unit.replace('N', 'M')}" for unit in units if parts.get(unit))
            for units in ("YMWD", "HNS")
        )
        return cls(f"P{days}T{times}" if times else f"P{days}")

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
        value = cls._written({unit: exact(a + b) for unit, a, b in zip("YMWDHNS", left, right, strict=True)})
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
    """Return a number and the end of its unit, with the part that stands behind: 3 ans et demi, 3年半."""
    if end == len(text) or number.rule not in {"number.digits", "number.words", "number.notation"}:
        return number, end
    behind, part = _HALF_BEHIND.match(text, end), Decimal("0.5")
    if behind is None:
        behind, part = _QUARTER_BEHIND.match(text, end), Decimal("0.25")
    if behind is None:
        return number, end
    return number.map(lambda amount: exact(amount + part)), behind.end()


def _are_as_long(found: Sequence[Reading[Any]]) -> bool:
    """Whether several lengths are one that is said again: 3 years (36 months)."""
    if len(found) < 2:
        return False
    lengths = {None if each.value is None else (each.value.months, each.value.days) for each in found}
    return len(lengths) == 1 and lengths not in ({None}, {(None, None)})


def _clocked(text: str, number: Reading[Real], unit: str | None) -> tuple[int, dict[str, Real]] | None:
    """Return (start, amounts) of hours and minutes, or minutes and seconds, with a colon between: 2:30 hours."""
    if text[number.start - 1 : number.start] != ":":
        return None
    left = _COLON_BEFORE.search(text, max(0, number.start - 5), number.start)
    smaller = {"H": "N", "N": "S"}.get(unit or "")
    if left is None or smaller is None or number.value not in range(60) or len(number.words) != 2:
        return None
    return left.start(), {unit or "": int(left["n"]), smaller: number.value or 0}


def _plain(amount: Real) -> str:
    return str(amount) if isinstance(amount, int) else f"{amount:f}"


def _doubt_units(reading: Reading[T], words: str) -> Reading[T]:
    """Doubt a length of time beside which a further unit stands that was not read: an hour and 30 minutes."""
    if reading.value is None or (reading.start == 0 and reading.end == len(words)):
        return reading
    before = words[: reading.start]
    if has_unit(before) or has_unit(words[reading.end :]) or _LEFT_BEFORE.search(before[-8:]):
        return reading.with_issue("unread_words", f"{shorten(words)!r} says more than {reading.words!r}")
    return reading


def _working_days(text: str, number: Reading[Real], end: int) -> tuple[Issue, ...]:
    """Return the doubt of a number of days, up to ``end``, which are those on which people work."""
    if _WORKING.search(text, number.end, end) is None:
        behind = _WORKING_BEHIND.match(text, end)
        if behind is None:
            return ()
        end = behind.end()
    return (Issue("ambiguous", "", f"{text[number.start : end]!r} are working days: more days go by"),)


def _is_year(number: Reading[Real]) -> bool:
    return (
        number.value is not None and number.rule in {"number.digits", "number.words"} and 1900 <= number.value <= 2100
    )


def _continues(gap: str) -> bool:
    return gap.strip(" .,\u00a0\n\t").lower() in {"", *words_of(_facts()["and"])}
