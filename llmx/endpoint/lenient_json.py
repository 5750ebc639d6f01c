"""Reads what is JSON but for numbers out of bounds, NaN, control characters in strings, or nesting without end.

orjson reads nearly everything, and this module what it refuses, so that one odd value costs that value: whole numbers
too long for an int, and fractions too large for a float, become their own words; NaN and Infinity become null; what is
nested deeper than any schema becomes null.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

MOST_LEVELS = 64
"""How deep a value may be nested. No schema goes deeper; Python's recursion ends at some hundred levels."""

_MOST_DIGITS = 1000  # Python makes no int of more than 4,300 digits, nor words of such an int

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\]]|"', re.DOTALL)


class LenientDecoder:
    """Reads JSON values out of a text, and remembers in ``odd`` whether one held NaN or Infinity."""

    def __init__(self) -> None:
        self.odd = False
        self._decoder = json.JSONDecoder(
            strict=False, parse_int=_whole, parse_float=_fraction, parse_constant=self._constant
        )

    def at(self, text: str, start: int) -> tuple[Any, int]:
        """Return the value that begins at ``start``, and where it ends. Raises ValueError where none does."""
        try:
            return self._decoder.raw_decode(text, start)
        except RecursionError:
            raise ValueError("it is nested too deep") from None

    def whole(self, text: str) -> Any:
        """Return the value that ``text`` is. Raises ValueError where it is none, or not that alone."""
        start = len(text) - len(text.lstrip())
        value, end = self.at(text, start)
        if text[end:].strip():
            raise ValueError("something follows the value")
        return value

    def _constant(self, _: str) -> None:
        self.odd = True


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MOST_DIGITS else digits


def _fraction(words: str) -> float | str:
    value = float(words)
    return value if math.isfinite(value) else words


_LONE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


def without_lone_surrogates(text: str) -> str:
    r"""Return JSON ``text`` with U+FFFD for each escaped half of a surrogate pair: no file could hold it.

    >>> without_lone_surrogates(r'"\ud83d\ude00 \ud800"')
    '"\\ud83d\\ude00 \\ufffd"'
    """
    return _LONE.sub(r"\\ufffd", text)


def shallow(text: str) -> str:
    """Return JSON ``text`` with null for what is nested deeper than ``MOST_LEVELS``, ``text`` itself where nothing is.

    >>> shallow('[1, {"a": [2]}]'), shallow("[" * 100 + "]" * 100) == "[" * 64 + "null" + "]" * 64
    ('[1, {"a": [2]}]', True)
    """
    if text.count("[") + text.count("{") <= MOST_LEVELS:
        return text
    depth = at = 0
    out: list[str] = []
    for token in _TOKEN.finditer(text):
        mark = token.group()
        if mark in "{[":
            depth += 1
            if depth == MOST_LEVELS + 1:
                out.append(text[at : token.start()] + "null")
        elif mark in "}]":
            if depth == MOST_LEVELS + 1:
                at = token.end()
            depth = max(depth - 1, 0)
    if not out:
        return text
    return "".join(out) + (text[at:] if depth <= MOST_LEVELS else "")
