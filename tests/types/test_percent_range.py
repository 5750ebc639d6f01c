"""A percentage between bounds keeps the side that is open, and is doubted where words could move a bound."""

from __future__ import annotations

import pytest

from llmx.types import PercentRange

BOUNDS = {
    "3 to 5 %": "3..5", "20 à 30 %": "20..30", "3% - 5%": "3..5", "10％〜20％": "10..20", "between 3 % and 5 %": "3..5", "entre 3 y 5 %": "3..5", "de 10% a 15%": "10..15",
    "-2% to 3%": "-2..3", "no less than 10%, no more than 20%": "10..20", "at least 20 %": "20..", "20% and above": "20..", "5% minimum": "5..",
    "a minimum of 5%": "5..", "ab 5 %": "5..", "plus de 40 %": "40..", "至少两成": "20..", "3%以上": "3..", "20%이상": "20..", "≥ 95 %": "95..",
    "up to 10%": "..10", "not more than 5 %": "..5", "5% or less": "..5", "höchstens 12,5 %": "..12.5", "meno del 3%": "..3", "5% ou moins": "..5",
    "10 % o menos": "..10", "不超过5%": "..5", "5%以下": "..5", "<1%": "..1", "5 %": "5..5", "nearly 20 percent": "20..20",
}  # fmt: skip


@pytest.mark.parametrize(("words", "bounds"), BOUNDS.items(), ids=BOUNDS)
def test_the_words_of_bounds_say_which_side_is_open(words: str, bounds: str) -> None:
    reading = PercentRange.from_text(words)
    assert str(reading.value) == bounds
    assert not reading.doubts


@pytest.mark.parametrize("words", ["from 30 to 20 %", "20 or 30 %", "mindestens 20 und höchstens 30 %", "±5%"])
def test_a_number_beside_a_percentage_that_is_not_read_leaves_a_doubt(words: str) -> None:
    assert "unread_words" in {doubt.code for doubt in PercentRange.from_text(words).doubts}


def test_every_range_of_a_text_is_found() -> None:
    text = "It grew by 3 to 5 % in May, by at least 20 % in June, and by 7 % in July."
    assert [str(reading.value) for reading in PercentRange.find_all(text)] == ["3..5", "20..", "7..7"]
