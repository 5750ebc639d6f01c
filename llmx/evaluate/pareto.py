"""Which settings are worth choosing: those that no other beats in quality, cost and time at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from llmx.evaluate.tally import rounded


@dataclass(frozen=True, slots=True)
class Point:
    """A setting that was tried: its quality (more is better), its cost and time (less is better; None is unknown)."""

    name: str
    quality: float
    cost_usd: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ParetoRow:
    """A point, whether it is on the front, and the best point that beats it where it is not."""

    point: Point
    on_front: bool
    beaten_by: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the row as a JSON object."""
        return {
            "name": self.point.name, "quality": rounded(self.point.quality), "cost_usd": self.point.cost_usd,
            "seconds": self.point.seconds, "on_front": self.on_front, "beaten_by": self.beaten_by,
        }  # fmt: skip


def pareto_table(points: Iterable[Point]) -> list[ParetoRow]:
    """Return a row a point, the best quality first.

    A point is beaten by one that is at least as good in everything and better in something. A figure that is unknown
    of either of two points proves nothing: unknown of both it counts as equal, unknown of one it spares the other.

    >>> [row.on_front for row in pareto_table([Point("a", 0.9, 2.0), Point("b", 0.8, 1.0), Point("c", 0.8, 3.0)])]
    [True, True, False]
    """
    ordered = sorted(
        points, key=lambda each: (-each.quality, _or_last(each.cost_usd), _or_last(each.seconds), each.name)
    )
    rows = []
    for each in ordered:
        better = next((other.name for other in ordered if _beats(other, each)), None)
        rows.append(ParetoRow(each, better is None, better))
    return rows


def _or_last(figure: float | None) -> float:
    return float("inf") if figure is None else figure


def _beats(one: Point, other: Point) -> bool:
    sides = [(-one.quality, -other.quality), (one.cost_usd, other.cost_usd), (one.seconds, other.seconds)]
    known = [(a, b) for a, b in sides if a is not None and b is not None]
    if any((a is None) != (b is None) for a, b in sides):
        return False
    return all(a <= b for a, b in known) and any(a < b for a, b in known)
