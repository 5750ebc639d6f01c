"""Draws documents again and again, to see how far a figure would move on other documents of the same kind.

The bootstrap over documents of Efron 1979, paired: two runs are always drawn together. All counters of a document are
packed into one large integer, so that a draw of a thousand documents is one ``sum`` and numpy is not needed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

RESAMPLES = 2000  # enough for a 95 % interval to two places
LEVEL = 0.95
_BYTES = 8  # a counter: it would take 2^64 facts to overflow into its neighbour


def resampled(rows: Sequence[Sequence[int]], *, resamples: int = RESAMPLES, seed: int = 0) -> Iterator[tuple[int, ...]]:
    """Yield for each resample the column sums of as many rows as there are, drawn with replacement.

    ``rows`` are documents and columns their counters, not negative. The same seed draws the same documents.

    >>> list(resampled([(1, 10), (1, 10)], resamples=2))
    [(2, 20), (2, 20)]
    """
    if not rows:
        return
    columns = len(rows[0])
    packed = [int.from_bytes(b"".join(each.to_bytes(_BYTES, "little") for each in row), "little") for row in rows]
    draw = random.Random(seed)  # noqa: S311  # statistics, not secrets
    for _ in range(resamples):
        summed = sum(draw.choices(packed, k=len(packed))).to_bytes(_BYTES * columns, "little")
        yield tuple(int.from_bytes(summed[at : at + _BYTES], "little") for at in range(0, len(summed), _BYTES))


def interval(values: Sequence[float], *, level: float = LEVEL) -> tuple[float, float]:
    """Return the percentile interval that holds the middle ``level`` of ``values``."""
    ordered = sorted(values)
    last = len(ordered) - 1
    tail = (1 - level) / 2
    return _quantile(ordered, tail * last), _quantile(ordered, (1 - tail) * last)


def _quantile(ordered: Sequence[float], at: float) -> float:
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def p_value(differences: Sequence[float], *, two_sided: bool = True) -> float:
    """Return how likely a difference like this is if there is none; one-sided, where the truth is not below zero.

    ``differences`` are the resampled ones. The count starts at one, so that no p-value is below 1 / resamples.
    """
    count = len(differences)
    not_below = (sum(each >= 0 for each in differences) + 1) / (count + 1)
    not_above = (sum(each <= 0 for each in differences) + 1) / (count + 1)
    return min(1.0, 2 * min(not_below, not_above) if two_sided else not_below)


def sign_floor(differing: int) -> float:
    """Return the least p-value that ``differing`` documents can show: that of a sign test which they all agree in.

    The bootstrap knows no other documents than these and is too sure of itself with few. Five documents that all got
    better would do so by chance, all of them in one direction, once in 2^4.
    """
    return min(1.0, 2.0 ** (1 - differing))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values adjusted for their number (Holm 1979): with twenty fields, one differs by chance."""
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, at in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, p_values[at] * (len(p_values) - rank)))
        adjusted[at] = largest
    return adjusted
