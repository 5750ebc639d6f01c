"""Periods: 'from 2024 to 2027', 'Q3 2024', '12-14 May 2024', '2023年至2025年', 'until 2030'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from llmx.facts import load_facts, one_of, phrases
from llmx.facts import words as words_of
from llmx.record import Issue
from llmx.types.date import PartialDate
from llmx.types.date_offsets import relative_span
from llmx.types.duration_units import has_unit
from llmx.types.months import month_names
from llmx.types.open_ends import open_end
from llmx.types.partial_date import days_in
from llmx.types.patterns import LazyPattern
from llmx.types.period_forms import CODE, PeriodSpan, known_before, spans_in, weekday_words, whole_span
from llmx.types.period_lengths import span_by_length
from llmx.types.reading import Reading, cast_reading, read_one, shorten, unread

_facts = partial(load_facts, "types", "periods")
_YEAR = r"(?:19|20)\d\d"
_JOINT = LazyPattern(
    lambda: rf"\.?\s?(?:-|–|—|~|～|〜|{one_of(_facts()['to'])})(?:\s{one_of(_facts()['after_to'])}\b)?\s?",
    re.IGNORECASE,
)
_BETWEEN = LazyPattern(
    lambda: rf"{one_of(_facts()['between'])}\s(?:{one_of(_facts()['after_between'])}\s)?$", re.IGNORECASE
)
_MONTHS = LazyPattern(
    lambda: (
        rf"(?<!\w)(?P<a>{_month_words()})\.?(?:\s?[-–—~/]\s?|\s{one_of(_facts()['to'])}\s)(?P<b>{_month_words()})"
        rf"(?!\w)(?!\.?\s?\d{{1,2}}(?!\d))(?:[.,]*\s(?:{one_of(_facts()['of'])})?(?P<year>{_YEAR})(?!\d))?"
    ),
    re.IGNORECASE,
)
_WORD = LazyPattern(r"[^\W\d_]+")
_LONE_YEAR = LazyPattern(rf"(?<![\w.,/-]){_YEAR}(?!\d|[.,/-]\d)")
_YEAR_TO = LazyPattern(
    lambda: (
        rf"(?<![\w.,/-])(?P<year>{_YEAR})(?:\s?[-–—~]|\s{one_of(_facts()['years_to'])})"
        rf"(?:\s{one_of(_facts()['after_to'])}\b)?\s?$"
    ),
    re.IGNORECASE,
)
_DAY_END = LazyPattern(r"\d(?:\D{0,3}|\s(?:de|of|van)\s)$")
_UNREAD = LazyPattern(
    lambda: rf"(?<!\w){one_of(_facts()['unread'])}(?!\w)|{one_of(_facts()['unread_cjk'])}", re.IGNORECASE
)
_VAGUE = LazyPattern(
    lambda: (
        rf"(?<!\w)(?:{one_of(_facts()['vague_part'])}|{one_of(_facts()['counted_from_today'])}(?=\s{_month_words()}\b))"
    ),
    re.IGNORECASE,
)
_LED_TO = LazyPattern(lambda: rf"\w\s?(?:[-–—/&]|\s{one_of(_facts()['to'])})\s?$", re.IGNORECASE)
_QUARTER_TO = LazyPattern(
    lambda: (
        rf"(?<!\w)[{_facts()['quarter_letters']}](?P<count>[1-4])"
        rf"\s?(?:[-–—]|(?P<and>{'|'.join(words_of(_facts()['to_behind_between']))})(?!\w)|{one_of(_facts()['to'])})\s?$"
    ),
    re.IGNORECASE,
)
_ANOTHER_YEAR = LazyPattern(
    lambda: rf",?\s{one_of(load_facts('types', 'dates')['days_or'])}\s(?:(?:in|of)\s)?(?:19|20)\d\d(?!\d)",
    re.IGNORECASE,
)
_NOT_CALENDAR = LazyPattern(
    lambda: rf"(?<!\w){one_of(_facts()['not_calendar'])}(?![^\W\d_])|{one_of(_facts()['not_calendar_cjk'])}",
    re.IGNORECASE,
)
_PART = LazyPattern(
    lambda: (
        rf"(?<!\w)(?P<part>{one_of(load_facts('types', 'dates')['part_before'])})[\s-]"
        rf"|(?<=[年月년월]){one_of(load_facts('types', 'dates')['part_behind'])}"
    ),
    re.IGNORECASE,
)
_END_OF = LazyPattern(lambda: one_of(_facts()["end_of"]), re.IGNORECASE)
_CJK_BETWEEN = LazyPattern(lambda: one_of(_facts()["cjk_between"]))
_ASIDE = LazyPattern(lambda: rf"^\s?{load_facts('types', 'dates')['weekday_aside']}")
_WEEKDAY = LazyPattern(lambda: rf"(?<=\s)(?:{weekday_words()})[.,]{{0,2}}\s$", re.IGNORECASE)  # – Wednesday 5 May
_GOES_ON = LazyPattern(
    lambda: rf"(?:\s?[(（][^()（）]{{1,10}}[)）])?\s?(?:-|–|—|~|～|〜|{one_of(_facts()['to'])})\s?\w", re.IGNORECASE
)
_YEARS = LazyPattern(
    lambda: (
        rf"(?<![\d.,/-])(?P<a>{_YEAR})(?:\s?[-–—/～~]\s?|\s?年?{one_of(_facts()['to_cjk'])}\s?)(?P<b>{_YEAR}|"
        r"\d\d)年?(?![\d.,/-]\d|\d)"
    )
)
_YEARS_IN_WORDS = LazyPattern(
    lambda: (
        rf"(?<![\d.,/-])(?P<a>{_YEAR})\s(?:(?P<and>{one_of(_facts()['years_and'])})|{one_of(_facts()['years_to'])})\s"
        rf"(?:{one_of(_facts()['after_to'])}\s(?:of\s|de\s|van\s)?)?(?P<b>{_YEAR})(?!\d|[.,]\d)"
    ),
    re.IGNORECASE,
)


def _month_words() -> str:
    return "(?:" + "|".join(sorted(map(re.escape, month_names()), key=len, reverse=True)) + ")"


class DateRange(BaseModel):
    """A period: ``start`` and ``end`` are partial dates, both included, None where that side is open."""

    model_config = ConfigDict(frozen=True)

    start: PartialDate | None = None
    end: PartialDate | None = None

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one period that ``words`` say; a single date is a period of its own.

        >>> str(DateRange.from_text("from May 2024 to June 2027").value)
        '2024-05/2027-06'
        """
        whole = whole_span(words, locale) or span_by_length(words, locale)
        if whole is not None:
            return cls._of_span(words, whole)
        if (counted := cls._counted(words, reference)) is not None:
            return counted
        found = list(cls._months(words)) or cls.find_all(words, locale=locale, reference=reference)
        if not found:
            alone = PartialDate.from_text(words, locale=locale, reference=reference)
            if alone.value is not None:
                alone = replace(alone, issues=tuple(issue for issue in alone.issues if issue.code != "period"))
                period = cls._open(words, alone) or alone.map(lambda day: cls(start=day, end=day))
                if alone.rule == "date.offset" or (
                    period.rule != "period.open" and not known_before(words[: alone.start])
                ):
                    return _doubted(period, words)  # words that may make it the end of a period
                return _with_doubts(period, words)
            found = list(cls._lone_years(words))
        return _with_doubts(read_one(found, words, "period"), words)

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every period of ``text``, in order; a date alone is one only behind 'until', 'since' and the like."""
        found = [*cls._years(text), *cls._joined(text, locale, reference)]
        found += [cls._of_span(text, span) for span in spans_in(text)]
        found.sort(key=lambda reading: (reading.start, -reading.end))
        out: list[Reading[Self]] = []
        for reading in found:
            if out and reading.start < out[-1].end:
                if len(reading.words) > len(out[-1].words) or out[-1].rule == "period.open":
                    out[-1] = reading
                continue
            out.append(reading)
        return out

    @classmethod
    def _counted(cls, words: str, reference: date | None) -> Reading[Self] | None:
        """Read a week or a quarter that counts from today: last week, next quarter."""
        span = relative_span(words, reference)
        if span is None:
            return None
        if isinstance(span, str):
            return cast_reading(unread(words, "needs_reference", span))
        first, last = (PartialDate(day.year, day.month, day.day) for day in span)
        issue = Issue("relative", "", f"counted from {reference}")
        return Reading(cls(start=first, end=last), words, 0, len(words), "period.relative", (), (issue,))

    @classmethod
    def _of_span(cls, text: str, span: PeriodSpan) -> Reading[Self]:
        value = cls(start=span.first, end=span.last)
        return Reading(value, text[span.start : span.end], span.start, span.end, "period.part_of_year")

    @classmethod
    def _years(cls, text: str) -> Iterator[Reading[Self]]:
        for found in _YEARS.finditer(text):
            first = int(found["a"])
            last = int(found["b"]) if len(found["b"]) == 4 else first // 100 * 100 + int(found["b"])
            if first < last and not (len(found["b"]) == 2 and "-" in found.group() and int(found["b"]) <= 12):
                value = cls(start=PartialDate(first), end=PartialDate(last))
                yield Reading(value, found.group(), found.start(), found.end(), "period.years")
        for found in _YEARS_IN_WORDS.finditer(text):
            first, last = int(found["a"]), int(found["b"])
            if first < last and (not found["and"] or _BETWEEN.search(text, max(0, found.start() - 24), found.start())):
                value = cls(start=PartialDate(first), end=PartialDate(last))
                yield Reading(value, found.group(), found.start(), found.end(), "period.years")

    @classmethod
    def _months(cls, words: str) -> Iterator[Reading[Self]]:
        """Read 'from Nov to March 2024', where names that could be common words are months by standing together."""
        names = month_names()
        if sum(word.lower() in names for word in _WORD.findall(words)) < 2:
            return
        for found in _MONTHS.finditer(words):
            if _DAY_END.search(words[max(0, found.start() - 8) : found.start()]):
                continue
            first, last = (names[found[name].lower()].number for name in "ab")
            year = int(found["year"]) if found["year"] else None
            begun = year - 1 if year is not None and first > last else year
            value = cls(start=PartialDate(begun, first), end=PartialDate(year, last))
            yield Reading(value, found.group(), found.start(), found.end(), "period.dates")

    @classmethod
    def _lone_years(cls, words: str) -> Iterator[Reading[Self]]:
        """Read a year that only the words around it make a period: 2012 or later, vor 2019."""
        for found in _LONE_YEAR.finditer(words):
            year = PartialDate(int(found.group()))
            day = Reading(year, found.group(), found.start(), found.end(), "date.year")
            if (period := cls._open(words, day)) is not None:
                yield period

    @classmethod
    def _joined(cls, text: str, locale: str | None, reference: date | None) -> Iterator[Reading[Self]]:
        dates = PartialDate.find_all(text, locale=locale, reference=reference)
        index = 0
        while index < len(dates):
            first = dates[index]
            index += 1
            second = dates[index] if index < len(dates) else None
            if second is not None and (pair := cls._pair(text, first, second)) is not None:
                index += 1
                yield pair
            elif [issue.code for issue in first.issues] == ["range"]:
                start, end = first.candidates
                yield Reading(cls(start=start, end=end), first.words, first.start, first.end, "period.days")
            elif first.value is not None and (since := cls._since_year(text, first)) is not None:
                yield since
            elif first.value is not None and (open_ended := cls._open(text, first)) is not None:
                yield open_ended

    @classmethod
    def _pair(cls, text: str, first: Reading[PartialDate], second: Reading[PartialDate]) -> Reading[Self] | None:
        gap = _WEEKDAY.sub("", _ASIDE.sub("", text[first.end : second.start], count=1))
        joint = _JOINT.fullmatch(gap)
        behind = _CJK_BETWEEN.match(text, second.end) if gap.strip() in phrases(_facts()["cjk_and"]) else None
        if first.value is None or second.value is None or (joint is None and behind is None):
            return None
        if (
            joint is not None
            and joint.group().strip(" .").lower() in words_of(_facts()["to_behind_between"])
            and not _BETWEEN.search(text, max(0, first.start - 24), first.start)
        ):
            return None
        start, last = _with_year(first.value, second.value), _with_year(second.value, first.value)
        if last is not second.value and last.year is not None and start.first > last.last:
            last = PartialDate(last.year + 1, last.month, last.day)  # 2023年12月至2月
        if start is not first.value and start.year is not None and start.first > second.value.last:
            start = PartialDate(start.year - 1, start.month, start.day)  # 28 December to 3 January 2024
        if start.year is not None and last.year is not None and start.first > last.last:
            return None
        end = second.end if behind is None else behind.end()
        words, value = text[first.start : end], cls(start=start, end=last)
        issues = tuple(dict.fromkeys([*_issues(first, start), *_issues(second, last)]))
        return Reading(value, words, first.start, end, "period.dates", (), issues)

    @classmethod
    def _since_year(cls, text: str, last: Reading[PartialDate]) -> Reading[Self] | None:
        """Join a year that stands alone to the date behind it: 2014 through May 2018."""
        found = _YEAR_TO.search(text, max(0, last.start - 24), last.start)
        first = None if found is None else PartialDate(int(found["year"]))
        if found is None or first is None or last.value is None or (last.value.year or 0) < (first.year or 0):
            return None
        value = cls(start=first, end=last.value)
        return Reading(value, text[found.start() : last.end], found.start(), last.end, "period.dates", (), last.issues)

    @classmethod
    def _open(cls, text: str, day: Reading[PartialDate]) -> Reading[Self] | None:
        """Return the period that a date begins or ends, None where the words around leave no side open."""
        found = open_end(text, day.start, day.end)
        if found is None:
            return None
        value = cls(**{found.side: day.value})
        words = text[found.start : found.end]
        reading = Reading(value, words, found.start, found.end, "period.open", (), day.issues)
        if found.ambiguous:
            alone = cls(start=day.value, end=day.value)
            issue = Issue("ambiguous", "", f"{words!r} may leave a side open, or say the date alone")
            return replace(reading, value=None, candidates=(value, alone), issues=(*day.issues, issue))
        if found.exclusive:
            reading = reading.with_issue("exclusive", f"{day.words!r} itself is not in the period")
        return reading if found.end > day.end or not _GOES_ON.match(text, day.end) else _doubted(reading, text)

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        reading = cls.from_text(given)
        if reading.value is None or reading.doubts:
            reason = "; ".join(issue.message for issue in reading.issues) or "no period"
            raise PydanticCustomError("llmx_value", "{reason}", {"reason": reason})
        return {"start": reading.value.start, "end": reading.value.end}

    @property
    def first(self) -> date | None:
        """The earliest day, None where the start is open."""
        return None if self.start is None else self.start.first

    @property
    def last(self) -> date | None:
        """The latest day, None where the end is open."""
        return None if self.end is None else self.end.last

    def __str__(self) -> str:
        return f"{self.start or '..'}/{self.end or '..'}"


_Period = TypeVar("_Period", bound=DateRange)


def _with_doubts(period: Reading[_Period], text: str) -> Reading[_Period]:
    """Doubt a period beside which words stand that could make it another one: between, quarter, the 1990s."""
    if period.value is not None and period.rule != "period.part_of_year" and _VAGUE.search(text):
        return _doubted(period, text)
    if period.value is not None and (_NOT_CALENDAR.search(text) or _in_part(period, text)):
        return _doubted(period, text)
    if period.rule == "period.part_of_year" and _LED_TO.search(text, 0, period.start):
        return _since_quarter(period, text)
    if period.value is not None and _ANOTHER_YEAR.match(text, period.end):
        return _doubted(period, text)
    if period.value is None or period.rule in {"period.part_of_year", "period.years"}:
        return period
    beside = f"{text[: period.start]} | {text[period.end :]}"
    unread = _UNREAD.search(beside) is not None and not (
        period.rule in {"period.dates", "period.days"}
        and _BETWEEN.search(text, max(0, period.start - 24), period.start)
    )
    if period.rule not in {"period.dates", "period.days"}:
        unread = unread or _GOES_ON.match(text, period.end) is not None
    if period.rule == "period.open":
        unread = unread or has_unit(beside) or (period.value.start is None and _begins(text[: period.start]))
    return _doubted(period, text) if unread else period


def _in_part(period: Reading[_Period], text: str) -> bool:
    """Whether a date of the period is meant in part: since the end of 1989, 今月初め."""
    if period.value is None or not (period.rule == "period.open" or period.rule.startswith("date.")):
        return False
    found = _PART.search(text)
    return found is not None and not (
        period.value.start is None and _END_OF.fullmatch(found["part"] or found.group().strip())
    )


def _since_quarter(period: Reading[_Period], text: str) -> Reading[_Period]:
    """Read the first quarter of 'Q1-Q3 2019', which has no year of its own; doubt what else leads to a period."""
    led = _QUARTER_TO.search(text, max(0, period.start - 8), period.start)
    value = period.value
    if led is None or value is None or value.start is None or value.end is None or value.end.year != value.start.year:
        return _doubted(period, text)
    month = int(led["count"]) * 3 - 2
    apart = led["and"] is not None and month + 3 != value.start.month  # Q1 and Q3
    if apart or not month < (value.start.month or 0) or not CODE.match(text, period.start):
        return _doubted(period, text)
    since = value.model_copy(update={"start": PartialDate(value.start.year, month)})
    return replace(period, value=since, words=text[led.start() : period.end], start=led.start())


def _begins(head: str) -> bool:
    """Whether words before an end hold a start that was not read: 'mei tot september'."""
    last = re.search(r"([^\W_]+)\W*$", head)
    return last is not None and (last[1][-1].isdigit() or last[1].lower() in month_names())


def _doubted(period: Reading[_Period], text: str) -> Reading[_Period]:
    return period.with_issue("unread_words", f"{shorten(text)!r} says more than the period that was read")


def _with_year(first: PartialDate, second: PartialDate) -> PartialDate:
    """Return ``first`` with the year of ``second`` where only that one has a year: May to June 2024, 2024年5月至6月."""
    if first.year is not None or second.year is None or first.month is None:
        return first
    if first.day is not None and first.day > days_in(second.year, first.month):
        return first
    return PartialDate(second.year, first.month, first.day)


def _issues(reading: Reading[PartialDate], day: PartialDate) -> tuple[Issue, ...]:
    """Return the issues on one end of a period; that its year is missing no longer holds where ``day`` has one."""
    return tuple(issue for issue in reading.issues if issue.code != "year_from_reference" or day.year is None)
