"""Which of the places of words is the best one, and the places of words that are looked for again and again.

Most words stand in a few places, which are looked at one by one. Those of a long list may stand in thousands, each
asked for by many elements; all their places are then looked at once, and the best for each element is found by
bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field

from llmx.dataclass import dataclass
from llmx.locating.borders import CLEAN, WRONG
from llmx.span import Span

MOST_PLACES = 2000  # occurrences looked at for one quote; more say that the quote is no proof of anything
_FEW_PLACES = 16  # for which nothing is remembered
_NEAR_CHARS = (400, 20_000)  # a neighbour is first looked for this far around

Key = tuple[str, str]
"""Words as they are searched in a text, or in its normal form, and as they were asked for."""

Place = tuple[int, int, Span]
"""How badly a place cuts what stands there, how far it is, and where it is: the smallest is the best."""


@dataclass(frozen=True, slots=True)
class Where:
    """Where a quote is looked for: inside ``within``, preferably close to ``near``."""

    within: Span
    near: Span | None = None

    def regions(self) -> Iterator[Span]:
        """The neighbourhood first, so that its places are looked at however many there are; then everything.

        What stands cleanly in one of these is nearer than any place outside of it: none of the others is needed.
        """
        within, near = self.within, self.near
        for around in _NEAR_CHARS if near is not None else ():
            if near is not None and len(within) > 2 * around:
                start = max(within.start, near.start - around)
                end = min(within.end, near.end + around)
                if start < end:
                    yield Span(start, end)
        yield within

    def distance(self, span: Span) -> int:
        """Return how far ``span`` is from the neighbour; 0 where there is none."""
        return 0 if self.near is None else self.near.distance(span)

    def best(self, places: Iterator[tuple[int, Span]], *, worst: int) -> Span | None:
        """Return the place that cuts least, then the nearest, then the first; None if all cut more than ``worst``."""
        best: Place | None = None
        for rank, span in places:
            if rank > worst:
                continue
            ranked = (rank, self.distance(span), span)
            if best is None or ranked < best:
                best = ranked
            if rank == CLEAN and self.near is None:
                break
        return None if best is None else best[2]


class KnownPlaces:
    """All the places of words that stand in many, in order: where they begin in the text, or in its normal form, and
    for each how badly it cuts what stands there, None where it is no place of them.

    >>> known = KnownPlaces([0, 4, 8], [Span(0, 3), Span(4, 7), Span(8, 11)], [2, 0, 0], size=3)
    >>> known.best(Span(0, 11), Where(Span(0, 11), near=Span(9, 10)), worst=2)
    (0, 0, Span(start=8, end=11))
    """

    __slots__ = ("_begins", "_by_rank", "_size", "_spans")

    def __init__(self, begins: list[int], spans: list[Span], ranks: Sequence[int | None], *, size: int) -> None:
        self._begins, self._spans, self._size = begins, spans, size
        self._by_rank: list[list[int]] = [[] for _ in range(WRONG + 1)]
        for number, rank in enumerate(ranks):
            if rank is not None:
                self._by_rank[rank].append(number)

    def looked_at(self, bounds: Span) -> range:
        """Return the numbers of the places in ``bounds`` that a search from its beginning looks at."""
        first = bisect_left(self._begins, bounds.start)
        last = bisect_right(self._begins, bounds.end - self._size, lo=first)
        return range(first, min(last, first + MOST_PLACES))

    def best(self, bounds: Span, where: Where, *, worst: int) -> Place | None:
        """Return the best of the places in ``bounds``; None if all cut more than ``worst``."""
        numbers, spans, within = self.looked_at(bounds), self._spans, where.within
        while numbers and spans[numbers[0]].start < within.start:
            numbers = numbers[1:]
        while numbers and spans[numbers[-1]].end > within.end:
            numbers = numbers[:-1]
        for rank in range(worst + 1):
            ranked = self._by_rank[rank]
            first = bisect_left(ranked, numbers.start)
            last = bisect_left(ranked, numbers.stop, lo=first)
            if first < last:
                return rank, *self._nearest(ranked, first, last, where=where)
        return None

    def _nearest(self, ranked: list[int], first: int, last: int, *, where: Where) -> tuple[int, Span]:
        """Return the nearest of the places that ``ranked[first:last]`` numbers, the first of them where two are."""
        spans = self._spans

        def measured(at: int) -> tuple[int, Span]:
            span = spans[ranked[at]]
            return where.distance(span), span

        if where.near is None:
            return measured(first)
        behind = bisect_right(ranked, where.near.start, first, last, key=lambda number: spans[number].end)
        found = [measured(behind)] if behind < last else []
        if behind > first:
            end = spans[ranked[behind - 1]].end
            found.append(measured(bisect_left(ranked, end, first, behind, key=lambda number: spans[number].end)))
        return min(found)


@dataclass(slots=True)
class Repeated:
    """The words of a text that are looked for again and again: how many places were looked at for them, one by one.

    All places of words are looked at once when as many were as could stand in the text: from then on they are known.
    That takes twice the time of looking at them at once, at most, and few words of a document come so far.
    """

    _looked: dict[Key, int] = field(default_factory=dict)
    _known: dict[Key, KnownPlaces] = field(default_factory=dict)

    def looked_at(self, key: Key, count: int) -> None:
        """Count places of the words ``key`` that were looked at."""
        if count > _FEW_PLACES:
            self._looked[key] = self._looked.get(key, 0) + count

    def known(self, key: Key, text: str, find: Callable[[], KnownPlaces]) -> KnownPlaces | None:
        """Return the places of the words ``key``, which ``find`` finds; None where that is not worth it yet."""
        count = self._looked.get(key)
        if count is None or count * len(key[0]) < len(text):
            return None
        if key not in self._known:
            self._known[key] = find()
        return self._known[key]


def better(one: Place | None, other: Place | None) -> Place | None:
    """Return the better one of two places."""
    if one is None or other is None:
        return one or other
    return min(one, other)


def occurrences(needle: str, text: str, within: Span) -> Iterator[int]:
    """Yield where ``needle`` begins in ``text``, places that overlap too."""
    at = text.find(needle, within.start, within.end)
    while at >= 0:
        yield at
        at = text.find(needle, at + 1, within.end)
