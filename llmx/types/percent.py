"""Percentages in percent points: '12,5 %', '12.5 per cent', '百分之十二', '三成' (30), '12퍼센트'."""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Self

from llmx.facts import load_facts, one_of, pairs
from llmx.record import Issue
from llmx.types.accounting import in_parentheses
from llmx.types.bounds import with_bounds_behind
from llmx.types.cjk import han_value
from llmx.types.digits import Real, exact, rounded
from llmx.types.invisible import past_invisible
from llmx.types.notations import numeral_pattern, numeral_value
from llmx.types.number import Number
from llmx.types.number_scan import find_numbers
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, cast_reading, read_one, shorten, unread
from llmx.types.source import Source
from llmx.types.unread import doubt_dash, doubt_unread, minus_before, with_dash_as_minus

_facts = partial(load_facts, "types", "percent")
_joints = partial(load_facts, "types", "number_joints")
_SIGN = LazyPattern(
    lambda: (
        rf"[\s\u00a0\u202f-]?(?:{one_of(_facts()['signs'])}|(?P<mille>{one_of(_facts()['per_mille'])})"
        rf"|(?P<basis>{one_of(_facts()['basis_points'])}))"
    ),
    re.IGNORECASE,
)
_TO = LazyPattern(lambda: rf"\s?(?:[-–—~〜～]|{one_of(load_facts('types', 'number_joints')['to'])})\s?", re.IGNORECASE)
_AND = LazyPattern(
    lambda: rf"\s{one_of(_joints()['and_between'])}\s(?:{one_of(_joints()['articles'])}\s)?", re.IGNORECASE
)
_BETWEEN = LazyPattern(
    lambda: rf"{one_of(_joints()['between'])}\s(?:{one_of(_joints()['articles'])}\s)?$", re.IGNORECASE
)
_PER_SIGN = {"mille": 10, "basis": 100}  # of a percent point
_OF_PARTS = LazyPattern(
    lambda: (
        rf"(?P<parts>{numeral_pattern()})\s{{0,2}}{one_of(_facts()['of_parts'])}\s{{0,3}}"
        rf"(?P<minus>{one_of(load_facts('types', 'notations')['minus'])})?"
        rf"(?P<number>{numeral_pattern()}(?:\s?[{_facts()['point']}]\s?[\d{_facts()['tenth_digits']}零〇]+)?)"
        rf"(?:\s?(?P<magnitude>[{''.join(pairs(_facts()['magnitude']))}])(?![^\W\d_]))?"
    )
)
_TENTHS = LazyPattern(
    lambda: (
        rf"(?<![\dA-Za-z.,．])(?P<digits>10|\d(?:\s?[{_facts()['point']}{_facts()['point_marks']}]\s?\d|\s\d)?)\s?(?P<sign>{_tenth_signs()}"
        rf")|(?P<han>[{_facts()['tenth_digits']}](?:\s?[{_facts()['point']}]?\s?[{_facts()['tenth_digits']}])?"
        rf"|{_facts()['tenth_whole']})\s?(?P<han_sign>{_tenth_signs()})"
    )
)


_FULL_TENTHS = LazyPattern(
    lambda: (
        rf"(?<![\d.,．{_facts()['tenth_digits']}])(?P<a>[\d{_facts()['tenth_digits']}])\s?[{_facts()['tenth']}]"
        rf"\s?(?P<b>[\d{_facts()['tenth_digits']}])\s?[{_facts()['hundredth']}]"
        rf"(?:\s?(?P<c>[\d{_facts()['tenth_digits']}])\s?[{_facts()['thousandth']}])?"
    )
)
_HALF = LazyPattern(
    lambda: rf"(?<!\w){one_of(_facts()['half_of_one'])}(?=[\s\u00a0-]{one_of(_facts()['signs'])})", re.IGNORECASE
)
_HALF_HINT = LazyPattern(lambda: one_of(_facts()["half_hints"]), re.IGNORECASE)
_OF_ONE = LazyPattern(lambda: rf"\s{one_of(_facts()['of_one'])}", re.IGNORECASE)


def _tenth_signs() -> str:
    """Return the pattern of a sign of tenths, with a half or a further digit behind it: 三成半, 七成六."""
    digits = rf"\s?[{_facts()['tenth_digits']}](?![\u3400-\u9fff])"
    return rf"[{_facts()['tenth']}](?:{_facts()['half']}|{digits})?(?![{_facts()['tenth_of_word']}])"


class Percent(Number):
    """A percentage as a field type, in percent points: 12.5 for '12.5 %'.

    >>> Percent.from_text("百分之十二").value, Percent.from_text("a 51 percent stake").value
    (Percent('12'), Percent('51'))
    """

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one percentage that ``words`` say; a number without a sign is taken with an issue."""
        plain, dashed = with_dash_as_minus(words)
        if dashed:
            return doubt_dash(cls.from_text(plain, locale=locale), words)
        found = cls.find_all(words, locale=locale)
        if found:
            return doubt_unread(read_one(found, words, "percentage"), words, said=found)
        number = read_one(find_numbers(words, locale), words, "percentage")
        if number.value is None:
            return cast_reading(unread(words, "not_found", f"no percentage in {shorten(words)!r}"))
        percentage = doubt_unread(number, words).map(cls)
        return percentage.with_issue("no_percent_sign", f"{shorten(words)!r} does not say percent")

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every percentage of ``text``, in order; 3 to 5 % has both ends as candidates."""
        return past_invisible(partial(cls._find_visible, locale=locale), text)

    @classmethod
    def _find_visible(cls, text: str, locale: str | None) -> list[Reading[Self]]:
        found = [*cls._signed(text, locale), *cls._halves(text)]
        if not text.isascii():
            found += cls._han(text, locale)
        if len(found) < 2:
            return [with_bounds_behind(reading, text) for reading in found]
        found.sort(key=lambda reading: (reading.start, -reading.end))
        return [
            with_bounds_behind(reading, text)
            for at, reading in enumerate(found)
            if not at or reading.start >= found[at - 1].end
        ]

    @classmethod
    def _signed(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        held: Reading[Self] | None = None
        for number in map(_smaller_first, find_numbers(text, locale)):
            sign = _SIGN.match(text, number.end) or _behind_one(text, number)
            if sign is None and (loss := in_parentheses(text, number)) is not None:
                number, sign = loss, _SIGN.match(text, loss.end)  # noqa: PLW2901 - (3.5)%
            if sign is None:
                continue
            words = text[number.start : sign.end()]
            points = partial(cls._points, per=_PER_SIGN.get(sign.lastgroup or "", 1))
            value = None if number.value is None else points(number.value)
            rule = "percent.range" if number.rule == "number.range" else "percent.sign"
            candidates = tuple(map(points, number.candidates))
            reading = Reading(value, words, number.start, sign.end(), rule, candidates, number.issues)
            if held is not None and _are_joined(text, held, reading) and (both := cls._both(text, held, reading)):
                held = both
                continue
            if held is not None:
                yield held
            held = reading
        if held is not None:
            yield held

    @classmethod
    def _points(cls, value: Real, *, per: int) -> Self:
        """Return ``value`` in percent points: per mille is a tenth of one, a basis point a hundredth."""
        return cls(value if per == 1 else exact(Decimal(value) / per))

    @classmethod
    def _both(cls, text: str, low: Reading[Self], high: Reading[Self]) -> Reading[Self] | None:
        """Join '3 % to 5 %' to one reading with both ends as candidates."""
        if low.value is None or high.value is None or low.value >= high.value:
            return None
        issue = Issue("range", "", f"the words say a range from {low.value} to {high.value} percent")
        words = text[low.start : high.end]
        return Reading(None, words, low.start, high.end, "percent.range", (low.value, high.value), (issue,))

    @classmethod
    def _halves(cls, text: str) -> Iterator[Reading[Self]]:
        """Yield half of one percent: half a percent, medio por ciento."""
        for half in _HALF.finditer(text) if _HALF_HINT.search(text) else ():
            sign = _SIGN.match(text, half.end())
            if sign is not None and not sign.lastgroup:
                words = text[half.start() : sign.end()]
                yield Reading(cls("0.5"), words, half.start(), sign.end(), "percent.half")

    @classmethod
    def _han(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        source = Source(text, locale)
        for found in _OF_PARTS.finditer(text) if "分" in text or "분" in text else ():
            value = _parts_value(found, source)
            if value is not None:
                end = found.start() + len(found.group().rstrip())
                minus = minus_before(text, found.start())
                start, value = (found.start(), value) if minus is None else (minus, -value)
                yield Reading(cls(value), text[start:end], start, end, "percent.han")
        if not any(letter in text for letter in _facts()["tenth"]):
            return
        hundredths = any(letter in text for letter in _facts()["hundredth"])
        for found in _FULL_TENTHS.finditer(text) if hundredths else ():
            value = _digit(found["a"]) * 10 + _digit(found["b"]) + Decimal(_digit(found["c"] or "0")) / 10
            yield Reading(cls(exact(value)), found.group(), found.start(), found.end(), "percent.tenths")
        for found in _TENTHS.finditer(text):
            value = _tenths(found)
            reading = Reading(cls(value), found.group(), found.start(), found.end(), "percent.tenths")
            if text[found.end() : found.end() + 1] == _facts()["taken_off"]:
                both = (cls(value), cls(100 - value))
                reading = replace(reading, candidates=both).with_issue(
                    "ambiguous", "what is taken off, or what is left"
                )
            yield reading


def _are_joined(text: str, low: Reading[Any], high: Reading[Any]) -> bool:
    """Whether what stands between and before two percentages makes them a range."""
    gap = text[low.end : high.start]
    if _TO.fullmatch(gap):
        return True
    return _AND.fullmatch(gap) is not None and _BETWEEN.search(text[max(0, low.start - 18) : low.start]) is not None


def _parts_value(found: re.Match[str], source: Source) -> Real | None:
    """Return 百分之十二 and 千分之2.4 in percent points."""
    whole, *decimals = re.split(rf"[{_facts()['point']}]", re.sub(r"\s", "", found["number"]))
    value, parts = numeral_value(whole, source), numeral_value(found["parts"], source)
    if value is None or not parts:
        return None
    if decimals:
        value = Decimal(f"{value}." + "".join(str(numeral_value(digit, source)) for digit in decimals[0]))
    power = int(pairs(_facts()["magnitude"])[found["magnitude"]]) if found["magnitude"] else 0
    sign = -1 if found["minus"] else 1
    return rounded(sign * Decimal(value).scaleb(power) * 100 / Decimal(parts))


def _tenths(found: re.Match[str]) -> Real:
    """Return tenths in percent points: 三成 is 30, 七五折 is 75, 七成六 is 76, 6．5割 is 65, 三成半 is 35."""
    said, sign = found["digits"] or found["han"], (found["sign"] or found["han_sign"])
    if said == _facts()["tenth_whole"] or unicodedata.normalize("NFKC", said) == "10":
        return 100
    digits = [str(_digit(letter)) for letter in re.sub(rf"[\s{_facts()['point']}{_facts()['point_marks']}]", "", said)]
    behind = "".join(sign[1:].split())
    more = "" if not behind else "5" if behind == _facts()["half"] else str(_digit(behind))
    return int(("".join(digits) + more).ljust(2, "0")[:2])


def _digit(letter: str) -> int:
    return int(letter) if letter.isdecimal() else int(han_value(letter) or 0)


def _behind_one(text: str, number: Reading[Real]) -> re.Match[str] | None:
    """Return the sign of one percent of which a number is a part: a quarter of one percent."""
    if number.value is None or not 0 < abs(Decimal(number.value)) < 1:
        return None
    one = _OF_ONE.match(text, number.end)
    return None if one is None else _SIGN.match(text, one.end())


def _smaller_first(number: Reading[Real]) -> Reading[Real]:
    """Prefer 4.875 to 4875 where the mark may be either: few percentages are in the thousands. It stays doubted."""
    if len(number.candidates) != 2 or number.value is None:
        return number
    first, second = number.candidates
    smaller, larger = (first, second) if abs(Decimal(first)) < abs(Decimal(second)) else (second, first)
    return replace(number, value=smaller, candidates=(smaller, larger))
