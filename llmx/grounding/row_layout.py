"""Where the values of an element stand in its row: the layout of a list is learned by the votes of its elements.

Where most elements have a field (so many lines below the words that they were found by, in which cell, at which
column), the others have it too: a 2 in 'a 2-post lift' is not the quantity, which stands two cells behind it in the
other rows. No two values have one place, and none has a place in the row of another element.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import field

from llmx.dataclass import dataclass
from llmx.grounding.lines import PAIR, Lines, around, between
from llmx.span import Span

MOST_CANDIDATES = 12  # places of one value in the reach of its element
_NEXT = MOST_CANDIDATES + 1  # places on one side of a position: one of them may reach over it
_REACH = 6  # lines that a row or a block of labelled values may take, before and behind the rarest words
_REGULAR = 0.6  # of the elements with a field have it so many lines below: then the others have it there as well
_NEAR = 1e-5  # what a character of distance costs, beside votes
_WORD_BEFORE = re.compile(r"[^\W\d]+\W*$")  # 'Price ' in 'Price 10.00', 'at ' in 'at 10.00'
_WORD_CHARS = 24

Mark = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A value of an element: its path and number, its words, and where these, or expressions of that value, stand."""

    path: str
    order: int
    words: str
    places: list[Span]


Element = list[Said]


@dataclass(slots=True)
class ElementRow:
    """One element: the value by which it was found and where, the lines it may take, and the place of each value.

    ``table`` holds it and its siblings where each has ``lines`` of its own; ``until`` is where the line of the next one
    begins.
    """

    anchor: Said
    span: Span
    reach: Span
    places: dict[str, Span] = field(default_factory=dict)
    table: Table | None = None
    lines: list[int] = field(default_factory=list)
    until: int | None = None

    def inner(self, lines: Lines) -> Span:
        """Return where the lists of this element stand: from its own line to that of the next element."""
        start = lines.span_of(lines.line_of(self.span.start)).start
        return Span(start, lines.within.end if self.until is None else self.until)

    def own_lines(self, lines: Lines) -> list[Span]:
        """Return the spans of the lines that are this element's alone; of its first words where there is no table."""
        return [lines.span_of(line) for line in self.lines or [lines.line_of(self.span.start)]]


@dataclass(slots=True)
class Table:
    """The rows that have lines of their own: to which element each line belongs."""

    lines: Lines
    owners: dict[int, ElementRow] = field(default_factory=dict)

    def give(self, line: int, row: ElementRow) -> None:
        """Let ``line`` be of ``row``, if it is of none."""
        if self.owners.setdefault(line, row) is row and line not in row.lines:
            row.lines.append(line)

    def owner(self, span: Span) -> ElementRow | None:
        """Return the row that ``span`` stands in, None outside of the rows."""
        return self.owners.get(self.lines.line_of(span.start))


def reach_of(span: Span, lines: Lines) -> Span:
    """Return the lines around ``span`` that its element may take."""
    line = lines.line_of(span.start)
    last = lines.span_of(min(line + _REACH, len(lines.starts) - 1))
    return Span(lines.starts[max(0, line - _REACH)], last.end)


def assign_places(elements: list[Element], rows: list[ElementRow | None], lines: Lines) -> None:
    """Give the values of each row their places, in the order of the text."""
    both = [(row, element) for row, element in zip(rows, elements, strict=True) if row is not None]
    both.sort(key=lambda each: each[0].span)
    _part([row for row, _ in both], lines)
    layout = _Layout(lines)
    near = [[(said, _near(said, row, lines)) for said in element if said is not row.anchor] for row, element in both]
    for (row, _), values in zip(both, near, strict=True):
        layout.vote(row, values)
    taken = {row.span.start for row, _ in both}
    for (row, _), values in zip(both, near, strict=True):
        layout.place(row, values, taken)
    _tabulate([row for row, _ in both], layout)


def _part(rows: list[ElementRow], lines: Lines) -> None:
    """Let no row reach into the line in which another element was found."""
    for row, after in itertools.pairwise(rows):
        here, there = lines.line_of(row.span.start), lines.line_of(after.span.start)
        if here == there:
            continue
        row.until = lines.starts[there]
        row.reach = Span(row.reach.start, max(row.span.end, min(row.reach.end, lines.starts[there])))
        after.reach = Span(min(after.span.start, max(after.reach.start, lines.span_of(here).end)), after.reach.end)


def _near(said: Said, row: ElementRow, lines: Lines) -> list[Span]:
    """Return the places of a value in the reach of its row, those in its own line at least."""
    own = lines.span_of(lines.line_of(row.span.start))
    found = between(said.places, row.reach.start, row.reach.end)
    if len(found) > MOST_CANDIDATES:
        # no two places overlap, so that the nearest are next to the row's words, or to the ends of its line
        next_to = [each for at in (row.span.start, own.start, own.end) for each in around(found, at, most=_NEXT)]
        found = sorted(set(next_to), key=lambda place: (not own.contains(place), place.distance(row.span), place))
        found = found[:MOST_CANDIDATES]
    return [place for place in found if not place.overlaps(row.span)]


def _tabulate(rows: list[ElementRow], layout: _Layout) -> None:
    """Tell rows that have lines of their own whose the other lines are."""
    lines = layout.lines
    firsts = [lines.line_of(row.span.start) for row in rows]
    most = max(_REGULAR * len(rows), 2)
    if len(set(firsts)) < most or sum(len(lines.cells(line)) > 1 for line in firsts) < most:
        return
    table = Table(lines)
    for row, line in zip(rows, firsts, strict=True):
        row.table = table
        table.give(line, row)
    for row in rows:
        for line in layout.lines_of(row):
            table.give(line, row)


@dataclass(slots=True)
class _Layout:
    """The votes of the elements of one list."""

    lines: Lines
    votes: Counter[Mark] = field(default_factory=Counter)

    def vote(self, row: ElementRow, values: list[tuple[Said, list[Span]]]) -> None:
        for said, places in values:
            self.votes.update({mark for place in places for mark, _ in self._marks(row, said, place)})
            if places:
                self.votes.update([("of", said.path), ("of", row.anchor.path, said.path)])

    def place(self, row: ElementRow, values: list[tuple[Said, list[Span]]], taken: set[int]) -> None:
        """Give each value of ``row`` the free place that most votes are for, those with the fewest places first."""
        row.places[row.anchor.path] = row.span
        mine, times = [row.span], Counter(tuple(places) for _, places in values)
        for said, places in sorted(values, key=lambda each: (len(each[1]), each[0].order)):
            free = [p for p in places if p.start not in taken and not any(p.overlaps(other) for other in mine)]
            if free:
                # equal values of one element stand in the order of its fields, where no vote tells them apart
                near = 0.0 if times[tuple(places)] > 1 else _NEAR
                best = max(free, key=lambda place: (self._score(row, said, place, near=near), -place.start))
                row.places[said.path] = best
                mine.append(best)
                taken.add(best.start)

    def _label(self, place: Span) -> str:
        """Return the label before the value at ``place``, '' where its line is no pair of the two."""
        cells = self.lines.cells(self.lines.line_of(place.start))
        return cells[0].of(self.lines.text) if len(cells) == PAIR and cells[0].end <= place.start else ""

    def lines_of(self, row: ElementRow) -> list[int]:
        """Return the other lines of a row: those in which most rows have a value, so many from their first words."""
        first = self.lines.line_of(row.span.start)
        out = []
        for path, place in row.places.items():
            line = self.lines.line_of(place.start)
            mark = ("below", row.anchor.path, path, line - first)
            if self.votes[mark] >= _REGULAR * self.votes["of", *mark[1:-1]]:
                out.append(line)
        return out

    def _score(self, row: ElementRow, said: Said, place: Span, *, near: float) -> float:
        score = 0.0
        for mark, weight in self._marks(row, said, place):
            voters = self.votes["of", *mark[1:-1]]
            score += weight * self.votes[mark] / voters if voters > 1 else 0.0  # a vote for oneself says nothing
        own_line = self.lines.line_of(place.start) == self.lines.line_of(row.span.start)
        score += 0.5 * own_line + 0.3 * self.lines.wholeness(place) + 0.3 * self.lines.same_block(place, row.span)
        in_order = (said.order > row.anchor.order) == (place.start > row.span.start)
        return score + 0.2 * in_order - min(place.distance(row.span), 10_000) * near

    def _marks(self, row: ElementRow, said: Said, place: Span) -> Iterator[tuple[Mark, float]]:
        """Yield what may be the same in other rows, and how much that says."""
        lines, path = self.lines, said.path
        here, line = lines.line_of(row.span.start), lines.line_of(place.start)
        yield ("below", row.anchor.path, path, line - here), 2.0
        yield ("behind", row.anchor.path, path, place.start > row.span.start), 0.5
        if label := self._label(place):
            yield ("label", path, label), 1.0
        cell = lines.cell_of(place)
        if not lines.cells(line):
            before = lines.text[max(lines.starts[line], place.start - _WORD_CHARS) : place.start]
            if word := _WORD_BEFORE.search(before):
                yield ("word", path, word[0]), 1.0
        elif cell >= 0 and not lines.is_aligned(line, cell):
            yield ("cell", path, cell), 2.0
        else:
            yield ("left", path, place.start - lines.starts[line]), 1.0
            yield ("right", path, place.end - lines.starts[line]), 1.0
