"""Finding the words of a quote in a text: exactly, in another writing, or with small faults.

False proof is worse than no proof, so everything here would rather say None: numbers must be the same numbers, a few
letters must be a whole word, and likeness alone never decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from rapidfuzz.fuzz import ratio

from llmx.dataclass import dataclass
from llmx.locating.align import Token, align, tokens
from llmx.locating.borders import INSIDE, NUMBER, SHORT_LETTERS, TOUCHING, cut, letter_count
from llmx.locating.fuzzy import Search, may_be_fuzzy
from llmx.locating.lookalikes import Lookalikes, folded, same_words
from llmx.locating.normal import NormalForm
from llmx.locating.places import Where
from llmx.locating.quotes import named_tokens, needles_of, says_something
from llmx.locating.slips import Vocabulary
from llmx.locating.word_places import ExactPlaces, NormalPlaces, looked_at
from llmx.span import Span

_MANY_PLACES = 64  # the search for those of one quote is remembered
_FUZZY_CHARS = 4000  # a longer quote is found exactly or not at all: likeness costs the square of its length
_ELLIPSIS = re.compile(r"(?<!\s)\s*[\[(]?(?:\.{3,}|…|⋯{1,2})[\])]?\s*")
_ELLIPSIS_CHARS = 300  # what an ellipsis may stand for: a sentence or two
_ELLIPSIS_SCORE = 0.9
_CUT_SCORE = 0.5
LEAST_SCANNED = 5  # letters; of fewer a lookalike makes another word: stem and stern, mail and mall
_LEAST_WITH_DIGIT = 4  # letters, where a digit among them shows that a scanner read them
_WORTH_COMPARING = 0.6  # after a hit, only windows with this share of its votes may still be better
_DIGITS = re.compile(r"\d+(?:[.,'’\u066b\u066c\u00a0\u202f\u2009]\d+)*")
_NO_DIGIT = re.compile(r"\D+")
_CLOSING = re.compile(r"[^\w\s]{1,8}$")


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quote stands in a text.

    ``kind``: exact, the very characters; normalised, the same words in another writing; fuzzy, with small faults or
    an ellipsis. ``score`` in [0, 1] is the likeness of the letters, 1.0 for exact and normalised; but 0.5 for a long
    exact quote that ends in the middle of a number, for then that number is another one in the text.
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

    __slots__ = (
        "_digits", "_exact", "_found", "_lookalikes", "_normal", "_normalised", "_vocabulary", "text",
    )  # fmt: skip

    def __init__(self, text: str) -> None:
        self.text = text
        self._normal: NormalForm | None = None
        self._digits: dict[str, list[Span]] | None = None
        self._lookalikes: Lookalikes | None = None
        self._vocabulary: Vocabulary | None = None
        self._exact = ExactPlaces(text)
        self._normalised: NormalPlaces | None = None
        self._found: dict[tuple[str, int], list[Match]] = {}

    def digits(self, words: str) -> list[Span]:
        """Return where digits stand that are those of ``words``, but for their marks and zeros at the ends, in order.

        >>> [span.of("750 and 7.50, 75 km") for span in TextIndex("750 and 7.50, 75 km").digits("0.75")]
        ['750', '7.50', '75']
        """
        if self._digits is None:
            self._digits = {}
            for match in _DIGITS.finditer(self.text):
                self._digits.setdefault(_significant(match[0]), []).append(Span(*match.span()))
        return self._digits.get(_significant(words), [])

    @property
    def normal(self) -> NormalForm:
        """The normal form of the text."""
        if self._normal is None:
            self._normal = NormalForm(self.text)
        return self._normal

    @property
    def _normal_places(self) -> NormalPlaces:
        if self._normalised is None:
            self._normalised = NormalPlaces(self.text, self.normal)
        return self._normalised

    def locate(
        self, quote: str, *, near: Span | None = None, within: Span | None = None, faults: bool = True
    ) -> Match | None:
        """Return the best place of ``quote``: exact before normalised before fuzzy; None if it is not there.

        Of several equal places the one closest to ``near``, else the first; whole words go before parts of words.
        ``within`` allows only places inside that span, and without ``faults`` nothing fuzzy is looked for. Linear in
        the text. Words that stand in hundreds of places, each time inside of others, are no proof of anything.
        """
        whole = Span(0, len(self.text))
        if (
            not says_something(quote)
            or quote in self._exact.everywhere
            or (within is not None and not within.overlaps(whole))
        ):
            return None
        where = Where(whole if within is None else Span(within.start, min(within.end, whole.end)), near)
        exact = self._exact.best(quote, where)
        if exact is not None and quote not in self._exact.everywhere:
            cuts_number = cut(self.text, exact, letter_count(quote)) == NUMBER
            return Match(exact, "exact", _CUT_SCORE if cuts_number else 1.0)
        needles = () if quote in self._exact.everywhere else needles_of(quote)
        for needle in needles:
            same = self._normal_places.best(needle, quote, where)
            if same is not None:
                return Match(same, "normalised")
        if not needles or not faults:
            return None
        needle = needles[-1]
        return (
            self._scanned(quote, needle, where)
            or self._fuzzy(quote, needle, where)
            or self._slipped(quote, needle, where)
            or self._with_ellipsis(quote, where)
        )

    def find_all(self, quote: str, *, limit: int = 50) -> list[Match]:
        """Return the exact and normalised places of ``quote``, in order, without overlaps, at most ``limit``.

        Parts of words are left out where whole words are found.
        """
        needles = needles_of(quote)
        if quote not in self.text and not (needles and needles[0] in self.normal.value):
            return []  # as most words that are looked for in every text: cues of a schema
        where = Where(Span(0, len(self.text)))
        if not says_something(quote) or quote in self._exact.everywhere:
            return []
        if (quote, limit) in self._found:
            return self._found[quote, limit].copy()
        ranked = [(rank, Match(span, "exact")) for rank, span in self._exact.ranked(quote, where) if rank <= INSIDE]
        for needle in () if quote in self._exact.everywhere else needles[:1]:
            places = self._normal_places.ranked(needle, quote, where)
            ranked += [(rank, Match(span, "normalised")) for rank, span in places if rank <= TOUCHING]
        least = TOUCHING if any(rank <= TOUCHING for rank, _ in ranked) else INSIDE
        found: list[Match] = []
        for _, match in sorted((item for item in ranked if item[0] <= least), key=lambda item: item[1].span):
            if not found or match.span.start >= found[-1].span.end:
                found.append(match)
        if len(ranked) > _MANY_PLACES:
            self._found[quote, limit] = found[:limit]
        return found[:limit]

    def _scanned(self, quote: str, needle: str, where: Where) -> Match | None:
        """Find the words as a scanner may have read them: lookalikes for letters, accents lost."""
        wanted = folded(needle)
        if letter_count(wanted) < _LEAST_WITH_DIGIT or len(quote) > _FUZZY_CHARS:
            return None
        if self._lookalikes is None:
            self._lookalikes = Lookalikes(self.normal.value)
        span = where.best(self._alike(wanted, needle, where), worst=TOUCHING)
        return None if span is None else Match(span, "fuzzy", _likeness(needle, span.of(self.text)))

    def _alike(self, wanted: str, needle: str, where: Where) -> Iterator[tuple[int, Span]]:
        look, normal = self._lookalikes, self.normal
        assert look is not None
        shown = letter_count(wanted) >= LEAST_SCANNED or any(map(str.isdigit, needle))
        bounds = Span(look.index(normal.index(where.within.start)), look.index(normal.index(where.within.end)))
        for _, at in looked_at(wanted, look.value, bounds):
            place = look.origin(at, at + len(wanted))
            span = normal.origin(place.start, place.end)
            found = place.of(normal.value)
            shows = shown or any(map(str.isdigit, found))
            if shows and where.within.contains(span) and same_words(needle, found):
                yield cut(self.text, span, letter_count(needle)), span

    def _slipped(self, quote: str, needle: str, where: Where) -> Match | None:
        """Find a few words with two letters swapped, or one lost, in one of them."""
        if self._vocabulary is None:
            self._vocabulary = Vocabulary(self.normal.value)
        for meant in self._vocabulary.corrected(needle):
            span = self._normal_places.best(meant, quote, where)
            if span is not None:
                return Match(span, "fuzzy", _likeness(needle, span.of(self.text)))
        return None

    def _fuzzy(self, quote: str, needle: str, where: Where) -> Match | None:
        wanted = named_tokens(quote) if len(quote) <= _FUZZY_CHARS else []
        if not may_be_fuzzy(wanted):
            return None
        normal, within = self.normal, where.within
        search = Search(needle, normal.value, normal.index(within.start), normal.index(within.end))
        places: list[tuple[float, int, Span]] = []
        enough = 0.0
        for votes, window in search.windows():
            if votes < enough:
                break
            place = self._compare(wanted, window, where)
            if place is not None:
                places.append(place)
                enough = votes * _WORTH_COMPARING
        if not places and (window_of_letters := search.slide()) is not None:
            place = self._compare(wanted, window_of_letters, where)
            places = [] if place is None else [place]
        if not places:
            return None
        span = self._with_marks(quote, min(places)[2], where)
        return Match(span, "fuzzy", _likeness(needle, span.of(self.text)))

    def _with_marks(self, quote: str, span: Span, where: Where) -> Span:
        """Return ``span`` with the closing marks of the quote, where the text has them there, too."""
        marks = _CLOSING.search(quote)
        end = span.end
        for mark in marks[0] if marks else "":
            if end < where.within.end and NormalForm(self.text[end]).value == NormalForm(mark).value:
                end += 1
        return Span(span.start, end)

    def _compare(self, wanted: list[Token], window: tuple[int, int], where: Where) -> tuple[float, int, Span] | None:
        """Return the price, the distance and the place of a quote's tokens in a window, None if they are not there."""
        found = align(wanted, tokens(self.normal.value, *window))
        if found is None:
            return None
        span = self.normal.origin(found.start, found.end)
        if not where.within.contains(span) or cut(self.text, span, 0) > INSIDE:
            return None
        return found.cost, where.distance(span), span

    def _with_ellipsis(self, quote: str, where: Where) -> Match | None:
        """Find 'the firms … signed' as its parts in order, not far from each other."""
        parts = [part for part in _ELLIPSIS.split(quote) if says_something(part)]
        if len(parts) < 2 or max(map(letter_count, parts)) < SHORT_LETTERS or min(map(letter_count, parts)) < 2:
            return None
        everywhere = self._exact_or_normalised(parts[0], Where(where.within))
        places = [span for rank, span in everywhere if rank <= TOUCHING]
        for first in sorted(places, key=where.distance)[:50]:
            end = first.end
            for part in parts[1:]:
                ahead = Span(end, min(end + _ELLIPSIS_CHARS + len(part), where.within.end))
                following = self._exact_or_normalised(part, Where(ahead))
                place = next((span for rank, span in following if rank <= TOUCHING), None)
                if place is None or "\n\n" in self.text[end : place.start]:
                    break
                end = place.end
            else:
                return Match(Span(first.start, end), "fuzzy", _ELLIPSIS_SCORE)
        return None

    def _exact_or_normalised(self, quote: str, where: Where) -> Iterator[tuple[int, Span]]:
        yield from self._exact.ranked(quote, where)
        for needle in needles_of(quote)[:1]:
            yield from self._normal_places.ranked(needle, quote, where)


def locate(quote: str, text: str) -> Match | None:
    """Return where ``quote`` stands in ``text``, None if it does not. For many quotes build one ``TextIndex``.

    >>> locate("GAC group and SAIC group", "On Friday GAC Group and SAIC Group signed.")
    Match(span=Span(start=10, end=34), kind='normalised', score=1.0)
    >>> locate("AI", "he said") is None
    True
    """
    return TextIndex(text).locate(quote)


def _significant(words: str) -> str:
    return _NO_DIGIT.sub("", words).strip("0")


def _likeness(needle: str, found: str) -> float:
    return round(ratio(needle, NormalForm(found).value) / 100, 4)
