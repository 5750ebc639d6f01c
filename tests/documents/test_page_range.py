"""Pages are named as on a printer's dialogue: 1-3,7,last."""

from __future__ import annotations

import pytest

from llmx.documents.page_range import check_pages, pages_in
from llmx.errors import UsageError


@pytest.mark.parametrize(
    ("spec", "pages"),
    [
        (None, [1, 2, 3, 4, 5]),
        ("1-3,last", [1, 2, 3, 5]),
        ("4-", [4, 5]),
        (" 2 , 2 , 1 ", [1, 2]),
        ("3-last", [3, 4, 5]),
        ("4-99", [4, 5]),
        ("9", []),
    ],
    ids=str,
)
def test_a_spec_names_pages(spec: str | None, pages: list[int]) -> None:
    assert pages_in(spec, 5) == pages


@pytest.mark.parametrize("spec", ["", "0", "3-1", "-3", "first", "1;2", "1-2-3"])
def test_what_names_no_page_is_refused(spec: str) -> None:
    with pytest.raises(UsageError, match="--pages"):
        check_pages(spec)
