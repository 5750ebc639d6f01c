"""The page's tables of single values over all documents: the least certain ones, and those in which runs differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import nsmallest
from typing import Any

from llmx import json_data, json_pointer
from llmx.evaluate.proof import nearest
from llmx.json_data import is_empty
from llmx.view.facets import is_unproven, sure_values, value_at

MOST = 5000
"""The rows that each table keeps; the page says how many there are."""

VALUE_CHARS = 300


class ValueTables:
    """Collects the rows, document by document."""

    def __init__(self) -> None:
        self._doubts: list[dict[str, Any]] = []
        self._differences: list[dict[str, Any]] = []
        self._counts = {"doubts": 0, "differences": 0}

    def add(self, number: int, records: Iterable[Mapping[str, Any] | None]) -> None:
        """Add the rows of document ``number``; ``records`` are one of each run."""
        listed = list(records)
        for run, record in enumerate(listed):
            if record is not None:
                self._add_doubts(number, run, record)
                self._add_differences(number, run, record, first=listed[0])

    def to_json(self) -> dict[str, Any]:
        """Return the rows of both tables, the least certain values first, and how many there were in all."""
        return {"doubts": _least(self._doubts), "differences": self._differences, "counts": self._counts}

    def _add_doubts(self, number: int, run: int, record: Mapping[str, Any]) -> None:
        unproven = is_unproven(record)
        for pointer, value, sure in sure_values(record):
            self._counts["doubts"] += 1
            row = {"doc": number, "run": run, "sure": round(sure, 3), "unproven": unproven(pointer)}
            self._doubts.append(row | _value(record, pointer, value))
        if len(self._doubts) > 4 * MOST:
            self._doubts = _least(self._doubts)

    def _add_differences(
        self, number: int, run: int, record: Mapping[str, Any], *, first: Mapping[str, Any] | None
    ) -> None:
        for pointer, other in record["differs"].items():
            here = _value(record, pointer, value_at(record["data"], pointer))
            self._keep({"doc": number, "run": run, "here": here, "first": _first(first, other)})
        for other in record["lacks"]:
            self._keep({"doc": number, "run": run, "here": None, "first": _first(first, other)})

    def _keep(self, row: dict[str, Any]) -> None:
        self._counts["differences"] += 1
        if len(self._differences) < MOST:
            self._differences.append(row)


def _least(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return nsmallest(MOST, rows, key=lambda row: row["sure"])


def _first(record: Mapping[str, Any] | None, fact: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the first run has in place of a value of another; None if that is nothing."""
    if record is None or is_empty(fact["gold"]):
        return None
    if fact["at"] is None:  # no single place states it
        return {"pointer": None, "path": fact.get("path", ""), "value": _cut(fact["gold"]), "quote": ""}
    return _value(record, fact["at"], fact["gold"])


def _value(record: Mapping[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    proof = nearest(record["evidence"], pointer)[1]
    quote = str((proof or {}).get("quote") or "")[:VALUE_CHARS]
    return {"pointer": pointer, "value": _cut(value), "quote": quote}


def _cut(value: Any) -> Any:
    return value[:VALUE_CHARS] if isinstance(value, str) else value


class FirstPlaces:
    """Tells where the first run states the facts that another is compared with: by field and value, each place once."""

    def __init__(self, data: Any) -> None:
        self._places: dict[tuple[str, str], list[str]] = {}
        for pointer, value in json_data.leaves(data):
            self._places.setdefault((_path(pointer), repr(value)), []).append(pointer)

    def take(self, path: str, value: Any) -> str | None:
        """Return the pointer of the next place at ``path`` (parties.name) that has ``value``, None if there is none."""
        places = self._places.get((path, repr(value)))
        return places.pop(0) if places else None


def _path(pointer: str) -> str:
    return ".".join(part for part in json_pointer.to_parts(pointer) if not part.isdecimal())
