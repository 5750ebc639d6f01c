"""Signs of accounts: a number in parentheses is a loss, and so is one with a minus behind it.

In a running text, parentheses around a sum or a percentage are an aside. They are a sign where the currency stands
before them or the percent sign behind: $(5.2) million, (3.5)%.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from llmx.types.digits import Real, exact
from llmx.types.number_words import number_words
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading

T = TypeVar("T")
_SCALE = LazyPattern(r"[ \u00a0]?(?P<word>[^\W\d_]{1,12})(?![^\W_])")
_MINUS_BEHIND = LazyPattern(r"[-\u2212](?=\s|\Z|[A-Z]{3}\b|[€$£¥])")
_DECIMALS = re.compile(r".*\d[.,]\d\d", re.DOTALL)


def in_parentheses(text: str, number: Reading[Real]) -> Reading[Real] | None:
    """Return a number that stands in parentheses alone as a negative one that holds them; None for any other."""
    if text[number.start - 1 : number.start] not in {"(", "（"} or text[number.end : number.end + 1] not in {")", "）"}:
        return None
    start, end = number.start - 1, number.end + 1
    return replace(number.map(_negated), words=text[start:end], start=start, end=end)


def with_scale_behind(text: str, number: Reading[Real]) -> Reading[Real]:
    """Return a number in parentheses with the magnitude that stands behind them."""
    found = _SCALE.match(text, number.end)
    scales = number_words().get(found["word"].lower(), ()) if found else ()
    scale = next((word.value for word in scales if word.kind == "scale" and word.value >= 1000), None)
    if found is None or scale is None:
        return number
    scaled = number.map(lambda value: exact(Decimal(value) * scale))
    return replace(scaled, words=text[number.start : found.end()], end=found.end(), rule="number.magnitude")


def with_minus_behind(text: str, number: Reading[Real]) -> Reading[Real]:
    """Return a number with two decimals and a minus right behind it as a negative one: 1,234.50-."""
    found = _MINUS_BEHIND.match(text, number.end)
    if found is None or not _DECIMALS.fullmatch(number.words):
        return number
    return replace(number.map(_negated), words=text[number.start : found.end()], end=found.end())


def as_loss(reading: Reading[T], words: str, negated: T) -> Reading[T]:
    """Return what is all that ``words`` hold in parentheses as a loss, and doubt it: it may be an aside."""
    if reading.value is None or words.strip() != f"({reading.words})":
        return reading
    loss = replace(reading, value=negated, candidates=(negated, reading.value))
    return loss.with_issue("ambiguous", f"{words!r} is a loss in accounts, and an aside elsewhere")


def _negated(value: Real) -> Real:
    return -value
