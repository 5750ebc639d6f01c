"""Time, a time of day as a field type: 19:30, 14:30:00+02:00. Where times stand in a text is ``clock.py``'s."""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Self

from llmx.facts import load_facts, one_of
from llmx.record import Issue
from llmx.types.clock import ClockTime, clock_time_at, find_clock_times, is_joint
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, read_one
from llmx.types.text_value import TextValue

_JOINT_BEFORE = LazyPattern(
    lambda: (
        r"(?<![\d.,:])(?P<hour>\d{1,2})(?P<mark>\s?[^\W\d_]{1,7}\.?)?"
        rf"\s?(?:[-–—~〜～]|(?<=\s){one_of(load_facts('types', 'clock')['to'])})\s?\Z"
    ),
    re.IGNORECASE,
)
_BARE = re.compile(r"(?P<hour>[0-2]?\d)\s?(?:[.,]|h)\s?(?P<minute>[0-5]\d)?|(?P<packed>[0-2]\d[0-5]\d)")
_REACH = 16


class Time(TextValue):
    """A time of day as a field type, in the form of ISO 8601 with as much as is stated: 19:30, 10:30:00+02:00.

    >>> Time.from_text("at 7:30 pm").value, Time.from_text("下午3点半").value
    (Time('19:30'), Time('15:30'))
    """

    __slots__ = ()
    what = "time of day"
    pattern = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?"

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one time that ``words`` state; 14.30 and 1430 are one where nothing else stands there."""
        found = cls.find_all(words, locale=locale)
        if not found and (bare := cls._bare(words)) is not None:
            return bare
        return read_one(found, words, cls.what)

    @classmethod
    def _bare(cls, words: str) -> Reading[Self] | None:
        stripped = words.strip(" \t\n.,;()")
        found = _BARE.fullmatch(stripped)
        if found is None or (stripped.isdecimal() and len(stripped) < 4):
            return None
        hour, minute = (
            (found["packed"][:2], found["packed"][2:]) if found["packed"] else (found["hour"], found["minute"])
        )
        clock = clock_time_at(f"{hour}:{minute or '00'}", 0)
        if clock is None:
            return None
        start = words.index(stripped)
        reading = Reading(cls(str(clock)), stripped, start, start + len(stripped), "time")
        marked = "h" in stripped
        return reading if marked else reading.with_issue("ambiguous", f"{stripped!r} has no mark of a time")

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        held: Reading[Self] | None = None
        for clock in find_clock_times(text):
            reading = cls._reading(text, clock)
            if held is not None and is_joint(text, held.end, reading.start):
                held = cls._both(text, held, reading)
                continue
            if held is not None:
                yield held
            held = reading
        if held is not None:
            yield held

    @classmethod
    def _reading(cls, text: str, clock: ClockTime) -> Reading[Self]:
        words = text[clock.start : clock.end]
        reading = Reading(cls(str(clock)), words, clock.start, clock.end, "time")
        if clock.doubt:
            reading = reading.with_issue("ambiguous", f"{words!r}: {clock.doubt}")
        before = _JOINT_BEFORE.search(text, max(0, clock.start - _REACH), clock.start)
        if before is not None and not before["mark"]:  # 10 to 11 am
            return cls._both(text, replace(reading, value=None, start=before.start()), reading)
        return reading if before is None else reading.with_issue("unread_words", f"{words!r} may be the end of a range")

    @classmethod
    def _both(cls, text: str, first: Reading[Self], last: Reading[Self]) -> Reading[Self]:
        """Join '10:30 to 12:00' to one reading with both ends as candidates."""
        ends = tuple(each for each in (first.value, *first.candidates, last.value) if each is not None)
        words = text[first.start : last.end]
        issue = Issue("range", "", f"{words!r} states more than one time")
        return Reading(None, words, first.start, last.end, "time.range", tuple(dict.fromkeys(ends)), (issue,))

    def to_time(self) -> time:
        """Return the time of Python's own type."""
        return time.fromisoformat(str(self))

    @classmethod
    def _load(cls, given: Any) -> Self | None:
        if isinstance(given, time) and not isinstance(given, datetime):
            written = given.isoformat()
            return cls(f"{written.removesuffix('+00:00')}Z" if written.endswith("+00:00") else written)
        return cls(given) if isinstance(given, str) and re.fullmatch(cls.pattern, given) else None
