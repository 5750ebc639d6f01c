"""The time of day beside a date, for fields of type ``datetime``: 2024-05-03T10:30:00+02:00, 3 May 2024 at 4:05 pm.

Only digits are read, hours and minutes at least. What has no place on a clock is no time.
"""

from __future__ import annotations

import re
from datetime import UTC, time, timedelta, timezone
from typing import NamedTuple

_CLOCK = (
    r"(?P<hour>[0-2]?\d)(?P<mark>[:：h])(?P<minute>[0-5]\d)(?:[:：](?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"(?:\s*(?P<zone>Z|UTC|GMT|[+\-−](?:0\d|1[0-4]):?[0-5]\d)(?![\w:]))?"
)
_GAP = r"[\s,;()|·]*(?:[^\W\d_]{1,3}\.?[\s]+)?"  # 3 May 2024, at 10:30; le 3 mai 2024 à 10h30
_AFTER = re.compile(rf"(?:(?P<iso>T)|{_GAP}){_CLOCK}(?![\d:])", re.IGNORECASE)
_BEFORE = re.compile(rf"(?<![\d:.])(?P<iso>){_CLOCK}{_GAP}\Z", re.IGNORECASE)
_WITHIN = re.compile(rf"(?<=\d)(?:(?P<iso>T)|\s){_CLOCK}\Z", re.IGNORECASE)
_TO = re.compile(r"\s*(?:[-–—~〜]|\b[^\W\d_]{1,3}\b)\s*[0-2]?\d[:：h][0-5]\d")
_BEFORE_CHARS = 40


class TimeOfDay(NamedTuple):
    """A time, with its offset where one is stated, and the place of date and time in the text.

    ``ranged``: another time follows, so that this one may be the first of two.
    """

    value: time
    start: int
    end: int
    ranged: bool = False


def time_beside(text: str, start: int, end: int, *, since: int = 0) -> TimeOfDay | None:
    """Return the time of day at the end of ``text[start:end]``, which says a date, or right after or before it.

    What stands before ``since`` belongs to another date.

    >>> time_beside("Sent 2024-05-03T10:30:00+02:00.", 5, 15).value.isoformat()
    '10:30:00+02:00'
    >>> time_beside("on 3 May 2024 at 4:05 pm", 3, 13).value.isoformat()
    '16:05:00'
    """
    within = _WITHIN.search(text[start:end])
    if within is not None and (value := _value(within)) is not None:
        return TimeOfDay(value, start, end, _TO.match(text, end) is not None)
    found = _AFTER.match(text, end)
    if found is not None and (value := _value(found)) is not None:
        stop = found.end() if _offset(found) == found["zone"] else found.start("zone")
        return TimeOfDay(value, start, stop, _TO.match(text, stop) is not None)
    begin = max(since, start - _BEFORE_CHARS)
    found = _BEFORE.search(text[begin:start])
    if found is not None and (value := _value(found)) is not None:
        return TimeOfDay(value, begin + found.start(), end)
    return None


def _value(found: re.Match[str]) -> time | None:
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if hour > 23 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = int((found["fraction"] or "").ljust(6, "0") or 0)
    return time(hour, int(found["minute"]), int(found["second"] or 0), fraction, tzinfo=offset(_offset(found)))


def _offset(found: re.Match[str]) -> str | None:
    """Return the offset; outside of ISO's form, 10:30-12:00 is a range and no offset."""
    zone = found["zone"]
    return None if zone and zone[0] in "-−" and not (found["iso"] or found["second"]) else zone


def offset(words: str | None) -> timezone | None:
    """Return the offset that ``words`` say: Z, UTC, GMT or +02:00; None for None."""
    if not words:
        return None
    if words.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    sign = 1 if words[0] == "+" else -1
    return timezone(sign * timedelta(hours=int(words[1:3]), minutes=int(words[-2:])))
