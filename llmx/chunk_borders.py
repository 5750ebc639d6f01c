"""What a chunk should not be torn from: a heading from what it heads, the rows of a table from the table's header.

A chunk that begins amid a table is shown the table's header, wherever that stands before it; what it says is proven in
the chunk's own rows. Layout is all that is looked at, so this works in any language.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from llmx.span import Span

_HEADING_CHARS = 90
_HEADING = re.compile(r"#{1,6} \S|(?:\d{1,3}\.){0,4}\d{1,3}\.?[ \t]+[^\W\d_]|[IVXLC]{1,6}\.[ \t]+\S|§ ?\d")
_RUNNING_ON = ".,;:!?。，；：！？"
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_FEWEST_LETTERS = 4
_CELL = re.compile(r"\t+|\||(?<=[^\s.!?。]) {3,}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_RULE = re.compile(r"[\s|:+=-]+")
_HEADER_LINES = 3
_LINE_CHARS = 2_000  # a longer line is no row, and no part of a header
_PAGE_HEAD_LINES, _PAGE_HEAD_CHARS = 12, 4_000  # of a page, in which its first whole row stands
_KNOWN_CHARS = 30_000  # before a page: what stands there and heads the page is no part of a row
_EMPTY_FIRST = re.compile(r"\s*\|\s*\|")
_MOST_BETWEEN = 6  # lines of a page's foot and head, between two parts of one table


def is_heading(line: str) -> bool:
    """Whether ``line`` heads what follows: it is marked or numbered as a heading, or short and in capital letters.

    >>> is_heading("## Terms"), is_heading("4.2 Notice"), is_heading("ANNEX"), is_heading("4 bolts were sold.")
    (True, True, True, False)
    """
    line = line.strip()
    if not line or len(line) > _HEADING_CHARS or line[-1] in _RUNNING_ON or _CELL.search(line):
        return False
    if _HEADING.match(line):
        return True
    letters = "".join(_LETTERS.findall(line))
    return len(letters) >= _FEWEST_LETTERS and letters.isupper()


def line_at(text: str, start: int) -> str:
    """Return the line from ``start`` on, as far as a row or a heading may go."""
    end = text.find("\n", start, start + _LINE_CHARS)
    return text[start : start + _LINE_CHARS if end < 0 else end]


def line_before(text: str, end: int) -> str:
    """Return the line up to ``end``, as far as a heading may go."""
    first = max(0, end - 2 * _HEADING_CHARS)
    return text[max(text.rfind("\n", first, end) + 1, first) : end]


def cell_count(line: str) -> int:
    """Return how many cells a line has, 1 for one that is no row of a table.

    >>> cell_count("| Bolt |  | 1.20 |"), cell_count("Bolt    1.20"), cell_count("A bolt. It costs 1.20")
    (3, 2, 1)
    """
    inner = line.strip()
    if inner.startswith("|"):
        return max(inner.strip("|").count("|") + 1, 1)
    return len(_CELL.split(inner))


class TableHeaders:
    """The headers of the tables of a text, asked for with offsets that grow: one pass over the lines."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = self._seen = 0
        self._columns = 0
        self._between = 0  # lines since the last row
        self._rows = 0
        self._header: Span | None = None
        self._open = False  # the header may have another line

    def at(self, start: int) -> Span | None:
        """Return the header of the table whose row begins at ``start``, None where no row of one begins there."""
        while (end := self._text.find("\n", max(self._at, self._seen), start)) >= 0:
            self._read(self._at, end)
            self._at = end + 1
        self._seen = start
        first = line_at(self._text, start)
        if (
            self._header is None
            or self._header.of(self._text).startswith(first)
            or not self._goes_on(cell_count(first))
        ):
            return None
        return self._header

    def _goes_on(self, cells: int) -> bool:
        """Whether a row of so many cells is one of the table that was read last."""
        if cells < 2 or self._between > _MOST_BETWEEN or not self._rows:
            return False
        return not self._between or abs(cells - self._columns) <= (1 if self._columns > 3 else 0)

    def _read(self, start: int, end: int) -> None:
        line = self._text[start:end]
        cells = cell_count(line) if len(line) <= _LINE_CHARS else 1
        if cells < 2:
            self._between += 1
            return
        says_figures = any(each.isdigit() for each in _YEAR.sub("", line))
        if not self._goes_on(cells):
            self._header, self._columns, self._rows, self._open = Span(start, end), cells, 0, not says_figures
            if says_figures:
                self._header = None  # its first row is one of figures: the table has no header
        elif self._open and self._header is not None and not self._between:
            if says_figures or self._rows >= _HEADER_LINES:
                self._open = False
            elif _RULE.fullmatch(line) is None and self._is_still_header(end):
                self._header = Span(self._header.start, end)
        self._rows += 1
        self._between = 0

    def _is_still_header(self, end: int) -> bool:
        """Whether a row of words belongs to the header: a row of figures comes soon after it."""
        after = self._text[end + 1 : end + 400].split("\n")[:_HEADER_LINES]
        return any(any(each.isdigit() for each in line) and cell_count(line) > 1 for line in after)


def row_borders(text: str, page_starts: Sequence[int]) -> list[int]:
    """Return ``page_starts``, but where a row goes on there that began on the page before, where that row begins.

    A row is taken for one that goes on if the page begins with words that are no row of the table, and neither its
    header nor what heads every page; a border that is moved in vain is as good as any other.
    """
    return [start if not start else _row_begin(text, start) for start in page_starts]


def _row_begin(text: str, start: int) -> int:
    """Return where the row begins that goes on at ``start``; ``start`` where none does."""
    after = [line for line in text[start : start + _PAGE_HEAD_CHARS].split("\n")[:_PAGE_HEAD_LINES] if line.strip()]
    counts = [cell_count(line) for line in after]
    begin = _last_row(text, start, {count for count in counts if count > 1})
    if begin is None:
        return start
    columns = cell_count(line_at(text, begin))
    known = text[max(0, start - _KNOWN_CHARS) : start]
    for line, count in zip(after, counts, strict=True):
        if line in known or is_heading(line):
            continue
        if count == columns and not _EMPTY_FIRST.match(line):
            return start  # a whole row comes first
        return begin
    return start


def _last_row(text: str, start: int, counts: set[int]) -> int | None:
    """Return where the last line before ``start`` begins that has one of these numbers of cells."""
    end = start
    for _ in range(_MOST_BETWEEN + 2):
        end = text.rfind("\n", max(0, end - _LINE_CHARS), end)
        if end < 0:
            return None
        begin = text.rfind("\n", max(0, end - _LINE_CHARS), end) + 1
        if cell_count(text[begin:end]) in counts:
            return begin
    return None


def repeated_headers(text: str, page_starts: Sequence[int]) -> frozenset[str]:
    """Return the lines of several cells, none with a figure, that head a page and stand on a line before it, too."""
    found: set[str] = set()
    for start in page_starts:
        for line in text[start : start + _PAGE_HEAD_CHARS].split("\n")[:_PAGE_HEAD_LINES]:
            if cell_count(line) < 2 or line in found or any(each.isdigit() for each in line):
                continue
            if f"\n{line}\n" in text[max(0, start - _KNOWN_CHARS) : start]:
                found.add(line)
    return frozenset(found)
