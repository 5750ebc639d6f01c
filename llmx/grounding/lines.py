"""The lines of a text as rows have them: where each begins, which cells it has, and where words stand in it.

A line with marks that part cells (tabs, bars, semicolons, several blanks, commas where its neighbours have as many) is
a row of a table, and a label with a colon parts the value that follows it. Running text is cut into sentences, which
are its lines. All of it is linear in the text; cells are looked at only where a value may stand.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import field

from llmx.dataclass import dataclass
from llmx.grounding.occurrences import Occurrences
from llmx.locating.borders import TOUCHING, cut, letter_count
from llmx.span import Span

_GAP = re.compile(r"[ \u3000]*[\t|;][ \u3000]*|[ \u3000]{2,}|(?<=[:：])[ \u3000]+|(?<=：)")
_COMMA = re.compile(r'(?:^|(?<=,))"[^"]*"|,')
_SENTENCE = re.compile(r"[.!?;][ \u3000]+|[。！？；]")
_GAPS = ("\t", "|", "  ", "\u3000\u3000")
_TIGHT_SEMICOLON = re.compile(r";(?! )")
_LABEL = re.compile(r"[^:：]{1,40}(?::[ \u3000]|：)")
PAIR = 2
"""Cells of a line: a label and its value."""

_LABEL_CHARS = 160  # a longer line with a colon is running text
_CELLS_CHARS = 2000  # a longer line is no row
_MARKS = " \u3000\t\r|\"'*_`"
_MOST_SEARCHED = 60  # words that are searched one by one; for more of them the words of the text are listed first


@dataclass(slots=True)
class Lines:
    """The lines of ``text`` within ``within``: their starts, in order, and for each the number of its block.

    Blocks are parted by empty lines.
    """

    text: str
    within: Span
    starts: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    _cells: dict[int, list[Span]] = field(default_factory=dict)
    _places: dict[str, list[Span]] = field(default_factory=dict)
    _firsts: dict[int, tuple[list[Span], dict[int, Span]]] = field(default_factory=dict)
    _shared: dict[tuple[int, int], tuple[list[Span], list[Span], list[Span]]] = field(default_factory=dict)
    _occurrences: Occurrences = field(init=False)

    def __post_init__(self) -> None:
        self._occurrences = Occurrences(self.text, self.within)
        at, block = self.within.start, 0
        for line in self.within.of(self.text).split("\n"):
            empty = not line.strip(" \t\r|")
            block += empty
            cuts = () if empty or _is_row(line) else _SENTENCE.finditer(line)
            for start in (0, *(found.end() for found in cuts if found.end() < len(line))):
                self.starts.append(at + start)
                self.blocks.append(block)
            at += len(line) + 1

    def line_of(self, position: int) -> int:
        """Return the number of the line that holds ``position``."""
        return max(0, bisect_right(self.starts, position) - 1)

    def firsts(self, places: list[Span]) -> dict[int, Span]:
        """Return the first of the sorted ``places`` in each line; worked out once for a list that is kept."""
        known = self._firsts.get(id(places))
        if known is None or known[0] is not places:
            by_line: dict[int, Span] = {}
            for place in places:
                by_line.setdefault(self.line_of(place.start), place)
            known = self._firsts[id(places)] = (places, by_line)
        return known[1]

    def shared(self, places: list[Span], others: list[Span]) -> list[Span]:
        """Return the first of ``places`` in each line in which one of ``others`` stands, too; in order.

        It is worked out once for two lists that are kept: of a list with equal values each element asks for it.
        """
        asked = (id(places), id(others))
        known = self._shared.get(asked)
        if known is None or known[0] is not places or known[1] is not others:
            own, other = self.firsts(places), self.firsts(others)
            known = self._shared[asked] = (places, others, [own[line] for line in sorted(own.keys() & other.keys())])
        return known[2]

    def span_of(self, line: int) -> Span:
        """Return where line ``line`` stands, with the line feed at its end."""
        end = self.starts[line + 1] if line + 1 < len(self.starts) else self.within.end
        return Span(self.starts[line], end)

    def same_block(self, one: Span, other: Span) -> bool:
        """Whether no empty line stands between the two."""
        return self.blocks[self.line_of(one.start)] == self.blocks[self.line_of(other.start)]

    def part_of(self, span: Span) -> tuple[str, int]:
        """Return the part of the text that one element takes: the line of ``span``, or its block of labelled values."""
        line = self.line_of(span.start)
        return ("block", self.blocks[line]) if self.cell_count(span) == PAIR else ("line", line)

    def cells(self, line: int) -> list[Span]:
        """Return the cells of a line, those without words too; one for a line that has no marks, none in a sentence."""
        known = self._cells.get(line)
        if known is None:
            span = self.span_of(line)
            words = span.of(self.text).rstrip("\n")
            gaps = self._gaps(line, words)
            alone = self.text[span.start - 1 : span.start] in ("", "\n") and len(words) < len(span)
            known = self._cells[line] = _parts(span.start, words, gaps) if gaps or alone else []
        return known

    def pieces(self, span: Span) -> list[Span]:
        """Return ``span`` cut into what may be read by itself: cells, and running text between two rows."""
        out: list[Span] = []
        start = span.start
        for line in range(self.line_of(span.start), self.line_of(max(span.start, span.end - 1)) + 1):
            if len(cells := self.cells(line)) > 1:
                own = self.span_of(line)
                out += [Span(start, own.start)] if start < own.start else []
                out += [cell for cell in cells if len(cell)]
                start = own.end
        return [*out, Span(start, span.end)] if start < span.end else out

    def cell_count(self, span: Span) -> int:
        """Return how many cells the line of ``span`` has."""
        return len(self.cells(self.line_of(span.start)))

    def cell_of(self, span: Span) -> int:
        """Return the number of the cell of its line that holds ``span``, -1 where it stands in none."""
        cells = self.cells(self.line_of(span.start))
        at = bisect_right(cells, span.start, key=lambda cell: cell.start) - 1
        return at if at >= 0 and cells[at].contains(span) else -1

    def is_aligned(self, line: int, cell: int) -> bool:
        """Whether blanks alone part a cell from the one beside it: its column then says more than its number."""
        cells, right = self.cells(line), max(cell, 1)
        return right >= len(cells) or not self.text[cells[right - 1].end : cells[right].start].strip(" \u3000")

    def wholeness(self, span: Span) -> int:
        """Return 2 where ``span`` is a whole cell, 1 where only a unit or a currency is beside it, 0 elsewhere."""
        at = self.cell_of(span)
        if at < 0:
            return 0
        cell = self.cells(self.line_of(span.start))[at]
        beside = self.text[cell.start : span.start] + self.text[span.end : cell.end]
        if not beside:
            return 2
        return 1 if len(beside) <= 4 and not any(map(str.isdigit, beside)) and "-" not in beside else 0

    def places(self, words: str) -> list[Span]:
        """Return where exactly these words stand, in order: as whole cells, or where no word or number is cut."""
        known = self._places.get(words)
        if known is None:
            letters = letter_count(words)
            known = self._places[words] = [
                span
                for span in self._occurrences.of(words, listed=len(self._places) >= _MOST_SEARCHED)
                if cut(self.text, span, letters) <= TOUCHING or self.wholeness(span) > 1
            ]
        return known

    def _gaps(self, line: int, words: str) -> list[tuple[int, int]]:
        """Return what parts the cells of a line: marks, or commas where a line beside it has as many."""
        if len(words) > _CELLS_CHARS:
            return []
        if _is_row(words):
            return [gap.span() for gap in _GAP.finditer(words)]
        commas = _commas(words)
        beside = (self.span_of(n).of(self.text) for n in (line - 1, line + 1) if 0 <= n < len(self.starts))
        return commas if len(commas) > 1 and any(len(_commas(each)) == len(commas) for each in beside) else []


def has_rows(text: str) -> bool:
    """Whether any line of ``text`` may have cells: a look at it that costs less than its lines."""
    return any(_is_row(line) or _commas(line) for line in text.split("\n"))


def between(places: list[Span], start: int, end: int, *, most: int | None = None) -> list[Span]:
    """Return those of the sorted ``places`` that begin in ``start`` to ``end``, the first of them where more are."""
    first = bisect_left(places, start, key=_begin)
    last = len(places) if most is None else min(first + most, len(places))
    return places[first : bisect_left(places, end, lo=first, hi=last, key=_begin)]


def around(places: list[Span], position: int, *, most: int) -> list[Span]:
    """Return those of the sorted ``places`` next to ``position``: ``most`` that begin before it, and as many behind."""
    at = bisect_left(places, position, key=_begin)
    return places[max(0, at - most) : at + most]


def _begin(span: Span) -> int:
    return span.start


def _is_row(line: str) -> bool:
    if len(line) > _CELLS_CHARS:
        return False
    bare = line.strip(" \u3000")
    if any(gap in bare for gap in _GAPS) or (";" in bare and _TIGHT_SEMICOLON.search(bare)):
        return True
    return len(line) <= _LABEL_CHARS and _LABEL.match(line) is not None


def _parts(at: int, line: str, gaps: list[tuple[int, int]]) -> list[Span]:
    """Return the cells of a line that begins at ``at``, without the marks around them; empty ones keep their place."""
    out: list[Span] = []
    start = 0
    for first, last in [*gaps, (len(line), len(line))]:
        inner = line[start:first]
        bare = inner.strip(_MARKS)
        left = len(inner) - len(inner.lstrip(_MARKS)) if bare else 0
        out.append(Span(at + start + left, at + start + left + len(bare)))
        start = last
    return out


def _commas(line: str) -> list[tuple[int, int]]:
    """Return where commas part cells: outside of quoted cells, and none of them before a blank."""
    if len(line) > _CELLS_CHARS or line.count(",") < 2:
        return []
    commas = [found.span() for found in _COMMA.finditer(line) if found[0] == ","]
    return [] if any(line[end : end + 1] == " " for _, end in commas) else commas
