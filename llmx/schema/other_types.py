"""Types that are neither llmx's nor containers: which are computed, which are text, and which stand for another."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import pydantic
from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter, ValidationError

from llmx.types import Reader, Reading, reader_for

_STANDS_FOR: dict[Any, Any] = {
    pydantic.AwareDatetime: datetime,
    pydantic.NaiveDatetime: datetime,
    pydantic.PastDatetime: datetime,
    pydantic.FutureDatetime: datetime,
    pydantic.PastDate: date,
    pydantic.FutureDate: date,
}
_NO_WORDS = frozenset({"binary", "json-string"})


def stands_for(kind: Any) -> Any:
    """Return the type whose words say a value of ``kind``: a date for a date in the past."""
    try:
        return _STANDS_FOR.get(kind, kind)
    except TypeError:  # not hashable
        return kind


def kind_of_text(kind: Any) -> bool:
    """Return whether Pydantic makes a value of ``kind`` from text: URLs, addresses, UUIDs, times and the like."""
    try:
        return _is_text(kind)
    except TypeError:  # not hashable
        return False


@lru_cache(maxsize=256)
def _is_text(kind: Any) -> bool:
    try:
        schema = TypeAdapter(kind).json_schema(mode="validation")
    except (PydanticUserError, PydanticSchemaGenerationError):
        return False
    kinds = [each for each in (schema, *schema.get("anyOf", ())) if isinstance(each, dict)]
    return any(each.get("type") == "string" and each.get("format") not in _NO_WORDS for each in kinds)


def computed(kind: Any) -> Reader | None:
    """Return what computes a value of ``kind`` from words, None where nothing does: the types of llmx, numbers, dates,
    and lengths of time.
    """
    return _timedelta_reader() if kind is timedelta else reader_for(kind)


@lru_cache(maxsize=1)
def _timedelta_reader() -> Reader:
    from llmx.types import Duration  # noqa: PLC0415 - only where a schema has lengths of time

    inner = reader_for(Duration)
    assert inner is not None

    def from_text(words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Any]:
        return _exact(inner.from_text(words, locale=locale, reference=reference))

    def find_all(text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Any]]:
        return [_exact(reading) for reading in inner.find_all(text, locale=locale, reference=reference)]

    return Reader(inner.label, from_text, find_all)


def _exact(reading: Reading[Any]) -> Reading[Any]:
    """Return the reading as a length in days and seconds; that of a year or a month differs, and has no value."""
    length = reading.map(_timedelta)
    if reading.value is not None and length.value is None:
        return length.with_issue("unreadable", f"{reading.words!r} has years or months, which are no fixed length")
    return length


def _timedelta(duration: Any) -> timedelta | None:
    days = str(duration).partition("T")[0]
    if "Y" in days or "M" in days:
        return None
    try:
        return TypeAdapter(timedelta).validate_python(str(duration))
    except ValidationError:
        return None
