"""Rows of tables and lists are found by their form, and nothing else is taken for them."""

from __future__ import annotations

import pytest

from llmx.locating.table_rows import find_rows, find_tables

TABLES = {
    "markdown": ("| Item | Sum |\n|---|---:|\n| a | 1.50 |\n| b | 2 |\n| c | |\n", "|", 3, "| Item | Sum |"),
    "no outer bars": ("Item | Sum\n--- | ---\na | 1\nb | 2\nc | 3", "|", 3, "Item | Sum"),
    "ruled between": ("a | 1\n-----+----\nb | 2\n-----+----\nc | 3\nd | 4", "|", 3, "a | 1"),
    "tabs": ("Item\tSum\na\t1\nb\t2", "\t", 3, ""),
    "semicolons": ("a;1;x\nb;2;y\nc;3;z", ";", 3, ""),
    "commas": ('item,qty,sum\na,1,"1,5"\nb,2,3\nc,,4', ",", 4, ""),
    "columns": ("a     1   x\nbcd   2   y\ne     3   z", "  ", 3, ""),
    "numbered": ("1. one\n2. two\n   of it\n3. three", "1.", 3, ""),
    "bullets": ("- one\n- two\n\n- three", "-", 3, ""),
    "an empty line between": ("| a | 1 |\n\n| b | 2 |\n\n| c | 3 |", "|", 3, ""),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_found_with_its_rows(name: str) -> None:
    text, form, rows, head = TABLES[name]
    (table,) = find_tables(f"Some words before.\n\n{text}\n\nAnd behind.\n")
    assert (table.form, len(table.rows), table.head) == (form, rows, head)


NONE = {
    "prose": "The two, as agreed, met.\nThey signed, on Monday, a deal.\nIt is, they said, a start.",
    "two rows": "| a | 1 |\n| b | 2 |",
    "numbers that do not count up": "1. one\n7. seven\n2. two",
    "years": "2019 was good\n2020 was bad\n2021 was over",
    "paragraphs": "one\n\ntwo\n\nthree",
}


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_table_is_none(name: str) -> None:
    assert find_tables(NONE[name]) == ()


def test_a_row_knows_the_kinds_of_its_cells_and_its_amount() -> None:
    (table,) = find_tables("a | | 1,234.50\nb | x | (2)\nc | y | n/a")
    assert [(row.shape, row.amount) for row in table.rows] == [("w_d", 123450), ("wwd", -200), ("www", None)]


def test_the_next_lines_of_an_item_belong_to_it() -> None:
    text = "1. Ann\n   of Oslo\n2. Bob\n3. Cid\n"
    assert find_tables(text)[0].rows[0].span.of(text) == "1. Ann\n   of Oslo"


def test_rows_begin_where_a_pattern_says_and_end_at_an_empty_line() -> None:
    text = "No. 1 Ann\n  Oslo\nNo. 2 Bob\n\nThe end. No. 3\n"
    assert [row.of(text) for row in find_rows(text, r"No\. \d")] == ["No. 1 Ann\n  Oslo", "No. 2 Bob"]
