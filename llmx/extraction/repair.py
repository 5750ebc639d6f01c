"""Repairing an answer that does not fit the wire model: what fits stays, and each loss is an issue.

A faulty leaf becomes null, a faulty list element goes. Where null is not allowed, a text beside other values becomes
empty, and what holds any other leaf goes instead. So one misfit costs one value and not the record.
"""

from __future__ import annotations

import copy
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from llmx.schema import WireModel

_DEPTH = 4
"""Levels above a faulty value that may be given up for it."""


def repair(value: dict[str, Any], error: ValidationError, model: type[WireModel]) -> dict[str, Any] | None:
    """Return ``value`` without what ``error`` names, as the wire model dumps it; None where nothing is left that fits.

    ``value`` itself is not changed.
    """
    for depth in range(_DEPTH):
        value = _without(value, error, up=depth)
        try:
            return model.model_validate(value).model_dump()
        except ValidationError as still:
            error = still
    return None


def _without(value: Any, error: ValidationError, *, up: int) -> Any:
    """Return a copy of ``value`` without what ``error`` names, or without what stands ``up`` levels above it."""
    value = copy.deepcopy(value)
    gone: list[tuple[list[Any], int]] = []
    for fault in error.errors(include_url=False):
        loc = _place(value, fault["loc"])
        holder, place = _holder(value, loc)
        if up and not (_is_missing_text(fault) and _says_more(holder)):
            holder, place = _holder(value, loc[: max(1, len(loc) - up)])
        last = place[-1]
        if isinstance(holder, list) and isinstance(last, int):
            gone.append((holder, last))
        elif isinstance(holder, dict):
            _correct(holder, str(last), fault, whole=len(place) < len(loc))
    for holder, number in sorted(gone, key=lambda item: -item[1]):
        if number < len(holder):
            del holder[number]
    return value


def _place(value: Any, loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return ``loc`` without the names that Pydantic puts in for the alternatives of a union."""
    place: list[int | str] = []
    for number, part in enumerate(loc):
        if not isinstance(value, dict | list):
            break
        if _has(value, part):
            value = value[part]  # type: ignore[index] # _has says that it is there
        elif number < len(loc) - 1:
            continue
        place.append(part)
    return tuple(place) or loc


def _correct(holder: dict[str, Any], name: str, fault: ErrorDetails, *, whole: bool) -> None:
    """Take a faulty value out of an object: a list that is too long is cut, what should be a list becomes empty.

    ``whole``: the fault lies within the value, all of which is given up for it.
    """
    value = holder.get(name)
    if fault["type"] == "extra_forbidden":
        holder.pop(name, None)
    elif fault["type"] == "too_long" and isinstance(value, list):
        holder[name] = value[: int(fault["ctx"]["max_length"])]
    elif _is_missing_text(fault) and not whole and _says_more(holder):
        holder[name] = ""
    else:
        holder[name] = [] if (whole and isinstance(value, list)) or fault["type"] == "list_type" else None


def _is_missing_text(fault: ErrorDetails) -> bool:
    return fault["type"] == "string_type" and fault["input"] is None


def _says_more(holder: Any) -> bool:
    """Whether an object has any value that is worth keeping."""
    return isinstance(holder, dict) and any(value not in (None, "", [], {}) for value in holder.values())


def _holder(value: Any, place: tuple[int | str, ...]) -> tuple[Any, tuple[int | str, ...]]:
    """Return what holds the value at ``place``, None where nothing does; and the place."""
    for part in place[:-1]:
        value = value[part] if _has(value, part) else None
    return value, place


def _has(holder: Any, part: Any) -> bool:
    return (isinstance(holder, dict) and part in holder) or (
        isinstance(holder, list) and isinstance(part, int) and part < len(holder)
    )
