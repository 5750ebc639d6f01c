"""The time of day beside a date: 2024-05-03T10:30:00+02:00, 3 May 2024 at 4:05 pm, 2024年5月3日午後2時.

What is a time of day is ``clock.py``'s; here stands only where it belongs to a date.
"""

from __future__ import annotations

import re
from dataclasses import replace

from llmx.types.clock import ClockTime, another_follows, clock_time_at, find_clock_times

_MARKS = r"(?:\s?[(（][^\W\d_]{1,4}\.?[)）])?[\s,;()（）|·、，]*"
_WORDS = r"(?:[^\W\d_]{1,4}\.?\s+){0,2}"  # 3 May 2024, at 10:30; le 3 mai 2024 à 10h30; a las 18:45
_AFTER = re.compile(rf"(?P<iso>T)|{_MARKS}")
_SHORT_WORDS = re.compile(_WORDS)
_BEFORE = re.compile(rf"{_MARKS}{_WORDS}\Z")
_WITHIN = re.compile(r"(?<=\d)(?:(?P<iso>T)|\s)(?=\d)")
_BEFORE_CHARS = 40


def time_beside(text: str, start: int, end: int, *, since: int = 0) -> tuple[ClockTime, bool] | None:
    """Return the time of day at the end of ``text[start:end]``, which says a date, or right after or before it.

    Its place is that of date and time. With it: whether another time follows, so that it may be the first of two. What
    stands before ``since`` belongs to another date.

    >>> str(time_beside("Sent 2024-05-03T10:30:00+02:00.", 5, 15)[0])
    '10:30:00+02:00'
    >>> str(time_beside("on 3 May 2024 at 4:05 pm", 3, 13)[0])
    '16:05'
    """
    clock = _within(text, start, end) or _after(text, end)
    if clock is not None:
        stop = max(end, clock.end)
        return replace(clock, start=start, end=stop), another_follows(text, stop)
    begin = max(since, start - _BEFORE_CHARS)
    head = text[begin:start]
    for clock in reversed(list(find_clock_times(head))):
        if _BEFORE.fullmatch(head, clock.end):
            return replace(clock, start=begin + clock.start, end=end), False
    return None


def _within(text: str, start: int, end: int) -> ClockTime | None:
    """Return the time that ends a date: words that are nothing but a date and a time are read as one."""
    found = _WITHIN.search(text, start, end)
    clock = None if found is None else clock_time_at(text, found.end(), iso=bool(found["iso"]))
    return clock if clock is not None and clock.end == end else None


def _after(text: str, end: int) -> ClockTime | None:
    found = _AFTER.match(text, end)
    if found is None:
        return None
    clock = clock_time_at(text, found.end(), iso=bool(found["iso"]))
    if clock is None and not found["iso"]:
        words = _SHORT_WORDS.match(text, found.end())
        clock = None if words is None or not words.group() else clock_time_at(text, words.end())
    return clock
