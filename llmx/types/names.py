"""Names and phrases that are kept as the text has them, only tidied: PersonName, OrganizationName, Verbatim.

Tidying takes away white space, quotation marks around the whole and stray punctuation at the ends, and a plain form
of address before a person. Nothing is translated, completed or corrected.
"""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from datetime import date
from functools import partial
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from llmx.facts import load_facts, one_of
from llmx.types.fields import value_schema
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, cast_reading, unread

_facts = partial(load_facts, "types", "names")
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "»": "«", "„": "“", "‚": "‘", "「": "」", "『": "』",
           "《": "》", "〈": "〉",
           "(": ")", "（": "）", "[": "]", "【": "】"}  # fmt: skip
_ENDS_BEFORE = " \t\n\r\u00a0\u3000,;:.!?·•*-–—、，。；："
_ENDS_AFTER = " \t\n\r\u00a0\u3000,;:!?·•*–—、，。；："
_ADDRESS = LazyPattern(
    lambda: rf"{one_of(_facts()['address'])}(?:\.|(?=\s))\s*(?=[^\W\d_])",
    re.IGNORECASE,
)
_ADDRESS_AFTER = LazyPattern(lambda: rf"\s?{one_of(_facts()['address_behind'])}$")
_ABBREVIATION = LazyPattern(lambda: rf"(?:^|[\s.(])(?:[^\W\d_]|{one_of(_facts()['abbreviations'])})\.$", re.IGNORECASE)
_LONGEST_ABBREVIATION = 40  # with what stands before it; a longer run would be looked through for each of its points
_ARTICLE = LazyPattern(lambda: rf"{one_of(_facts()['articles'])}(?:\s+|(?<=['’]))(?=[A-ZÀ-Þ])")


class Verbatim(str):
    """Words of the text, kept as they are but for white space and punctuation around them."""

    __slots__ = ()

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the tidied words; only words without a letter or digit have no value."""
        start, end = cls._trim(words)
        value = " ".join(words[start:end].split())
        if not any(letter.isalnum() for letter in value):
            return cast_reading(unread(words, "not_found", "there is no word"))
        return Reading(cls(value), words[start:end], start, end, "verbatim")

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return nothing: names and phrases have no form that tells them apart in a text; the model finds them."""
        return []

    @classmethod
    def _trim(cls, words: str) -> tuple[int, int]:
        return trim(words)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return value_schema(cls, load=cls._load, dump=str, json_schema=core_schema.str_schema())

    @classmethod
    def _load(cls, given: Any) -> Self | None:
        return cls(given) if isinstance(given, str) else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class OrganizationName(Verbatim):
    """The name of an organisation as the text has it, less a leading article in small letters.

    >>> OrganizationName.from_text("the Renault group,").value
    OrganizationName('Renault group')
    """

    __slots__ = ()

    @classmethod
    def _trim(cls, words: str) -> tuple[int, int]:
        start, end = trim(words)
        article = _ARTICLE.match(words[start:end])
        return (start + article.end() if article else start), end


class PersonName(Verbatim):
    """The name of a person as the text has it, less a form of address (Mr, Mme, Herr, Sra., 先生).

    >>> PersonName.from_text("Mr. Zeng Qinghong").value
    PersonName('Zeng Qinghong')
    """

    __slots__ = ()

    @classmethod
    def _trim(cls, words: str) -> tuple[int, int]:
        start, end = trim(words)
        address = _ADDRESS.match(words, start, end)
        if address is not None and address.end() < end:
            start = address.end()
        behind = _ADDRESS_AFTER.search(words, start, end)
        if behind is not None and behind.start() - start > 1:
            end = behind.start()
        return start, end


def trim(words: str) -> tuple[int, int]:
    """Return the place of ``words`` less white space, pairs of quotation marks and stray punctuation around them."""
    start, end = 0, len(words)
    while start < end:
        before = (start, end)
        while start < end and words[start] in _ENDS_BEFORE:
            start += 1
        while end > start and (
            words[end - 1] in _ENDS_AFTER or _stray_point(words[max(start, end - _LONGEST_ABBREVIATION) : end])
        ):
            end -= 1
        if end - start > 1 and _QUOTES.get(words[start]) == words[end - 1] and _closes_last(words, start, end):
            start, end = start + 1, end - 1
        if (start, end) == before:
            return start, end
    return start, end


def _closes_last(words: str, start: int, end: int) -> bool:
    """Whether the mark that opens at ``start`` closes at the very end: not so in "(A) and (B)"."""
    opening, closing = words[start], words[end - 1]
    inner = words[start + 1 : end - 1]
    return opening not in inner and closing not in inner


def _stray_point(words: str) -> bool:
    """Whether the last letter is a full stop that belongs to no abbreviation (Inc., S.A., Jr.)."""
    return words.endswith(".") and _ABBREVIATION.search(words) is None
