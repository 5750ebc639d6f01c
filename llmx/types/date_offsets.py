"""Dates counted from another one: three days ago, il y a deux mois, 2 weeks before 13 May 1999, last Friday, 上周五.

They have a value only where what they count from is known: the document's own date, or the date beside them. Only
words that are nothing else are read; what holds more is doubted by ``date.py``. The feasts are those with a date of
their own; words of data/relative.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache, partial
from typing import Any, NamedTuple

from llmx.facts import load_facts, one_of, pairs, phrases
from llmx.record import Issue
from llmx.types.cjk import han, han_value
from llmx.types.date_hit import Parts
from llmx.types.duration import Duration
from llmx.types.duration_units import length_of
from llmx.types.months import LANGUAGES
from llmx.types.partial_date import PartialParts, days_in
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading

_facts = partial(load_facts, "types", "relative")
_DIRECTIONS = (
    "ago_behind", "ahead_behind", "ago_before", "ahead_before", "perhaps_ahead", "before_date", "after_date"
)  # fmt: skip
_DIRECTIONS_CJK = ("before_cjk", "after_cjk", "after_first_cjk", "before_first_cjk", "from_first_cjk")
_MARKS = " \t\n.,;()"
_LONGEST = 60  # a quotation that says more is no such date
_HINT = LazyPattern(lambda: one_of(_facts()["hints"]), re.IGNORECASE)
_DIRECTION = LazyPattern(
    lambda: (
        rf"(?<!\w){one_of(*(_facts()[name] for name in _DIRECTIONS))}(?!\w)"
        rf"|{one_of(*(_facts()[name] for name in _DIRECTIONS_CJK))}"
    ),
    re.IGNORECASE,
)
_TELLS = LazyPattern(  # where one of these words has to stand: at the end, before or behind the date, at the beginning
    lambda: (
        rf"{one_of(*(_facts()[name] for name in ('ago_behind', 'ahead_behind', 'before_cjk', 'after_cjk')))}\Z"
        rf"|\s{one_of(_facts()['before_date'], _facts()['after_date'])}(?:\s|(?<=['’]))"
        rf"|\A(?:{one_of(_facts()['around'])}\s)*"
        rf"{one_of(*(_facts()[name] for name in ('ago_before', 'ahead_before', 'perhaps_ahead')))}\s"
        rf"|{one_of(*(_facts()[name] for name in ('after_first_cjk', 'before_first_cjk', 'from_first_cjk')))}"
    ),
    re.IGNORECASE,
)
_AGO = LazyPattern(lambda: rf"\s?{one_of(_facts()['ago_behind'])}", re.IGNORECASE)
_AHEAD = LazyPattern(lambda: rf"\s?{one_of(_facts()['ahead_behind'])}", re.IGNORECASE)
_AGO_HEAD = LazyPattern(lambda: rf"{one_of(_facts()['ago_before'])}\s", re.IGNORECASE)
_AHEAD_HEAD = LazyPattern(lambda: rf"{one_of(_facts()['ahead_before'], _facts()['perhaps_ahead'])}\s", re.IGNORECASE)
_PERHAPS = LazyPattern(
    lambda: rf"(?:{one_of(_facts()['around'])}\s)?{one_of(_facts()['perhaps_ahead'])}\s$", re.IGNORECASE
)
_SINCE = LazyPattern(
    lambda: (
        rf"\s{one_of(*(_facts()[name] for name in ('before_date', 'after_date', 'since_date')))}"
        r"(?:\s[^\W\d_]+(?:['’][^\W\d_]*)?){0,2}\s?|\s?(?:から|起|부터|[以之]?[前后後]|전|후)の?\s?"
    ),
    re.IGNORECASE,
)
_LEADS = LazyPattern(
    lambda: (
        rf"\s{one_of(*(_facts()[name] for name in ('before_date', 'after_date', 'since_date')))}(?:\s|['’])"
        r"|から|起|부터|[前后後]|전|후"
    ),
    re.IGNORECASE,
)
_PARTLY = LazyPattern(r"\s(?:days?|later|months?)")  # 2 years 1 month 21 days later
_DATE_FIRST = LazyPattern(
    lambda: (
        rf"(?P<date>.+?)(?:(?P<after>{one_of(_facts()['after_first_cjk'])})|(?P<before>{one_of(_facts()['before_first_cjk'])})"
        rf"|(?P<from>{one_of(_facts()['from_first_cjk'])}))\s?"
    )
)
_DAYS_CJK = LazyPattern(
    lambda: (
        rf"(?P<n>\d{{1,4}}|[{''.join(han().letters)}]{{1,4}})\s?(?:{_facts()['day_cjk']})"
        rf"(?=\s?{one_of(_facts()['before_cjk'], _facts()['after_cjk'])})"
    )
)
_BEFORE = LazyPattern(lambda: rf"\s{one_of(_facts()['before_date'])}(?:\s|(?<=['’]))(?P<date>.+)", re.IGNORECASE)
_AFTER = LazyPattern(lambda: rf"\s{one_of(_facts()['after_date'])}(?:\s|(?<=['’]))(?P<date>.+)", re.IGNORECASE)
_JOINT_CJK = LazyPattern(lambda: rf"(?P<date>.+?){_facts()['date_joint_cjk']}")
_BEFORE_CJK = LazyPattern(lambda: rf"\s?{one_of(_facts()['before_cjk'])}")
_AFTER_CJK = LazyPattern(lambda: rf"\s?{one_of(_facts()['after_cjk'])}")
_AROUND = LazyPattern(lambda: rf"(?:(?:{one_of(_facts()['around'])})\s)*", re.IGNORECASE)
_ISO = LazyPattern(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
_WEEK_CJK = LazyPattern(
    lambda: (
        "(?:" + "|".join(f"(?P<{which}>{one_of(entry)})" for which, entry in _facts()["weeks_cjk"].items()) + ")"
        rf"(?P<day>[{''.join(pairs(_facts()['days_cjk']))}])(?:曜日?|요일)?"
    )
)


class Counted(NamedTuple):
    """A date that was counted: its (year, month, day), several where nothing decides, none where it cannot be told."""

    ways: tuple[Parts, ...]
    rule: str
    how: str
    issues: tuple[Issue, ...] = ()


def counted_date(
    words: str, locale: str | None, reference: date | None, *, read: Callable[[str], Reading[Any]]
) -> Counted | None:
    """Return the date that a length of time leads to, None where none does; ``read`` reads what it counts from."""
    if len(words) > _LONGEST or not _HINT.search(words) or not _DIRECTION.search(words):
        return None
    bare = words.strip(_MARKS)
    return _offset(bare, locale, reference, read=read) if _TELLS.search(bare) else None


def named_day(words: str, reference: date | None) -> Counted | None:
    """Return the day of 'last Friday' and of a feast, None for other words."""
    bare = words.strip(_MARKS)
    return None if len(bare) > _LONGEST else _weekday(bare, reference) or _holiday(bare)


def _offset(
    bare: str, locale: str | None, reference: date | None, *, read: Callable[[str], Reading[Any]]
) -> Counted | None:
    length = _length(bare, locale)
    if length is None or length.value is None or not _ISO.fullmatch(length.value):
        return None
    head, tail = bare[: length.start], bare[length.end :]
    sign, anchor = _direction(head, tail)
    said = f"{length.words} {'before' if sign < 0 else 'after'}"
    if not sign:
        return None if anchor is None else Counted((), "date.offset", f"{bare!r} counts on from a date")
    if anchor is not None:
        found = read(anchor)
        beside = f"{anchor[: found.start]}{anchor[found.end :]}".strip()
        if beside and not _AROUND.fullmatch(f"{beside} "):
            return Counted((), "date.offset", f"{said} a date of which {beside!r} was not read")
        return _from_anchor(str(length.value), sign, found, said=said, issues=length.issues)
    if reference is None:
        return Counted((), "date.offset", f"{bare!r} counts from a date that is not known")
    parts = _shifted((reference.year, reference.month, reference.day), str(length.value), sign)
    issues = length.issues
    if _PERHAPS.fullmatch(head):
        issues = (*issues, Issue("ambiguous", "", f"{bare!r} may say how long something takes"))
    if "W" in str(length.value):
        issues = (*issues, Issue("approximate", "", "weeks are counted to the day"))
    return Counted((_as_exact(parts, str(length.value)),), "date.offset", f"{said} {reference.isoformat()}", issues)


def _length(bare: str, locale: str | None) -> Reading[Any] | None:
    """Return the length of time in words that hold one: also 3日前 and a week ago."""
    days = _DAYS_CJK.search(bare)
    if days is not None:
        count = int(days["n"]) if days["n"].isdecimal() else han_value(days["n"])
        return None if count is None else Reading(f"P{count}D", days.group(), *days.span(), "duration.counted")
    found = Duration.find_all(bare, locale=locale)
    if found:
        return found[0]
    one = Duration.from_text(bare, locale=locale)
    return None if one.doubts else one


def uncounted(words: str, place: tuple[int, int], locale: str | None) -> bool:
    """Whether a length of time in ``words`` leads to or from the date at ``place``, and was not counted."""
    start, end = place
    if len(words) - (end - start) < 3 or not _HINT.search(words) or not (_LEADS.search(words) or _PARTLY.search(words)):
        return False
    beside = f"{words[:start]} {words[end:]}".split()
    if any(length_of(word) is not None for word in beside):
        return True
    for length in Duration.find_all(words, locale=locale):
        if length.value is None or not _ISO.fullmatch(length.value) or (start <= length.start and length.end <= end):
            continue
        if length.start < end and start < length.end:
            return True
        gap = words[length.end : start] if length.end <= start else words[end : length.start]
        if _SINCE.fullmatch(gap):
            return True
    return False


def _direction(head: str, tail: str) -> tuple[int, str | None]:
    """Return (-1 before or 1 after, the words of the date counted from, None for now); 0 where that is not told."""
    if not tail.strip():
        return _led(head)
    around = not head.strip() or _AROUND.fullmatch(head) is not None
    dated = None if around else _JOINT_CJK.fullmatch(head)
    ways: tuple[tuple[int, LazyPattern, str | None], ...] = ()
    if around:
        ways = ((-1, _AGO, None), (1, _AHEAD, None), (-1, _BEFORE, "date"), (1, _AFTER, "date"))
    elif dated is not None:
        ways = ((-1, _BEFORE_CJK, "head"), (1, _AFTER_CJK, "head"))
    for sign, pattern, of in ways:
        found = pattern.fullmatch(tail)
        if found is not None:
            return sign, dated["date"] if dated is not None else found["date"] if of else None
    return 0, None


def _led(head: str) -> tuple[int, str | None]:
    """Return the same where nothing stands behind the length: il y a, in, 今天之后."""
    led = _AROUND.match(head)
    for rest in (head, head[led.end() :] if led is not None else head):
        for sign, pattern in ((-1, _AGO_HEAD), (1, _AHEAD_HEAD)):
            found = pattern.match(rest)
            if found is not None and _AROUND.fullmatch(rest, found.end()):
                return sign, None
    first = _DATE_FIRST.fullmatch(head)
    return (0, None) if first is None else (1 if first["after"] else -1 if first["before"] else 0, first["date"])


def _from_anchor(length: str, sign: int, anchor: Reading[Any], *, said: str, issues: tuple[Issue, ...]) -> Counted:
    """Count from a date that the words say; it must be a whole one, or name a month or a year that whole ones shift."""
    value: PartialParts | None = anchor.value
    if value is None or anchor.doubts or value.year is None:
        return Counted((), "date.offset", f"{said} a date that is not known")
    if (value.day is None and re.search("[WD]", length)) or (value.month is None and "M" in length):
        return Counted((), "date.offset", f"{said} {value}, which has no day")
    relative = tuple(issue for issue in anchor.issues if issue.code == "relative")
    parts = _shifted((value.year, value.month or 1, value.day or 1), length, sign)
    kept = parts[: 3 if value.day else 2 if value.month else 1]
    year, month, day = (*kept, None, None)[:3]
    return Counted(((year, month, day),), "date.offset", f"{said} {value}", (*issues, *relative))


def _shifted(start: tuple[int, int, int], length: str, sign: int) -> tuple[int, int, int]:
    """Return a day so long before or after another; a day that the month does not have is its last."""
    found = _ISO.fullmatch(length)
    years, months, weeks, days = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    total = start[0] * 12 + start[1] - 1 + sign * (years * 12 + months)
    year, month = total // 12, total % 12 + 1
    if not 1 <= year <= 9999:
        return start
    try:
        moved = date(year, month, min(start[2], days_in(year, month))) + timedelta(days=sign * (weeks * 7 + days))
    except OverflowError:
        return start
    return moved.year, moved.month, moved.day


def _as_exact(parts: tuple[int, int, int], length: str) -> Parts:
    """Keep of a date what the unit of its distance says: two months ago is a month."""
    if re.search("[WD]", length):
        return parts
    return (parts[0], parts[1], None) if "M" in length else (parts[0], None, None)


def relative_span(words: str, reference: date | None) -> tuple[date, date] | str | None:
    """Return the first and last day of 'last week', 'next quarter'; a reason where today is not known; else None."""
    bare = words.strip(" \t\n.,;()")
    found = _spans().fullmatch(bare) if len(bare) < _LONGEST else None
    if found is None or found.lastgroup is None:
        return None
    if reference is None:
        return f"{bare!r} counts from a date that is not known"
    unit, which = found.lastgroup.split("_")
    step = {"last": -1, "this": 0, "next": 1}[which]
    if unit == "week":
        monday = reference - timedelta(days=reference.weekday() - 7 * step)
        return monday, monday + timedelta(days=6)
    quarters = reference.year * 4 + (reference.month - 1) // 3 + step
    year, month = quarters // 4, quarters % 4 * 3 + 1
    return date(year, month, 1), date(year, month + 2, days_in(year, month + 2))


@cache
def _spans() -> re.Pattern[str]:
    named = (f"(?P<{name.replace(' ', '_')}>{one_of(entry)})" for name, entry in _facts()["spans"].items())
    return re.compile("|".join(named), re.IGNORECASE)


@cache
def _weekday_names() -> dict[str, int]:
    """Return the whole names of weekdays in spaced scripts, 0 for Monday."""
    rows = (phrases(load_facts("types", "weekdays")[language])[:7] for language in LANGUAGES)
    named = {name: at for row in rows for at, name in enumerate(row)}
    return named | {name.removesuffix("-feira"): at for name, at in named.items() if name.endswith("-feira")}


@cache
def _which_weekday() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, _weekday_names()), key=len, reverse=True))
    before = "|".join(f"(?P<b{which}>{one_of(entry)})" for which, entry in _facts()["weekday_before"].items())
    behind = "|".join(f"(?P<a{which}>{one_of(entry)})" for which, entry in _facts()["weekday_behind"].items())
    around = _facts()["around"]
    return re.compile(
        rf"(?:{one_of(around)}\s)?(?:(?:{before})\s(?P<day>{names})|(?P<day2>{names})\s(?:{behind}))", re.IGNORECASE
    )


def _weekday(bare: str, reference: date | None) -> Counted | None:
    """Return the day of 'last Friday': in Chinese, Japanese and Korean that of a week, else the one nearest by."""
    found = _which_weekday().fullmatch(bare) or _WEEK_CJK.fullmatch(bare)
    if found is None:
        return None
    groups = {name: text for name, text in found.groupdict().items() if text}
    which = next(name for name in groups if not name.startswith("day")).removeprefix("b").removeprefix("a")
    name = groups.get("day") or groups["day2"]
    of_week = found.re is not _which_weekday()
    day = int(pairs(_facts()["days_cjk"])[name]) if of_week else _weekday_names()[name.lower()]
    if reference is None:
        return Counted((), "date.weekday", f"{bare!r} counts from a date that is not known")
    monday = reference - timedelta(days=reference.weekday())
    in_week = monday + timedelta(days=day + {"last": -7, "this": 0, "next": 7}[which])
    ways = {in_week} if of_week else {in_week, _nearest(reference, day, which)}
    said = f"{which} {_facts_name(day)} of {reference.isoformat()}"
    return Counted(tuple((way.year, way.month, way.day) for way in sorted(ways)), "date.weekday", said)


def _nearest(reference: date, day: int, which: str) -> date:
    """Return the last one before a day, or the next one behind it (or on it, for 'this')."""
    if which == "last":
        return reference - timedelta(days=(reference.weekday() - day - 1) % 7 + 1)
    ahead = (day - reference.weekday() - (which == "next")) % 7 + (which == "next")
    return reference + timedelta(days=ahead)


def _facts_name(day: int) -> str:
    return phrases(load_facts("types", "weekdays")["en"])[day].title()


@cache
def _holidays() -> re.Pattern[str]:
    days = "|".join(f"(?P<h{day.replace('-', '_')}>{one_of(entry)})" for day, entry in _facts()["holidays"].items())
    year = r"(?:1[5-9]|20)\d\d"
    return re.compile(
        rf"(?:{one_of(_facts()['around'])}\s)?(?:(?P<year2>{year})年?の?\s?)?(?:{days})(?:,?\s(?:de\s|of\s|del\s)?(?P<year>{year}))?"
    )


def _holiday(bare: str) -> Counted | None:
    """Return the day of a feast that has a date of its own, with the year that the words say."""
    found = _holidays().fullmatch(bare)
    if found is None:
        return None
    name = next(name for name, text in found.groupdict().items() if text and name.startswith("h"))
    month, day = (int(part) for part in name[1:].split("_"))
    year = found["year"] or found["year2"]
    return Counted(
        ((int(year) if year else None, month, day),), "date.holiday", f"the date of the feast, {month}-{day}"
    )
