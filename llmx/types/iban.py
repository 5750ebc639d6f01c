"""Numbers of bank accounts: an Iban is one whose length and check digits are right (ISO 13616)."""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Self

from llmx.facts import load_facts, pairs
from llmx.record import Issue
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading
from llmx.types.text_value import LATIN, TextValue

_SEPARATOR = r"[ \u00a0\u202f.-]?"
_BEGIN = LazyPattern(rf"(?<![{LATIN}])(?P<country>[A-Za-z]{{2}}){_SEPARATOR}\d\d(?={_SEPARATOR}[A-Za-z\d])")
_FEWEST_DIGITS = 8


@cache
def _lengths() -> dict[str, int]:
    return {country: int(length) for country, length in pairs(load_facts("types", "identifiers")["ibans"]).items()}


@cache
def _rest(length: int) -> re.Pattern[str]:
    """Return the pattern of the characters behind the country and the check digits, up to ``length`` of all."""
    return re.compile(rf"(?:{_SEPARATOR}[A-Za-z0-9]){{{length - 4}}}(?![{LATIN}])")


class Iban(TextValue):
    """An IBAN as a field type, in capitals and without blanks. One whose check digits are wrong is no value.

    >>> Iban.from_text("IBAN: DE89 3704 0044 0532 0130 00").value
    Iban('DE89370400440532013000')
    """

    __slots__ = ()
    what = "IBAN"
    pattern = r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}"

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        at = 0
        for begin in _BEGIN.finditer(text):
            length = _lengths().get(begin["country"].upper())
            found = None if length is None or begin.start() < at else _rest(length).match(text, begin.end())
            if found is None:
                continue
            at, words = found.end(), text[begin.start() : found.end()]
            written = cls(re.sub(r"[^A-Za-z0-9]", "", words).upper())
            if sum(letter.isdecimal() for letter in written) < _FEWEST_DIGITS:
                continue
            if is_checked(written):
                yield Reading(written, words, begin.start(), at, "iban")
            else:
                issue = Issue("check_digits", "", f"the check digits of {words!r} are wrong")
                yield Reading(None, words, begin.start(), at, "iban", (written,), (issue,))

    @classmethod
    def _load(cls, given: Any) -> Self | None:
        fits = isinstance(given, str) and re.fullmatch(cls.pattern, given) is not None
        return cls(given) if fits and _lengths().get(given[:2]) == len(given) and is_checked(given) else None


def is_checked(iban: str) -> bool:
    """Return whether the check digits of an IBAN are right: ISO 7064, MOD 97-10."""
    return int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97 == 1
