"""Percentages between bounds: 3 to 5 %, at least 20 %, 10 % or less, 百分之三十以上."""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from llmx.types.bounds import bounds_around
from llmx.types.fields import Amount
from llmx.types.number_scan import find_numbers
from llmx.types.patterns import LazyPattern
from llmx.types.percent import Percent
from llmx.types.reading import Reading, fields_of, read_one, shorten

_JOINT = LazyPattern(r"[^\d.;:!?\n]{1,40}")
_REACH = 24  # characters: a number as near as that may belong to a range
_SIDES = {"lower_bound": "low", "upper_bound": "high"}


class PercentRange(BaseModel):
    """A percentage with its bounds as a field type, in percent points: ``low`` and ``high``, None where one is open.

    One percentage without a word of bounds is both. Whether a bound itself is within ('more than 20 %') is not told.

    >>> str(PercentRange.from_text("between 3 % and 5 %").value), str(PercentRange.from_text("at least 20 %").value)
    ('3..5', '20..')
    """

    model_config = ConfigDict(frozen=True)

    low: Amount | None = None
    high: Amount | None = None

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one percentage or range of percentages that ``words`` state."""
        reading = Percent.from_text(words, locale=locale, reference=reference)
        found = cls.find_all(words, locale=locale)
        if len(found) != 1 or found[0].value is None:
            return read_one(found, words, "percentage") if found else cls._of(reading, words)
        doubts = (issue for issue in reading.doubts if issue.code not in {"range", "several"})
        one = replace(found[0], issues=tuple(dict.fromkeys((*found[0].issues, *doubts))))
        return _doubt_other_numbers(one, words, locale)

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every percentage and every range of percentages in ``text``, in order."""
        found: list[Reading[Self]] = []
        for reading in map(partial(cls._of, text=text), Percent.find_all(text, locale=locale)):
            both = cls._joined(text, found[-1], reading) if found else None
            found[-1:] = [both] if both else [*found[-1:], reading]
        return found

    @classmethod
    def _joined(cls, text: str, low: Reading[Self], high: Reading[Self]) -> Reading[Self] | None:
        """Join 'at least 10 % and at most 20 %' to one range."""
        if low.value is None or high.value is None or not _JOINT.fullmatch(text, low.end, high.start):
            return None
        first, last = low.value.low, high.value.high
        if low.value.high is not None or high.value.low is not None or first is None or last is None or first >= last:
            return None
        both, issues = cls(low=first, high=last), tuple(dict.fromkeys((*low.issues, *high.issues)))
        return Reading(both, text[low.start : high.end], low.start, high.end, "percent.range", (), issues)

    @classmethod
    def _of(cls, reading: Reading[Percent], text: str) -> Reading[Self]:
        """Return the bounds that a percentage and the words around it state."""
        if reading.rule == "percent.range" and len(reading.candidates) == 2:
            low, high = reading.candidates
            issues = tuple(issue for issue in reading.issues if issue.code != "range")
            both = cls(low=low, high=high)
            return Reading(both, reading.words, reading.start, reading.end, reading.rule, (), issues)
        around = bounds_around(text, reading.start, reading.end)
        issues = tuple(dict.fromkeys((*reading.issues, *around)))
        sides = {_SIDES[issue.code] for issue in issues if issue.code in _SIDES}
        made = reading.map(lambda value: cls(**dict.fromkeys(sides or _SIDES.values(), value)))
        made = replace(made, issues=tuple(issue for issue in issues if issue.code not in _SIDES))
        if "±" in text[max(0, reading.start - 2) : reading.start]:
            return made.with_issue("unread_words", f"±{reading.words} are the bounds around another number")
        if len(sides) > 1:
            return made.with_issue("ambiguous", f"{reading.words!r} is said to be a lower and an upper bound")
        return made

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:
        return fields_of(given, cls.from_text, "no percentage")

    def __str__(self) -> str:
        return f"{'' if self.low is None else self.low}..{'' if self.high is None else self.high}"


_Range = TypeVar("_Range", bound=PercentRange)


def _doubt_other_numbers(reading: Reading[_Range], words: str, locale: str | None) -> Reading[_Range]:
    """Doubt bounds near which a further number stands: mindestens 20 und höchstens 30 %."""
    for number in find_numbers(words, locale):
        gap = max(reading.start - number.end, number.start - reading.end)
        if 0 <= gap < _REACH and not (len(number.words) == 4 and number.words.isdecimal()):
            return reading.with_issue("unread_words", f"{shorten(words)!r} says more than {reading.words!r}")
    return reading
