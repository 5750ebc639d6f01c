"""Further forms of a period: two dates in digits, quarters by number, decades, calendar years, years behind 'between'.

Each is a pair of partial dates at its place; ``date_range.py`` makes periods of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from llmx.facts import load_facts, one_of, pairs, phrases, words
from llmx.types.cjk import han_value
from llmx.types.date import PartialDate
from llmx.types.date_hit import Parts
from llmx.types.date_scan import full_year, slash_order
from llmx.types.months import LANGUAGES
from llmx.types.patterns import LazyPattern

_facts = partial(load_facts, "types", "periods")
_YEAR = r"(?:19|20)\d\d"
_DIGITS = r"\d{1,4}(?P<sign%d>[/.-])\d{1,2}(?:(?P=sign%d)\d{1,4})?"
_TWO_DATES = LazyPattern(
    lambda: (
        rf"(?:{one_of(_facts()['digits_from'])}\s)?(?:{one_of(_facts()['digits_this'])}\s)?(?P<a>{_DIGITS % (1, 1)})"
        rf"\.?\s?(?:-|–|—|~|〜|～|(?<=\d{{4}}-\d\d-\d\d)/(?=\d{{4}}-)|{one_of(_facts()['to'])})\s?"
        rf"(?:{one_of(_facts()['digits_this'])}\s)?(?P<b>{_DIGITS % (2, 2)})"
        rf"(?:,?\s(?P<year>{_YEAR}))?"
    ),
    re.IGNORECASE,
)
_CODED = LazyPattern(
    lambda: (
        rf"(?<![\w.,/-])(?P<year>{_YEAR})[\s-]?(?:(?P<quarter>[{_facts()['quarter_letters']}])(?P<a>[1-4])"
        rf"|(?P<half>[{_facts()['half_letters']}])(?P<b>[12]))(?!\w)"
    )
)
_NUMBERED = LazyPattern(
    lambda: (
        rf"\b(?:(?P<n>[1-4])\s?{one_of(_facts()['number_ending'])}\s?(?P<span>{_spans()})|(?P<span2>{_spans()})\s?(?P<n2>[1-4]))"
        rf"(?:\s?-\s?|\s(?:{_facts()['of_year']}\s?)?)(?P<year>{_YEAR})(?!\d)"
    ),
    re.IGNORECASE,
)
_HAN_PART = LazyPattern(
    lambda: (
        rf"(?<!\d)(?P<year>{_YEAR}|[〇零一二三四五六七八九]{{4}})\s?[年년]\s?の?(?P<part>{'|'.join(pairs(_facts()['han_parts_of_year']))})"
    )
)
_HAN_MONTHS = LazyPattern(
    lambda: (
        rf"(?<![\d.,/-])(?:(?P<year>{_YEAR})\s?[年년]\s?)?(?P<a>1[0-2]|[1-9])\s?[月월]?"
        rf"\s?(?:[-–—~～〜]|{one_of(_facts()['to_cjk'])})\s?(?P<b>1[0-2]|[1-9])\s?[月월]"
        rf"(?:{one_of(_facts()['months_end_cjk'])})?(?!\s?\d)"
    )
)
_CENTURY = LazyPattern(
    lambda: (
        rf"(?<![\w.])(?:(?P<n>\d\d?|[XVI]+){one_of(_facts()['century_behind'])}"
        rf"|{one_of(_facts()['century_before'])}\s(?P<n2>[XVI]+|\d\d?))(?P<decade>\s?[1-9]0\s?(?:年代|년대))?(?!\w)"
        rf"|(?<![\w.])(?P<n3>\d\d)(?:世紀|世纪|세기)(?P<decade2>\s?[1-9]0\s?(?:年代|년대))?"
    ),
    re.IGNORECASE,
)
_ROMAN = {"I": 1, "V": 5, "X": 10}
_DECADE = LazyPattern(
    lambda: (
        rf"(?<![\w.,/-])(?:(?P<a>(?:1[5-9]|20)\d0|['’]?[2-9]0){one_of(_facts()['decade_behind'])}"
        rf"|{one_of(_facts()['decade_before'])}(?P<b>(?:1[5-9]|20)\d0|[2-9]0)(?!\d))"
    ),
    re.IGNORECASE,
)
_CALENDAR = LazyPattern(lambda: rf"{one_of(_facts()['calendar_year'])}\s?(?P<year>{_YEAR}|\d\d)", re.IGNORECASE)
_PERIOD = LazyPattern(lambda: _period_pattern(_facts()), re.IGNORECASE)
#: A quarter or a half in letters: Q3, 1T, H2.
CODE = LazyPattern(lambda: rf"[{_facts()['quarter_letters']}][1-4]|[1-4][{_facts()['quarter_letters']}]|[HhSs][12]")
_TO = LazyPattern(lambda: rf"\s?(?:-|–|~|{one_of(_facts()['to'])})\s?", re.IGNORECASE)


_CENTURY_HINT = LazyPattern(lambda: _literally("century_hints"))
_DECADE_HINT = LazyPattern(lambda: _literally("decade_hints"))
_SPAN_HINT = LazyPattern(lambda: _literally("span_hints"))
_KNOWN = LazyPattern(lambda: rf"(?<!\w)(?:{_known_words()})(?!\w)", re.IGNORECASE)


def _literally(name: str) -> str:
    return "|".join(map(re.escape, words(_facts()[name])))


def _known_words() -> str:
    dates = load_facts("types", "dates")
    small = one_of(_facts()["open_filler"], dates["before_digits"], dates["before_month"])
    return f"{small}|{weekday_words()}"


def weekday_words() -> str:
    """Return the pattern of the weekdays in all languages, longer ones first."""
    days = [day for language in LANGUAGES for day in phrases(load_facts("types", "weekdays")[language])]
    return "|".join(sorted(map(re.escape, days), key=len, reverse=True))


class PeriodSpan(NamedTuple):
    """A period at its place; ``doubt`` says what is not sure of it."""

    start: int
    end: int
    first: PartialDate
    last: PartialDate
    doubt: str = ""


def _spans() -> str:
    return one_of(_facts()["quarter"], _facts()["half"])


def spans_in(text: str) -> list[PeriodSpan]:
    """Return the quarters by number and the decades of a text; of two quarters joined by 'to' the whole."""
    small = text.lower()
    found = list(_quarters(text, small))
    if _CENTURY_HINT.search(small):
        found += _centuries(text)
    if _DECADE_HINT.search(small):
        found += _decades(text)
    found.sort(key=lambda span: (span.start, -span.end))
    out: list[PeriodSpan] = []
    for span in found:
        if out and _TO.fullmatch(text, out[-1].end, span.start) and out[-1].first.first < span.last.last:
            out[-1] = PeriodSpan(out[-1].start, span.end, out[-1].first, span.last)
        elif not out or span.start >= out[-1].end:
            out.append(span)
    return out


def _quarters(text: str, small: str) -> Iterator[PeriodSpan]:
    """Yield the quarters and halves; ``small`` is the text in small letters, which tells where none can be."""
    for found in _CODED.finditer(text):
        months, count = (3, int(found["a"])) if found["quarter"] else (6, int(found["b"]))
        yield _part_of_year(found, int(found["year"]), months, count=count)
    named = _SPAN_HINT.search(small) is not None
    if named or CODE.search(text):
        yield from _parts_of_year(text)
    for found in _NUMBERED.finditer(text) if named else ():
        name, count = (found["span"] or found["span2"]).lower(), int(found["n"] or found["n2"])
        months = 6 if re.fullmatch(one_of(_facts()["half"]), name, re.IGNORECASE) else 3
        if count * months <= 12:
            yield _part_of_year(found, int(found["year"]), months, count=count)
    if "年" in text or "년" in text:
        yield from _han_parts(text)


def _han_parts(text: str) -> Iterator[PeriodSpan]:
    """Yield 2023年上半年, 2023年前三季度, 2023년 하반기, and months: 2023年1-6月, 2023년 5~7월."""
    for found in _HAN_PART.finditer(text):
        year = int(found["year"]) if found["year"].isdecimal() else int(han_value(found["year"]) or 0)
        first, last = (int(month) for month in pairs(_facts()["han_parts_of_year"])[found["part"]].split("-"))
        yield PeriodSpan(found.start(), found.end(), PartialDate(year, first), PartialDate(year, last))
    for found in _HAN_MONTHS.finditer(text):
        begun, ended = (int(found["year"]), int(found["year"])) if found["year"] else (None, None)
        first, last = int(found["a"]), int(found["b"])
        if first > last and ended is not None:
            ended += 1
        yield PeriodSpan(found.start(), found.end(), PartialDate(begun, first), PartialDate(ended, last))


def _parts_of_year(text: str) -> Iterator[PeriodSpan]:
    """Yield quarters and halves: Q3 2024, first half of 2025, 3. Quartal 2024, 2025년 3분기."""
    for found in _PERIOD.finditer(text):
        months, count = _length_and_count(found)
        if count is None or count * months > 12:
            continue
        digits = next(found[name] for name in ("year", "year2", "year3", "year4", "year5", "year6") if found[name])
        yield _part_of_year(found, int(digits) if len(digits) == 4 else 2000 + int(digits), months, count=count)


def _period_pattern(facts: Mapping[str, Any]) -> str:
    """Return the pattern of a quarter or half: Q3 2024, the first half of 2025, 3. Quartal 2024, 2023年上半年."""
    letters, halves = facts["quarter_letters"], facts["half_letters"]
    quarter = rf"(?P<kind>[{letters}])(?P<count>[1-4])|(?P<count2>[1-4])(?P<kind2>[{letters}])"
    coded = (
        rf"\b(?:{quarter}|(?P<half>[{halves}])(?P<count3>[12]))[\s/-]?(?:{facts['of']})?(?P<year>{_YEAR}|\d\d(?!\d))"
    )
    spans = one_of(facts["quarter"], facts["half"])
    spelled = (
        rf"\b(?P<word>{one_of(facts['ordinals'])})\s(?P<span>{spans})(?:\s{facts['of_year']})?\s?(?P<year2>{_YEAR})"
    )
    dotted = rf"(?P<dot>[1-4])\.\s?(?P<span3>{one_of(facts['dotted'])})\s(?P<year6>{_YEAR})"
    digits = "".join(pairs(facts["han_digits"]))
    parts = "".join(pairs(facts["han_halves"]))
    han = rf"(?P<year3>{_YEAR})\s?年?第?(?P<han>[{digits}1-4]){one_of(facts['han_quarter'])}"
    han_half = rf"(?P<year4>{_YEAR})\s?年?(?P<part>[{parts}]){facts['han_half']}"
    hangul = rf"(?P<year5>{_YEAR})년\s?(?P<ko>[1-4]){facts['hangul_quarter']}"
    return f"{coded}|{spelled}|{dotted}|{han}|{han_half}|{hangul}"


def _length_and_count(found: re.Match[str]) -> tuple[int, int | None]:
    """Return (months in the part, which part of the year it is)."""
    facts = _facts()
    if found["half"]:
        return 6, int(found["count3"])
    if found["part"]:
        return 6, int(pairs(facts["han_halves"])[found["part"]])
    if found["word"]:
        ordinals = facts["ordinals"].items()
        fits = (int(n) for n, entry in ordinals if re.fullmatch(one_of(entry), found["word"], re.IGNORECASE))
        return (6 if found["span"].lower() in phrases(facts["half"]) else 3), next(fits, None)
    if found["dot"]:
        return (6 if found["span3"].lower() in phrases(facts["half"]) else 3), int(found["dot"])
    digits = found["count"] or found["count2"] or found["han"] or found["ko"]
    return 3, int(pairs(facts["han_digits"]).get(digits, digits))


def _part_of_year(found: re.Match[str], year: int, months: int, *, count: int) -> PeriodSpan:
    first, last = PartialDate(year, (count - 1) * months + 1), PartialDate(year, count * months)
    return PeriodSpan(found.start(), found.end(), first, last)


def _centuries(text: str) -> Iterator[PeriodSpan]:
    """Yield the centuries of a text, and decades in one: the 19th century, siglo XIX, 20世纪90年代."""
    for found in _CENTURY.finditer(text):
        said = (found["n"] or found["n2"] or found["n3"]).upper()
        century = int(said) if said.isdecimal() else _roman(said)
        decade = (found["decade"] or found["decade2"] or "").strip()
        if not 1 <= century <= 21:
            continue
        first = (century - 1) * 100 + int(decade[:2] or 0)  # as ISO 8601 counts: the 19th from 1800 to 1899
        last = first + (9 if decade else 99)
        yield PeriodSpan(found.start(), found.end(), PartialDate(max(first, 1)), PartialDate(last))


def _roman(digits: str) -> int:
    """Return the worth of a Roman numeral up to XXXIX."""
    worths = [_ROMAN[digit] for digit in digits]
    return sum(-worth if worth < max(worths[at:]) else worth for at, worth in enumerate(worths))


def _decades(text: str) -> Iterator[PeriodSpan]:
    for found in _DECADE.finditer(text):
        digits = (found["a"] or found["b"]).strip("'’")
        year = int(digits) if len(digits) == 4 else 1900 + int(digits)
        yield PeriodSpan(found.start(), found.end(), PartialDate(year), PartialDate(year + 9))


def whole_span(given: str, locale: str | None) -> PeriodSpan | None:
    """Return the period of words that are nothing else: two dates in digits, a calendar year; None for others."""
    bare = given.strip(" \t\n.,;()")
    start = given.find(bare)
    calendar = _CALENDAR.fullmatch(bare)
    if calendar is not None:
        year = PartialDate(full_year(calendar["year"]))
        return PeriodSpan(start, start + len(bare), year, year)
    found = _TWO_DATES.fullmatch(bare)
    if found is None:
        return None
    both = _dates(found, locale)
    return None if both is None else PeriodSpan(start, start + len(bare), *both)


def _dates(found: re.Match[str], locale: str | None) -> tuple[PartialDate, PartialDate] | None:
    """Return both dates in the order of day and month that they or the locale say, None where nothing does."""
    pieces = [[int(part) for part in re.findall(r"\d+", found[name])] for name in "ab"]
    isos = [piece[0] > 31 for piece in pieces]
    short = isos[0] and len(pieces[1]) == 2  # 2024.3.15 ~ 4.14
    ordered = [piece[::-1] if iso or short else piece for iso, piece in zip(isos, pieces, strict=True)]
    if any(iso and len(piece) < 3 for iso, piece in zip(isos, pieces, strict=True)):
        return None
    order = "day" if found["sign1"] == "." else slash_order(locale)
    if any(piece[0] > 12 for piece in ordered) or all(isos):
        order = "day"
    elif any(piece[1] > 12 for piece in ordered):
        order = "month"
    if order is None:
        return None
    year = int(found["year"]) if found["year"] else None
    try:
        first, last = (PartialDate(*_ordered(piece, order, year)) for piece in ordered)
        if first.year is None and last.year is not None:
            first = PartialDate(last.year, first.month, first.day)
            first = first if first.first <= last.last else PartialDate(last.year - 1, first.month, first.day)
        if last.year is None and first.year is not None:
            last = PartialDate(first.year, last.month, last.day)
            last = last if first.first <= last.last else PartialDate(first.year + 1, last.month, last.day)
    except ValueError:
        return None
    return (first, last) if first.year is None or last.year is None or first.first <= last.last else None


def _ordered(piece: list[int], order: str, year: int | None) -> Parts:
    day, month = (piece[0], piece[1]) if order == "day" else (piece[1], piece[0])
    return (full_year(str(piece[2])) if len(piece) > 2 else year), month, day


def known_before(head: str) -> bool:
    """Whether the words before a date are articles, prepositions and weekdays: on Friday, le, am."""
    bare = _KNOWN.sub(" ", head)
    return not any(letter.isalnum() for letter in bare)
