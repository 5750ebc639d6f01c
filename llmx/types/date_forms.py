"""Further forms of a date around a month's name: 23/Sep/2020, 2019-aug-1, fourth of July, zweiten Mai, May twenty nine.

Numbers with a sign between them and the name, and days in words; what has a day in digits beside the name is
``date_scan.py``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, partial

from llmx.facts import load_facts, one_of, pairs, phrases, words
from llmx.types.cjk import hangul, hangul_value
from llmx.types.date_hit import Hit, Parts
from llmx.types.months import Month
from llmx.types.number_scan import find_numbers
from llmx.types.number_words import compound, number_words, unaccented
from llmx.types.patterns import LazyPattern

_facts = partial(load_facts, "types", "dates")
_LEFT = LazyPattern(r"(?<![\w/.-])(?:(?P<second>\d{4}|\d{1,2})[/-])?(?P<first>\d{4}|\d{1,2})(?P<sign>[/-])$")
_RIGHT = LazyPattern(r"\.?(?P<sign>[/-])(?P<first>\d{4}|\d{1,2})(?:[/-](?P<second>\d{4}|\d{1,2}))?(?![\w/-])")
_WORDS_BEFORE = LazyPattern(r"(?P<words>[^\W\d_]+(?:[\s-][^\W\d_]+){0,3})\s$")
_WORDS_AFTER = LazyPattern(
    r"\s(?:the\s)?(?P<words>[^\W\d_]+(?:[\s-][^\W\d_]+)?)(?:,?\s(?P<year>(?:19|20)\d\d|1[0-8]\d\d(?!\s[^\W\d_])))?(?!\w)"
)
_THROUGH = LazyPattern(r"\s(?:to|through|until|and|-|–)\s(?:the\s)?(?P<words>[^\W\d_]+(?:[\s-][^\W\d_]+)?)(?!\w)")
_GOES_ON = LazyPattern(r"\s[^\W\d_]")
_JOINTS_OF = ("and", "y", "e", "et", "en", "und")

_BEFORE_YEAR = LazyPattern(
    r",?\s(?:(?:of|de|del|do|van|di|à|von|in the year|im Jahre?)\s)?(?P<word>[^\W\d_]+)", re.IGNORECASE
)
_LONGEST_YEAR = 60
_HANGUL_DATE = LazyPattern(
    lambda: (
        rf"(?<![\uac00-\ud7a3\d])(?:(?P<year>(?:이천|천구백)[{hangul().letters}]{{0,5}})년\s?)?(?P<month>{_hangul_months()})월"
        rf"(?:\s?(?P<day>[{hangul().letters}]{{1,3}})일(?![가-힣]*요))?(?![가-힣]?요일)"
    )
)
_ANOTHER_BEFORE = LazyPattern(  # 3 or 4 March, 3./4. März
    lambda: (
        rf"(?<![\d.,/:-])(?:\d{{1,2}}[./])?\d{{1,2}}[^\W\d]{{0,2}}\.?(?:\s?[/&+]|,|,?\s{one_of(_facts()['days_or'])})\s?"
        rf"(?:{one_of(_facts()['days_article'])}\s?)?(?:\d{{1,2}}\.?\s(?:d[ei]\s|of\s)?)?$"
    ),
    re.IGNORECASE,
)
_ANOTHER_BEHIND = LazyPattern(  # March 3 or 4, 2021
    lambda: (
        rf"(?:,?\s(?:[/&]|{one_of(_facts()['days_or'])})\s(?:{one_of(_facts()['days_article'])}\s)?|,\s)"
        r"\d{1,2}[^\W\d]{0,2}\.?(?=[,\s]*(?:(?:19|20)\d\d)?[\s.)]*$)"
        rf"|\s?{one_of(_facts()['days_or_cjk'])}\s?\d{{1,2}}\s?[日号號일]"
    ),
    re.IGNORECASE,
)
_WEEKDAY_OF = LazyPattern(  # the first Monday of May
    lambda: rf"(?<!\w)(?:{_weekdays()})\s(?:of|in|im|de|di|van|del|do|von)\s(?:the month of\s)?$", re.IGNORECASE
)
_ROMAN_HINT = LazyPattern(r"\d(?:[./-]\s?|\s)[IVX]+(?:[./-]|\s)")
_ROMAN = LazyPattern(
    lambda: (
        r"(?<![\w.,/-])(?P<day>[0-3]?\d)(?P<sign>[./-]\s?|\s)"
        rf"(?P<month>{'|'.join(sorted(pairs(_facts()['roman_months']), key=len, reverse=True))})"
        r"(?:(?P=sign)|\.\s?)(?P<year>(?:1\d|20)\d\d)(?!\w|[.,]\d)"
    )
)
_TRANSLATED = LazyPattern(
    lambda: (
        rf"(?<![\d.,-])(?:(?P<y>(?:19|20)\d\d)\s?{_facts()['translated_year']}\s?,?\s?)?"
        rf"(?P<m>1[0-2]|0?[1-9])\s?{_facts()['translated_month']}\b\s?"
        rf"(?:(?P<d>3[01]|[12]\d|0?[1-9])(?![\d%]|[.,]\d|\s?%|\s?{one_of(_facts()['translated_other'])})"
        rf"(?:\s?{one_of(_facts()['translated_day'])}\b)?)?"
    ),
    re.IGNORECASE,
)
_MONTH_WORD = LazyPattern(lambda: str(_facts()["translated_month"]), re.IGNORECASE)


def translated(text: str) -> Iterator[Hit]:
    """Yield '2020 year 5 month 9 day' and '8 month 9', as machine translation leaves 2020年5月9日 and 8月9日."""
    for found in _TRANSLATED.from_digits(text) if _MONTH_WORD.search(text) else ():
        if found["d"] is None and found["y"] is None:
            continue
        year, month, day = (None if part is None else int(part) for part in found.group("y", "m", "d"))
        end = found.start() + len(found.group().rstrip())
        yield Hit(found.start(), end, ((year, month, day),), "date.machine_translation")


def _weekdays() -> str:
    return "|".join(re.escape(day) for row in load_facts("types", "weekdays").values() for day in phrases(row))


def _hangul_months() -> str:
    return "|".join(sorted(pairs(_facts()["hangul_months"]), key=len, reverse=True))


def with_roman_month(text: str) -> Iterator[Hit]:
    """Yield 4.V.2023 and 4 V 2023, where the month is a Roman numeral."""
    for found in _ROMAN.finditer(text) if _ROMAN_HINT.search(text) else ():
        day, month = int(found["day"]), int(pairs(_facts()["roman_months"])[found["month"]])
        yield Hit(*found.span(), ((int(found["year"]), month, day),), "date.roman_month")


def with_hangul_month(text: str) -> Iterator[Hit]:
    """Yield 삼월 삼일 and 이천이십일년 삼월 삼일, where the month is a Korean numeral."""
    for found in _HANGUL_DATE.finditer(text) if "월" in text else ():
        year = None if found["year"] is None else hangul_value(found["year"])
        day = None if found["day"] is None else _hangul_day(found["day"])
        month = int(pairs(_facts()["hangul_months"])[found["month"]])
        if (year is None and day is None) or (year is None and found["year"]):
            continue
        yield Hit(*found.span(), ((None if year is None else int(year), month, day),), "date.cjk")


def _hangul_day(run: str) -> int | None:
    single = hangul().digits | {"십": 10}
    value = single.get(run) if len(run) == 1 else hangul_value(run)
    return None if value is None else int(value)


def another_day_beside(head: str, tail: str) -> bool:
    """Whether a further day stands before or behind a date, which may be the one that is meant: 3 or 4 March."""
    return (
        _ANOTHER_BEFORE.search(head) is not None
        or _WEEKDAY_OF.search(head) is not None
        or _ANOTHER_BEHIND.match(tail) is not None
    )


def signed(text: str, start: int, end: int, *, month: int) -> tuple[int, int, tuple[Parts, ...]] | None:
    """Return (start, end, ways) of a month's name with numbers beside it: 23/Sep/2020, 2019-aug-1, Dec/2018.

    Two digits behind a stroke may be a day or a year: mar/21.
    """
    if text[start - 1 : start] not in {"/", "-"} and text[end : end + 1] not in {"/", "-", "."}:
        return None
    left, right = _LEFT.search(text, max(0, start - 11), start), _RIGHT.match(text, end)
    if left is None and text[start - 1 : start] in {"/", "-"}:
        return None
    before = [] if left is None else [left[name] for name in ("second", "first") if left[name]]
    after = [] if right is None else [right[name] for name in ("first", "second") if right[name]]
    signs = {match["sign"] for match in (left, right) if match is not None}
    parts = _parts(before, after, signs=signs, month=month)
    if parts is None:
        return None
    ways = (parts,)
    if not before and len(after) == 1 and len(after[0]) == 2 and after[0] != "00":
        short = int(after[0])
        ways = ((short + (1900 if short >= 69 else 2000), month, None), *(ways if parts[2] else ()))
    return (start if left is None else left.start()), (end if right is None else right.end()), ways


def _parts(before: list[str], after: list[str], *, signs: set[str], month: int) -> Parts | None:
    numbers = [*before, *after]
    years = [int(number) for number in numbers if len(number) == 4]
    days = [int(number) for number in numbers if len(number) < 4]
    if len(numbers) == 1 and signs == {"/"}:
        return (years[0], month, None) if years else (None, month, days[0] if 0 < days[0] <= 31 else None)
    if len(years) == 1 and len(days) == 1 and 1900 <= years[0] <= 2100 and 0 < days[0] <= 31:
        return years[0], month, days[0]
    if len(before) == len(after) == 1 and len(days) == 2 and signs == {"/"} and 0 < days[0] <= 31:
        return days[1] + (1900 if days[1] >= 69 else 2000), month, days[0]
    return None


def day_before(text: str, start: int, month: Month, *, dated: bool) -> tuple[int, int] | None:
    """Return (day, where it begins) of a day in words before a month's name: fourth of July, zweiten Mai.

    ``dated`` says that a year stands behind: then no 'of' is needed in any language.
    """
    at = start
    joint = _joint().search(text, max(0, start - 24), start)
    if joint is not None:
        at = joint.start() + 1
    found = _WORDS_BEFORE.search(text, max(0, at - 40), at)
    if found is None:
        return None
    pieces = [(piece.group().casefold(), piece.start()) for piece in re.finditer(r"[^\W\d_]+", found["words"])]
    for count in (3, 2, 1):
        if count > len(pieces):
            continue
        day, languages = day_of_words([piece for piece, _ in pieces[-count:]])
        languages = languages & set(month.languages)
        needed = joint is None and not dated and languages <= set(words(_facts()["joint_needed"]))
        if not languages or needed:
            continue
        return day, found.start("words") + pieces[-count][1]
    return None


def day_after(text: str, end: int) -> tuple[tuple[int, ...], int | None, int] | None:
    """Return (days, year, end) of days in English words behind a month's name: May twenty nine, January first 2000.

    Two days are the ends of a span: April ninth through seventeenth.
    """
    found = _WORDS_AFTER.match(text, end)
    if found is None or year_in_words(text, end) is not None:
        return None
    pieces = re.findall(r"[^\W\d_]+", found["words"].casefold())
    for count in (2, 1):
        day, languages = day_of_words(pieces[:count])
        if len(pieces) < count or "en" not in languages:
            continue
        whole = count == len(pieces)
        stop = found.end() if whole else found.start("words") + len(pieces[0])
        year = int(found["year"]) if whole and found["year"] else None
        if year is None and (said := year_in_words(text, stop)) is not None:
            return (day,), *said
        if count == 1 and pieces[0] not in _ordinals() and year is None and _GOES_ON.match(text, stop):
            return None  # May two people
        last = _THROUGH.match(text, stop)
        more, _ = day_of_words(re.findall(r"[^\W\d_]+", last["words"].casefold())) if last else (0, set[str]())
        if last is not None and more > day:
            return (day, more), year, last.end()
        return (day,), year, stop
    return None


@cache
def _joint() -> re.Pattern[str]:
    return re.compile(rf"\s(?:{one_of(_facts()['day_joint'])})\s$", re.IGNORECASE)


def day_of_words(pieces: list[str]) -> tuple[int, set[str]]:
    """Return (day, languages) that case-folded words say, (0, none) where they are no day of a month."""
    if len(pieces) == 1:
        return _single(pieces[0])
    tens, speak = _single(pieces[0])
    units, more = _single(pieces[-1], last=True)
    both = speak & more
    joined = len(pieces) == 2 or (len(pieces) == 3 and pieces[1] in _JOINTS_OF)
    if joined and tens in {20, 30} and 0 < units < 10 and tens + units <= 31 and both:
        return tens + units, both
    return 0, set()


def _single(word: str, *, last: bool = False) -> tuple[int, set[str]]:
    """Return (day, languages) of one word; ``last`` says that it stands behind tens: vingt et un."""
    known = _ordinals().get(word)
    if known is not None:
        return known[0], set(known[1])
    for meaning in number_words().get(word, ()):
        if (meaning.kind == "number" or (last and meaning.kind == "one")) and meaning.value in range(1, 32):
            return int(meaning.value), set(meaning.languages)
    suffix: str = _facts()["ordinal_suffix"]
    bare = word.rstrip("nrs") if word.endswith(tuple(suffix + end for end in words(_facts()["day_endings"]))) else word
    if bare.endswith(suffix):
        for meaning in number_words().get(bare.removesuffix(suffix), ()):
            languages = {"de", "nl"} & set(meaning.languages)
            if languages and meaning.kind == "number" and meaning.value in range(20, 32):
                return int(meaning.value), languages
    return 0, set()


@cache
def _ordinals() -> dict[str, tuple[int, tuple[str, ...]]]:
    """Return every ordinal in words with its day and languages."""
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    rows = [
        (word, day, lang) for lang, row in _facts()["day_ordinals"].items() for day, word in enumerate(words(row), 1)
    ]
    rows += [
        (word, int(day), lang) for word, day in pairs(_facts()["more_ordinals"]).items() for lang in ("en", "de", "nl")
    ]
    for word, day, language in rows:
        endings = ("", *words(_facts()["day_endings"])) if language == "de" else ("",)
        for spelling in {form for end in endings for form in (word + end, unaccented(word + end))}:
            known = found.get(spelling, (day, ()))
            if known[0] == day:
                found[spelling] = (day, (*known[1], language))
    return found


def year_in_words(text: str, at: int) -> tuple[int, int] | None:
    """Return (year, end) of a year in words at a place: nineteen eighty six, de dos mil dieciocho; else None."""
    opened = _BEFORE_YEAR.match(text, at)
    word = "" if opened is None else opened["word"].casefold()
    if opened is None or (word not in number_words() and compound(word) is None):
        return None
    start = opened.start("word")
    found = find_numbers(text[start : start + _LONGEST_YEAR])
    if not found or found[0].start or found[0].value is None:
        return None
    first = found[0]
    if first.value in range(1900, 2100):
        return int(first.value or 0), start + first.end
    second = found[1] if len(found) > 1 and found[1].start - first.end == 1 else None
    if first.value in {19, 20} and second is not None and second.value in range(10, 100):
        return int(first.value or 0) * 100 + int(second.value or 0), start + second.end
    return None
