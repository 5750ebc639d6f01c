"""Where dates stand in a text, and what they say: numeric, Chinese, Japanese, Korean, and with month names.

One pass with a pattern that begins at digits, one over the words with a look-up each: linear in the text. What is
made of a hit (a reading, its remarks, the year of a reference) is ``date.py``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from llmx.types.cjk import han_value
from llmx.types.languages import languages_of
from llmx.types.months import HARD, RELATIVE, Month, month_names
from llmx.types.words import word_set

Parts = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Hit:
    """One expression: its place, the (year, month, day) it says, likeliest first where it can be read several ways.

    ``issue`` is the code of what is unsure or wrong, '' where nothing is. A relative hit has no parts but the
    ``relative`` unit and offset, and perhaps a month and day beside them.
    """

    start: int
    end: int
    parts: tuple[Parts, ...]
    rule: str
    issue: str = ""
    relative: tuple[str, int] | None = None


_HAN = "〇零一二三四五六七八九十"
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民国": 1911, "民國": 1911}
_NUMERIC = re.compile(
    r"(?<![\d.,/])(?<!\d-)(?<![A-Za-z]-)(?:"
    r"(?P<y>[12]\d{3})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})"
    r"|(?P<ym_y>[12]\d{3})[-/](?P<ym_m>0[1-9]|1[0-2])(?![-/]?\d)"
    r"|(?P<a>\d{1,2})(?P<t>[-/.])\s?(?P<b>\d{1,2})(?P=t)\s?(?P<c>[12]\d{3}|(?<=\d\d[./])\d{2})"
    r")(?!\d|[-/.,]\d|\s?%)"
)
_CJK = re.compile(
    rf"(?<!\d)(?:(?:(?P<era>{'|'.join(_ERAS)})\s?(?P<ey>\d{{1,3}}|元|[{_HAN}]{{1,3}})|(?P<y>[12]\d{{3}}|[〇零一二三四五六七八九]{{4}}))\s?[年년]度?"
    rf"|(?P<rel>今年|去年|明年|昨年|来年|本年|올해|작년|내년|지난해|本月|今月)의?)?"
    rf"\s?(?:(?P<m>\d{{1,2}}|[{_HAN}]{{1,3}})\s?[月월]\s?)?(?:(?P<d>\d{{1,2}}|[{_HAN}]{{1,3}})\s?[日号號일](?!间|間))?"
)
_CJK_HINT = re.compile(r"[年월月년日号號일]")
_WRECK = re.compile(
    r"(?<![\d.,-])(?:(?P<y>(?:19|20)\d\d)\s?years?\s?,?\s?)?(?P<m>1[0-2]|0?[1-9])\s?months?\b\s?"
    r"(?:(?P<d>3[01]|[12]\d|0?[1-9])(?![\d%]|[.,]\d|\s?%|\s?(?:year|month|week|hour))(?:\s?(?:days?|number)\b)?)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_DAY_BEFORE = re.compile(
    r"(?<![\d.,/:\-–])(?:(?P<first>[0-3]?\d)(?:st|nd|rd|th|\.|er)?\s?(?:-|–|—|to|bis|au|al?|y|e|et|and|und|en|tot|&)\s?)?"
    r"(?P<day>[0-3]?\d|1er|premier|primero|primeiro|primo)(?:st|nd|rd|th|er|e|º|°|ª|\.)?(?:\s+day)?,?(?:\s|-)*"
    r"(?:(?:of|de|di)\s+|d['’]\s?)?$",
    re.IGNORECASE,
)
_YEAR_AFTER = re.compile(
    r"\.?,?(?:\s|-)*(?:(?:of|de|del|do|di|d['’])\s+)?(?:l['’]année\s+)?(?P<year>(?:19|20)\d\d|['’]\d\d)(?!\d|[.,]\d)"
)
_DAY_AFTER = re.compile(
    r"\.?(?:\s|-)*(?:the\s+)?(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?!\d|[.,:/]\d|\s?%|[^\W\d_])"
    r"(?:\s?(?:-|–|—|to|and|&)\s?(?P<last>[0-3]?\d)(?:st|nd|rd|th)?(?!\d|[.,:/]\d|\s?%))?"
    r"(?:,?\s*(?:of\s+)?(?P<year>(?:19|20)\d\d)(?!\d|[.,]\d))?"
)
_MONTH_ALONE = re.compile(
    r"(?:\b(?:in|since|from|between|until|by|of|this|last|next|early|late|mid|end of|im|seit|von|zwischen|entre|bis|ab|anfang|ende|mitte|en|em|de|depuis|"
    r"fin|début|d['’]ici|nel|a|ad|di|da|dal|sinds|vanaf|begin|eind)[\s-]|\bd['’])$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d.,/:–-])(?<![A-Za-z])(?:19|20)\d\d(?![\d%]|[.,/:]\d|\s?%|[-–]\d)")
_YEAR_BEFORE = word_set(
    "in since until by from of year early late mid during before after fiscal fy en depuis de d'ici fin début "
    "jahr jahre ab bis seit anno año ano année desde até em hasta nel dal del entro sinds vanaf tot voor jaar "
    "ende anfang mitte für end"
)
_HAN_RELATIVE = re.compile("|".join(sorted((w for w in RELATIVE if ord(w[0]) > 0x2E7F), key=len, reverse=True)))
_SPACED_RELATIVE = re.compile(
    "(?:" + "|".join(sorted((w.replace("'", "['’]") for w in RELATIVE if ord(w[0]) < 0x2E7F), key=len, reverse=True))
    + r")(?!\w)", re.IGNORECASE)  # fmt: skip
_RELATIVE_STARTS = frozenset(re.split(r"[ '’]", w)[0] for w in RELATIVE if ord(w[0]) < 0x2E7F)


_WIDE_DIGIT = re.compile(r"[０-９٠-٩۰-۹]")
_PLAIN_DIGITS = {base + n: str(n) for base in (0xFF10, 0x0660, 0x06F0) for n in range(10)}  # one for one: places hold


def scan(text: str, locale: str | None = None) -> list[Hit]:
    """Return the dates of ``text`` in order, not overlapping; where two overlap, the longer one."""
    if _WIDE_DIGIT.search(text):
        text = text.translate(_PLAIN_DIGITS)
    hits = [
        *_numeric(text, locale),
        *_cjk(text),
        *_wrecks(text),
        *_named(text, locale),
        *_years(text),
        *_relatives(text),
    ]
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    out: list[Hit] = []
    for hit in hits:
        if out and hit.start < out[-1].end:
            if hit.end - hit.start > out[-1].end - out[-1].start:
                out[-1] = hit
            continue
        out.append(hit)
    return out


def _numeric(text: str, locale: str | None) -> Iterator[Hit]:
    for found in _NUMERIC.finditer(text):
        start, end = found.span()
        if found["y"]:
            yield Hit(start, end, ((int(found["y"]), int(found["m"]), int(found["d"])),), "date.iso")
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
    """Return what comes first in 03/04/2024: 'day', 'month', or None where nothing says (English of no country)."""
    if locale is None:
        return None
    language, _, territory = locale.replace("-", "_").partition("_")
    if language == "en":
        if not territory:
            return None
        return "month" if territory.upper() in {"US", "PH", "CA"} else "day"
    return "day"


def full_year(digits: str) -> int:
    """Return the year of four digits, or of two: 69 to 99 lie in the last century (POSIX strptime)."""
    year = int(digits.strip("'’"))
    return year if year > 99 else year + (1900 if year >= 69 else 2000)


def _cjk(text: str) -> Iterator[Hit]:
    at = 0
    for hint in _CJK_HINT.finditer(text):
        if hint.start() < at:
            continue
        begin = _cjk_start(text, hint.start(), at)
        found = _CJK.match(text, begin)
        while found is not None and found.end() <= hint.start() and begin < hint.start():
            begin += 1
            found = _CJK.match(text, begin)
        if found is None or found.end() <= hint.start():
            continue
        at = found.end()
        hit = _cjk_hit(found)
        if hit is not None:
            yield hit


def _cjk_start(text: str, hint: int, floor: int) -> int:
    """Return where a date that holds the letter at ``hint`` may begin: at most ten letters before it."""
    return max(floor, hint - 8)


def _cjk_hit(found: re.Match[str]) -> Hit | None:
    month, day = _numeral(found["m"]), _numeral(found["d"])
    year = _numeral(found["y"])
    if found["era"]:
        year = _ERAS[found["era"]] + (1 if found["ey"] == "元" else _numeral(found["ey"]) or 0)
    start, end = found.start(), found.start() + len(found.group().rstrip())
    start += len(found.group()) - len(found.group().lstrip())
    relative = _cjk_relative(found["rel"])
    if relative is not None and (month is not None or (day is not None and relative[0] == "month")):
        return Hit(start, end, ((None, month, day),), "date.relative", relative=relative)
    if (month is None and (year is None or day is not None)) or found["rel"]:
        return None
    rule = "date.era" if found["era"] else "date.cjk"
    return Hit(start, end, ((year, month, day),), rule)


def _cjk_relative(word: str | None) -> tuple[str, int] | None:
    return RELATIVE.get(word) if word else None


def _numeral(digits: str | None) -> int | None:
    if digits is None:
        return None
    if digits.isdecimal():
        return int(digits)
    value = han_value(digits)
    return None if value is None else int(value)


def _wrecks(text: str) -> Iterator[Hit]:
    """Yield '2020 year 5 month 9 day' and '8 month 9', as machine translation leaves 2020年5月9日 and 8月9日."""
    for found in _WRECK.finditer(text):
        if found["d"] is None and found["y"] is None:
            continue
        year, month, day = (None if part is None else int(part) for part in found.group("y", "m", "d"))
        end = found.start() + len(found.group().rstrip())
        yield Hit(found.start(), end, ((year, month, day),), "date.machine_translation")


def _named(text: str, locale: str | None) -> Iterator[Hit]:
    names = month_names()
    for found in _WORD.finditer(text):
        word = found.group().lower()
        month = names.get(word)
        hit = None
        if month is not None:
            hit = _around(text, found, month, locale)
        elif word in _RELATIVE_STARTS:
            hit = _relative_at(text, found.start())
        if hit is not None:
            yield hit


def _around(text: str, found: re.Match[str], month: Month, locale: str | None) -> Hit | None:
    """Read the day and year beside a month's name."""
    start, end = found.span()
    before = _DAY_BEFORE.search(text, max(0, start - 24), start)
    year = _YEAR_AFTER.match(text, end)
    if before is not None and _day(before["day"]):
        stop = year.end() if year else end
        number = full_year(year["year"]) if year else None
        if not year and not _is_month(text, found, month, locale, strict=found.group().islower()):
            return None
        if before["first"] and int(before["first"]) < _day(before["day"]):
            ends = tuple((number, month.number, day) for day in (int(before["first"]), _day(before["day"])))
            return Hit(before.start(), stop, ends, "date.named", "range")
        begin = before.start("day")
        return Hit(begin, stop, ((number, month.number, _day(before["day"])),), "date.named")
    if year is not None:
        if not _is_month(text, found, month, locale, strict=False):
            return None
        return Hit(start, year.end(), ((full_year(year["year"]), month.number, None),), "date.named")
    if not _is_month(text, found, month, locale, strict=True):
        return None
    return _day_after(text, found, month)


def _day_after(text: str, found: re.Match[str], month: Month) -> Hit | None:
    start, end = found.span()
    after = _DAY_AFTER.match(text, end)
    if after is not None and 1 <= int(after["day"]) <= 31:
        year = int(after["year"]) if after["year"] else None
        if after["last"] and int(after["day"]) < int(after["last"]) <= 31:
            ends = tuple((year, month.number, int(day)) for day in (after["day"], after["last"]))
            return Hit(start, after.end(), ends, "date.named", "range")
        return Hit(start, after.end(), ((year, month.number, int(after["day"])),), "date.named")
    alone = month.full and _MONTH_ALONE.search(text[max(0, start - 9) : start])
    return Hit(start, end, ((None, month.number, None),), "date.named") if alone else None


def _day(digits: str) -> int:
    if digits.isdecimal():
        return int(digits) if int(digits) <= 31 else 0
    return 1


def _is_month(text: str, found: re.Match[str], month: Month, locale: str | None, *, strict: bool) -> bool:
    """Whether a word that may be something else (May, mars, out) is a month here, by its case and the language."""
    word = found.group()
    if word.lower() not in HARD:
        return True
    languages = (locale.split("_")[0].split("-")[0].lower(),) if locale else languages_of(text)
    if languages and not set(languages) & set(month.languages):
        return False
    if not strict:
        return True
    if word.islower():
        return "en" not in month.languages or bool(set(languages) & set(month.languages) - {"en"})
    return True


def _years(text: str) -> Iterator[Hit]:
    """Yield years that stand alone behind a word that makes them one: in 2024, bis 2030, (2024)."""
    for found in _YEAR.finditer(text):
        start, end = found.span()
        head = text[max(0, start - 12) : start].lower().replace("’", "'")
        words = re.split(r"[\s-]+", head)
        known = len(words) > 1 and not words[-1] and words[-2].lstrip("(") in _YEAR_BEFORE
        if known or head.endswith("("):
            yield Hit(start, end, ((int(found.group()), None, None),), "date.year")


def _relatives(text: str) -> Iterator[Hit]:
    for found in _HAN_RELATIVE.finditer(text):
        yield Hit(*found.span(), (), "date.relative", relative=RELATIVE[found.group()])


def _relative_at(text: str, start: int) -> Hit | None:
    found = _SPACED_RELATIVE.match(text, start)
    if found is None:
        return None
    return Hit(*found.span(), (), "date.relative", relative=RELATIVE[found.group().lower().replace("’", "'")])
