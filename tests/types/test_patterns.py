"""Patterns that begin with a digit are tried at the digits of a text alone, and find the same there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.types.patterns import LazyPattern

PATTERNS = {
    "lookbehind": LazyPattern(r"(?<![\d.,-])(?:(?:19|20)\d\d\s?year\s)?\d{1,2}(?!\d)"),
    "overlapping": LazyPattern(r"\d\d"),
    "any digits": LazyPattern(r"(?<![A-Za-z]-)\d{1,2}[./]\s?\d{1,2}"),
}


@pytest.mark.parametrize("name", PATTERNS)
@given(st.text(alphabet="0129٣.,-/ ayer", max_size=24))
def test_what_is_found_from_digits_is_what_finditer_finds(name: str, text: str) -> None:
    pattern = PATTERNS[name]
    found = [match.span() for match in pattern.from_digits(text)]
    assert found == [match.span() for match in pattern.finditer(text)]
