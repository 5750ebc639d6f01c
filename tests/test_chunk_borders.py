"""A chunk keeps what belongs together: a heading with what it heads, the rows of a table with the table's header."""

from __future__ import annotations

import pytest

from llmx.chunk import chunk_text, estimate_tokens
from llmx.chunk_borders import TableHeaders, cell_count, is_heading, repeated_headers, row_borders

HEADER = "| Item | Quantity | Price |"


def rows(first: int, last: int) -> str:
    return "".join(f"| Bolt of kind {n} | {n} | {n}.50 |\n" for n in range(first, last))


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("## Terms of delivery", True), ("4.2 Notice", True), ("Article 5", False), ("ANNEX B", True), ("§ 7 Kosten", True),
        ("III. Haftung", True), ("4 bolts were sold.", False), ("TOTAL\t5", False), ("", False), ("12.50", False),
        ("A firm's name", False), ("1. " + "word " * 30, False),
    ],
)  # fmt: skip
def test_a_heading_is_known_by_its_form(line: str, *, heading: bool) -> None:
    assert is_heading(line) is heading


@pytest.mark.parametrize(
    ("line", "cells"),
    [("| a |  | c |", 3), ("a\tb", 2), ("a    b    c", 3), ("It ends.   It begins", 1), ("words alone", 1), ("|", 1)],
)
def test_the_cells_of_a_line_are_counted(line: str, cells: int) -> None:
    assert cell_count(line) == cells


def test_a_chunk_ends_before_a_heading_and_not_behind_it() -> None:
    part = "The parties agree that a notice is given in writing. It takes effect on the day after.\n\n" * 7
    whole = "".join(f"{n}.1 Notice of kind {n}\n\n{part}" for n in range(1, 12))
    chunks = list(chunk_text(whole, max_tokens=215))
    assert len(chunks) > 8
    begun = [whole[chunk.span.start :].startswith(tuple(f"{n}.1 Notice" for n in range(1, 12))) for chunk in chunks]
    assert sum(begun) >= len(begun) - 2
    assert not any(is_heading(chunk.span.of(whole).rsplit("\n", 1)[-1]) for chunk in chunks)


def test_a_chunk_amid_a_table_has_its_header_and_begins_with_a_row() -> None:
    whole = f"Prices of the year.\n\n{HEADER}\n{rows(1, 120)}"
    first, *others = chunk_text(whole, max_tokens=400)
    assert first.header is None
    assert len(others) > 2
    for chunk in others:
        assert chunk.header is not None
        assert chunk.header.of(whole) == HEADER
        assert chunk.context(whole).startswith(HEADER + "\n")
        assert chunk.span.of(whole).startswith("| Bolt of kind")
        assert chunk.span.of(whole).endswith(" |")


def test_a_header_goes_on_over_the_foot_of_a_page_and_not_into_another_table() -> None:
    whole = f"{HEADER}\n{rows(1, 4)}\nPage 1 of 2\n\n\n{rows(4, 7)}\nThe end.\n\n| Name | Since |\n| Ada | 1843 |\n"
    headers = TableHeaders(whole)
    found = [headers.at(whole.index(each)) for each in ("| Bolt of kind 2 |", "| Bolt of kind 5 |", "| Ada")]
    assert [each and each.of(whole) for each in found] == [HEADER, HEADER, "| Name | Since |"]


def test_a_header_of_two_lines_is_whole_and_a_first_row_of_figures_is_none() -> None:
    whole = "Assets\tCash\tDebt\nin\tthousands\tEUR\nOslo\t12\t5\nRome\t14\t6\n\n\n\n\n\n\n\nLima\t1\nQuito\t2\n"
    headers = TableHeaders(whole)
    found = headers.at(whole.index("Rome"))
    assert found is not None
    assert found.of(whole) == "Assets\tCash\tDebt\nin\tthousands\tEUR"
    assert headers.at(whole.index("Quito")) is None


def test_years_stand_in_a_header() -> None:
    whole = "Assets\t2023\t2022\nCash\t12\t5\nDebt\t14\t6\n"
    found = TableHeaders(whole).at(whole.index("Debt"))
    assert found is not None
    assert found.of(whole) == "Assets\t2023\t2022"


def test_a_header_that_is_too_long_for_its_purpose_is_left_out() -> None:
    broad = "\t".join(f"column of many words number {chr(97 + n % 26)}" for n in range(60))
    whole = broad + "\n" + "".join("\t".join(str(n) for _ in range(60)) + "\n" for n in range(60))
    assert estimate_tokens(broad) > 160
    assert all(chunk.header is None for chunk in chunk_text(whole, max_tokens=400))


@pytest.mark.parametrize(
    ("page", "moved"),
    [
        ("of steel and zinc\nNut\t9\t0.30\nPin\t8\t0.10\n", True), ("Nut\t9\t0.30\nPin\t8\t0.10\n", False),
        ("Item\tPieces\tPrice\nof steel\nNut\t9\t0.30\n", True), ("Item\tPieces\tPrice\nNut\t9\t0.30\n", False),
        ("The firm sells nuts and bolts.\n", False), ("", False),
    ],
)  # fmt: skip
def test_a_border_amid_a_row_is_moved_to_where_the_row_begins(page: str, *, moved: bool) -> None:
    before = "Item\tPieces\tPrice\nBolt\t7\t1.20\nBar\t3\t2.20\n\nPage 1\n\n"
    assert row_borders(before + page, [0, len(before)])[1] == (before.index("Bar") if moved else len(before))


def test_a_header_is_repeated_only_if_it_has_no_figure_and_stands_before_the_page_too() -> None:
    first = "Item\tPieces\nBolt\t7\nyes\tno\n"
    second = "Item\tPieces\nBolt\t7\nno\tyes\n"
    assert repeated_headers(f"x\n{first}{second}", [0, len(first) + 2]) == {"Item\tPieces"}
