"""Readers for what stands in a schema: the llmx types, and int, float, Decimal, date, datetime and time as they are.

A plain ``int`` is computed from the words as a ``Number`` is, and refuses what is no whole number; a plain ``date``
refuses what is no full date. Text, booleans and choices have no reader: their words are the value, or are inferred.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from llmx.dataclass import dataclass
from llmx.record import Issue
from llmx.types.digits import Real, to_json_number
from llmx.types.number import Number, read_number
from llmx.types.number_scan import find_numbers
from llmx.types.reading import Reading, TypedValue, shorten
from llmx.types.time_beside import time_beside

_FromText = Callable[..., Reading[Any]]
_FindAll = Callable[..., list[Reading[Any]]]
_LABELS = {"PartialDate": "date", "DateRange": "period", "CountryCode": "country", "CurrencyCode": "currency",
           "LanguageCode": "language", "PersonName": "person", "OrganizationName": "organisation",
           "Verbatim": "words", "Iban": "IBAN", "VatId": "VAT id", "Time": "time",
           "PartialDateTime": "date and time", "PercentRange": "percentage range"}  # fmt: skip


_DATED = frozenset({"date", "period", "date and time"})


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """How the values of one type are read: ``from_text`` and ``find_all`` as a typed value has them.

    ``label`` says in a word what is read, such as 'number' or 'date'. ``numeric`` says that the values are plain
    numbers, ``dated`` that they may count from the document's own date, and ``as_quoted`` that words of a sentence
    before a value look like its beginning, so that a quote which is one is taken as it is.
    """

    label: str
    from_text: _FromText
    find_all: _FindAll
    numeric: bool = False
    dated: bool = False
    as_quoted: bool = False


def reader_for(annotation: Any) -> Reader | None:
    """Return the reader of a type, one and the same for each type; None for what is not computed from words.

    Those are str, bool, enums, literals, unions and models that are no typed values.

    >>> reader_for(int).from_text("nearly 600 jobs").value, reader_for(str)
    (600, None)
    """
    try:
        return _reader(annotation)
    except TypeError:  # an annotation that cannot be hashed has no reader
        return None


@lru_cache(maxsize=256)
def _reader(annotation: Any) -> Reader | None:
    if not isinstance(annotation, type) or hasattr(annotation, "__origin__"):
        return None
    if _is_typed_value(annotation) and issubclass(annotation, TypedValue):
        label = next((_LABELS[c.__name__] for c in annotation.__mro__ if c.__name__ in _LABELS), annotation.__name__)
        name = label if label in _LABELS.values() else _spaced(label)
        dated = label in _DATED or not annotation.__module__.startswith("llmx.")  # a user's type may count from it, too
        return Reader(
            name, annotation.from_text, annotation.find_all, numeric=annotation is Number, dated=dated,
            as_quoted=getattr(annotation, "as_quoted", False),
        )  # fmt: skip
    plain: dict[type, tuple[str, Callable[[Reading[Any]], Reading[Any]]]] = {
        int: ("number", _whole),
        float: ("number", _fraction),
        Decimal: ("number", lambda reading: reading.map(Decimal)),
    }
    if annotation in plain:
        return _number_reader(*plain[annotation])
    if annotation in {date, datetime}:
        return _date_reader(annotation)
    if annotation is time:
        return _time_reader()
    return None


def _is_typed_value(annotation: type) -> bool:
    """Whether a class has both class methods of the protocol; as class methods, not as methods of an instance."""
    return all(inspect.ismethod(getattr(annotation, name, None)) for name in ("from_text", "find_all")) and isinstance(
        annotation, TypedValue
    )


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _number_reader(label: str, convert: Callable[[Reading[Any]], Reading[Any]]) -> Reader:
    def from_text(words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Any]:  # noqa: ARG001 - the signature of all readers
        return convert(read_number(words, locale))

    def find_all(text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Any]]:  # noqa: ARG001 - the signature of all readers
        return [convert(reading) for reading in find_numbers(text, locale)]

    return Reader(label, from_text, find_all, numeric=True)


def _fraction(reading: Reading[Real]) -> Reading[float]:
    """Return the reading as one of a float; what is larger than any float has no value and the issue ``too_large``."""
    try:
        return reading.map(float)
    except OverflowError:
        issue = Issue("too_large", "", f"{shorten(reading.words)!r} is larger than any number of this type")
        return Reading(None, reading.words, reading.start, reading.end, reading.rule, (), (*reading.issues, issue))


def _whole(reading: Reading[Real]) -> Reading[int]:
    """Return the reading as one of a whole number; a fraction has no value and the issue ``not_whole``."""
    whole = tuple(int(candidate) for candidate in reading.candidates if candidate == int(candidate))
    if reading.value is None or reading.value == int(reading.value):
        value = None if reading.value is None else int(reading.value)
        return Reading(value, reading.words, reading.start, reading.end, reading.rule, whole, reading.issues)
    issue = Issue("not_whole", "", f"{reading.words!r} is {to_json_number(reading.value)}, which is no whole number")
    issues = (*reading.issues, issue)
    return Reading(None, reading.words, reading.start, reading.end, reading.rule, whole, issues)


def _time_reader() -> Reader:
    from llmx.types.time_of_day import Time  # noqa: PLC0415  # only where a schema has times

    def from_text(words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Any]:
        return Time.from_text(words, locale=locale, reference=reference).map(Time.to_time)

    def find_all(text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Any]]:
        return [reading.map(Time.to_time) for reading in Time.find_all(text, locale=locale, reference=reference)]

    return Reader("time", from_text, find_all)


def _date_reader(annotation: type) -> Reader:
    from llmx.types.date import PartialDate  # noqa: PLC0415  # only where a schema has dates

    def convert(full: date) -> Any:
        return datetime.combine(full, time()) if annotation is datetime else full  # midnight, unless a time is stated

    def complete(reading: Reading[PartialDate]) -> Reading[Any]:
        candidates = tuple(convert(full) for c in reading.candidates if (full := c.to_date()) is not None)
        full = reading.value.to_date() if reading.value is not None else None
        value = None if full is None else convert(full)
        issues = reading.issues
        if reading.value is not None and full is None:
            issues = (
                *issues,
                Issue("partial_date", "", f"{reading.words!r} says {reading.value}, which is no full date"),
            )
        return Reading(value, reading.words, reading.start, reading.end, reading.rule, candidates, issues)

    def timed(reading: Reading[Any], text: str, since: int = 0) -> Reading[Any]:
        if annotation is not datetime or reading.value is None:
            return reading
        stated = time_beside(text, reading.start, reading.end, since=since)
        if stated is None:
            return reading.with_issue("no_time", f"{reading.words!r} says no time of day: midnight is assumed")
        clock, ranged = stated
        words, value = text[clock.start : clock.end], datetime.combine(reading.value.date(), clock.value)
        told = replace(reading, value=value, words=words, start=clock.start, end=clock.end)
        told = told.with_issue("ambiguous", f"{words!r}: {clock.doubt}") if clock.doubt else told
        return told.with_issue("range", f"{words!r} is the first of two times") if ranged else told

    def from_text(words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Any]:
        return timed(complete(PartialDate.from_text(words, locale=locale, reference=reference)), words)

    def find_all(text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Any]]:
        found = PartialDate.find_all(text, locale=locale, reference=reference)
        readings: list[Reading[Any]] = []
        for reading in found:
            readings.append(timed(complete(reading), text, readings[-1].end if readings else 0))
        return readings

    return Reader("date", from_text, find_all, dated=True)
