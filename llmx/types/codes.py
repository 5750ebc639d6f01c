"""Codes as field types, read from names: CountryCode (ISO 3166-1), CurrencyCode (ISO 4217), LanguageCode (ISO 639-1)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from llmx.types.countries import Naming, country_of, find_countries
from llmx.types.fields import value_schema
from llmx.types.reading import Reading, Remark, read_one, shorten


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
        remark = Remark("ambiguous", f"{shorten(words)!r} may be {' or '.join(candidates)}")
        return Reading(None, words, naming.start, naming.end, naming.rule, candidates, (remark,))
