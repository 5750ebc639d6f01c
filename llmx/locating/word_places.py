"""The places of these very words in a text, and of the same words in another writing, with how badly each cuts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from llmx.locating.borders import CLEAN, NUMBER, SHORT_LETTERS, TOUCHING, WRONG, cut, in_word, letter_count
from llmx.locating.normal import NormalForm
from llmx.locating.places import MOST_PLACES, KnownPlaces, Repeated, Where, better, occurrences
from llmx.span import Span

_MOST_INSIDE = 200  # places, where all of them are inside of words


class ExactPlaces:
    """The places of words in a text, letter by letter.

    ``everywhere`` are those that stand in hundreds of places, each time inside of others: no proof of anything.
    """

    __slots__ = ("_repeated", "everywhere", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.everywhere: set[str] = set()
        self._repeated = Repeated()

    def ranked(self, quote: str, where: Where) -> Iterator[tuple[int, Span]]:
        """Yield the places of ``quote``, each with how badly it cuts what stands there."""
        letters = letter_count(quote)
        least, most = WRONG, 0
        for bounds in where.regions():
            count = 0
            try:
                for count, at in looked_at(quote, self.text, bounds):  # noqa: B007 - used below
                    span = Span(at, at + len(quote))
                    rank = cut(self.text, span, letters)
                    least = min(least, rank)
                    yield rank, span
            finally:
                self._repeated.looked_at((quote, quote), count)
            if least == CLEAN:
                return
            most = max(most, count)
        self._judge(quote, where, least=least, most=most)

    def _judge(self, quote: str, where: Where, *, least: int, most: int) -> None:
        """Remember that a quote stands everywhere in words and never cleanly: ``most`` places, cut by ``least``."""
        fewest = _MOST_INSIDE if len(where.within) == len(self.text) else MOST_PLACES
        if most >= fewest and least > TOUCHING and not _stands_alone(quote, self.text):
            self.everywhere.add(quote)

    def best(self, quote: str, where: Where) -> Span | None:
        """Return the best place of these very characters."""
        known = self._repeated.known((quote, quote), self.text, lambda: self._all(quote))
        if known is None:
            return where.best(self.ranked(quote, where), worst=NUMBER)
        best, most = None, 0
        for region in where.regions():
            best = better(best, known.best(region, where, worst=WRONG))
            if best is not None and best[0] == CLEAN:
                return best[2]
            most = max(most, len(known.looked_at(region)))
        self._judge(quote, where, least=WRONG if best is None else best[0], most=most)
        return None if best is None or best[0] > NUMBER else best[2]

    def _all(self, quote: str) -> KnownPlaces:
        letters, size = letter_count(quote), len(quote)
        begins = list(occurrences(quote, self.text, Span(0, len(self.text))))
        spans = [Span(at, at + size) for at in begins]
        return KnownPlaces(begins, spans, [cut(self.text, span, letters) for span in spans], size=size)


class NormalPlaces:
    """The places of the normal forms of words in that of a text."""

    __slots__ = ("_repeated", "normal", "text")

    def __init__(self, text: str, normal: NormalForm) -> None:
        self.text, self.normal = text, normal
        self._repeated = Repeated()

    def ranked(self, needle: str, quote: str, where: Where) -> Iterator[tuple[int, Span]]:
        """Yield the places of ``needle``, the normal form of ``quote``, with how badly each cuts what is there."""
        normal, letters, clean = self.normal, letter_count(needle), False
        for region in where.regions():
            count = 0
            try:
                for count, at in looked_at(needle, normal.value, normal.bounds(region)):  # noqa: B007 - used below
                    span = normal.origin(at, at + len(needle))
                    if where.within.contains(span) and self._may_be(quote, span, letters):
                        rank = cut(self.text, span, letters)
                        clean = clean or rank == CLEAN
                        yield rank, span
            finally:
                self._repeated.looked_at((needle, quote), count)
            if clean:
                return

    def _may_be(self, quote: str, span: Span, letters: int) -> bool:
        return letters >= SHORT_LETTERS or _same_case(quote, span.of(self.text))

    def best(self, needle: str, quote: str, where: Where) -> Span | None:
        """Return the best place of the same words in another writing."""
        known = self._repeated.known((needle, quote), self.normal.value, lambda: self._all(needle, quote))
        if known is None:
            return where.best(self.ranked(needle, quote, where), worst=TOUCHING)
        best = None
        for region in where.regions():
            best = better(best, known.best(self.normal.bounds(region), where, worst=TOUCHING))
            if best is not None and best[0] == CLEAN:
                break
        return None if best is None else best[2]

    def _all(self, needle: str, quote: str) -> KnownPlaces:
        normal, letters, size = self.normal, letter_count(needle), len(needle)
        begins = list(occurrences(needle, normal.value, Span(0, len(normal.value))))
        spans = [normal.origin(at, at + size) for at in begins]
        ranks = [cut(self.text, span, letters) if self._may_be(quote, span, letters) else None for span in spans]
        return KnownPlaces(begins, spans, ranks, size=size)


def looked_at(needle: str, text: str, within: Span) -> Iterator[tuple[int, int]]:
    """Yield the first places of ``needle``, each with its number."""
    return enumerate(itertools.islice(occurrences(needle, text, within), MOST_PLACES), start=1)


def _stands_alone(quote: str, text: str) -> bool:
    """Whether the quote stands anywhere without a letter, a digit or a mark right beside it."""
    at = text.find(quote)
    while at >= 0:
        end = at + len(quote)
        if not (at and in_word(text[at - 1])) and not (end < len(text) and in_word(text[end])):
            return True
        at = text.find(quote, at + 1)
    return False


def _same_case(quote: str, found: str) -> bool:
    """Whether two short words agree in their capitals: 'US' is not 'us'."""
    cases = [[char.isupper() for char in words if char.isupper() or char.islower()] for words in (quote, found)]
    return cases[0] == cases[1]
