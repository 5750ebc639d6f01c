from __future__ import annotations

from decimal import Decimal

import pytest

from llmx.run.dollars import shown_usd


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal("0.0000421"), "0.000042"), (Decimal("0.00004"), "0.000040"), (0.0000000123, "0.000000012"),
        (0.0001, "0.0001"), (0.00345, "0.0034"), (Decimal("12.5"), "12.5000"), (0, "0.0000"),
    ],
)  # fmt: skip
def test_a_sum_that_is_not_zero_is_never_shown_as_zero(amount: Decimal | float, shown: str) -> None:
    assert shown_usd(amount) == shown
