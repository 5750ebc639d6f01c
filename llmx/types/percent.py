"""Percentages in percent points: '12,5 %', '12.5 per cent', '百分之十二', '三成' (30), '12퍼센트'."""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Self

from llmx.facts import load_facts, one_of
from llmx.record import Issue
from llmx.types.cjk import han_value
from llmx.types.digits import Real, exact
from llmx.types.number import Number
from llmx.types.number_scan import find_numbers
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, cast_reading, read_one, shorten, unread
from llmx.types.unread import doubt_unread

_facts = partial(load_facts, "types", "percent")
_SIGN = LazyPattern(
    lambda: (
        rf"[\s\u00a0\u202f-]?(?:{one_of(_facts()['signs'])}|(?P<mille>{one_of(_facts()['per_mille'])})"
        rf"|(?P<basis>{one_of(_facts()['basis_points'])}))"
    ),
    re.IGNORECASE,
)
_TO = LazyPattern(lambda: rf"\s?(?:-|–|~|～|{one_of(load_facts('types', 'number_joints')['to'])})\s?", re.IGNORECASE)
_OF_HUNDRED = LazyPattern(lambda: rf"{_facts()['of_hundred']}\s?(?P<number>\d+(?:[.,]\d+)?|[{_facts()['han']}]+)")
_TENTHS = LazyPattern(
    lambda: (
        rf"(?P<whole>(?<![\d.,])(?:\d|10)(?:\.\d+)?|[{_facts()['tenth_digits']}](?:[{_facts()['point']}]"
        rf"[{_facts()['tenth_digits']}])?)\s?[{_facts()['tenth']}](?P<half>{_facts()['half']})?"
        rf"(?![{_facts()['tenth_of_word']}])"
    )
)


class Percent(Number):
    """A percentage as a field type, in percent points: 12.5 for '12.5 %'.

    >>> Percent.from_text("百分之十二").value, Percent.from_text("a 51 percent stake").value
    (Percent('12'), Percent('51'))
    """

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one percentage that ``words`` say; a number without a sign is taken with an issue."""
        found = cls.find_all(words, locale=locale)
        if found:
            return doubt_unread(read_one(found, words, "percentage"), words)
        number = read_one(find_numbers(words, locale), words, "percentage")
        if number.value is None:
            return cast_reading(unread(words, "not_found", f"no percentage in {shorten(words)!r}"))
        percentage = doubt_unread(number, words).map(cls)
        return percentage.with_issue("no_percent_sign", f"{shorten(words)!r} does not say percent")

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every percentage of ``text``, in order; 3 to 5 % has both ends as candidates."""
        found = [*cls._signed(text, locale), *cls._han(text)]
        found.sort(key=lambda reading: (reading.start, -reading.end))
        return [reading for at, reading in enumerate(found) if not at or reading.start >= found[at - 1].end]

    @classmethod
    def _signed(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        held: Reading[Self] | None = None
        for number in map(_smaller_first, find_numbers(text, locale)):
            sign = _SIGN.match(text, number.end)
            if sign is None:
                continue
            words = text[number.start : sign.end()]
            number = number.map(partial(_of_hundred, per=sign.lastgroup or ""))  # noqa: PLW2901 - in percent points
            rule = "percent.range" if number.rule == "number.range" else "percent.sign"
            reading = Reading(
                number.value, words, number.start, sign.end(), rule, number.candidates, number.issues
            ).map(cls)
            if (
                held is not None
                and _TO.fullmatch(text[held.end : reading.start])
                and (both := cls._both(text, held, reading))
            ):
                held = both
                continue
            if held is not None:
                yield held
            held = reading
        if held is not None:
            yield held

    @classmethod
    def _both(cls, text: str, low: Reading[Self], high: Reading[Self]) -> Reading[Self] | None:
        """Join '3 % to 5 %' to one reading with both ends as candidates."""
        if low.value is None or high.value is None or low.value >= high.value:
            return None
        issue = Issue("range", "", f"the words say a range from {low.value} to {high.value} percent")
        words = text[low.start : high.end]
        return Reading(None, words, low.start, high.end, "percent.range", (low.value, high.value), (issue,))

    @classmethod
    def _han(cls, text: str) -> Iterator[Reading[Self]]:
        for found in _OF_HUNDRED.finditer(text):
            value = _decimal(found["number"])
            if value is not None:
                yield Reading(cls(value), found.group(), found.start(), found.end(), "percent.han")
        if not any(letter in text for letter in _facts()["tenth"]):
            return
        for found in _TENTHS.finditer(text):
            tenths = _decimal(found["whole"])
            if tenths is not None:
                value = Decimal(tenths) * 10 + (5 if found["half"] else 0)
                yield Reading(cls(exact(value)), found.group(), found.start(), found.end(), "percent.tenths")


def _smaller_first(number: Reading[Real]) -> Reading[Real]:
    """Prefer 4.875 to 4875 where the mark may be either: few percentages are in the thousands. It stays doubted."""
    if len(number.candidates) != 2 or number.value is None:
        return number
    first, second = number.candidates
    smaller, larger = (first, second) if abs(Decimal(first)) < abs(Decimal(second)) else (second, first)
    return replace(number, value=smaller, candidates=(smaller, larger))


def _of_hundred(value: Real, *, per: str) -> Real:
    """Return ``value`` in percent points: per mille is a tenth of one, a basis point a hundredth."""
    return exact(Decimal(value) / {"mille": 10, "basis": 100}.get(per, 1))


def _decimal(words: str) -> Real | None:
    """Return the value of digits or Han numerals, with 点 as the decimal point (十二点五)."""
    if words[0].isdecimal():
        return exact(Decimal(words.replace(",", ".")))
    first, *others = _facts()["point"]
    whole, point, fraction = words.translate(str.maketrans(dict.fromkeys(others, first))).partition(first)
    value = han_value(whole) if whole else 0
    if value is None or not point:
        return value
    digits = [han_value(letter) for letter in fraction]
    if not digits or any(digit is None or digit > 9 for digit in digits):
        return None
    return Decimal(f"{value}." + "".join(str(digit) for digit in digits))
