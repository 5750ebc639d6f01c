"""Finding the words of a quote in a text: exactly, in another writing, or with small faults.

False proof is worse than no proof, so everything here would rather say None: numbers must be the same numbers, a few
letters must be a whole word, and likeness alone never decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from llmx.locate.align import Token, tokens
from llmx.locate.borders import INSIDE, SHORT_LETTERS, TOUCHING, cut, letter_count
from llmx.locate.fuzzy import align_in, candidates, may_be_fuzzy
from llmx.locate.normal import NormalForm
from llmx.span import Span

_MOST_PLACES = 2000  # occurrences looked at for one quote; more say that the quote is no proof of anything
_NEAR_CHARS = 20_000  # a neighbour is first looked for this far around
_ELLIPSIS = re.compile(r"\s*[\[(]?(?:\.{3,}|…|⋯{1,2})[\])]?\s*")
_ELLIPSIS_CHARS = 300  # what an ellipsis may stand for: a sentence or two
_ELLIPSIS_SCORE = 0.9
_WORTH_COMPARING = 0.6  # after a hit, only windows with this share of its votes may still be better
_EDGES = " '.,;:!?…·*()[]{}<>|/\\~_"


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quote stands in a text.

    ``kind``: exact, the very characters; normalised, the same words in another writing; fuzzy, with small faults or
    an ellipsis. ``score`` in [0, 1] is the likeness of the letters, 1.0 for exact and normalised.
    """

    span: Span
    kind: Literal["exact", "normalised", "fuzzy"]
    score: float = 1.0


class TextIndex:
    """A text in which many quotes are looked for. Its normal form is built once, when it is first needed.

    >>> text = "Renault and Geely signed a memorandum of understanding on 9 August."
    >>> TextIndex(text).locate("memorandum of undrestanding").span.of(text)
    'memorandum of understanding'
    """

    __slots__ = ("_normal", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._normal: NormalForm | None = None

    @property
    def normal(self) -> NormalForm:
        """The normal form of the text."""
        if self._normal is None:
            self._normal = NormalForm(self.text)
        return self._normal

    def locate(self, quote: str, *, near: Span | None = None, within: Span | None = None) -> Match | None:
        """Return the best place of ``quote``: exact before normalised before fuzzy; None if it is not there.

        Of several equal places the one closest to ``near``, else the first; whole words go before parts of words.
        ``within`` allows only places inside that span. Linear in the text.
        """
        within = Span(0, len(self.text)) if within is None else Span(within.start, min(within.end, len(self.text)))
        if not _says_something(quote) or within.start >= within.end:
            return None
        exact = _best(self._exact(quote, within, near), INSIDE, near)
        if exact is not None:
            return Match(exact, "exact")
        needles = _needles(quote)
        for needle in needles:
            same = _best(self._normalised(needle, quote, within, near), TOUCHING, near)
            if same is not None:
                return Match(same, "normalised")
        if not needles:
            return None
        return self._fuzzy(quote, needles[-1], within, near) or self._with_ellipsis(quote, within, near)

    def find_all(self, quote: str, *, limit: int = 50) -> list[Match]:
        """Return the exact and normalised places of ``quote``, in order, without overlaps, at most ``limit``.

        Parts of words are left out where whole words are found.
        """
        whole = Span(0, len(self.text))
        if not _says_something(quote):
            return []
        ranked = [(rank, Match(span, "exact")) for rank, span in self._exact(quote, whole, None) if rank <= INSIDE]
        for needle in _needles(quote)[:1]:
            places = self._normalised(needle, quote, whole, None)
            ranked += [(rank, Match(span, "normalised")) for rank, span in places if rank <= TOUCHING]
        least = TOUCHING if any(rank <= TOUCHING for rank, _ in ranked) else INSIDE
        found: list[Match] = []
        for _, match in sorted((item for item in ranked if item[0] <= least), key=lambda item: item[1].span):
            if not found or match.span.start >= found[-1].span.end:
                found.append(match)
        return found[:limit]

    def _exact(self, quote: str, within: Span, near: Span | None) -> Iterator[tuple[int, Span]]:
        letters = letter_count(quote)
        for bounds in _regions(within, near):
            for at in _occurrences(quote, self.text, bounds.start, bounds.end):
                span = Span(at, at + len(quote))
                yield cut(self.text, span, letters), span

    def _normalised(self, needle: str, quote: str, within: Span, near: Span | None) -> Iterator[tuple[int, Span]]:
        normal, letters = self.normal, letter_count(needle)
        for region in _regions(within, near):
            start, end = normal.index(region.start), normal.index(region.end)
            for at in _occurrences(needle, normal.value, start, end):
                span = normal.origin(at, at + len(needle))
                if within.contains(span) and (letters >= SHORT_LETTERS or _same_case(quote, span.of(self.text))):
                    yield cut(self.text, span, letters), span

    def _fuzzy(self, quote: str, needle: str, within: Span, near: Span | None) -> Match | None:
        wanted = _named_tokens(quote)
        if not may_be_fuzzy(wanted):
            return None
        normal = self.normal
        bounds = normal.index(within.start), normal.index(within.end)
        best: tuple[float, int, Span] | None = None
        enough = 0.0
        for votes, window in candidates(needle, normal.value, within=bounds):
            if votes < enough:
                break
            found = align_in(wanted, normal.value, window)
            if found is None:
                continue
            span = normal.origin(found.start, found.end)
            ranked = (found.cost, near.distance(span) if near else 0, span)
            if within.contains(span) and cut(self.text, span, 0) <= INSIDE and (best is None or ranked < best):
                best = ranked
                enough = votes * _WORTH_COMPARING
        return None if best is None else Match(best[2], "fuzzy", _likeness(needle, best[2].of(self.text)))

    def _with_ellipsis(self, quote: str, within: Span, near: Span | None) -> Match | None:
        """Find 'the firms … signed' as its parts in order, not far from each other."""
        parts = [part for part in _ELLIPSIS.split(quote) if _says_something(part)]
        if len(parts) < 2 or max(map(letter_count, parts)) < SHORT_LETTERS or min(map(letter_count, parts)) < 2:
            return None
        places = [span for rank, span in self._exact_or_normalised(parts[0], within, near) if rank <= TOUCHING]
        if near is not None:
            places.sort(key=near.distance)
        for first in places[:50]:
            end = first.end
            for part in parts[1:]:
                ahead = Span(end, min(end + _ELLIPSIS_CHARS + len(part), within.end))
                following = self._exact_or_normalised(part, ahead, None)
                place = next((span for rank, span in following if rank <= TOUCHING), None)
                if place is None or "\n\n" in self.text[end : place.start]:
                    break
                end = place.end
            else:
                return Match(Span(first.start, end), "fuzzy", _ELLIPSIS_SCORE)
        return None

    def _exact_or_normalised(self, quote: str, within: Span, near: Span | None) -> Iterator[tuple[int, Span]]:
        yield from self._exact(quote, within, near)
        for needle in _needles(quote)[:1]:
            yield from self._normalised(needle, quote, within, near)


def locate(quote: str, text: str) -> Match | None:
    """Return where ``quote`` stands in ``text``, None if it does not. For many quotes build one ``TextIndex``.

    >>> locate("GAC group and SAIC group", "On Friday GAC Group and SAIC Group signed.")
    Match(span=Span(start=10, end=34), kind='normalised', score=1.0)
    >>> locate("AI", "he said") is None
    True
    """
    return TextIndex(text).locate(quote)


def _says_something(quote: str) -> bool:
    """Whether the quote has a letter or a digit, or is a sign such as € or %."""
    return any(char.isalnum() for char in quote) or bool(tokens(quote.strip()))


def _occurrences(needle: str, text: str, start: int, end: int) -> Iterator[int]:
    at = text.find(needle, start, end)
    for _ in range(_MOST_PLACES):
        if at < 0:
            return
        yield at
        at = text.find(needle, at + 1, end)


def _regions(within: Span, near: Span | None) -> Iterator[Span]:
    """The neighbourhood first, so that its places are among those looked at however many there are; then all."""
    if near is not None and len(within) > 2 * _NEAR_CHARS:
        start = max(within.start, near.start - _NEAR_CHARS)
        end = min(within.end, near.end + _NEAR_CHARS)
        if start < end:
            yield Span(start, end)
    yield within


def _best(places: Iterator[tuple[int, Span]], worst: int, near: Span | None) -> Span | None:
    """Return the place that cuts least, then the one nearest, then the first; None if all cut worse than ``worst``."""
    best: tuple[int, int, Span] | None = None
    for rank, span in places:
        if rank > worst:
            continue
        ranked = (rank, near.distance(span) if near else span.start, span)
        if best is None or ranked < best:
            best = ranked
        if rank == 0 and near is None:
            break
    return None if best is None else best[2]


def _needles(quote: str) -> list[str]:
    """The normal form of the quote, as it is and without the marks at its ends; none where nothing is left."""
    value = NormalForm(quote).value.strip()
    bare = value.strip(_EDGES)
    if not (bare[:1] == "-" and bare[1:2].isdigit()):
        bare = bare.lstrip("-" + _EDGES)
    bare = bare.rstrip("-" + _EDGES)
    return [needle for needle in dict.fromkeys((value, bare)) if _says_something(needle)]


def _same_case(quote: str, found: str) -> bool:
    """Whether two short words agree in their capitals: 'US' is not 'us'."""
    cases = [[char.isupper() for char in words if char.isupper() or char.islower()] for words in (quote, found)]
    return cases[0] == cases[1]


def _named_tokens(quote: str) -> list[Token]:
    """The tokens of the quote, knowing which are names: capitalised, but not to open a sentence."""
    form = NormalForm(quote)
    out = []
    for token in tokens(form.value):
        capitals = sum(map(str.isupper, form.origin(token.start, token.end).of(quote)))
        opens = not out or any(mark in form.value[out[-1].end : token.start] for mark in ".!?:'")
        name = 2 if capitals > 1 else 1 if capitals and not opens else 0
        out.append(Token(token.form, token.start, token.end, token.weight, token.fixed, name))
    return out


def _likeness(needle: str, found: str) -> float:
    from rapidfuzz.fuzz import ratio

    return round(ratio(needle, NormalForm(found).value) / 100, 4)
