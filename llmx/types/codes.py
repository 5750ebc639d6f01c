"""Codes as field types, read from names: CountryCode (ISO 3166-1), CurrencyCode (4217), LanguageCode (639-1)."""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from llmx.record import Issue
from llmx.types.countries import Naming, country_of, find_countries
from llmx.types.currency import Mark, find_marks, mark_after
from llmx.types.fields import value_schema
from llmx.types.language_names import find_languages, language_called
from llmx.types.reading import Reading, read_one, shorten


class Code(str):
    """A code as a string; the classes below say of what."""

    __slots__ = ()
    pattern: ClassVar[str] = r"^[A-Z]{2}$"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return value_schema(cls, load=cls._load, dump=str, json_schema=core_schema.str_schema(pattern=cls.pattern))

    @classmethod
    def _load(cls, given: Any) -> Self | None:
        return cls(given) if isinstance(given, str) and re.fullmatch(cls.pattern, given) else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class CountryCode(Code):
    """A country as a field type: ISO 3166-1 alpha-2, read from its name, adjective or people.

    >>> CountryCode.from_text("German carmaker").value, CountryCode.from_text("중국").value
    (CountryCode('DE'), CountryCode('CN'))
    """

    __slots__ = ()

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one country that ``words`` name; two different ones give both as candidates and no value."""
        whole = country_of(words)
        if whole:
            return cls._reading(Naming(whole, 0, len(words), "country.name"), words)
        return read_one(cls.find_all(words, locale=locale), words, "country")

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every country named in ``text``, in order."""
        return [cls._reading(naming, text) for naming in find_countries(text)]

    @classmethod
    def _reading(cls, naming: Naming, text: str) -> Reading[Self]:
        words = text[naming.start : naming.end]
        candidates = tuple(cls(code) for code in naming.codes)
        if len(candidates) == 1:
            return Reading(candidates[0], words, naming.start, naming.end, naming.rule)
        issue = Issue("ambiguous", "", f"{shorten(words)!r} may be {' or '.join(candidates)}")
        return Reading(None, words, naming.start, naming.end, naming.rule, candidates, (issue,))


class CurrencyCode(Code):
    """A currency as a field type: ISO 4217, read from its sign, code or name."""

    __slots__ = ()
    pattern: ClassVar[str] = r"^[A-Z]{3}$"

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one currency that ``words`` name: '€', 'RMB', 'Hong Kong dollars', also beside a number.

        >>> CurrencyCode.from_text("Hong Kong dollars").value
        CurrencyCode('HKD')
        """
        bare = words.strip(" \t\n.,;:()[]")
        mark = mark_after(bare, 0)
        if bare and mark is not None and mark.end == len(bare):
            start = words.index(bare)
            return cls._of_mark(mark, words, start=start, end=start + len(bare))
        return read_one(cls.find_all(words, locale=locale), words, "currency")

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every currency of ``text``, in order: codes and names anywhere, other signs beside a number."""
        return [cls._of_mark(mark, text, start=mark.start, end=mark.end) for mark in find_marks(text, locale)]

    @classmethod
    def _of_mark(cls, mark: Mark, text: str, *, start: int, end: int) -> Reading[Self]:
        words = text[start:end]
        codes = tuple(cls(code) for code in mark.codes)
        if mark.kind == "sure":
            return Reading(codes[0], words, start, end, "currency.name")
        if mark.kind == "assumed":
            issue = Issue("assumed_currency", "", f"{words!r} does not say which currency; {codes[0]} is assumed")
            return Reading(codes[0], words, start, end, "currency.name", codes, (issue,))
        issue = Issue("ambiguous_currency", "", f"{words!r} may be {', '.join(codes)}")
        return Reading(None, words, start, end, "currency.name", codes, (issue,))


class LanguageCode(Code):
    """A language as a field type: ISO 639-1 (639-3 where there is no shorter code), read from its name."""

    __slots__ = ()
    pattern: ClassVar[str] = r"^[a-z]{2,3}$"

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one language that ``words`` name, in any of the ten languages; also a code alone.

        >>> LanguageCode.from_text("in Spanish").value, LanguageCode.from_text("日本語").value
        (LanguageCode('es'), LanguageCode('ja'))
        """
        bare = words.strip(" \t\n.,;:()[]")
        code = language_called(bare)
        if code is not None:
            start = words.index(bare)
            return Reading(cls(code), bare, start, start + len(bare), "language.name")
        return read_one(cls.find_all(words, locale=locale), words, "language")

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every language named in ``text``, in order; an adjective such as 'French' counts as its language."""
        return [
            Reading(cls(code), text[start:end], start, end, "language.name")
            for start, end, code in find_languages(text)
        ]
