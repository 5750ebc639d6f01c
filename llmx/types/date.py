"""Dates from words, as exactly as the words say them: 'Le 12 mai' is --05-12, and stays so.

A year is never made up: with a ``reference`` (the date of the document) the nearest full date becomes a candidate and
a note, the value stays partial. Words such as 'yesterday' need the reference for a value. Times of day and names of
weekdays are passed over. Where dates stand in a text is ``date_scan.py``'s, the value class ``partial_date.py``'s.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any, Self, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from llmx.facts import load_facts, one_of, phrases
from llmx.facts import words as words_of
from llmx.record import Issue
from llmx.types.bounds import with_approximation
from llmx.types.date_forms import another_day_beside
from llmx.types.date_hit import Hit, Parts
from llmx.types.date_offsets import Counted, counted_date, named_day, uncounted
from llmx.types.date_scan import full_year, scan, slash_order
from llmx.types.fields import value_schema
from llmx.types.languages import language_of
from llmx.types.months import LANGUAGES, ambiguous_months, month_names
from llmx.types.number_words import number_words
from llmx.types.open_ends import doubt_open_end
from llmx.types.partial_date import PartialParts
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, cast_reading, read_one, shorten, unread
from llmx.types.unread import doubt_left_out


def _part_of_year() -> str:
    facts = load_facts("types", "dates")
    return rf"\b{one_of(facts['part_of_year'])}\b|{one_of(facts['part_of_year_cjk'])}"


_PATTERN = r"^(\d{4}(-\d\d(-\d\d)?)?|--\d\d(-\d\d)?)$"
_BARE = LazyPattern(
    lambda: (
        r"(?P<iso>\d{4}-\d\d-\d\d|\d{4}-\d\d|--\d\d(?:-\d\d)?)(?:[T ]\d.*)?"
        rf"|(?P<year>[12]\d{{3}})(?:\s?{one_of(load_facts('types', 'dates')['year_behind'])})?"
        r"|(?P<packed>(?:19|20)\d{6})|(?P<day>\d{1,2})(?P<mark>[./-])(?P<month>\d{1,2})\.?"
        r"|(?P<my_m>\d{1,2})[-/](?P<my_y>(?:19|20)\d\d)|(?P<ym_y>(?:19|20)\d\d)[-/](?P<ym_m>\d{1,2})"
        r"|(?P<spaced>(?:19|20)\d\d\s\d{1,2}\s\d{1,2})"
        r"|(?P<a>\d{1,2})(?:(?:\s|\sde\s)(?P<b>\d{1,2})(?:\s|\sde\s)(?P<c>\d{2}|(?:19|20)\d\d)"
        r"|(?P<mark2>[./-])(?P<b2>\d{1,2})(?P=mark2)(?P<c2>\d{2}))"
    )
)
_PERIOD = LazyPattern(_part_of_year, re.IGNORECASE)
_DIGIT = LazyPattern(r"\d")
_DOTTED = LazyPattern(r"(?<![\d.])(?<!\d\.\s)(?P<day>[0-3]?\d)\.\s?(?P<month>[01]?\d)\.(?!\s?\d)")


_OLD_YEAR = LazyPattern(  # founded in 1850: in a running text such digits are rarely a year
    lambda: (
        rf"(?<!\w)(?:{'|'.join(words_of(load_facts('types', 'dates')['before_year']))})\s(?P<year>1[0-8]\d\d)[.)]?\s*\Z"
    ),
    re.IGNORECASE,
)


_WORD_DAY = LazyPattern(
    lambda: (
        rf"(?:\b{one_of(load_facts('types', 'dates')['days_in_words'])}|\d[.]?[º°])"
        r"\s(?:(?:of|de|di|van|day of|dag van)\s)?$"
    ),
    re.IGNORECASE,
)
_MORE = LazyPattern(
    r"-\d{1,2}(?!\d)|[^\d\n]{1,16}(?<![.,\d])(?:1\d|20)\d\d(?![.,]?\d)|\s?,?\s(?:of|de|van|del|in)\s['’]?\d\d(?!\d)|\s?,\s?(?:19|20)\d\d(?!\d)"
)
_OTHER_MONTH = LazyPattern(
    lambda: rf"(?P<word>[^\W\d_]+)\.?(?:\s?[/&,]|\s{one_of(load_facts('types', 'dates')['days_or'])})\s?$",
    re.IGNORECASE,
)
_PART_BEFORE = LazyPattern(
    lambda: rf"(?<!\w){one_of(load_facts('types', 'dates')['part_before'])}(?:\s(?:in|des|de|del|di|van|dem))?[\s-]?$",
    re.IGNORECASE,
)
_PART_BEHIND = LazyPattern(lambda: one_of(load_facts("types", "dates")["part_behind"]))
_DIGITS_BEFORE = LazyPattern(r"(?<![\d.,/])(?P<day>\d{1,2})[^\W\d]{0,3}[.,]?\s(?:(?:of|de|di|van)\s)?$")
_YEAR_BEFORE = LazyPattern(r"(?<!\d)(?:19|20)\d\d[-/.]$")


class PartialDate(PartialParts):
    """A date as a field type; its JSON form is the partial ISO string.

    >>> str(PartialDate.from_text("12 de maio de 2024").value), str(PartialDate.from_text("8 month 9").value)
    ('2024-05-12', '--08-09')
    """

    __slots__ = ()

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one date that ``words`` say; ``reference`` resolves 'yesterday' and suggests a missing year.

        03/04/2024 without a locale gives both readings as candidates; so does ``locale='en'``, which has both orders.
        """
        found = doubt_open_end(cls._from_text(words, locale, reference), words)
        return doubt_left_out(with_approximation(found, words), words) if found.start else found

    @classmethod
    def _from_text(cls, words: str, locale: str | None, reference: date | None) -> Reading[Self]:
        plain = cls._bare(words, locale, reference) or cls._whole(words, locale, reference)
        if plain is not None:
            return plain
        period = _PERIOD.search(words)
        if period is not None:
            return cast_reading(unread(words, "period", f"{shorten(words)!r} is a period, not a date"))
        read = partial(cls.from_text, locale=locale, reference=reference)
        counted = counted_date(words, locale, reference, read=read)
        if counted is not None:
            return cls._counted(words, counted, reference)
        found = cls.find_all(words, locale=locale, reference=reference)
        if len(found) > 1:
            found = _without_lone_years(found)
        alone = not found or (len(found) == 1 and found[0].value is not None and found[0].value.month is None)
        if alone and (day := named_day(words, reference)) is not None:
            return cls._counted(words, day, reference)
        if not found:
            found = cls._month_alone(words, reference) or cls._otherwise(words, locale, reference)
        one = _of_a_part(_doubt_unread(read_one(found, words, "date"), words), words)
        if one.value is not None and uncounted(words, (one.start, one.end), locale):
            return one.with_issue("unread_words", f"{shorten(words)!r} counts from {one.words!r}")
        return one

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every date of ``text``, in order; a month or a year alone only where the words before make it one."""
        return [cls._read(hit, text, reference) for hit in scan(text, locale)]

    @classmethod
    def _whole(cls, words: str, locale: str | None, reference: date | None) -> Reading[Self] | None:
        """Return the date with a month that is all of ``words``: most are, and nothing beside it needs a look."""
        hits = scan(words, locale)
        if len(hits) != 1 or hits[0].start or hits[0].end != len(words) or hits[0].relative is not None:
            return None
        one = cls._read(hits[0], words, reference)
        return one if one.value is not None and one.value.month is not None else None

    @classmethod
    def _read(cls, hit: Hit, text: str, reference: date | None) -> Reading[Self]:
        words = text[hit.start : hit.end]
        parts = hit.parts
        issues: tuple[Issue, ...] = ()
        if hit.relative is not None:
            if reference is None:
                issue = Issue("needs_reference", "", f"{words!r} counts from a date that is not known")
                return Reading(None, words, hit.start, hit.end, hit.rule, (), (issue,))
            parts = (_resolve(hit, reference),)
            issues = (Issue("relative", "", f"counted from {reference.isoformat()}"),)
        values = [value for part in parts if (value := cls._make(part)) is not None]
        if not values:
            issue = Issue("impossible_date", "", f"{words!r} is no day of the calendar")
            return Reading(None, words, hit.start, hit.end, hit.rule, (), (issue,))
        if len(values) > 1:
            said = "is a range of days" if hit.issue == "range" else "can be read in two ways"
            issue = Issue(hit.issue, "", f"{words!r} {said}")
            return Reading(None, words, hit.start, hit.end, hit.rule, tuple(values), (issue,))
        reading = Reading(values[0], words, hit.start, hit.end, hit.rule, (), issues)
        return _suggest_year(reading, reference)

    @classmethod
    def _make(cls, parts: Parts) -> Self | None:
        try:
            return cls(*parts)
        except ValueError:
            return None

    @classmethod
    def _bare(cls, words: str, locale: str | None, reference: date | None) -> Reading[Self] | None:
        """Read words that are a date only because they were given as one: 2024, 20240512, 12.05., 05/12."""
        stripped = words.strip(" \t\n.,;()[]\"'“”「」")
        if not stripped[:1].isdecimal():
            digit = _DIGIT.search(stripped)
            if digit is None or not (_BARE.fullmatch(stripped, digit.start()) or "--" in stripped):
                return None
            stripped = _before_digits().sub("", stripped)  # friday 5/12, il 22/04
        found = _BARE.fullmatch(stripped)
        if found is None:
            return None
        parts, rule = _bare_parts(found, locale)
        start = words.rindex(stripped)
        return cls._read(Hit(start, start + len(stripped), parts, rule, "ambiguous"), words, reference)

    @classmethod
    def _counted(cls, words: str, found: Counted, reference: date | None) -> Reading[Self]:
        """Return the reading of a date that was counted: three days ago, 2 weeks before 13 May 1999, last Friday."""
        values = tuple(value for parts in found.ways if (value := cls._make(parts)) is not None)
        issues = found.issues
        if not values:
            issues = (Issue("needs_reference", "", found.how),)
        elif found.rule != "date.holiday" and (reference is not None or found.rule == "date.weekday"):
            issues = (Issue("relative", "", f"counted: {found.how}"), *issues)
        if len(values) > 1:
            issues = (*issues, Issue("ambiguous", "", f"{shorten(words)!r} may be {values[0]} or {values[1]}"))
        value, candidates = (values[0], ()) if len(values) == 1 else (None, values)
        return _suggest_year(Reading(value, words, 0, len(words), found.rule, candidates, issues), reference)

    @classmethod
    def _otherwise(cls, words: str, locale: str | None, reference: date | None) -> list[Reading[Self]]:
        """Read 'den 12.05.' and 'may 12', which are dates only where nothing else was given."""
        dotted = _DOTTED.search(words)
        if dotted is not None:
            parts: Parts = (None, int(dotted["month"]), int(dotted["day"]))
            if language_of(locale) == "ko":  # 5. 4. is the fourth of May
                parts = (None, parts[2], parts[1])
            return [cls._read(Hit(*dotted.span(), (parts,), "date.numeric"), words, reference)]
        old = _OLD_YEAR.search(words)
        if old is not None:
            return [cls._read(Hit(*old.span("year"), ((int(old["year"]), None, None),), "date.year"), words, reference)]
        title = words.title()
        if title == words or len(title) != len(words) or len(words) > 20:
            return []
        found = cls.find_all(title, locale=locale, reference=reference)
        return [replace(reading, words=words[reading.start : reading.end]) for reading in found]

    @classmethod
    def _month_alone(cls, words: str, reference: date | None) -> list[Reading[Self]]:
        found = []
        for match in re.finditer(r"[^\W\d_]+", words) if not _DIGIT.search(words) else ():
            month = month_names().get(match.group().lower())
            name = match.group()
            sure = month is not None and month.full and (name.lower() not in ambiguous_months() or name[0].isupper())
            if month is not None and (sure or name == words.strip(" .")):
                hit = Hit(match.start(), match.end(), ((None, month.number, None),), "date.named")
                found.append(cls._read(hit, words, reference))
        if not found:
            for match in re.finditer(r"(1[0-2]|0?[1-9])\s?[月월](?!間|间)", words):
                hit = Hit(match.start(), match.end(), ((None, int(match[1]), None),), "date.cjk")
                found.append(cls._read(hit, words, reference))
        return found

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return value_schema(cls, load=cls._load, dump=str, json_schema=core_schema.str_schema(pattern=_PATTERN))

    @classmethod
    def _load(cls, given: Any) -> Self | None:
        if isinstance(given, datetime | date):
            return cls(given.year, given.month, given.day)
        try:
            return cls.parse(given) if isinstance(given, str) else None
        except ValueError:
            return None


_Read = TypeVar("_Read", bound=PartialDate)


def _doubt_unread(reading: Reading[_Read], words: str) -> Reading[_Read]:
    """Doubt a date without a day or a year beside which one stands that was not read: zweiten Mai, 15 April of 87."""
    value = reading.value
    if value is None or value.month is None:
        return reading
    head, tail = words[max(0, reading.start - 24) : reading.start], words[reading.end :]
    unread = (value.day is None and _WORD_DAY.search(head) is not None) or (
        (value.day is None or value.year is None) and _MORE.match(tail) is not None
    )
    unread = unread or another_day_beside(head, tail)
    if value.day is None and (other := _OTHER_MONTH.search(head)) is not None:
        unread = unread or other["word"].lower() in month_names()  # May/June 2021
    if value.day is None and not unread:
        day = _DIGITS_BEFORE.search(head)
        if day is not None and not 1 <= int(day["day"]) <= 31:  # 32 January
            issue = Issue("impossible_date", "", f"{shorten(words)!r} names no day of the calendar")
            return replace(reading, value=None, candidates=(), issues=(issue,))
        unread = day is not None
    if (value.day is None or value.year is None) and not unread:
        beside = re.search(r"([^\W\d_]+)\s(?:d[eio]\s)?$", head), re.match(r",?\s(?:del?\s|of\s)?([^\W\d_]+)", tail)
        unread = any(
            w is not None and any(m.kind == "number" for m in number_words().get(w[1].lower(), ())) for w in beside
        )
    if not unread and not (value.year is None and _YEAR_BEFORE.search(head)):
        return reading
    return reading.with_issue("unread_words", f"{shorten(words)!r} says more than {reading.words!r}")


def _of_a_part(reading: Reading[_Read], words: str) -> Reading[_Read]:
    """Note that a month or a year is meant only in part: mid-May 2023, Anfang 2023, 2023年末."""
    value = reading.value
    if value is None or value.day is not None or (not reading.start and reading.end == len(words)):
        return reading
    before = _PART_BEFORE.search(words, max(0, reading.start - 24), reading.start)
    if before is None and not _PART_BEHIND.match(words, reading.end):
        return reading
    return reading.with_issue("approximate", f"{shorten(words)!r} says a part of {value}")


@cache
def _before_digits() -> re.Pattern[str]:
    """Return the pattern of weekdays, articles and pronouns that may stand before a date in digits."""
    days = [day for language in LANGUAGES for day in phrases(load_facts("types", "weekdays")[language])]
    named = "|".join(sorted(map(re.escape, days), key=len, reverse=True))
    return re.compile(
        rf"\A(?:(?:{one_of(load_facts('types', 'dates')['before_digits'])}|{named})[.,]?\s+)+", re.IGNORECASE
    )


def _bare_parts(found: re.Match[str], locale: str | None) -> tuple[tuple[Parts, ...], str]:
    """Return the possible (year, month, day) of words that are nothing but digits and marks, with the rule."""
    if found["iso"]:
        numbers: list[int | None] = [int(part) for part in re.findall(r"\d+", found["iso"])]
        return (_pad([None, *numbers] if found["iso"].startswith("-") else numbers),), "date.iso"
    if found["year"]:
        return ((int(found["year"]), None, None),), "date.year"
    if found["packed"]:
        digits = found["packed"]
        return ((int(digits[:4]), int(digits[4:6]), int(digits[6:])),), "date.packed"
    if found["my_m"] or found["ym_m"]:
        return ((int(found["my_y"] or found["ym_y"]), int(found["my_m"] or found["ym_m"]), None),), "date.numeric"
    if found["spaced"]:
        return (_pad([int(part) for part in found["spaced"].split()]),), "date.numeric"
    return _either_order(found, locale), "date.numeric"


def _either_order(found: re.Match[str], locale: str | None) -> tuple[Parts, ...]:
    """Return a day and a month in digits in the order of the locale, in both where nothing says."""
    short = found["c"] or found["c2"]
    year = full_year(short) if short else None
    first, second = int(found["day"] or found["a"]), int(found["month"] or found["b"] or found["b2"])
    day_first, month_first = (year, second, first), (year, first, second)
    order = slash_order(locale)
    if "." in {found["mark"], found["mark2"]}:  # 5.12 where months come first: a point is the mark of the others
        order = None if order == "month" else "day"
    if found["mark2"] == "-" and order != "day" and not first > 31:  # 04-05-23, which may begin with the year
        return (day_first, month_first, (full_year(found["a"]), second, int(short)))
    if order == "day" or first > 12 or first == second or " de " in found.group():
        return (day_first,)
    return (month_first,) if order == "month" or second > 12 else (day_first, month_first)


def _pad(numbers: list[int | None]) -> Parts:
    year, month, day = (*numbers, None, None)[:3]
    return year, month, day


def _without_lone_years(found: list[Reading[Any]]) -> list[Reading[Any]]:
    """Leave out years that stand alone beside one fuller date."""
    fuller = [reading for reading in found if reading.rule != "date.year"]
    return fuller if len(fuller) == 1 else found


def _resolve(hit: Hit, reference: date) -> Parts:
    """Return the parts of a relative expression, counted from ``reference``."""
    assert hit.relative is not None
    unit, offset = hit.relative
    stated = hit.parts[0] if hit.parts else (None, None, None)
    if unit == "day":
        day = reference + timedelta(days=offset)
        return day.year, day.month, day.day
    if unit == "year":
        return reference.year + offset, stated[1], stated[2]
    months = reference.year * 12 + reference.month - 1 + offset
    return months // 12, months % 12 + 1, stated[2]


def _suggest_year(reading: Reading[Any], reference: date | None) -> Reading[Any]:
    """Add, for a date without a year, the year that brings it nearest to ``reference`` as a candidate and a note."""
    value: PartialDate | None = reading.value
    if reference is None or value is None or value.year is not None or value.month is None:
        return reading
    near = []
    for year in (reference.year - 1, reference.year, reference.year + 1):
        try:
            near.append(type(value)(year, value.month, value.day))
        except ValueError:
            continue
    best = min(near, key=lambda full: abs((full.first - reference).days), default=None)
    if best is None:
        return reading
    message = f"no year in the words; {best} is nearest to {reference.isoformat()}"
    return Reading(
        value, reading.words, reading.start, reading.end, reading.rule, (value, best),
        (*reading.issues, Issue("year_from_reference", "", message)),
    )  # fmt: skip
