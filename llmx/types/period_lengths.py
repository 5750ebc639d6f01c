"""Periods by their length: the six months ended 30 June 2023, the first six months of 2022, 2021年第三个月.

They are read where they are all that the words say, so that nothing beside them is lost. The words are
data/periods.yaml's; ``date_range.py`` makes periods of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial

from llmx.facts import load_facts, one_of, pairs
from llmx.types.date import PartialDate
from llmx.types.duration import Duration
from llmx.types.number_scan import find_numbers
from llmx.types.patterns import LazyPattern
from llmx.types.period_forms import PeriodSpan, weekday_words

_facts = partial(load_facts, "types", "periods")
_Both = tuple[PartialDate, PartialDate] | None
_LONGEST_YEARLESS = 48
_YEAR = r"(?P<year>(?:19|20)\d\d)"


@cache
def _month_ordinals() -> dict[str, int]:
    """Return the ordinals of the months of a year in words, longer ones first."""
    found = {word: int(n) for row in _facts()["month_ordinals"].values() for word, n in pairs(row).items()}
    return {word: found[word] for word in sorted(found, key=len, reverse=True)}


#: What one of these forms holds beside its date: most words are passed over by it.
_HINT = LazyPattern(lambda: one_of(_facts()["length_hints"]))
_ENDED = LazyPattern(
    lambda: (
        rf"(?:{one_of(_facts()['length_before'])}\s)*(?P<length>[^\d\n]{{0,3}}[\w\s()-]{{1,40}}?)\s"
        rf"(?:{one_of(_facts()['ended'])})\s(?P<date>.{{6,40}})"
    ),
    re.IGNORECASE,
)
_ENDED_CJK = LazyPattern(
    lambda: (
        rf"(?:截至|截止)(?P<date>.{{8,16}}?[日號号])止?(?:的|之)?(?P<length>[^年月日]{{0,8}}?(?:月|年|年度|季度|半年))(?:期间|期間)?"
        rf"|(?P<date2>.{{8,20}}?)(?:{one_of(_facts()['ended_behind'])})\s?(?P<length2>.{{2,12}})"
    )
)
_PART = LazyPattern(
    lambda: (
        rf"(?:{one_of(_facts()['length_before'])}\s)*"
        rf"(?:(?P<first>{_first()})\s(?P<n>\w+)|(?P<n2>\w+)\s(?P<first2>{_first()}))\s(?:{one_of(_facts()['months'])})"
        rf"\s(?:{one_of(_facts()['of_year'], _facts()['of_year_more'])}\s?)?{_YEAR}"
    ),
    re.IGNORECASE,
)
_PART_CJK = LazyPattern(
    lambda: (
        rf"{_YEAR}\s?[年년](?:の|的|의)?\s?(?P<first>{_first()})\s?(?P<n>\d{{1,2}}|[一二两三四五六七八九十]{{1,3}})\s?"
        rf"(?:{one_of(_facts()['months_cjk'])})"
    )
)
_NTH = LazyPattern(
    lambda: (
        rf"(?:{one_of(_facts()['length_before'])}\s)*(?P<nth>{'|'.join(_month_ordinals())})\s"
        rf"(?:{one_of(_facts()['months'])})\s(?:{one_of(_facts()['of_year'], _facts()['of_year_more'])}\s?)?{_YEAR}"
    ),
    re.IGNORECASE,
)


def _first() -> str:
    return one_of(_facts()["first_of"], _facts()["last_of"])


_YEARLESS = LazyPattern(
    lambda: (
        rf"(?:{one_of(_facts()['length_before'])}\s)*(?:(?:[{_facts()['quarter_letters']}](?P<q>[1-4])|(?P<q2>[1-4])[{_facts()['quarter_letters']}])"
        rf"|H(?P<h>[12])|(?:{'|'.join(f'(?P<o{n}>{one_of(entry)})' for n, entry in _facts()['ordinals'].items())}"
        rf"|(?P<n>[1-4])\s?{one_of(_facts()['number_ending'])})\s?"
        rf"(?:(?P<quarter>{one_of(_facts()['quarter'])})|{one_of(_facts()['half'])})"
        rf"|第?(?P<han>[一二三四1-4])季度|(?P<ko>[1-4])분기|(?P<half>上半年|下半年|상반기|하반기))"
        rf"(?P<year>\s(?:{one_of(_facts()['of_the_year'])}))?"
    ),
    re.IGNORECASE,
)
_WEEK = LazyPattern(
    lambda: (
        rf"(?:{one_of(_facts()['length_before'])}\s)*(?:{one_of(_facts()['week_begun'])})\s"
        rf"(?:(?:{weekday_words()})[.,]?\s)?(?P<date>.{{5,40}})"
    ),
    re.IGNORECASE,
)


def span_by_length(words: str, locale: str | None) -> PeriodSpan | None:
    """Return the period that words say by its length and nothing else, None for others."""
    bare = words.strip(" \t\n.,;()")
    reads: list[Callable[[str], _Both]] = [_yearless] if len(bare) < _LONGEST_YEARLESS else []
    if _HINT.search(words.lower()) is not None:
        reads += [_nth, _part, partial(_week, locale=locale), partial(_ended, locale=locale)]
    for read in reads:
        both = read(bare)
        if both is not None:
            start = words.find(bare)
            return PeriodSpan(start, start + len(bare), *both)
    return None


def _yearless(bare: str) -> _Both:
    """Read a quarter or a half of a year that is not named: Q2, the second half of the year."""
    found = _YEARLESS.fullmatch(bare)
    if found is None:
        return None
    groups = found.groupdict()
    if groups["half"]:
        first = 1 if groups["half"] in {"上半年", "상반기"} else 7
        return PartialDate(None, first), PartialDate(None, first + 5)
    said = next((groups[name] for name in ("q", "q2", "h", "n", "han", "ko") if groups[name]), None)
    count = (
        int(pairs(_facts()["han_digits"]).get(said, said)) if said else int(next(n for n in "1234" if groups[f"o{n}"]))
    )
    if groups["o4"] and not groups["year"] and _is_one_of(_facts()["last_not_fourth"], groups["o4"]):
        return None  # the last quarter is the one before this
    months = 6 if groups["h"] or ((groups["n"] or not said) and not groups["quarter"]) else 3
    if count * months > 12:
        return None
    return PartialDate(None, (count - 1) * months + 1), PartialDate(None, count * months)


def _week(bare: str, locale: str | None) -> _Both:
    """Read the week that begins on a day: week commencing Monday 4 March 2019."""
    found = _WEEK.fullmatch(bare)
    day = None if found is None else PartialDate.from_text(found["date"], locale=locale)
    if found is None or day is None or day.value is None or day.doubts or None in {day.value.year, day.value.day}:
        return None
    if day.start or day.end != len(found["date"]):
        return None
    last = day.value.first + timedelta(days=6)
    return day.value, PartialDate(last.year, last.month, last.day)


def _nth(bare: str) -> _Both:
    found = _NTH.fullmatch(bare)
    if found is None:
        return None
    month = PartialDate(int(found["year"]), _month_ordinals()[found["nth"].lower()])
    return month, month


def _part(bare: str) -> _Both:
    """Read the first or the last months of a year."""
    found = _PART.fullmatch(bare) or _PART_CJK.fullmatch(bare)
    if found is None:
        return None
    groups = found.groupdict()
    which, said = groups["first"] or groups["first2"], groups["n"] or groups["n2"]
    count = _whole(said)
    if not 1 <= count <= 12:
        return None
    year, is_last = int(found["year"]), re.fullmatch(one_of(_facts()["last_of"]), which, re.IGNORECASE) is not None
    first = 13 - count if is_last else 1
    return PartialDate(year, first), PartialDate(year, first + count - 1)


def _whole(word: str) -> int:
    numbers = find_numbers(f"{word}个" if "一" <= word[0] <= "鿿" else word)
    value = numbers[0].value if len(numbers) == 1 and not numbers[0].start else None
    return int(value) if value is not None and value == int(value) else 0


def _ended(bare: str, locale: str | None) -> _Both:
    """Read the length of a period that ends on a day: three months ended March 31, 2024."""
    found = _ENDED.fullmatch(bare) or _ENDED_CJK.fullmatch(bare)
    if found is None:
        return None
    groups = found.groupdict()
    date, length = groups["date"] or groups["date2"], groups["length"] or groups["length2"]
    day = PartialDate.from_text(date.strip(), locale=locale)
    if day.value is None or day.issues or None in {day.value.year, day.value.month, day.value.day}:
        return None
    if day.start or day.end != len(date.strip()):
        return None
    before = _lasts(length.strip(), locale)
    first = None if before is None else before(day.value)
    return None if first is None else (first, day.value)


def _lasts(length: str, locale: str | None) -> Callable[[PartialDate], PartialDate | None] | None:
    """Return what gives the first day of a period from its last, None where the words are no such length."""
    named = next((months for months, row in _facts()["named_lengths"].items() if _is_one_of(row, length)), None)
    if named is not None:
        return partial(_months_before, months=int(named))
    read = Duration.from_text(length, locale=locale)
    value = read.value
    whole = not read.start and _is_one_of(_facts()["length_behind"], length[read.end :].strip())
    if value is None or read.issues or not whole:
        return None
    if value.months is not None and value.months == int(value.months):
        return partial(_months_before, months=int(value.months))
    days = value.days
    return None if days is None or days != int(days) else partial(_days_before, days=int(days))


def _is_one_of(entry: str, words: str) -> bool:
    return not words or re.fullmatch(one_of(entry), words, re.IGNORECASE) is not None


def _months_before(last: PartialDate, months: int) -> PartialDate | None:
    after = last.last + timedelta(days=1)
    at = after.year * 12 + after.month - 1 - months
    try:
        return PartialDate(at // 12, at % 12 + 1, after.day)
    except ValueError:
        return None


def _days_before(last: PartialDate, days: int) -> PartialDate:
    first = last.last - timedelta(days=days - 1)
    return PartialDate(first.year, first.month, first.day)
