"""How often each field of a run has a value, and which issues it has: counted from the output, a line at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from llmx.json_pointer import to_parts

_EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """A field over all records of a run: of ``total`` places for a value, ``filled`` have one.

    ``path`` is written as in a gate of ``llmx eval``: parties.name is the name of every party.
    """

    path: str
    total: int
    filled: int
    issues: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values; the rate is None where there is no place for a value."""
        rate = round(self.filled / self.total, 4) if self.total else None
        return {"field": self.path, "filled": self.filled, "total": self.total, "rate": rate, "issues": self.issues}


def field_figures(target: Path) -> tuple[FieldFigures, ...]:
    """Return the figures of every field of the records in ``target``, a file of JSON lines, in their order.

    Of several records with one id the last counts. An issue of the whole record counts for the field ''.
    """
    last = {str(row.get("id")): number for number, row in _rows(target)}
    totals: Counter[str] = Counter()
    filled: Counter[str] = Counter()
    issues: dict[str, Counter[str]] = {}
    for number, row in _rows(target):
        if last[str(row.get("id"))] != number:
            continue
        for path, value in _values(row.get("data"), ""):
            totals[path] += 1
            filled[path] += value not in _EMPTY
        for issue in row.get("issues") or ():
            issues.setdefault(_field(issue.get("path") or ""), Counter())[issue["code"]] += 1
    paths = dict.fromkeys((*totals, *issues))
    return tuple(
        FieldFigures(path, totals[path], filled[path], dict(issues.get(path, Counter()).most_common()))
        for path in paths
    )  # fmt: skip


def _rows(target: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the lines, but not a last one that is cut off where the run was killed."""
    with target.open("rb") as stream:
        for number, line in enumerate(stream):
            if line.strip() and line.endswith(b"\n"):
                yield number, orjson.loads(line)


def _values(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of every field in ``value``, those of the elements of lists, too."""
    if isinstance(value, list):
        for element in value:
            if isinstance(element, dict):
                yield from _values(element, path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            below = f"{path}.{name}" if path else name
            yield below, inner
            yield from _values(inner, below)


def _field(pointer: str) -> str:
    """Return the field that a pointer into a record is in: it has no numbers of elements."""
    return ".".join(part for part in to_parts(pointer) if not part.isdecimal())
