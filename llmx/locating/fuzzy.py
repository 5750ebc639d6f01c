"""Where in a long text a quote with small faults may stand.

Faults are few (``align.py`` says how few), so some piece of the quote stands in the text letter by letter. The pieces
are searched with ``str.find``, each hit proposes a window, and the words are compared there. Only where no piece is
found does rapidfuzz slide the letters over the whole text. The cost is linear in the text for every quote.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

from rapidfuzz.fuzz import partial_ratio_alignment

from llmx.dataclass import dataclass
from llmx.locating.align import Token
from llmx.locating.borders import in_word, unspaced

LEAST_LETTERS = 8  # below this nothing is matched fuzzily: too many other words are as near
_MOST_TOKENS = 400  # comparing costs their square; who quotes more than a page may quote it exactly
_LEAST_PIECE = 4  # characters
_LARGEST_PIECE = 24
_MOST_PIECES = 8
_FEW = 4  # places; a piece that stands in no more is worth comparing at each
_HITS_PER_PIECE = 24  # a piece that stands in more places tells little
_WINDOWS = 6
_LETTERS_CUTOFF = 72.0  # of 100; the price list of align.py decides, this only keeps hopeless windows out
_SLIDING_LETTERS = 64  # one machine word: rapidfuzz is fastest, and linear, up to here


@dataclass(frozen=True, slots=True)
class Search:
    """A quote that is looked for between ``start`` and ``end`` of a text, both in their normal forms."""

    quote: str
    normal: str
    start: int
    end: int

    def windows(self) -> Iterator[tuple[float, tuple[int, int]]]:
        """Yield windows of the text that may hold the quote, each with its votes, most votes first, at most six.

        Votes are letters of the quote that stand there, rare pieces counting more; they only compare windows of one
        search.
        """
        votes: dict[int, float] = defaultdict(float)
        pieces = self._pieces()
        fewest = min((len(hits) for piece in pieces if (hits := self._vote(votes, *piece))), default=_HITS_PER_PIECE)
        if fewest > _FEW:
            for offset, size in pieces:
                if size >= 2 * _LEAST_PIECE:
                    self._vote(votes, offset, size // 2)
                    self._vote(votes, offset + size // 2, size - size // 2)
        # a hit near the border of two cells counts for both
        total = {cell: count + votes.get(cell - 1, 0) + votes.get(cell + 1, 0) for cell, count in votes.items()}
        for cell in sorted(total, key=lambda cell: (-total[cell], cell))[:_WINDOWS]:
            yield total[cell], self._around(cell)

    def slide(self) -> tuple[int, int] | None:
        """Return the window that rapidfuzz finds by sliding the letters over everything, for quotes without a piece."""
        skipped = max(0, (len(self.quote) - _SLIDING_LETTERS) // 2)
        middle = self.quote[skipped : skipped + _SLIDING_LETTERS]
        if self.end - self.start < len(middle):
            return None
        part = self.normal[self.start : self.end]
        found = partial_ratio_alignment(middle, part, score_cutoff=_LETTERS_CUTOFF)
        if found is None:
            return None
        at = self.start + found.dest_start - skipped
        return self._whole_words(at - self._slack, at + len(self.quote) + self._slack)

    @property
    def _slack(self) -> int:
        """How far left-out and added words may move the rest, in characters."""
        return 12 + min(len(self.quote) // 4, 120)

    def _cell(self, hit: int, offset: int) -> int:
        return max(hit - offset, 0) // self._slack

    def _around(self, cell: int) -> tuple[int, int]:
        return self._whole_words((cell - 1) * self._slack, (cell + 2) * self._slack + len(self.quote))

    def _pieces(self) -> list[tuple[int, int]]:
        """Cut the quote into pieces (offset, size) of equal size, of which one at least should be free of faults."""
        length = len(self.quote)
        dense = sum(map(unspaced, self.quote)) * 2 > length
        count = max(1, min(length // (_LEAST_PIECE if dense else 4 * _LEAST_PIECE), _MOST_PIECES))
        cuts = [round(i * length / count) for i in range(count + 1)]
        return [(a, min(b - a, _LARGEST_PIECE)) for a, b in itertools.pairwise(cuts)]

    def _vote(self, votes: dict[int, float], offset: int, size: int) -> list[int]:
        """Let the first places of a piece vote for where the quote would begin; return them."""
        piece, hits = self.quote[offset : offset + size], list[int]()
        at = self.normal.find(piece, self.start, self.end)
        while at >= 0 and len(hits) < _HITS_PER_PIECE:
            hits.append(at)
            at = self.normal.find(piece, at + size, self.end)
        for hit in hits:
            votes[self._cell(hit, offset)] += size / len(hits) ** 2
        return hits

    def _whole_words(self, start: int, end: int) -> tuple[int, int]:
        """Widen a window to whole words, by at most a long word on each side, inside the bounds."""
        start, end = max(start, self.start), min(end, self.end)
        for _ in range(40):
            if self.start < start < len(self.normal) and in_word(self.normal[start - 1]):
                start -= 1
            if end < self.end and in_word(self.normal[end]):
                end += 1
        return start, end


def may_be_fuzzy(quote: list[Token]) -> bool:
    """Whether the quote is long enough that likeness says anything, and short enough to be compared word by word."""
    letters = sum(len(token.form) for token in quote if not token.fixed)
    return len(quote) <= _MOST_TOKENS and letters >= LEAST_LETTERS
