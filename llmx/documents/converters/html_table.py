"""The tables of a page that hold data, and the column in which each of their cells stands."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # ships no types

CELLS = ("td", "th")
_LAYOUT = ("table", "h1", "h2", "h3", "h4", "h5", "h6", "article", "nav", "form")
_CELL_CHARS = 200  # a longer cell is a column of the page
_MOST_COLUMNS = 100


def data_rows(root: HtmlElement) -> set[HtmlElement]:
    """Return the rows that hold data: two cells or more with few words, and no part of a page in them.

    A row with one filled cell is one among others that are.
    """
    layout, rows, sparse = _layout_rows(root), set["HtmlElement"](), list["HtmlElement"]()
    for row in root.iter("tr"):
        if row in layout:
            continue
        sizes = [len(" ".join(cell.itertext()).strip()) for cell in row.iterchildren(*CELLS)]
        if 0 < max(sizes, default=0) <= _CELL_CHARS:
            (rows.add if sum(map(bool, sizes)) > 1 else sparse.append)(row)
    tables = {row.getparent() for row in rows}
    return rows | {row for row in sparse if row.getparent() in tables}


def gaps(root: HtmlElement) -> dict[HtmlElement, int]:
    """Return how many columns before a cell are covered by others, with ``colspan`` or from a row above."""
    before = dict["HtmlElement", int]()
    covered = dict["HtmlElement", list[int]]()
    for row in root.iter("tr"):
        table = next(row.iterancestors("table"), None)
        if table is not None:
            _gaps_of_row(row, covered.setdefault(table, [0] * _MOST_COLUMNS), before)
    return before


def _gaps_of_row(row: HtmlElement, covered: list[int], before: dict[HtmlElement, int]) -> None:
    """Add the gaps of one row; ``covered`` says for how many more rows each column is covered from above."""
    column, after = 0, 0
    below = [max(0, rows - 1) for rows in covered]
    for cell in row.iterchildren(*CELLS):
        first = column
        while column < _MOST_COLUMNS and covered[column]:
            column += 1
        if gap := column - first + after:
            before[cell] = gap
        wide = min(_span(cell, "colspan"), _MOST_COLUMNS - column)
        below[column : column + wide] = [_span(cell, "rowspan") - 1] * wide
        column, after = column + wide, max(0, wide - 1)
    covered[:] = below


def _span(cell: HtmlElement, name: str) -> int:
    words = (cell.get(name) or "").strip()[:4]
    return max(1, int(words)) if words.isascii() and words.isdigit() else 1


def _layout_rows(root: HtmlElement) -> set[HtmlElement]:
    """Return the rows with a part of a page in them: a heading, another table, a list of links."""
    layout = set["HtmlElement"]()
    links = (link for link in root.iter("a") if next((up.tag for up in link.iterancestors("li", "tr")), "") == "li")
    for element in itertools.chain(root.iter(*_LAYOUT), links):
        for above in element.iterancestors("tr"):
            if above in layout:
                break
            layout.add(above)
    return layout
