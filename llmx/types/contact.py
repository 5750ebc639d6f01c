"""Addresses: Email, Url, Phone. An address is kept as it is written, but for what its standard calls the same."""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from llmx.facts import load_facts, pairs, words
from llmx.record import Issue
from llmx.types.fields import value_schema
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, cast_reading, read_one, shorten, unread

_EMAIL = LazyPattern(r"(?<![\w.+-])[\w][\w.+%'-]{0,63}@(?:[\w](?:[\w-]{0,61}[\w])?\.)+[^\W\d_]{2,24}(?![\w-])")
_OBFUSCATED = LazyPattern(
    r"(?<![\w.+-])(?P<user>\w[\w.+-]{0,63})\s?(?:\[at\]|\(at\)|\{at\}|＠)\s?"
    r"(?P<host>\w[\w-]{0,62}(?:(?:\.|\s?(?:\[dot\]|\(dot\))\s?)\w[\w-]{0,62}){1,5})", re.IGNORECASE)  # fmt: skip
_URL = LazyPattern(
    r"(?<![\w@.])(?:(?:https?|ftp)://|www\.(?=[\w-]))[^\s<>\"'“”«»`|\\^{}（）【】「」，。；、]+", re.IGNORECASE
)
_BARE_HOST = LazyPattern(
    lambda: (
        rf"(?<![\w@./-])(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,4}}(?:{'|'.join(_domains())})"
        r"(?:/[^\s<>\"'“”]*)?(?![\w@-])"
    ),
    re.IGNORECASE,
)
_PHONE = LazyPattern(r"(?<![\w+.,/-])(?:\+|\(\+?|00)?\d[\d\s().\u00a0/-]{5,22}\d(?![\w]|[.,]\d)")
_OTHER_DIGITS = LazyPattern(r"\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./]\d{4}|[\d.]+|\d+(?:\s\d{3})+")


def _domains() -> tuple[str, ...]:
    return words(load_facts("types", "contacts")["domains"])


@cache
def _regions() -> dict[str, str]:
    """Return the country of a national number by the language of the locale."""
    return pairs(load_facts("types", "contacts")["regions"])


class _Address(str):
    """What the three share: a string that is its own JSON form."""

    __slots__ = ()
    what: ClassVar[str] = ""
    pattern: ClassVar[str] = ""

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one address that ``words`` hold."""
        return read_one(cls.find_all(words, locale=locale), words, cls.what)

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every address of ``text``, in order."""
        return list(cls._find(text, locale))

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        """Yield the addresses; each kind has its own way."""
        return iter(())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return value_schema(cls, load=cls._load, dump=str, json_schema=core_schema.str_schema(pattern=cls.pattern))

    @classmethod
    def _load(cls, given: Any) -> Self | None:
        return cls(given) if isinstance(given, str) and re.fullmatch(cls.pattern, given) else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class Email(_Address):
    """An e-mail address as a field type; the host is put in small letters, the rest stays as it is written."""

    __slots__ = ()
    what = "e-mail address"
    pattern = r"[^\s@]+@[^\s@A-Z]+\.[^\s@A-Z]+"

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        found = [(m, m.group(), "email") for m in _EMAIL.finditer(text)]
        for match in _OBFUSCATED.finditer(text):
            host = re.sub(r"\s?[(\[]dot[)\]]\s?", ".", match["host"], flags=re.IGNORECASE)
            found.append((match, f"{match['user']}@{host}", "email.spelled_out"))
        for match, address, rule in sorted(found, key=lambda item: item[0].start()):
            user, _, host = address.rpartition("@")
            yield Reading(cls(f"{user}@{host.lower()}"), match.group(), match.start(), match.end(), rule)


class Url(_Address):
    """A web address as a field type, as it is written; no scheme is added, no character changed."""

    __slots__ = ()
    what = "web address"
    pattern = r"(?:https?://|ftp://)?[^\s/@]+\.[^\s]+"

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        at = 0
        matches = sorted([*_URL.finditer(text), *_BARE_HOST.finditer(text)], key=lambda m: (m.start(), -m.end()))
        for match in matches:
            if match.start() < at:
                continue
            address = _without_tail(match.group())
            at = match.start() + len(address)
            yield Reading(cls(address), address, match.start(), at, "url")


def _without_tail(address: str) -> str:
    """Return an address less the punctuation around it; closing brackets stay where they were opened."""
    while address and (
        address[-1] in ".,;:!?*…"
        or (address[-1] in ")]" and address.count(address[-1]) > address.count("(["[")]".index(address[-1])]))
    ):
        address = address[:-1]
    return address


class Phone(_Address):
    """A telephone number as a field type, in the form of E.164 (+33123456789).

    A national number needs a locale with a country (fr_FR, or a language of one main country); without one there is
    no value, and the issue ``no_country``.
    """

    __slots__ = ()
    what = "telephone number"
    pattern = r"\+[1-9]\d{6,14}"

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        region = _region(locale)
        for match in _PHONE.finditer(text):
            words = match.group()
            if not _may_be_phone(words, region):
                continue
            number = _e164(words, region)
            if number is not None:
                yield Reading(cls(number), words, match.start(), match.end(), "phone")
            elif region is None and words.startswith(("0", "(0")) and not words.startswith("00"):
                issue = Issue(
                    "no_country", "", f"{shorten(words)!r} has no country code, and no locale names a country"
                )
                yield Reading(None, words, match.start(), match.end(), "phone", (), (issue,))

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one telephone number that ``words`` hold."""
        found = cls.find_all(words, locale=locale)
        if not found and any(letter.isdecimal() for letter in words):
            return cast_reading(unread(words, "not_found", f"{shorten(words)!r} is no valid telephone number"))
        return read_one(found, words, cls.what)


def _region(locale: str | None) -> str | None:
    if locale is None:
        return None
    language, _, territory = locale.replace("-", "_").partition("_")
    return territory.upper() if len(territory) == 2 else _regions().get(language.lower())


def _may_be_phone(words: str, region: str | None) -> bool:
    """Whether digits look like a telephone number and not like a date, an amount or a version."""
    digits = sum(letter.isdecimal() for letter in words)
    if 7 <= digits <= 15 and not _OTHER_DIGITS.fullmatch(words):
        return True
    return words.startswith(("+", "00")) or (region is not None and words.startswith("0") and digits > 8)


def _e164(words: str, region: str | None) -> str | None:
    """Return the number in the form of E.164, None where it is none that exists."""
    from phonenumbers import (  # noqa: PLC0415  # heavy, and only telephone numbers need it
        NumberParseException,
        PhoneNumberFormat,
        format_number,
        is_valid_number,
        parse,
    )

    international = words.lstrip("(").startswith(("+", "00"))
    try:
        number = parse(re.sub(r"^\(?00", "+", words) if international else words, None if international else region)
    except NumberParseException:
        return None
    return str(format_number(number, PhoneNumberFormat.E164)) if is_valid_number(number) else None
