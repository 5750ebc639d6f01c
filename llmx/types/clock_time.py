"""The time of day on its own, for fields of type ``time``: 5:08 PM, 13h52, 9.30 Uhr, 下午3点半, 오후 3시 20분.

Only digits are read. The time that stands beside a date, for fields of type ``datetime``, is ``time_of_day.py``'s.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time
from typing import Any

from llmx.facts import load_facts, one_of
from llmx.record import Issue
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, read_one
from llmx.types.time_of_day import offset

_NOON = 12


def _facts() -> Any:
    return load_facts("types", "clock_times")


def _pattern() -> str:
    facts = _facts()
    before, after = one_of(facts["before_noon"]), one_of(facts["after_noon"])
    behind, minutes = one_of(facts["behind"]), one_of(facts["minutes"])
    halves = rf"(?:\s?(?:(?P<am>{before})|(?P<pm>{after})))?"
    seconds = r"(?:[:：](?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
    clock = (
        rf"(?:\s?(?:{one_of(facts['marks'])})\s?(?P<minute>[0-5]\d){seconds}(?:\s?(?:{minutes}))?"
        rf"|\s?(?:{one_of(facts['marks'])})\s?(?P<half>{one_of(facts['half_past'])})"
        rf"|(?P<point>{one_of(facts['point'])})(?P<pointed>[0-5]\d)"
        r")?"
    )
    word = rf"(?P<word>\s?(?:{behind})(?![^\W\d_]*[A-Za-zÀ-ÿ]|\s?\d))?"
    leading = rf"(?:(?:(?P<am_first>{before})|(?P<pm_first>{after}))\s?)?"
    # 10:30-12:00 is a period: an offset with a minus stands behind seconds
    zone = r"(?P<zone>\s?(?:Z|UTC|GMT|(?:\+|(?(second)[-−]|(?!)))(?:0\d|1[0-4]):?[0-5]\d)(?![\w:]))?"
    return rf"{leading}(?<![\d.,:])(?P<hour>[01]?\d|2[0-3])(?!\d){clock}{word}{halves}(?![\d:]|\s?min){zone}"


_CLOCK = LazyPattern(_pattern, re.IGNORECASE)
_TO = LazyPattern(lambda: rf"\s?(?:{one_of(_facts()['to'])})\s?", re.IGNORECASE)
_SINCE = LazyPattern(lambda: rf"(?<![\d.,:])\d{{1,2}}\s?(?:{one_of(_facts()['to'])})\s?\Z", re.IGNORECASE)
_SINCE_CHARS = 16


def read_time(words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[time]:
    """Return the one time of day that ``words`` say; two of them, or a period of the day, have no value."""
    return read_one(find_times(words, locale=locale, reference=reference), words, "time of day")


def find_times(text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[time]]:  # noqa: ARG001 - the signature of all readers
    """Return every time of day in ``text``, in order; two that make a period are one reading without a value.

    >>> [reading.value.isoformat() for reading in find_times("Doors at 8.30 pm, talks at 21:15")]
    ['20:30:00', '21:15:00']
    """
    found: list[Reading[time]] = []
    for match in _CLOCK.finditer(text):
        if (value := _value(match)) is None:
            continue
        reading = Reading(value, match.group(), match.start(), match.end(), "time")
        since = _SINCE.search(text, max(0, reading.start - _SINCE_CHARS), reading.start)
        if found and _TO.fullmatch(text, found[-1].end, reading.start):
            found[-1] = _period(found[-1], reading, text)
        elif since is not None:  # 10 to 11 am
            found.append(_period(replace(reading, value=None, start=since.start()), reading, text))
        else:
            found.append(reading)
    return found


def _period(first: Reading[time], last: Reading[time], text: str) -> Reading[time]:
    words = text[first.start : last.end]
    ends = tuple(each.value for each in (first, last) if each.value is not None)
    issue = Issue("range", "", f"{words!r} is a period of the day")
    return Reading(None, words, first.start, last.end, "time.range", ends, (issue,))


def _value(found: re.Match[str]) -> time | None:
    """Return the time that a match says; None for a number, which is no time without a mark or a word."""
    before = found["am"] or found["am_first"]
    after = found["pm"] or found["pm_first"]
    marked = found["minute"] or found["half"]
    if not (marked or found["word"] or before or after):
        return None
    hour = int(found["hour"])
    minute = int(found["minute"] or found["pointed"] or 0) if not found["half"] else 30
    if after and hour < _NOON:
        hour += _NOON
    elif before and hour == _NOON:
        hour = 0
    fraction = int((found["fraction"] or "").ljust(6, "0") or 0)
    return time(hour, minute, int(found["second"] or 0), fraction, tzinfo=offset((found["zone"] or "").strip() or None))
