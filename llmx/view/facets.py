"""What documents are filtered and ordered by: of each top-level field its values, its lowest confidence, its issues."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from math import isfinite
from typing import Any

from llmx import json_data, json_pointer
from llmx.evaluate.proof import nearest
from llmx.json_data import is_empty

MISSED = frozenset({"unproven", "kept"})  # the issues that say that a value's proof is missing
WHOLE = ""
"""The facet of issues that belong to no field."""


def field_of(pointer: str) -> str:
    """Return the top-level field that a pointer is in; what is no pointer is in none.

    >>> field_of("/parties/0/name"), field_of("parties")
    ('parties', '')
    """
    return next(iter(json_pointer.to_parts(pointer)), WHOLE) if pointer.startswith("/") else WHOLE


def filled(data: Any) -> list[str]:
    """Return the pointers of all leaves that have a value."""
    return [pointer for pointer, value in json_data.leaves(data) if not is_empty(value)]


def value_at(data: Any, pointer: str) -> Any:
    """Return the value at a pointer, None where there is none."""
    try:
        return json_pointer.resolve(data, pointer)
    except (KeyError, ValueError):
        return None


def sure_values(record: Mapping[str, Any]) -> Iterator[tuple[str, Any, float]]:
    """Yield the pointer, the value and the confidence of each value that has one; other programs may write others."""
    for pointer, sure in record["confidence"].items():
        value = value_at(record["data"], pointer)
        if isinstance(sure, int | float) and isfinite(sure) and not is_empty(value):
            yield pointer, value, float(sure)


def is_unproven(record: Mapping[str, Any]) -> Callable[[str], bool]:
    """Return what tells whether the value at a pointer lacks the proof that it needs.

    A field in the model's own words needs no proof: its proof is null, and no issue says that one is missing.
    """
    missed = {issue["path"] for issue in record["issues"] if issue["code"] in MISSED}
    lacking = {path: proof is None and path in missed for path, proof in record["evidence"].items()}
    return lambda pointer: nearest(lacking, pointer)[1] is True


def facets(records: Iterable[Mapping[str, Any] | None], wrong: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return the facets of a document by field, of all its records together; what is not there is left out.

    ``n`` is the number of values, ``sure`` the lowest confidence, ``codes`` the issues; ``flags`` are "unproven",
    "wrong" and "differs". ``wrong`` are the kinds of marks that stand for a difference from gold.
    """
    found: dict[str, dict[str, Any]] = {}
    for record in filter(None, records):
        counts: dict[str, int] = {}
        unproven = is_unproven(record)
        for pointer in filled(record["data"]):
            name = field_of(pointer)
            counts[name] = counts.get(name, 0) + 1
            if unproven(pointer):
                _flag(found, name, "unproven")
        for name, count in counts.items():
            facet = found.setdefault(name, {})
            facet["n"] = max(facet.get("n", 0), count)
        _add_confidence(found, record)
        for issue in record["issues"]:
            codes = found.setdefault(field_of(issue["path"]), {}).setdefault("codes", [])
            if issue["code"] not in codes:
                codes.append(issue["code"])
        marked = (pointer for pointer, mark in record["marks"].items() if mark["kind"] in wrong)
        for path in [*marked, *_paths(record["missing"])]:
            _flag(found, field_of(path), "wrong")
        for path in [*record["differs"], *_paths(record["lacks"])]:
            _flag(found, field_of(path), "differs")
    return found


def _paths(facts: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return pointers to the top-level fields of what a record does not have."""
    return [json_pointer.child("", str(each["path"]).split(".", 1)[0]) for each in facts]


def _add_confidence(found: dict[str, dict[str, Any]], record: Mapping[str, Any]) -> None:
    for pointer, _, sure in sure_values(record):
        facet = found.setdefault(field_of(pointer), {})
        facet["sure"] = min(facet.get("sure", 1.0), round(sure, 2))


def _flag(found: dict[str, dict[str, Any]], name: str, flag: str) -> None:
    flags = found.setdefault(name, {}).setdefault("flags", [])
    if flag not in flags:
        flags.append(flag)
