"""A date and a time of day as far as a text gives them: 2024-05-03T10:30:00+02:00, --05-03T16:00, 2024-05."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Self

from llmx.types.date import PartialDate
from llmx.types.partial_date import PartialParts
from llmx.types.reading import Reading, shorten
from llmx.types.text_value import TextValue
from llmx.types.time_beside import time_beside
from llmx.types.time_of_day import Time

_DATE = r"(\d{4}(-\d\d(-\d\d)?)?|--\d\d(-\d\d)?)"


class PartialDateTime(TextValue):
    """A date and time as a field type, as exactly as the words state it: no year, day or time is made up.

    Its JSON form is a partial date as ``PartialDate`` has it, and behind a T the time as ``Time`` has it.

    >>> PartialDateTime.from_text("May 3 at 4 pm").value, PartialDateTime.from_text("in May 2024").value
    (PartialDateTime('--05-03T16:00'), PartialDateTime('2024-05'))
    """

    __slots__ = ()
    what = "date and time"
    pattern = rf"{_DATE}(T{Time.pattern})?"

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one date that ``words`` state, with the time beside it."""
        reading = cls._timed(PartialDate.from_text(words, locale=locale, reference=reference), words)
        if reading.value is None or reading.value.time or not any(time.value for time in Time.find_all(words)):
            return reading
        return reading.with_issue("unread_words", f"{shorten(words)!r} states a time that stands apart from the date")

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every date of ``text`` with the time beside it, in order."""
        found: list[Reading[Self]] = []
        for reading in PartialDate.find_all(text, locale=locale, reference=reference):
            found.append(cls._timed(reading, text, since=found[-1].end if found else 0))
        return found

    @classmethod
    def _timed(cls, reading: Reading[PartialDate], text: str, *, since: int = 0) -> Reading[Self]:
        days = [each for each in (reading.value, *reading.candidates) if each is not None]
        stated = time_beside(text, reading.start, reading.end, since=since) if any(each.day for each in days) else None
        if stated is None:
            return reading.map(lambda day: cls(str(day)))
        clock, ranged = stated
        words = text[clock.start : clock.end]
        told = reading.map(lambda day: cls(f"{day}T{clock}"))
        told = replace(told, words=words, start=clock.start, end=clock.end)
        told = told.with_issue("ambiguous", f"{words!r}: {clock.doubt}") if clock.doubt else told
        return told.with_issue("range", f"{words!r} is the first of two times") if ranged else told

    @property
    def date(self) -> PartialDate:
        """The date, as far as it is known."""
        return PartialDate.parse(self.partition("T")[0])

    @property
    def time(self) -> Time | None:
        """The time of day, None where none is known."""
        time = self.partition("T")[2]
        return Time(time) if time else None

    def to_datetime(self) -> datetime | None:
        """Return the date and time of Python's own type, None where a part of the date or the time is missing."""
        return datetime.fromisoformat(str(self)) if self.date.is_full and self.time else None

    @classmethod
    def _load(cls, given: Any) -> Self | None:
        if isinstance(given, datetime):
            time = Time.from_text(given.time().isoformat()).value if given.tzinfo is None else None
            return cls(f"{given.date()}T{time or given.isoformat().partition('T')[2]}")
        if isinstance(given, date):
            return cls(given.isoformat())
        if not isinstance(given, str) or re.fullmatch(cls.pattern, given) is None:
            return None
        try:
            PartialParts.parse(given.partition("T")[0])
        except ValueError:
            return None
        return cls(given)
