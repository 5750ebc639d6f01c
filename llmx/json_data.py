"""JSON data walked by itself: its leaves with their pointers, and a copy with every leaf changed.

Where a schema describes the data, ``schema/algebra.py`` walks both together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from llmx import json_pointer

_SAYING_NOTHING = (str, list, dict)  # if they are empty; 0 and False are empty too, and say something


def is_empty(value: Any) -> bool:
    """Return whether ``value`` says nothing: null, white space, an empty list or object. False and 0 say something."""
    if not value:
        return value is None or isinstance(value, _SAYING_NOTHING)
    return isinstance(value, str) and value.isspace()


MOST_LEVELS = 100
"""How deep data may be nested that are walked down: far more than a schema has, far less than Python allows."""


def is_too_deep(data: Any) -> bool:
    """Return whether ``data`` is nested deeper than ``MOST_LEVELS``, without walking down itself."""
    level = [data]
    for _ in range(MOST_LEVELS):
        level = [
            part
            for each in level
            for part in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
            if isinstance(part, dict | list)
        ]
        if not level:
            return False
    return True


def leaves(data: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the pointer and value of every leaf: what is neither an object nor a list, in order.

    >>> list(leaves({"unit/price": 3, "tags": ["a", None], "none": []}))
    [('/unit~1price', 3), ('/tags/0', 'a'), ('/tags/1', None)]
    """
    if isinstance(data, dict):
        for name, value in data.items():
            yield from leaves(value, json_pointer.child(pointer, name))
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data):
            yield from leaves(value, json_pointer.child(pointer, number))
    else:
        yield pointer, data


def map_leaves(data: Any, change: Callable[[Any], Any]) -> Any:
    """Return a copy of ``data`` in which ``change`` was applied to every leaf.

    >>> map_leaves({"a": [1, {"b": 2}]}, lambda value: value * 10)
    {'a': [10, {'b': 20}]}
    """
    if isinstance(data, dict):
        return {name: map_leaves(value, change) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [map_leaves(value, change) for value in data]
    return change(data)
