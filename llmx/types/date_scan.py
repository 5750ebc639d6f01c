"""Where dates stand in a text, and what they say: numeric, Chinese, Japanese, Korean, and with month names.

One pass with a pattern that begins at digits, one over the words with a look-up each: linear in the text. What is
made of a hit (a reading, its issues, the year of a reference) is ``date.py``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial

from llmx.facts import load_facts, one_of, pairs, words
from llmx.types.cjk import han_value
from llmx.types.date_forms import (
    day_after,
    day_before,
    signed,
    translated,
    with_hangul_month,
    with_roman_month,
    year_in_words,
)
from llmx.types.date_hit import Hit, Parts, apart
from llmx.types.found_once import found_once
from llmx.types.languages import language_of, languages_of, marks_of
from llmx.types.months import Month, ambiguous_months, months_in, relative_words
from llmx.types.patterns import LazyPattern
from llmx.types.relative_dates import han_relatives, relative_at, relative_starts

_facts = partial(load_facts, "types", "dates")
_HAN = "〇零一二三四五六七八九十"


@cache
def _eras() -> dict[str, int]:
    """Return the eras of East Asia with the year before their first."""
    return {era: int(year) for era, year in pairs(_facts()["eras"]).items()}


def _english_ordinal() -> str:
    return one_of(_facts()["english_ordinal_ending"])


@cache
def _before_year() -> frozenset[str]:
    """Return the words behind which four digits are a year."""
    return frozenset(words(_facts()["before_year"]))


_NUMERIC = LazyPattern(
    r"(?<![\d.,/])(?<!\d-)(?<![A-Za-z]-)(?:"
    r"(?P<y>[12]\d{3})(?P<s>[-/]|\.\s?)(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})"
    r"|(?P<my_m>0[1-9]|1[0-2])[/.](?P<my_y>(?:19|20)\d\d)"
    r"|(?P<ym_y>[12]\d{3})[-/](?P<ym_m>0[1-9]|1[0-2])(?![-/]?\d)"
    r"|(?P<a>\d{1,2})[º°]?(?P<t>[-/.])\s?(?P<b>\d{1,2})(?P=t)\s?(?P<c>[12]\d{3}|(?<=\d\d[./])\d{2})"
    r")(?!\d|[-/.,]\d|\s?%)"
)
_CJK = LazyPattern(
    lambda: (
        rf"(?<!\d)(?:(?:(?P<era>{'|'.join(_eras())})\s?(?P<ey>\d{{1,3}}|元|[{_HAN}]{{1,3}})|(?P<y>[12]\d{{3}}|\d\d(?=年\d{{1,2}}月)|(?:[〇零][一二三四五六七八九]|九[〇零一二三四五六七八])(?=年)|"
        rf"[〇零一二三四五六七八九]{{4}}))\s?[年년]度?"
        rf"(?:\s?[(（](?:(?:{'|'.join(_eras())})\s?(?:\d{{1,3}}|元)|[12]\d{{3}})年?[)）])?"
        rf"|(?P<rel>{'|'.join(words(_facts()['relative_before_month']))})의?)?"
        rf"\s?(?:(?P<m>\d{{1,2}}|[{_HAN}]{{1,3}})\s?[月월]\s?)?(?:(?P<d>\d{{1,2}}|[{_HAN}]{{1,3}})\s?[日号號일]"
        rf"(?!间|間)(?:(?:\s?{_facts()['weekday_aside']})?\s?(?:-|–|~|～|〜|{one_of(_facts()['days_joint_cjk'])})\s?(?P<last>\d{{1,2}}|[{_HAN}]{{1,3}})[日号號일](?:까지|まで)?)?)?"
    )
)
_CJK_HINT = LazyPattern(r"[年월月년日号號일]")
_WORD = LazyPattern(r"[^\W\d_]{2,}")
_DAY_BEFORE = LazyPattern(
    lambda: (
        rf"(?<![\d.,/:\-–])(?:(?P<first>[0-3]?\d)(?:st|nd|rd|th|\.|er)?\s?"
        rf"(?:-|–|—|(?P<joint>{one_of(_facts()['days_joint'])}))\s?(?:(?P<article>{one_of(_facts()['days_article'])})\s?)?)?"
        rf"(?P<day>[0-3]?\d|{one_of(_facts()['first_day'])}){one_of(_facts()['ordinal_ending'])}?(?:\s+{one_of(_facts()['day_word'])})?,?(?:\s|-)*"
        rf"(?:{one_of(_facts()['of_before_month'])}\s+|d['’]\s?)?$"
    ),
    re.IGNORECASE,
)
_YEAR_AFTER = LazyPattern(
    lambda: (
        rf"\.?,?(?:\s|-)*(?:{one_of(_facts()['of_before_year'])}\s+)?(?:{_facts()['year_word_before']}\s+)?"
        rf"(?P<year>(?:19|20)\d\d|1[0-8]\d\d(?!\s[^\W\d_])|['’]\d\d)(?!\d|[.,]\d)"
        rf"|\s(?:{one_of(_facts()['of_before_year'])})\s(?P<short>[4-9]\d)(?!\d|[.,:/]\d|\s?[%\w])"
    )
)
_MONTH_DAY = LazyPattern(r"(?P<word>[^\W\d_]+)\.?\s?\d{1,2}(?:st|nd|rd|th)?\s?-\s?$")
_SHORT_YEAR = LazyPattern(r"-(?P<year>\d\d)(?!\d)")  # 12-May-24
_BETWEEN = LazyPattern(
    lambda: rf"{one_of(load_facts('types', 'periods')['between'])}\s(?:{one_of(_facts()['days_article'])}\s?)?$",
    re.IGNORECASE,
)
_YEAR_BEFORE_MONTH = LazyPattern(r"(?<!\d)(?P<year>(?:19|20)\d\d),?\s$")
_TWO_DAYS = LazyPattern(r"\s(?P<first>\d{1,2})\s?[-–]\s?(?P<last>\d{1,2})(?![\d.,/–-]|\s?%)")  # novembre 19-20
_YEAR_RIGHT_BEFORE = LazyPattern(r"(?<![\d.,/-])(?P<year>(?:19|20)\d\d)\s$")
_DAY_AFTER = LazyPattern(
    lambda: (
        rf"\.?(?:\s|-)*(?:the\s+)?(?P<day>[0-3]?\d){_english_ordinal()}?(?!\d|[.,:/]\d|\s?%|[^\W\d_])"
        rf"(?:\s?(?:-|–|—|to|and|&)\s?(?P<last>[0-3]?\d){_english_ordinal()}?(?!\d|[.,:/]\d|\s?%))?"
        r"(?:\s?,?\s*(?:of\s+)?(?P<year>(?:19|20)\d\d|1[0-8]\d\d(?!\s[^\W\d_])|['’]\d\d)(?!\d|[.,]\d))?"
    )
)  # the English order, with English words: May 12th to 14th, 2024
_MONTH_ALONE = LazyPattern(lambda: rf"(?:\b{one_of(_facts()['before_month'])}[\s-]|\bd['’])$", re.IGNORECASE)
_YEAR = LazyPattern(r"(?<![\d.,/:–-])(?<![A-Za-z])(?:19|20)\d\d(?![\d%]|[.,/:]\d|\s?%|[-–]\d)")
_MARKED_YEAR = LazyPattern(r"[\s(-](?:19|20)\d\d")  # no other is a year by the word before it
_LAST_WORD = LazyPattern(r"[^\s(-][^\s-]*(?=[\s-]+$)")
_DIGIT = LazyPattern(r"\d")
_JOINED = LazyPattern(r"\d[./-]")  # in every date of _NUMERIC
_WIDE_DIGIT = LazyPattern(r"[０-９٠-٩۰-۹]")
_PLAIN_DIGITS = {base + n: str(n) for base in (0xFF10, 0x0660, 0x06F0) for n in range(10)}  # one for one: places hold


def scan(text: str, locale: str | None = None) -> list[Hit]:
    """Return the dates of ``text`` in order, not overlapping; where two overlap, the longer one."""
    return _scan(text, locale)


@found_once
def _scan(text: str, locale: str | None) -> list[Hit]:
    plain = text.isascii()
    if not plain and _WIDE_DIGIT.search(text):
        text = text.translate(_PLAIN_DIGITS)
    hits: list[Hit] = []
    for found in _in_turn(text, locale, plain=plain):
        hits += found
        if hits and hits[-1].end - hits[-1].start == len(text):
            return hits[-1:]  # all of the text: no other is longer
    return hits if len(hits) < 2 else apart(hits)


def _in_turn(text: str, locale: str | None, *, plain: bool) -> Iterator[Iterable[Hit]]:
    """Yield what there is of each form of dates, those first that most often are all of a text."""
    digits = _DIGIT.search(text) is not None
    if digits and _JOINED.search(text):
        yield _numeric(text, locale)
    if digits:
        yield translated(text)
        yield with_roman_month(text)
    yield _named(text, locale)
    if digits and _MARKED_YEAR.search(text):
        yield _years(text)
    if not plain:
        yield _cjk(text)
        yield with_hangul_month(text)
        yield han_relatives(text)


def _numeric(text: str, locale: str | None) -> Iterator[Hit]:
    for found in _NUMERIC.from_digits(text):
        start, end = found.span()
        if found["y"]:
            yield Hit(start, end, ((int(found["y"]), int(found["m"]), int(found["d"])),), "date.iso")
        elif found["my_y"]:
            yield Hit(start, end, ((int(found["my_y"]), int(found["my_m"]), None),), "date.numeric")
        elif found["ym_y"]:
            yield Hit(start, end, ((int(found["ym_y"]), int(found["ym_m"]), None),), "date.iso")
        else:
            hit = _day_and_month(found, locale)
            if hit is not None:
                yield hit


def _day_and_month(found: re.Match[str], locale: str | None) -> Hit | None:
    """Read 12.05.2024 (day first), and 03/04/2024 by the locale; without one both readings are candidates."""
    first, second, year = int(found["a"]), int(found["b"]), full_year(found["c"])
    if first == 0 or second == 0 or max(first, second) > 31 or min(first, second) > 12:
        return None
    day_first, month_first = (year, second, first), (year, first, second)
    span = found.span()
    if first > 12 or found["t"] == "." or first == second:
        return Hit(*span, (day_first if second <= 12 else month_first,), "date.day_first")
    if second > 12:
        return Hit(*span, (month_first,), "date.month_first")
    order = slash_order(locale)
    if order:
        return Hit(*span, (day_first if order == "day" else month_first,), f"date.{order}_first")
    return Hit(*span, (day_first, month_first), "date.numeric", "ambiguous")


def slash_order(locale: str | None) -> str | None:
    """Return what comes first in 03/04/2024: 'day', 'month', or None where nothing says.

    Nothing says in English of no country, and where the short date of the locale begins with the year.
    """
    if locale is None or locale in words(_facts()["order_needs_country"]):
        return None
    marks = marks_of(locale)
    return marks.first if marks is not None and marks.first != "none" else None


def full_year(digits: str) -> int:
    """Return the year of four digits, or of two: 69 to 99 lie in the last century (POSIX strptime)."""
    year = int(digits.strip("'’"))
    return year if year > 99 else year + (1900 if year >= 69 else 2000)


def _cjk(text: str) -> Iterator[Hit]:
    at = 0
    for hint in _CJK_HINT.finditer(text):
        if hint.start() < at:
            continue
        found = _cjk_around(text, hint.start(), at)
        if found is None:
            continue
        at = found.end()
        hit = _cjk_hit(found)
        if hit is not None:
            yield hit


def _cjk_around(text: str, hint: int, floor: int) -> re.Match[str] | None:
    """Return the date that holds the letter at ``hint``; it begins at most eight letters before it."""
    for begin in range(max(floor, hint - 8), hint):
        found = _CJK.match(text, begin)
        if found is not None and found.end() > hint:
            return found
    return None


def _cjk_hit(found: re.Match[str]) -> Hit | None:
    month, day = _numeral(found["m"]), _numeral(found["d"])
    year = _numeral(found["y"])
    if year is not None and year < 100:
        year = full_year(str(year))
    if found["era"]:
        year = _eras()[found["era"]] + (1 if found["ey"] == "元" else _numeral(found["ey"]) or 0)
    start, end = found.start(), found.start() + len(found.group().rstrip())
    start += len(found.group()) - len(found.group().lstrip())
    relative = _cjk_relative(found["rel"])
    if relative is not None and (month is not None or (day is not None and relative[0] == "month")):
        return Hit(start, end, ((None, month, day),), "date.relative", relative=relative)
    if (month is None and (year is None or day is not None)) or found["rel"]:
        return None
    rule = "date.era" if found["era"] else "date.cjk"
    last = _numeral(found["last"])
    if last is not None and day is not None and day < last:
        return Hit(start, end, ((year, month, day), (year, month, last)), rule, "range")
    return Hit(start, end, ((year, month, day),), rule)


def _cjk_relative(word: str | None) -> tuple[str, int] | None:
    return relative_words().get(word) if word else None


def _numeral(digits: str | None) -> int | None:
    if digits is None:
        return None
    if digits.isdecimal():
        return int(digits)
    value = han_value(digits)
    return None if value is None else int(value)


def _named(text: str, locale: str | None) -> Iterator[Hit]:
    names = months_in(language_of(locale))
    for found in _WORD.finditer(text):
        word = found.group().lower()
        month = names.get(word)
        hit = None
        if month is not None:
            beside = signed(text, *found.span(), month=month.number)
            hit = _beside_sign(*beside) if beside else _around(text, month, found, locale=locale)
        elif word in relative_starts():
            hit = relative_at(text, found.start())
        if hit is not None:
            yield hit


def _beside_sign(start: int, end: int, ways: tuple[Parts, ...]) -> Hit:
    return Hit(start, end, ways, "date.named", "ambiguous" if len(ways) > 1 else "")


def _around(text: str, month: Month, found: re.Match[str], *, locale: str | None) -> Hit | None:
    """Read the day and year beside a month's name."""
    start, end = found.span()
    before = _DAY_BEFORE.search(text, max(0, start - 24), start)
    if (
        before is not None
        and "-" in before.group()[-2:]
        and _day_of_another(text, start, months_in(language_of(locale)))
    ):
        before = None
    after = _YEAR_AFTER.match(text, end)
    has_day = before is not None and _day(before["day"]) > 0
    if not (has_day and after):  # nothing else stands between a day and a year
        strict = after is None and (not has_day or found.group().islower())
        if not _is_month(text, month, found.group(), locale=locale, strict=strict):
            return None
    year, stop = (None, end) if after is None else (_stated_year(after), after.end())
    if after is None and (said := year_in_words(text, end)) is not None:
        year, stop = said
    if before is not None and has_day and before.group().endswith("-") and (short := _SHORT_YEAR.match(text, end)):
        return _behind_day(before, short.end(), year=full_year(short["year"]), month=month.number)
    if before is not None and has_day:
        return _behind_day(before, stop, year=year, month=month.number)
    worded = day_before(text, start, month, dated=year is not None)
    if worded is not None:
        return Hit(worded[1], stop, ((year, month.number, worded[0]),), "date.words")
    if year is not None:
        return Hit(start, stop, ((year, month.number, None),), "date.named")
    return _before_day(text, found, month)


def _stated_year(found: re.Match[str]) -> int:
    """Return the year behind a month; two digits above 31 behind 'of' are one of the last century: April of 87."""
    return full_year(found["year"]) if found["year"] else 1900 + int(found["short"])


def _day_of_another(text: str, at: int, names: Mapping[str, Month]) -> bool:
    """Whether the day before a dash belongs to a month before it: the 18 of 'Nov 18 - Dec 19'."""
    found = _MONTH_DAY.search(text, max(0, at - 24), at)
    return found is not None and found["word"].lower() in names


def _behind_day(before: re.Match[str], stop: int, *, year: int | None, month: int) -> Hit:
    day = _day(before["day"])
    if before["first"] and int(before["first"]) < day and not _two_days(before):
        ends = ((year, month, int(before["first"])), (year, month, day))
        return Hit(before.start(), stop, ends, "date.named", "range")
    return Hit(before.start("day"), stop, ((year, month, day),), "date.named")


def _two_days(before: re.Match[str]) -> bool:
    """Whether 'le 18 et le 19' says two days, and not from one to the other: entre le 18 et le 19."""
    if not before["article"] or (before["joint"] or "").lower() not in words(
        load_facts("types", "periods")["to_behind_between"]
    ):
        return False
    return _BETWEEN.search(before.string, max(0, before.start() - 16), before.start()) is None


def _before_day(text: str, found: re.Match[str], month: Month) -> Hit | None:
    start, end = found.span()
    after = _DAY_AFTER.match(text, end)
    american = after is not None and after["year"] is not None and after.group().find(",") > 0  # mayo 4, 2023
    if after is not None and ("en" in month.languages or american) and 1 <= int(after["day"]) <= 31:
        return _month_first(text, found, after, month=month.number)
    two = _TWO_DAYS.match(text, end) if month.full else None
    if two is not None and 0 < int(two["first"]) < int(two["last"]) <= 31:
        ends: tuple[Parts, ...] = tuple((None, month.number, int(two[name])) for name in ("first", "last"))
        return Hit(start, two.end(), ends, "date.named", "range")
    sure = found.group()[0].isupper() or found.group() not in ambiguous_months()
    worded = day_after(text, end) if "en" in month.languages and sure else None
    if worded is not None:
        days, year, stop = worded
        parts = tuple((year, month.number, day) for day in days)
        return Hit(start, stop, parts, "date.words", "range" if len(days) > 1 else "")
    year_before = _YEAR_RIGHT_BEFORE.search(text, max(0, start - 6), start) if month.full else None
    if year_before is not None:
        return Hit(year_before.start(), end, ((int(year_before["year"]), month.number, None),), "date.named")
    alone = month.full and _MONTH_ALONE.search(text[max(0, start - 9) : start])
    return Hit(start, end, ((None, month.number, None),), "date.named") if alone else None


def _month_first(text: str, found: re.Match[str], after: re.Match[str], *, month: int) -> Hit:
    """Read May 12, May 12-14, 2024 May 12; and May-24, which may be a day or a year."""
    start, day = found.start(), int(after["day"])
    year = full_year(after["year"]) if after["year"] else None
    if year is None and text[found.end()] == "-" and len(after["day"]) == 2:
        ways = ((full_year(after["day"]), month, None), (None, month, day))
        return Hit(start, after.end(), ways, "date.named", "ambiguous")
    before = _YEAR_BEFORE_MONTH.search(text, max(0, start - 6), start) if year is None else None
    if before is not None:
        year, start = int(before["year"]), before.start()
    if after["last"] and day < int(after["last"]) <= 31:
        return Hit(start, after.end(), ((year, month, day), (year, month, int(after["last"]))), "date.named", "range")
    return Hit(start, after.end(), ((year, month, day),), "date.named")


def _day(digits: str) -> int:
    if digits.isdecimal():
        return int(digits) if int(digits) <= 31 else 0
    return 1


def _is_month(text: str, month: Month, word: str, *, locale: str | None, strict: bool) -> bool:
    """Whether a word that may be something else (May, mars, out) is a month here, by its case and the language."""
    if word.lower() not in ambiguous_months():
        return True
    languages = {language_of(locale)} if locale else set(languages_of(text))
    if languages and not languages & set(month.languages):
        return False
    if not strict or not word.islower():
        return True
    return "en" not in month.languages or bool(languages & set(month.languages) - {"en"})


def _years(text: str) -> Iterator[Hit]:
    """Yield years that stand alone behind a word that makes them one: in 2024, bis 2030, (2024)."""
    for found in _YEAR.from_digits(text):
        start, end = found.span()
        before = text[start - 1 : start]
        known = before == "("
        if before in {"-", "("} or before.isspace():
            word = _LAST_WORD.search(text[max(0, start - 12) : start].lower().replace("’", "'"))
            known = known or (word is not None and word.group() in _before_year())
        if known:
            yield Hit(start, end, ((int(found.group()), None, None),), "date.year")
