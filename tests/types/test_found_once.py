"""What several types look for in the same words is found once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from llmx.types.found_once import found_once
from llmx.types.number_scan import find_numbers


@pytest.mark.parametrize(("text", "times"), [("3 of 5", 1), ("3 of 5 " * 100, 1), ("3 " * 100_000, 2)])
def test_a_text_is_read_once_unless_it_is_too_long_to_be_held(text: str, times: int) -> None:
    read: list[str] = []

    @found_once
    def find(text: str, locale: str | None) -> list[str]:
        read.append(text)
        return [f"{locale} {len(text)}"]

    assert find(text, "de") == find(text, "de") == [f"de {len(text)}"]
    assert len(read) == times


def test_a_locale_is_not_taken_for_another() -> None:
    found = [find_numbers("1.234", locale) for locale in ("en", "de")]
    assert [reading.value for (reading,) in found] == [Decimal("1.234"), 1234]


def test_who_changes_the_list_changes_it_for_nobody_else() -> None:
    find_numbers("seven of 9", "en").clear()
    assert [reading.value for reading in find_numbers("seven of 9", "en")] == [7, 9]
