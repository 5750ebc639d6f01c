"""Successive halving: all prompts on a few documents, the better half on twice as many, until one remains on all.

So most of the requests go to the prompts that may win (Jamieson and Talwalkar 2016). Each round compares its prompts on
the same documents.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def round_sizes(prompts: int, documents: int, *, fewest: int) -> list[int]:
    """Return the number of documents in each round, rising to all of them; the first has at least ``fewest``.

    >>> round_sizes(12, 30, fewest=4), round_sizes(2, 30, fewest=4), round_sizes(12, 4, fewest=4)
    ([4, 8, 15, 30], [30], [4])
    """
    rounds = max(1, math.ceil(math.log2(max(prompts, 2))))
    sizes = (max(fewest, math.ceil(documents / 2 ** (rounds - 1 - each))) for each in range(rounds))
    return sorted({min(size, documents) for size in sizes})


def better_half(ranked: Sequence[T]) -> list[T]:
    """Return the first half of ``ranked``, the larger one of an odd number; at least two, so that one can win."""
    return list(ranked[: max(2, math.ceil(len(ranked) / 2))])


def planned_documents(prompts: int, documents: int, *, fewest: int) -> int:
    """Return how many documents are extracted in all rounds, with one prompt more in each that is always compared."""
    left, planned = prompts, 0
    for size in round_sizes(prompts, documents, fewest=fewest):
        planned += size * (left + 1)
        left = max(2, math.ceil(left / 2))
    return planned
