"""Geographical coordinates in degrees: 52°31′12″N 13°24′18″E, 北纬39.9度，东经116.4度, 48.8584, 2.2945."""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, model_validator

from llmx.facts import load_facts, one_of, pairs, phrases, words
from llmx.types.digits import exact
from llmx.types.fields import Amount
from llmx.types.languages import language_of
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, fields_of, read_one
from llmx.types.text_value import LATIN

_facts = partial(load_facts, "types", "coordinates")
_NUMBER = r"\d{1,3}(?:[.,]\d{1,12})?"
_ANGLE = (
    rf"(?P<degrees>{_NUMBER})\s?[°º度도]\s?(?:(?P<minutes>{_NUMBER})\s?['′’‘分분]\s?)?"
    rf"(?:(?P<seconds>{_NUMBER})\s?(?:[\"″”“秒초]|''|’’)\s?)?"
)
_MARKED = LazyPattern(
    lambda: (
        rf"(?<![\d.,])(?:(?P<before>{'|'.join(one_of(entry) for entry in _facts()['before'].values())})\s?)?"
        rf"{_ANGLE}(?P<side>[{''.join(pairs(_facts()['sides']))}](?![{LATIN}]))?"
    )
)
_DECIMAL = LazyPattern(
    r"(?<![\d.,/-])(?P<latitude>[-−+]?\d{1,2}\.\d{3,12})°?\s?[,;/]?\s?(?P<longitude>[-−+]?\d{1,3}\.\d{3,12})°?(?![\d.,]*\d)"
)
_LABEL = LazyPattern(lambda: rf"{one_of(_facts()['labels'])}[^\d\n]{{0,24}}\Z", re.IGNORECASE)
_JOINT = LazyPattern(r"[\s,;，、/]*")
_LABEL_CHARS = 40
_Angle: TypeAlias = tuple[re.Match[str], str]  # degrees, and the side that they are on
_DECIMALS = 6  # a tenth of a metre


class Coordinates(BaseModel):
    """A place on the globe as a field type: ``latitude`` and ``longitude`` in degrees, south and west negative.

    >>> str(Coordinates.from_text("40.7128° N, 74.0060° W").value)
    '40.7128,-74.006'
    """

    model_config = ConfigDict(frozen=True)

    latitude: Amount
    longitude: Amount

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one place that ``words`` state; two decimal numbers are one where nothing else stands there."""
        reading = read_one(cls.find_all(words, locale=locale), words, "pair of coordinates")
        if reading.rule == "coordinates.decimal" and reading.words == words.strip(" \t\n()[]."):
            return replace(reading, issues=())
        return reading

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every pair of coordinates in ``text``, in order."""
        return sorted([*cls._marked(text, locale), *cls._decimal(text)], key=lambda reading: reading.start)

    @classmethod
    def _marked(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        held: _Angle | None = None
        for found in _MARKED.finditer(text) if any(sign in text for sign in "°º度도") else ():
            side = _side(found)
            if held is not None and side is not None and _JOINT.fullmatch(text, held[0].end(), found.start()):
                reading = cls._pair(text, held, (found, side), locale=locale)
                if reading is not None:
                    yield reading
                    held = None
                    continue
            held = None if side is None else (found, side)

    @classmethod
    def _pair(cls, text: str, first: _Angle, second: _Angle, *, locale: str | None) -> Reading[Self] | None:
        """Return a latitude and a longitude, in either order, as one place."""
        north, east = (first, second) if first[1] in "NS" else (second, first)
        latitude, longitude = _degrees(north[0]), _degrees(east[0])
        if north[1] not in "NS" or east[1] in "NS" or latitude > 90 or longitude > 180:
            return None
        latitude = -latitude if north[1] == "S" else latitude
        start, end = first[0].start(), len(text[: second[0].end()].rstrip())
        known = language_of(locale)
        if east[1] != "O" or known in words(_facts()["east_by_o"]) or known in words(_facts()["west_by_o"]):
            west = east[1] == "W" or (east[1] == "O" and known in words(_facts()["west_by_o"]))
            place = cls(latitude=exact(latitude), longitude=exact(-longitude if west else longitude))
            return Reading(place, text[start:end], start, end, "coordinates")
        both = tuple(cls(latitude=exact(latitude), longitude=exact(sign * longitude)) for sign in (1, -1))
        reading: Reading[Self] = Reading(None, text[start:end], start, end, "coordinates", both)
        return reading.with_issue("ambiguous", "O is east in German and west in the Romance languages")

    @classmethod
    def _decimal(cls, text: str) -> Iterator[Reading[Self]]:
        for found in _DECIMAL.finditer(text):
            both = (found[name].replace("−", "-") for name in ("latitude", "longitude"))
            latitude, longitude = (Decimal(written).normalize() for written in both)
            if abs(latitude) > 90 or abs(longitude) > 180:
                continue
            place = cls(latitude=exact(latitude), longitude=exact(longitude))
            reading: Reading[Self] = Reading(place, found.group(), *found.span(), "coordinates.decimal")
            if not _LABEL.search(text, max(0, found.start() - _LABEL_CHARS), found.start()):
                reading = reading.with_issue("ambiguous", f"{found.group()!r} may be two numbers of another kind")
            yield reading

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, given: Any) -> Any:
        return fields_of(given, cls.from_text, "no coordinates")

    def __str__(self) -> str:
        return f"{self.latitude},{self.longitude}"


def _side(found: re.Match[str]) -> str | None:
    """Return the side that is stated behind degrees, or before them in Chinese, Japanese and Korean."""
    if found["before"]:
        return next(str(side) for side, entry in _facts()["before"].items() if found["before"] in phrases(entry))
    return pairs(_facts()["sides"])[found["side"]] if found["side"] else None


def _degrees(found: re.Match[str]) -> Decimal:
    """Return degrees, minutes and seconds in degrees."""
    parts = (Decimal((found[name] or "0").replace(",", ".")) for name in ("degrees", "minutes", "seconds"))
    degrees, minutes, seconds = parts
    whole = degrees + minutes / 60 + seconds / 3600
    return (round(whole, _DECIMALS) if minutes or seconds else whole).normalize()
