"""Shows sums of dollars, the small ones of a single request too."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal

_LEAST = 0.0001
"""Below it four decimals would show little or nothing of a sum."""


def shown_usd(amount: Decimal | float) -> str:
    """Return ``amount`` with four decimals, a smaller one with its first two digits.

    >>> shown_usd(1.5), shown_usd(0.00004217), shown_usd(0)
    ('1.5000', '0.000042', '0.0000')
    """
    number = float(amount)
    if not 0 < number < _LEAST:
        return f"{number:.4f}"
    return f"{number:.{1 - math.floor(math.log10(number))}f}"


def sum_usd(costs: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of ``costs``; None where there are none, or one is unknown: a part would be taken for the whole.

    >>> sum_usd([Decimal(1), Decimal(2)]), sum_usd([Decimal(1), None]), sum_usd([])
    (Decimal('3'), None, None)
    """
    every = list(costs)
    known = [cost for cost in every if cost is not None]
    return sum(known, Decimal()) if known and len(known) == len(every) else None
