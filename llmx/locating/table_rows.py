"""Finds the rows of tables and lists in a text, so that code can count what a model is to bring.

A row is a line: of a Markdown table, of cells between tabs, semicolons or commas, of columns that blanks keep apart, or
with a number or a bullet before it, which then goes on to the next one. Lines of one form that follow each other make a
table. What a row holds, and which rows are the elements of a list, is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise

from llmx.dataclass import dataclass
from llmx.span import Span

_LEAST_ROWS = 3
_MOST_LINE_CHARS = 2_000  # a longer line is a paragraph
_MOST_GAP_LINES = 1  # empty lines between two rows

_RULE = re.compile(r"[\s|:+=_-]*[-=_][\s|:+=_-]*")
_NUMBERED = re.compile(r"\s*[(\[]?(\d{1,4})[.)\]]\s+\S")
_BULLET = re.compile(r"\s*[-*•‣◦–]\s+\S")
_APART = re.compile(r"\s{2,}|\t")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_SENTENCE = re.compile(r",\s.*[.!?:;…][\"'”’)]*\s*$")
_AMOUNT = re.compile(r"[-+(]?\s*\d[\d.,'\u00a0\u202f ]*")


@dataclass(frozen=True, slots=True)
class TextRow:
    """A row: its place, what kind of thing each of its cells holds (``w`` words, ``d`` digits too, ``_`` nothing), and
    the number in its last cell with digits in hundredths, None where there is none.
    """

    span: Span
    shape: str
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class TextTable:
    """Rows that follow each other in one ``form``, with as many cells each. ``head`` are the words of the row that a
    rule divides from the others, '' where there is none; it is not among the rows.
    """

    form: str
    cells: int
    rows: tuple[TextRow, ...]
    head: str = ""


@lru_cache(maxsize=8)
def find_tables(text: str) -> tuple[TextTable, ...]:
    r"""Return the tables and lists of ``text``, in order; each has three rows or more, and no line is in two of them.

    >>> [(table.form, len(table.rows), table.head) for table in find_tables("a|n\n-|-\nx|1\ny|2\nz|3")]
    [('|', 3, 'a|n')]
    """
    return tuple(_tables(text))


def is_like_row(line: str) -> bool:
    """Return whether a line may be a row of a table or a list."""
    return _form(line) is not None


def find_rows(text: str, pattern: str) -> tuple[Span, ...]:
    """Return the rows that begin where ``pattern`` matches at the beginning of a line; each ends where the next begins,
    or at an empty line.
    """
    begins = [match.start() for match in re.finditer(rf"^(?:{pattern})", text, re.MULTILINE)]
    return tuple(_cut_at_empty_line(text, start, end) for start, end in pairwise([*begins, len(text)]))


def _cut_at_empty_line(text: str, start: int, end: int) -> Span:
    empty = re.compile(r"\n[^\S\n]*\n").search(text, start, end)
    return Span(start, empty.start() if empty else max(start, start + len(text[start:end].rstrip())))


@dataclass(slots=True)
class _Growing:
    """A table that is read: its lines so far, and how many empty ones came after the last."""

    form: str
    cells: int
    rows: list[TextRow]
    head: TextRow | None = None
    gap: int = 0

    def done(self, text: str) -> TextTable | None:
        if len(self.rows) < _LEAST_ROWS or (self.form == "1." and not _counts_up(text, self.rows)):
            return None
        head = "" if self.head is None else self.head.span.of(text).strip()
        return TextTable(self.form, self.cells, tuple(self.rows), head)


def _tables(text: str) -> Iterator[TextTable]:
    table: _Growing | None = None
    for line in _lines(text):
        words = line.of(text)
        if table is not None and _goes_on(table, words):
            if words.strip() and not _RULE.fullmatch(words):
                _continue(table, line)
            continue
        found = _form(words)
        if table is not None and found is not None and (table.form, table.cells) == found[:2]:
            table.rows.append(_row(line, found[2]))
            table.gap = 0
            continue
        if table is not None and (done := table.done(text)) is not None:
            yield done
        table = None if found is None else _Growing(found[0], found[1], [_row(line, found[2])])
    if table is not None and (done := table.done(text)) is not None:
        yield done


def _goes_on(table: _Growing, words: str) -> bool:
    """Return whether a line belongs to a table without being a row of it: a rule, an empty line, a row's next line."""
    if not words.strip():
        table.gap += 1
        return table.gap <= _MOST_GAP_LINES
    if table.form in _LISTS:
        return not table.gap and _form(words) is None and words[:1].isspace()
    if _RULE.fullmatch(words) is None:
        return False
    if len(table.rows) == 1 and table.head is None:
        table.head = table.rows.pop()
    return True


def _continue(table: _Growing, line: Span) -> None:
    """Take a line to the row before it."""
    last = table.rows[-1]
    table.rows[-1] = TextRow(Span(last.span.start, line.end), last.shape, last.amount)


_LISTS = frozenset({"1.", "-"})


def _lines(text: str) -> Iterator[Span]:
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield Span(at, end)
        at = end + 1


def _form(words: str) -> tuple[str, int, list[str]] | None:
    """Return the form of a line that may be a row, how many cells it has, and the cells."""
    if not words.strip() or len(words) > _MOST_LINE_CHARS or _RULE.fullmatch(words):
        return None
    if _NUMBERED.match(words):
        return "1.", 1, []
    if _BULLET.match(words):
        return "-", 1, []
    for form, least, cells_of in _DELIMITED:
        if form in words and not (form == "," and _SENTENCE.search(words)):
            cells = cells_of(words)
            if len(cells) >= least:
                return form, len(cells), cells
    return None


def _bars(words: str) -> list[str]:
    return words.strip().removeprefix("|").removesuffix("|").split("|")


def _by(sign: str) -> Callable[[str], list[str]]:
    def cells(words: str) -> list[str]:
        return _QUOTED.sub(lambda held: held[0].replace(sign, "."), words).split(sign)

    return cells


_DELIMITED: tuple[tuple[str, int, Callable[[str], list[str]]], ...] = (
    ("|", 2, _bars), ("\t", 2, _by("\t")), (";", 3, _by(";")), ("  ", 3, lambda words: _APART.split(words.strip())),
    (",", 3, _by(",")),
)  # fmt: skip


def _row(line: Span, cells: list[str]) -> TextRow:
    kinds = ["_" if not cell.strip() else "d" if any(map(str.isdigit, cell)) else "w" for cell in cells]
    last = next((cell for cell, kind in zip(reversed(cells), reversed(kinds), strict=True) if kind == "d"), "")
    return TextRow(line, "".join(kinds), _hundredths(last))


def _hundredths(cell: str) -> int | None:
    """Return a sum as a whole number of hundredths; None where the cell holds no plain number, or a date."""
    found = _AMOUNT.findall(cell)
    if len(found) != 1:
        return None
    digits = re.sub(r"[^\d.,]", "", found[0]).rstrip(".,")
    head, sign, tail = max(digits.rpartition("."), digits.rpartition(","), key=lambda parts: len(parts[0]))
    fraction = tail if sign and len(tail) in (1, 2) else ""
    whole = re.sub(r"\D", "", head if fraction else digits)
    value = int(whole or "0") * 100 + int(fraction.ljust(2, "0") or "0")
    return -value if found[0][:1] in "-(" else value


def _counts_up(text: str, rows: list[TextRow]) -> bool:
    """Return whether the numbers before the rows follow each other."""
    numbers = [int(found[1]) for row in rows if (found := _NUMBERED.match(row.span.of(text)))]
    return all(after == before + 1 for before, after in pairwise(numbers))
