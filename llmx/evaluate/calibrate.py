"""Whether a confidence of 0.8 is right eight times in ten, and a map that makes it so.

A point is (confidence, whether the value is right). Where points come from is ``proof.py``'s; that a record's
confidence is mapped before it is written is the run's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from llmx.assembly.calibration import Calibration
from llmx.errors import UsageError
from llmx.evaluate.tally import rounded

Point = tuple[float, bool]
BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The points whose confidence lies in [low, high): how many, their mean confidence, the share that is right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float

    def to_json(self) -> dict[str, float]:
        """Return the five figures."""
        return {
            "low": self.low, "high": self.high, "count": self.count,
            "confidence": round(self.confidence, 4), "accuracy": round(self.accuracy, 4),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reliability:
    """How reliable confidence is.

    ``ece`` is the expected calibration error (Naeini et al. 2015, bins of equal width): the mean gap between
    confidence and share right, 0 is best. ``brier`` is the mean squared error, 0 is best. ``auroc`` is the chance that
    a right value has a higher confidence than a wrong one (ties count half): 0.5 says nothing; None if all are
    right or all wrong.
    """

    count: int
    bins: tuple[Bin, ...]
    ece: float
    brier: float
    auroc: float | None

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a JSON object."""
        return {
            "count": self.count, "ece": rounded(self.ece), "brier": rounded(self.brier), "auroc": rounded(self.auroc),
            "bins": [each.to_json() for each in self.bins],
        }  # fmt: skip


def reliability(points: Sequence[Point], *, bins: int = BINS) -> Reliability | None:
    """Return how reliable the confidence of ``points`` is; None without points. Empty bins are left out.

    >>> found = reliability([(0.9, True), (0.9, True), (0.9, False), (0.9, False)])
    >>> found.ece, found.auroc
    (0.4, 0.5)
    """
    if not points:
        return None
    groups: dict[int, list[Point]] = {}
    for point in points:
        groups.setdefault(min(int(point[0] * bins), bins - 1), []).append(point)
    found = tuple(
        Bin(
            number / bins,
            (number + 1) / bins,
            len(group),
            sum(confidence for confidence, _ in group) / len(group),
            sum(right for _, right in group) / len(group),
        )
        for number, group in sorted(groups.items())
    )
    ece = sum(each.count * abs(each.confidence - each.accuracy) for each in found) / len(points)
    brier = sum((confidence - right) ** 2 for confidence, right in points) / len(points)
    return Reliability(len(points), found, ece, brier, auroc(points))


def auroc(points: Sequence[Point]) -> float | None:
    """Return the chance that a right value has the higher confidence of two, by ranks (Mann and Whitney 1947)."""
    right = sum(hit for _, hit in points)
    wrong = len(points) - right
    if not right or not wrong:
        return None
    below, won = 0, 0.0
    for _, tied in groupby(sorted(points), key=lambda point: point[0]):
        hits = [hit for _, hit in tied]
        misses = len(hits) - sum(hits)
        won += sum(hits) * (below + misses / 2)
        below += misses
    return won / (right * wrong)


def fit_calibration(points: Sequence[Point]) -> Calibration:
    """Return the map under which the confidence of ``points`` is believed best.

    Isotonic regression by pooling adjacent violators (Ayer et al. 1955). Each pool of n points with k right gives the
    share (k + 1/2) / (n + 1) (Krichevsky and Trofimov 1981), so that three lucky points do not become certainty. Raises
    UsageError without points.
    """
    if not points:
        raise UsageError(
            "no value has both a confidence and gold", hint="Run with confidence on, over annotated documents."
        )
    pools = [_pool(list(tied)) for _, tied in groupby(sorted(points), key=lambda point: point[0])]
    merged = _smooth(_rising(pools))
    if len(merged) == 1:
        return Calibration(((merged[0][0] / merged[0][2], merged[0][1]),), len(points))
    return Calibration(tuple((x / n, y) for x, y, n in merged), len(points))


Pool = tuple[float, float, int]  # sum of confidence, share right, points


def _pool(tied: list[Point]) -> Pool:
    return sum(x for x, _ in tied), sum(hit for _, hit in tied) / len(tied), len(tied)


def _rising(pools: list[Pool]) -> list[Pool]:
    """Merge neighbours until the shares rise strictly."""
    stack: list[Pool] = []
    for pool in pools:
        stack.append(pool)
        while len(stack) > 1 and stack[-2][1] >= stack[-1][1]:
            (xa, ya, na), (xb, yb, nb) = stack[-2:]
            stack[-2:] = [(xa + xb, (ya * na + yb * nb) / (na + nb), na + nb)]
    return stack


def _smooth(pools: list[Pool]) -> list[Pool]:
    return _rising([(x, (y * n + 0.5) / (n + 1), n) for x, y, n in pools])
