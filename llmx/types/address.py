"""Postal addresses in their parts: street with house, postcode, city, region, country.

No list of all streets and cities stands behind it: the lines and commas of an address, its postcode and the words of
its country tell the parts. What could be another part (a name before the street) is doubted.
"""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, ClassVar, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator

from llmx.facts import load_facts, one_of, pairs, words
from llmx.types.address_unspaced import AddressParts, find_unspaced
from llmx.types.codes import CountryCode
from llmx.types.countries import country_of, is_territory
from llmx.types.patterns import LazyPattern
from llmx.types.phone import region_of
from llmx.types.postcode import Postcode
from llmx.types.reading import Reading, cast_reading, fields_of, read_one, shorten, unread

_facts = partial(load_facts, "types", "addresses")
_CAPITAL = r"(?![a-zß-öø-ÿ])[^\W\d_][\w.'’]*"


def _name() -> str:
    """Return the pattern of a name in capitals, with small words within: São Paulo, Frankfurt am Main, L'Aquila."""
    return rf"{_CAPITAL}(?:[ \u00a0/'’-](?:(?:{one_of(_facts()['particles'])})[ '’-]){{0,2}}{_CAPITAL}){{0,4}}"


_LABEL = LazyPattern(lambda: rf"\s*{one_of(_facts()['labels'])}\s?[:：]\s*", re.IGNORECASE)
_PART = LazyPattern(r"[^,;|\n]+")
_STREET_END = LazyPattern(lambda: rf"(?<!\w){one_of(_facts()['streets'])}\s*\Z", re.IGNORECASE)
_STREET = LazyPattern(lambda: rf"(?<!\w){one_of(_facts()['streets'])}(?!\w)", re.IGNORECASE)
_AT = LazyPattern(lambda: rf".*\s(?P<at>{one_of(_facts()['at'])}\s)(?=\S)")
_HOUSE = LazyPattern(
    lambda: (
        rf"(?<!\w)(?:\d{{1,5}}[A-Za-z]?(?:-\d+)?,?\s)?"
        rf"(?:{one_of(_facts()['streets'])}\s(?:{one_of(_facts()['particles'])}\s){{0,2}})?"
        rf"{_name()}(?:\s\d{{1,5}}\s?[A-Za-z]?(?:\s?[-/–]\s?\d{{1,4}}[A-Za-z]?)?)?\Z"
    )
)
_BEFORE_CITY = LazyPattern(  # 10115 Berlin, D-10115 Berlin, 1012 LG Amsterdam, 00186 Roma (RM)
    lambda: (
        r"(?:(?P<country>[A-Z]{1,3})-)?"
        r"(?P<postcode>\d{5}-\d{3}|\d{4}-\d{3}|\d{2}-\d{3}|\d{3} \d{2}|\d{4} ?[A-Z]{2}(?= )|\d{4,6})\s"
        rf"(?P<city>{_name()}?)(?:\s?[(](?P<region>[^()]{{2,30}})[)]|\s(?P<province>[A-Z]{{2}}))?"
    )
)
_BEHIND_CITY = LazyPattern(  # Springfield, IL 62704; Ottawa ON K1A 0B1; London SW1A 2AA; Sydney NSW 2000
    lambda: (
        rf"(?:(?P<city>{_name()}?)\s{{1,2}})?(?:(?P<region>{'|'.join(words(_facts()['states']))})\s{{1,2}}"
        r"(?P<postcode>\d{5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4})|(?P<british>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}))"
    )
)
_POSTCODE_ALONE = LazyPattern(r"(?:CEP:?\s?)?(?P<postcode>\d{5}-\d{3}|\d{4}-\d{3}|\d{5,6})")
_CITY_AND_STATE = LazyPattern(
    lambda: rf"(?P<city>{_name()}?)(?:\s?[-/–]\s?(?P<region>{'|'.join(words(_facts()['states_behind']))}))?"
)


class _Part(NamedTuple):
    """A line of an address, or what stands between its commas."""

    text: str
    start: int
    end: int


class Address(BaseModel):
    """A postal address as a field type; each part in the words of the text, the country as its ISO code.

    >>> Address.from_text("Musterstraße 5, 10115 Berlin").value
    Address(street='Musterstraße 5', postcode='10115', city='Berlin', region=None, country=None)
    """

    model_config = ConfigDict(frozen=True)
    as_quoted: ClassVar[bool] = True

    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    region: str | None = None
    country: CountryCode | None = None

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one address that ``words`` are."""
        unspaced = [cls._reading(parts, words) for parts in find_unspaced(words)]
        if unspaced:
            return read_one(unspaced, words, "postal address")
        label = _LABEL.match(words)
        found = _read_parts(words, _parts_of(words, 0 if label is None else label.end()), region_of(locale))
        if found is None:
            return cast_reading(unread(words, "not_found", f"no postal address in {shorten(words)!r}"))
        return cls._reading(found, words)

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every address of ``text`` that has a street, a postcode and a city, in order."""
        found = [*find_unspaced(text), *_spaced(text, region_of(locale))]
        return [cls._reading(parts, text) for parts in sorted(found, key=lambda parts: parts.start)]

    @classmethod
    def _reading(cls, parts: AddressParts, text: str) -> Reading[Self]:
        country = None if parts.country is None else CountryCode(parts.country)
        postcode = None if parts.postcode is None else str(Postcode.from_text(parts.postcode).value or parts.postcode)
        value = cls(street=parts.street, postcode=postcode, city=parts.city, region=parts.region, country=country)
        said = text[parts.start : parts.end]
        reading = Reading(value, said, parts.start, parts.end, "address")
        return reading.with_issue("ambiguous", f"{shorten(said)!r}: {parts.doubt}") if parts.doubt else reading

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:
        return fields_of(given, cls.from_text, "no postal address")

    def __str__(self) -> str:
        parts = (self.street, self.postcode, self.city, self.region, self.country)
        return ", ".join(part for part in parts if part)


def _parts_of(text: str, start: int) -> list[_Part]:
    """Return the lines of ``text`` and what stands between their commas, without what is blank."""
    parts = []
    for found in _PART.finditer(text, start):
        bare = found.group().strip(" \t\u00a0")
        if bare.strip("."):
            begin = found.start() + found.group().index(bare)
            parts.append(_Part(bare, begin, begin + len(bare)))
    return parts


def _read_parts(text: str, parts: list[_Part], region: str | None) -> AddressParts | None:
    """Return the address that ``parts`` are, None where they are none."""
    if not parts:
        return None
    whole = parts[0].start, len(text.rstrip(" \t\n."))
    country, rest = _country(parts)
    place, at, taken = _place(rest, region)
    if place is None:
        if len(rest) < 2 or not any(letter.isdecimal() for letter in rest[0].text) or not _is_name(rest[-1].text):
            return None
        streets, city = rest[:-1], rest[-1].text
        doubt = "" if len(streets) == 1 else "which part is the city, no postcode says"
        return AddressParts(*whole, _joined(streets), None, city, None, country, doubt)
    streets, behind = rest[:at], rest[at + taken :]
    if len(behind) > 1 or (behind and not _is_name(behind[0].text)):
        return None
    more = behind[0].text if behind else None
    return replace(
        place, start=whole[0], end=whole[1], street=_joined(streets) or None, region=place.region or more,
        country=country or place.country, doubt=_name_before(streets),
    )  # fmt: skip


def _country(parts: list[_Part]) -> tuple[str | None, list[_Part]]:
    """Return the country that stands last, and the parts before it."""
    codes = country_of(parts[-1].text) if len(parts) > 1 else ()
    return (codes[0], parts[:-1]) if len(codes) == 1 else (None, parts)


def _place(parts: list[_Part], region: str | None) -> tuple[AddressParts | None, int, int]:
    """Return postcode, city and region, with the first of the parts that say them, and how many do."""
    for at in range(len(parts) - 1, -1, -1):
        part, before = parts[at].text, parts[at - 1].text if at else ""
        found = _BEHIND_CITY.fullmatch(part)
        if found is not None:
            city = found["city"] or (before if _is_name(before) else None)
            if city is None:
                continue
            place = _of_place(found["postcode"] or found["british"], city, found["region"])
            return place, at if found["city"] else at - 1, 1 if found["city"] else 2
        found = _city_behind(part, region)
        if found is not None:
            return (
                _of_place(
                    found["postcode"], found["city"], found["region"] or found["province"], prefix=found["country"]
                ),
                at,
                1,
            )
        alone, named = _POSTCODE_ALONE.fullmatch(part), _CITY_AND_STATE.fullmatch(before)
        if alone is not None and named is not None:
            return _of_place(alone["postcode"], named["city"], named["region"]), at - 1, 2
    return None, 0, 0


def _of_place(postcode: str, city: str, region: str | None, *, prefix: str | None = None) -> AddressParts:
    name = city if city.endswith("St.") else city.rstrip(".")
    return AddressParts(0, 0, None, postcode, name, region, _prefix(prefix))


def _city_behind(part: str, region: str | None) -> re.Match[str] | None:
    """Return the postcode and the city behind it, None where the number is a house's: 1600 Pennsylvania Avenue."""
    found = None if region in words(_facts()["number_first"]) else _BEFORE_CITY.fullmatch(part)
    return None if found is None or _STREET_END.search(found["city"]) else found


def _prefix(letters: str | None) -> str | None:
    """Return the country that stands before a postcode: CH-8001; D-10115 has the letter of cars."""
    if letters is None:
        return None
    code = pairs(_facts()["prefixes"]).get(letters, letters)
    return code if is_territory(code) else None


def _is_name(text: str) -> bool:
    return _CITY_AND_STATE.fullmatch(text) is not None


def _joined(parts: list[_Part]) -> str:
    return ", ".join(part.text for part in parts)


def _name_before(streets: list[_Part]) -> str:
    """Return a doubt where a part before the street may be the name of who lives there."""
    if not streets:
        return ""
    first = streets[0].text
    own = _STREET.search(first) is not None or any(letter.isdecimal() for letter in first)
    return "" if own else f"{first!r} may be a name, and no part of the address"


def _street_start(words: str) -> int:
    """Return where a street begins in words of a sentence: behind 'in der' of 'Die Wohnung in der Lindenallee 14a'."""
    found = _AT.match(words)
    return 0 if found is None or _STREET.search(words, 0, found.start("at")) else found.end()


def _spaced(text: str, region: str | None) -> Iterator[AddressParts]:
    """Yield the addresses that stand around a postcode in a running text."""
    parts = _parts_of(text, 0)
    for at, part in enumerate(parts):
        if not at or not any(letter.isdecimal() for letter in part.text):
            continue
        place = _BEHIND_CITY.match(part.text) or (
            None if region in words(_facts()["number_first"]) else _BEFORE_CITY.match(part.text)
        )
        if place is None:
            continue
        begin = at if place["city"] else at - 1
        house = _HOUSE.search(parts[begin - 1].text) if begin else None
        if house is None or not any(letter.isdecimal() for letter in house.group()):
            continue
        start = parts[begin - 1].start + house.start() + _street_start(house.group())
        end = part.start + place.end()
        if (
            at + 1 < len(parts)
            and len(country_of(parts[at + 1].text.rstrip("."))) == 1
            and place.end() == len(part.text)
        ):
            end = parts[at + 1].end
        said = text[start:end]
        found = _read_parts(said, _parts_of(said, 0), region)
        if found is not None and found.street and found.city:
            sure = _STREET.search(found.street) is not None
            doubt = found.doubt or ("" if sure else "no word says that it is an address")
            yield replace(found, start=start, end=start + found.end, doubt=doubt)
