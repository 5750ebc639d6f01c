"""Times of day as they are written in the ten languages: 7:30 pm, 14.30 Uhr, 9h30, 下午3点半, 오전 10시 30분, noon.

Where times stand and what they are; ``Time`` as a field type is ``time_of_day.py``'s, a time beside a date
``partial_datetime.py``'s. What has no place on a clock is no time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, time, timedelta, timezone
from functools import partial

from llmx.dataclass import dataclass
from llmx.facts import load_facts, one_of, pairs
from llmx.types.cjk import han_value
from llmx.types.patterns import LazyPattern
from llmx.types.text_value import LATIN

_facts = partial(load_facts, "types", "clock")
_HAN = "零〇一二三四五六七八九十两兩"
_MINUTE = "[0-5]\\d"


def _clock() -> str:
    """Return the pattern of a time, without its half of the day where that stands behind it, and without its zone."""
    facts = _facts()
    half, hours, behind = one_of(*facts["halves"].values()), one_of(facts["hours"]), one_of(facts["behind"])
    half_behind = rf"(?:{one_of(*facts['halves_behind'].values())})(?![{LATIN}])"
    number, free = "[0-2]?\\d", rf"(?<![\d:.,/{LATIN}-])"
    digits = (
        rf"(?:(?<![\d:.,/{LATIN}])|(?<=T)(?<![A-Za-z]T))(?P<hour>{number})[:：](?P<minute>{_MINUTE})"
        rf"(?:[:：](?P<second>{_MINUTE})(?:[.,](?P<fraction>\d{{1,6}})\d*)?)?(?![\d:])"
    )
    cjk = (
        rf"(?P<cjk_hour>(?<!\d)\d{{1,2}}|(?<![{_HAN}第])[{_HAN}]{{1,3}})"
        rf"\s?(?:[时時]|[點点](?![\d{_HAN}]+(?!\s?[\d{_HAN}分]))|시)(?![间間간])"
        rf"(?:(?P<cjk_half>半|\s?반)|\s?(?P<cjk_minute>\d{{1,2}}|[{_HAN}]{{1,3}})\s?[分분](?![钟鐘間间])"
        rf"(?:\s?(?P<cjk_second>\d{{1,2}})\s?[秒초])?|整|\s?정각)?"
    )
    marked = (
        rf"{free}(?P<marked_hour>{number})(?:[.,](?P<dotted>{_MINUTE})(?=\s?(?:(?:{behind}|{hours})(?![{LATIN}])|{half_behind}))"
        rf"|\s?{hours}\s?(?P<h_minute>{_MINUTE})(?!\s?min|[\d{LATIN}])|(?=\s?(?:{behind}(?![{LATIN}])|(?:{hours}\s)?{half_behind})))"
    )
    said = (
        rf"(?<![{LATIN}])(?:{one_of(facts['before'])}\s(?P<said_hour>{number})(?:[.,:](?P<said_minute>{_MINUTE}))?(?![\d.,:])"
        rf"|{one_of(facts['before_hours'])}\s(?P<spoken_hour>{number})(?=\s?{hours}(?![{LATIN}]))(?!\s?{hours}\s{_MINUTE}(?![\d{LATIN}])))"
    )
    tail = rf"(?:\s?{behind}(?:\s(?P<uhr_minute>{_MINUTE})(?!\d))?(?![{LATIN}])|\s?{hours}(?![\d{LATIN}]))?"
    return rf"(?:(?P<half>{half})\s?)?(?:{digits}|{cjk}|{marked}|{said}){tail}"


_CLOCK = LazyPattern(_clock, re.IGNORECASE)
_BEHIND = LazyPattern(
    lambda: "|".join(
        rf"(?P<{name}>\s?(?:{one_of(entry)})(?![{LATIN}]))" for name, entry in _facts()["halves_behind"].items()
    ),
    re.IGNORECASE,
)
_PART_BEHIND = LazyPattern(
    lambda: "|".join(
        rf"(?P<m{minutes.replace('-', '_')}>\s(?:{one_of(entry)})(?![{LATIN}]))"
        for minutes, entry in _facts()["parts_behind"].items()
    ),
    re.IGNORECASE,
)
_NAMED = LazyPattern(
    lambda: (
        rf"(?:(?<!\d)12\s)?(?<![{LATIN}-])(?:"
        + "|".join(rf"(?P<at{name[:2]}>{one_of(entry)})" for name, entry in _facts()["named"].items())
        + rf")(?![{LATIN}])"
    ),
    re.IGNORECASE,
)
_ZONE = LazyPattern(
    lambda: (
        rf"\s?[(]?(?:(?P<name>{'|'.join(sorted(pairs(_facts()['zones']), key=len, reverse=True))})(?![{LATIN}])"
        rf"(?P<more>\s?[+\-−]\d{{1,2}}(?::?[0-5]\d)?)?|(?P<offset>[+\-−](?:0\d|1[0-4]):?[0-5]\d)(?![\w:]))[)]?"
    )
)
_TWELVE_HOURS = LazyPattern(lambda: one_of(_facts()["twelve_hours"]), re.IGNORECASE)
_OTHER_ZONE = LazyPattern(rf"\s?[(]?(?:[A-Z]{{1,4}}T|Eastern|Pacific|Central|Mountain)(?![{LATIN}])")
_TO = LazyPattern(lambda: rf"\s?(?:[-–—~〜～]|{one_of(_facts()['to'])}(?![{LATIN}]))\s?", re.IGNORECASE)
_LONGEST = 80  # characters of a time with its zone
_ZEROS = LazyPattern(r"(\.\d*?)0+(?=[+-]|\Z)")


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time at ``start`` to ``end`` of a text; ``seconds`` says whether those are stated.

    ``doubt`` says what is unsure; ``bare`` that the time has neither a half of the day nor minutes.
    """

    value: time
    start: int
    end: int
    seconds: bool = False
    doubt: str = ""

    def __str__(self) -> str:
        exact = self.value.isoformat() if self.seconds else self.value.isoformat("minutes")
        if self.value.microsecond:
            exact = _ZEROS.sub(r"\1", exact)
        return exact.removesuffix("+00:00") + "Z" if exact.endswith("+00:00") else exact


def find_clock_times(text: str) -> Iterator[ClockTime]:
    """Yield the times of day of ``text``, in order."""
    found = [*_CLOCK.finditer(text), *_NAMED.finditer(text)]
    end = 0
    for match in sorted(found, key=lambda each: each.start()):
        if match.start() >= end and (clock := _read(text, match)) is not None:
            yield clock
            end = clock.end


def clock_time_at(text: str, at: int, *, iso: bool = False) -> ClockTime | None:
    """Return the time of day that begins at ``at``, None where none does; ``iso``: it stands behind ISO's T."""
    window = text[at : at + _LONGEST]
    match = _CLOCK.match(window) or _NAMED.match(window)
    clock = None if match is None else _read(window, match, iso=iso)
    return None if clock is None else replace(clock, start=at, end=at + clock.end)


def another_follows(text: str, end: int) -> bool:
    """Return whether a time that ends at ``end`` is the first of two: 10:30 to 12:00."""
    joint = _TO.match(text, end)
    return joint is not None and clock_time_at(text, joint.end()) is not None


def is_joint(text: str, start: int, end: int) -> bool:
    """Return whether what stands between two times makes them a range."""
    return _TO.fullmatch(text, start, end) is not None


def _read(text: str, match: re.Match[str], *, iso: bool = False) -> ClockTime | None:
    named = match.re.groups == len(_facts()["named"])
    end = match.end()
    doubt = ""
    if named:
        hour, minute, second, fraction = int((match.lastgroup or "at0")[2:]), 0, 0, 0
    else:
        parts = _parts(match)
        if parts is None:
            return None
        hour, minute, second, fraction = parts
        half, end = _half(text, match, end)
        turned, doubt = _in_half(hour, half)
        if turned is None or (not hour and end > match.end()):
            return None  # 00 PM
        hour = turned
        if not half and hour <= 12 and _is_hour_alone(match) and _TWELVE_HOURS.search(match.group()):
            doubt = "the half of the day is not stated"
    if not minute + second + fraction and (part := _PART_BEHIND.match(text, end)) is not None:
        hour, minute = divmod((hour * 60 + int(str(part.lastgroup)[1:].replace("_", "-"))) % 1440, 60)
        end = part.end()
    zone, stop, more = _zone(text, end, iso=iso or (not named and match["second"] is not None))
    value = time(hour, minute, second, fraction, tzinfo=zone)
    seconds = not named and (match["second"] or match["cjk_second"]) is not None
    return ClockTime(value, _start(match, named=named), stop, seconds, doubt or more)


def _start(match: re.Match[str], *, named: bool) -> int:
    """Return where a time begins: a preposition that makes digits an hour is no part of it."""
    said = "" if named else match["said_hour"] or match["spoken_hour"]
    return (
        match.start("said_hour" if match["said_hour"] else "spoken_hour")
        if said and not match["half"]
        else match.start()
    )


def _parts(match: re.Match[str]) -> tuple[int, int, int, int] | None:
    """Return hour, minute, second and microsecond; None where a clock has none such."""
    hour = next(match[name] for name in ("hour", "cjk_hour", "marked_hour", "said_hour", "spoken_hour") if match[name])
    names = ("minute", "cjk_minute", "dotted", "h_minute", "said_minute", "uhr_minute")
    minute = "30" if match["cjk_half"] else next((match[name] for name in names if match[name]), "0")
    numbers = [_number(part) for part in (hour, minute, match["second"] or match["cjk_second"] or "0")]
    if None in numbers:
        return None
    hours, minutes, seconds = (int(number or 0) for number in numbers)
    if hours > 24 or minutes > 59 or seconds > 59 or (hours == 24 and minutes + seconds):
        return None
    return hours, minutes, seconds, int((match["fraction"] or "").ljust(6, "0") or 0)


def _number(written: str) -> int | None:
    if written.isdecimal():
        return int(written)
    value = han_value(written.replace("两", "二").replace("兩", "二"))
    return None if value is None else int(value)


def _half(text: str, match: re.Match[str], end: int) -> tuple[str, int]:
    """Return the half of the day that is stated before or behind a time, and where the time ends with it."""
    if match["half"]:
        return next(n for n, entry in _facts()["halves"].items() if re.fullmatch(one_of(entry), match["half"])), end
    behind = _BEHIND.match(text, end)
    return ("", end) if behind is None else (behind.lastgroup or "", behind.end())


def _in_half(hour: int, half: str) -> tuple[int | None, str]:
    """Return the hour of the day of one in a half of it, with what is unsure; None where that half has none such."""
    if hour == 24:
        return 0, "24:00 is the end of a day"
    if not half:
        return hour, ""
    if hour > 12:
        return (hour, "") if half != "am" else (None, "")
    if half == "noon":
        return (hour if hour > 10 else hour + 12), ""
    if half == "night" and (hour == 12 or hour < 5):
        return hour % 12, ""
    return hour % 12 + (0 if half == "am" else 12), ""


def _is_hour_alone(match: re.Match[str]) -> bool:
    names = ("minute", "cjk_half", "cjk_minute", "dotted", "h_minute", "said_minute", "uhr_minute")
    return not any(match[name] for name in names)


def _zone(text: str, end: int, *, iso: bool) -> tuple[timezone | None, int, str]:
    """Return the zone behind a time, where the time ends with it, and what is unsure of it."""
    found = _ZONE.match(text, end)
    if found is None:
        other = _OTHER_ZONE.match(text, end)
        return None, end, "" if other is None else f"which offset {other.group().strip()!r} means is not known"
    offset = found["offset"] or found["more"]
    if found["offset"] and found["offset"][0] in "-−" and not iso:
        return None, end, ""  # 10:30-12:00 is a range
    minutes = 0 if found["offset"] else int(pairs(_facts()["zones"])[found["name"]])
    if offset:
        digits = re.sub(r"\D", "", offset)
        hours, rest = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
        minutes += (-1 if offset.strip()[0] in "-−" else 1) * (hours * 60 + rest)
    stop = (
        end + len(found.group().rstrip())
        if found.group().count("(") == found.group().count(")")
        else end + len(found.group().rstrip(")"))
    )
    return (timezone(timedelta(minutes=minutes)) if minutes else UTC), stop, ""
