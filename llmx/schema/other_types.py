"""Types that are neither llmx's nor containers: which of them are written as text, and which stand for another."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any

import pydantic
from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter

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
