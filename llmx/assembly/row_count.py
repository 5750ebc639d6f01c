"""Counts by code how many elements a list should have, where its elements are rows of a table or items of a list.

A count is worth nothing if it is of something else, so rows are counted only where the elements that were found plainly
stand in rows of one table, each in a row of its own; of that table, only rows of the same shape as theirs: no headings,
no rows for sums. Where the schema says that a list is of rows (``Rows``), or the run does (``--target row``), less is
enough.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from llmx.dataclass import dataclass
from llmx.grounding.values import LeafValue, ObjectValue, ValueNode, leaf_values, map_values
from llmx.locating.table_rows import TextRow, TextTable, find_rows, find_tables, is_like_row
from llmx.schema.marks import Rows
from llmx.span import Span

_PLAIN = 0.8
"""The share of the elements that must stand in rows of their own, and of the rows that must have an element."""

_LEAST = 3
"""Elements from which a table is recognised by them."""

_TAIL = 2
"""Rows without an element at the end of a table that may be no elements: taxes, the total."""


_LAST_ROWS = 4
"""Rows at the end of a table among which the sum of the others is looked for."""

_LOOK = 8
"""Elements at which is looked before the text is read for its tables."""

_MARK_CHARS = 8
"""The longest number or bullet before an item, with the blanks around it."""


@dataclass(frozen=True, slots=True)
class RowCount:
    """The rows that should each be an element: their places, and for each element the number of its row, -1 for none.

    ``selection``: so many rows have no element that the list is one of some of them.
    """

    rows: tuple[Span, ...]
    of_item: tuple[int, ...]
    selection: bool = False

    @property
    def missing(self) -> tuple[Span, ...]:
        """The rows without an element, in order."""
        there = set(self.of_item)
        return tuple(row for number, row in enumerate(self.rows) if number not in there)

    def of(self, items: Sequence[ValueNode], text: str) -> RowCount:
        """Return the count of the same rows for other elements."""
        return replace(self, of_item=_rows_of(items, self.rows, text))

    @property
    def starts(self) -> tuple[int, ...]:
        """Where the row of each element begins, -1 for none."""
        return tuple(self.rows[number].start if number >= 0 else -1 for number in self.of_item)


def count_rows(
    items: Sequence[ValueNode],
    text: str,
    *,
    within: Span,
    mark: Rows | None = None,
    strict: bool = False,
    tail: bool = True,
) -> RowCount | None:
    """Return the rows of ``text`` that should each be one of ``items``; None where none are plain to see.

    ``within`` is the part of the text that was asked about, ``mark`` what the schema says of the list; ``strict`` says
    that it is one of rows. ``tail`` says that the last rows count, though no element stands in them or behind them:
    they may be no elements, but taxes and totals.
    """
    if mark is not None and not mark.counted:
        return None
    strict = strict or mark is not None
    if mark is not None and mark.pattern:
        rows = [row for row in find_rows(text, mark.pattern) if within.start <= row.start < within.end]
        return RowCount(tuple(rows), _rows_of(items, rows, text))
    if not strict and len(items) < _LEAST:
        return None
    tables = [part for table in find_tables(text) if (part := _part(table, within)).rows]
    if not tables:
        return None
    return _counted(items, tables, text, strict=strict, tail=tail or strict)


def at_rows(items: Sequence[ValueNode], text: str, *, within: Span, mark: Rows | None = None) -> tuple[int, ...]:
    """Return where the row of each element begins, -1 for none; () where they are not rows of a table."""
    if not items or (mark is not None and not mark.counted):
        return ()
    if mark is not None and mark.pattern:
        rows = list(find_rows(text, mark.pattern))
    else:
        tables = (_part(table, within) for table in find_tables(text))
        rows = [row.span for table in tables if table.cells > 1 for row in table.rows]
    numbers = _rows_of(items, rows, text)
    if len({number for number in numbers if number >= 0}) < _PLAIN * len(items):
        return ()
    return tuple(rows[number].start if number >= 0 else -1 for number in numbers)


def seem_rows(items: Sequence[ValueNode], text: str) -> bool:
    """Whether the first elements stand in several lines that may be rows: a quick look before the text is read."""
    first = [_first_proof(item) for item in items[:_LOOK]]
    begins = {text.rfind("\n", 0, at) + 1 for at in first if at >= 0}
    if len(begins) < 2:
        return False
    lines = (text[begin : end if (end := text.find("\n", begin)) >= 0 else len(text)] for begin in begins)
    return sum(is_like_row(line) for line in lines) > len(begins) // 2


def _first_proof(tree: ValueNode) -> int:
    """Return where the first proof of a tree begins, -1 where it has none."""
    if isinstance(tree, LeafValue):
        return -1 if tree.evidence is None else tree.evidence.start
    for below in tree.fields.values() if isinstance(tree, ObjectValue) else tree.items:
        if (found := _first_proof(below)) >= 0:
            return found
    return -1


def _part(table: TextTable, within: Span) -> TextTable:
    if not table.rows or (within.start <= table.rows[0].span.start and table.rows[-1].span.end <= within.end):
        return table
    first, last = (bisect_left(table.rows, at, key=lambda row: row.span.start) for at in (within.start, within.end))
    return replace(table, rows=table.rows[first:last])


def _counted(
    items: Sequence[ValueNode], tables: list[TextTable], text: str, *, strict: bool, tail: bool
) -> RowCount | None:
    spans = [row.span for table in tables for row in table.rows]
    numbers = _rows_of(items, spans, text)
    held = {number for number in numbers if number >= 0}
    if items and (len(held) < _PLAIN * len(items) or (len(held) < _LEAST and not strict)):
        return None
    if not items:
        tables = [max(tables, key=lambda table: len(table.rows))]
        spans = [row.span for row in tables[0].rows]
    if items and not strict and not _begin_their_rows(items, tables, numbers):
        return None
    rows = _wanted(tables, held if items else set(range(len(spans))))
    if not tail:
        rows = _without_tail(rows, held)
    places = {number: at for at, number in enumerate(rows)}
    found = RowCount(tuple(spans[number] for number in rows), tuple(places.get(number, -1) for number in numbers))
    return replace(found, selection=not strict and _is_selection([number in held for number in rows]))


def _begin_their_rows(items: Sequence[ValueNode], tables: list[TextTable], numbers: Sequence[int]) -> bool:
    """Whether the elements are what the items of a list begin with, where it is no table: others may be of anything."""
    rows = [(row.span.start, table.cells) for table in tables for row in table.rows]
    in_lists = [(item, rows[number][0]) for item, number in zip(items, numbers, strict=True)
                if number >= 0 and rows[number][1] == 1]  # fmt: skip
    begin = sum(
        any(leaf.evidence is not None and 0 <= leaf.evidence.start - start <= _MARK_CHARS for leaf in leaf_values(item))
        for item, start in in_lists
    )
    return begin >= _PLAIN * len(in_lists)


def _is_selection(has_element: list[bool]) -> bool:
    """Whether rows without an element are so many, between others, that the list is one of some of the rows.

    What an answer that stops early leaves out stands behind all others.
    """
    last = max((number for number, there in enumerate(has_element) if there), default=-1)
    return sum(has_element) < _PLAIN * (last + 1)


def _wanted(tables: list[TextTable], held: set[int]) -> list[int]:
    """Return the numbers of the rows, counted over all tables, that should each be an element."""
    begins: list[int] = []
    first = 0
    for table in tables:
        begins.append(first)
        first += len(table.rows)
    parts = list(zip(tables, begins, strict=True))
    owned = [[n for n in range(len(table.rows)) if begin + n in held] for table, begin in parts]
    main = max(range(len(tables)), key=lambda number: len(owned[number]))
    shapes = {tables[main].rows[n].shape for n in owned[main]}
    wanted: list[int] = []
    for table, begin, own in zip(tables, begins, owned, strict=True):
        if not own and not _continues(table, tables[main], shapes):
            continue
        shapes |= {table.rows[n].shape for n in own}
        wanted += [begin + n for n in _elements(table, set(own), shapes)]
    return wanted


def _continues(table: TextTable, main: TextTable, shapes: set[str]) -> bool:
    """Whether a table without any element is the same table on another page: of the same form, head and shapes."""
    if (table.form, table.cells, table.head) != (main.form, main.cells, main.head) or table.cells < 2:
        return False
    alike = sum(row.shape in shapes for row in table.rows)
    return alike >= _PLAIN * len(table.rows)


def _elements(table: TextTable, own: set[int], shapes: set[str]) -> list[int]:
    """Return which rows of a table should be elements: those of the known shapes that are neither head nor sum."""
    rows = [n for n, row in enumerate(table.rows) if n in own or row.shape in shapes]
    if rows and rows[0] not in own and "d" not in table.rows[rows[0]].shape and table.cells > 1:
        rows = rows[1:]  # of words alone, as a head is
    sums = set(_sums(table.rows, rows, own))
    return [n for n in rows if n not in sums]


def _without_tail(rows: list[int], held: set[int]) -> list[int]:
    """Return the rows without the last ones, if few have no element: taxes, the amount to be paid."""
    kept = [number for number in rows if number <= max(held, default=-1)]
    return kept if len(rows) - len(kept) <= _TAIL else rows


def _sums(rows: Sequence[TextRow], numbers: Sequence[int], own: set[int]) -> Iterator[int]:
    """Yield the rows at the end of a table, behind all elements, from one on whose amount sums up those before."""
    total, last, ended = 0, max(own, default=-1), False
    for number in numbers:
        amount = rows[number].amount or 0
        behind = number > last >= 0 and number >= len(rows) - _LAST_ROWS
        ended = ended or (behind and amount == total != 0)
        if ended:
            yield number
        total += amount


def _rows_of(items: Sequence[ValueNode], rows: Sequence[Span], text: str) -> tuple[int, ...]:
    """Return the number of each element's row, that in which most of its proofs stand; each row goes to one element.

    Of elements that stand in one row, those that follow get other rows of the same words: a list may say one thing
    twice, and the first place of its words was taken for both.
    """
    starts = [row.start for row in rows]
    likely = [_row_of(item, rows, starts) for item in items]
    taken: set[int] = set()
    others: list[int] = []
    found = [-1] * len(items)
    for at in sorted(range(len(items)), key=lambda at: -likely[at][1]):  # the surest first
        number = likely[at][0]
        if number >= 0 and number not in taken:
            found[at] = number
            taken.add(number)
        elif number >= 0:
            others.append(at)
    twins = _twins(rows, text) if others else {}
    for at in sorted(others):
        alike = twins.get(rows[likely[at][0]].of(text).strip(), deque())
        while alike and alike[0] in taken:
            alike.popleft()
        if alike:
            found[at] = alike.popleft()
            taken.add(found[at])
    return tuple(found)


def _twins(rows: Sequence[Span], text: str) -> dict[str, deque[int]]:
    found: defaultdict[str, deque[int]] = defaultdict(deque)
    for number, row in enumerate(rows):
        found[row.of(text).strip()].append(number)
    return found


def _row_of(item: ValueNode, rows: Sequence[Span], starts: Sequence[int]) -> tuple[int, int]:
    """Return the row in which most proofs of an element stand, and how many; (-1, 0) where most of its words do not."""
    counts: Counter[int] = Counter()
    said = 0
    for leaf in leaf_values(item):
        said += bool(leaf.words.strip())
        if leaf.evidence is not None:
            at = bisect_right(starts, leaf.evidence.start) - 1
            if at >= 0 and leaf.evidence.start < rows[at].end:
                counts[at] += 1
    number, votes = counts.most_common(1)[0] if counts else (-1, 0)
    return (number, votes) if 2 * votes >= said else (-1, 0)


def in_their_rows(items: Sequence[ValueNode], count: RowCount) -> tuple[ValueNode, ...]:
    """Return the elements with the proofs of those that got another row of the same words moved there."""
    starts = [row.start for row in count.rows]
    return tuple(
        item if number < 0 or (now := _row_of(item, count.rows, starts)[0]) in (number, -1)
        else _moved(item, count.rows[now], count.rows[number])
        for item, number in zip(items, count.of_item, strict=True)
    )  # fmt: skip


def _moved(item: ValueNode, before: Span, after: Span) -> ValueNode:
    by = after.start - before.start

    def move(leaf: LeafValue) -> LeafValue:
        proof = leaf.evidence
        if proof is None or not before.start <= proof.start < before.end:
            return leaf
        return replace(leaf, evidence=replace(proof, start=proof.start + by, end=proof.end + by))

    return map_values(item, move)


def ranges(numbers: Sequence[int]) -> str:
    """Return numbers as people write them: 1-3, 7, 9-12, and so on where there are many.

    >>> ranges([1, 2, 3, 7])
    '1-3, 7'
    """
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return ", ".join(shown[:8]) + (" …" if len(shown) > 8 else "")
