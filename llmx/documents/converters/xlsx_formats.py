"""The formats of a workbook's numbers: which are dates, percentages, sums of money, or have leading zeros.

A number in a workbook is a float; its format says what it means. What a format only makes prettier (grouping, colours,
fewer digits than there are) is left out: '1234.5 €' is read the same everywhere, '1.235 €' is not.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

_M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# the numbers of formats that stand in no file (ECMA-376 part 1, 18.8.30); 27 to 58 are dates in East Asia
_BUILTIN = {
    9: "0%", 10: "0.00%", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 49: "@",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33, 34, 35), "h:mm"),
}  # fmt: skip
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')
_BRACKET = re.compile(r"\[(?:\$([^\]-]*)(?:-[^\]]*)?|(h+|m+|s+)|[^\]]*)\]", re.IGNORECASE)
_CURRENCY = re.compile(r"[$€£¥₹₩₽₺₴₪₫฿₦]|(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
_DATE_PARTS = re.compile(r"[ymdhs]|am/pm", re.IGNORECASE)
_DIGITS = 15  # what Excel keeps of a number
_MOST_SERIAL = 2_958_466  # the day after 9999-12-31


class CellFormats:
    """The formats of one workbook. ``since_1904`` says that its days count from there."""

    def __init__(self, styles: _Element | None, *, since_1904: bool = False) -> None:
        self._first_day = dt.datetime(1904, 1, 1) if since_1904 else dt.datetime(1899, 12, 30)  # noqa: DTZ001 -- has no zone
        codes: dict[int, str] = dict(_BUILTIN)
        self._codes: list[str] = []
        if styles is not None:
            for each in styles.iter(f"{_M}numFmt"):
                codes[int(each.get("numFmtId", "0"))] = each.get("formatCode", "")
            used = styles.find(f"{_M}cellXfs")
            self._codes = [codes.get(int(each.get("numFmtId", "0")), "") for each in (() if used is None else used)]

    def shown(self, value: str, style: str) -> str:
        """Return the number ``value`` of a cell with the format ``style``, an index into the styles."""
        number = int(style) if style.isascii() and style.isdigit() else 0
        return self.formatted(value, self._codes[number] if number < len(self._codes) else "")

    def formatted(self, value: str, code: str) -> str:
        """Return ``value`` with what the format ``code`` says of its meaning; unchanged if it is no number."""
        try:
            number = Decimal(value)
        except InvalidOperation:
            return value
        if not number.is_finite() or not code or code in {"General", "@"}:
            return _plain(number) if number.is_finite() else value
        section = code.partition(";")[0]
        bare = _BRACKET.sub(lambda found: found[2] or "", _LITERAL.sub("", section))
        if _DATE_PARTS.search(bare) and not re.search(r"[#?]|0(?!$)", bare.replace(".0", "")):
            return self._moment(number, bare, elapsed=bool(re.search(r"\[(h+|m+|s+)\]", section, re.IGNORECASE)))
        if "%" in bare:
            return f"{_plain(number * 100, _decimals(bare))}%"
        shown = _plain(number, _decimals(bare), _leading_zeros(bare))
        money = _currency(section)
        if money and section.find(money) < re.search(r"[#0?]|$", section).start():  # type: ignore[union-attr]  # $ matches
            return f"{money} {shown}" if money[-1].isalpha() else f"{money}{shown}"
        return f"{shown} {money}" if money else shown

    def _moment(self, number: Decimal, bare: str, *, elapsed: bool) -> str:
        """Return a day as 2026-03-04, a moment as 2026-03-04 14:30, a time as 14:30."""
        if not 0 <= number < _MOST_SERIAL:
            return _plain(number)
        seconds = round(float(number) * 86_400)
        if elapsed:
            return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        moment = self._first_day + dt.timedelta(seconds=seconds)
        time = f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
        if not re.search(r"[yd]", bare, re.IGNORECASE) and re.search(r"[hs]", bare, re.IGNORECASE):
            return time
        return f"{moment:%Y-%m-%d} {time}" if seconds % 86_400 else f"{moment:%Y-%m-%d}"


def _currency(section: str) -> str:
    """Return the currency that a format shows, '' if it shows none."""
    named = [found[1] for found in _BRACKET.finditer(section) if found[1]]
    literals = [found[1] or found[2] or "" for found in _LITERAL.finditer(section)]
    for place in (*named, *literals, _BRACKET.sub("", _LITERAL.sub("", section))):
        if found := _CURRENCY.search(place):
            return found[0]
    return named[0].strip() if named else ""


def _decimals(bare: str) -> int:
    found = re.search(r"\.(0+)", bare)
    return len(found[1]) if found else 0


def _leading_zeros(bare: str) -> int:
    """Return with how many digits a format fills up a whole number, as in '00000' for post codes."""
    return len(bare) if re.fullmatch(r"0{2,20}", bare) else 0


def _plain(number: Decimal, decimals: int = 0, digits: int = 0) -> str:
    """Return a number with all its digits, at least so many ``decimals``, and so many ``digits`` before the point."""
    exact = Decimal(f"{number:.{_DIGITS}g}")
    text = f"{exact:f}" if -30 < exact.adjusted() < 30 else f"{exact:e}"
    if "e" in text:
        return text
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(decimals, "0")
    sign, whole = whole[: whole.startswith("-")], whole.lstrip("-").zfill(digits)
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"
