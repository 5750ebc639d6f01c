"""Where in a long text a quote with small faults may stand.

Faults are few (``align.py`` says how few), so some piece of the quote stands in the text letter by letter. The pieces
are searched with ``str.find``, each hit proposes a window, and the words are compared there. Only where no piece is
found does rapidfuzz slide the letters over the whole text. The cost is linear in the text for every quote.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator

from llmx.locate.align import Alignment, Token, align, faults_allowed, tokens
from llmx.locate.borders import in_word, unspaced

LEAST_LETTERS = 8  # below this nothing is matched fuzzily: too many other words are as near
_LEAST_PIECE = 4  # characters
_MOST_PIECES = 8
_HITS_PER_PIECE = 24  # a piece that stands in more places tells little
_WINDOWS = 6
_LETTERS_CUTOFF = 72.0  # of 100; the price list of align.py decides, this only keeps hopeless windows out
_SLIDING_LETTERS = 64  # one machine word: rapidfuzz is fastest, and linear, up to here


def candidates(quote: str, normal: str, *, within: tuple[int, int]) -> Iterator[tuple[float, tuple[int, int]]]:
    """Yield windows of ``normal`` that may hold ``quote``, each with its votes, most votes first, at most a few.

    ``within`` bounds the places, in characters of ``normal``. Votes are letters of the quote that stand there, rare
    pieces counting more; they only compare windows of one call.
    """
    slack = 12 + min(len(quote) // 4, 120)
    votes: dict[int, float] = defaultdict(float)
    sure: set[int] = set()
    for offset, size in _pieces(quote):
        hits = _hits(quote[offset : offset + size], normal, within)
        if len(hits) == 1:
            cell = max(hits[0] - offset, 0) // slack
            if sure & {cell - 1, cell, cell + 1}:  # two pieces that stand nowhere else stand together
                yield float(size), _around(cell, slack, quote, normal, within=within)
                return
            sure.add(cell)
        if not hits and size >= 2 * _LEAST_PIECE:
            half = size // 2
            for start, end in ((offset, offset + half), (offset + half, offset + size)):
                _vote(votes, _hits(quote[start:end], normal, within), start, slack, end - start)
        _vote(votes, hits, offset, slack, size)
    if not votes:
        yield from _slide(quote, normal, slack, within=within)
        return
    # a hit near the border of two cells counts for both
    total = {cell: count + votes.get(cell - 1, 0) + votes.get(cell + 1, 0) for cell, count in votes.items()}
    for cell in sorted(total, key=lambda cell: (-total[cell], cell))[:_WINDOWS]:
        yield total[cell], _around(cell, slack, quote, normal, within=within)


def _around(cell: int, slack: int, quote: str, normal: str, *, within: tuple[int, int]) -> tuple[int, int]:
    return _whole_words(normal, (cell - 1) * slack, (cell + 2) * slack + len(quote), within=within)


def _hits(piece: str, normal: str, within: tuple[int, int]) -> list[int]:
    """The first places of a piece."""
    hits: list[int] = []
    at = normal.find(piece, *within)
    while at >= 0 and len(hits) < _HITS_PER_PIECE:
        hits.append(at)
        at = normal.find(piece, at + len(piece), within[1])
    return hits


def _vote(votes: dict[int, float], hits: list[int], offset: int, slack: int, size: int) -> None:
    for at in hits:
        votes[max(at - offset, 0) // slack] += size / len(hits) ** 2


def _pieces(quote: str) -> list[tuple[int, int]]:
    """Cut the quote into equal pieces (offset, size), of which one at least should be free of faults."""
    dense = sum(map(unspaced, quote)) * 2 > len(quote)
    count = max(1, min(len(quote) // (_LEAST_PIECE if dense else 3 * _LEAST_PIECE), _MOST_PIECES))
    cuts = [round(i * len(quote) / count) for i in range(count + 1)]
    return [(a, b - a) for a, b in itertools.pairwise(cuts)]


def _slide(quote: str, normal: str, slack: int, *, within: tuple[int, int]) -> Iterator[tuple[float, tuple[int, int]]]:
    from rapidfuzz.fuzz import partial_ratio_alignment

    skipped = max(0, (len(quote) - _SLIDING_LETTERS) // 2)
    middle = quote[skipped : skipped + _SLIDING_LETTERS]
    part = normal if within == (0, len(normal)) else normal[within[0] : within[1]]
    if len(part) < len(middle):
        return
    found = partial_ratio_alignment(middle, part, score_cutoff=_LETTERS_CUTOFF)
    if found is not None:
        at = within[0] + found.dest_start - skipped
        yield 1.0, _whole_words(normal, at - slack, at + len(quote) + slack, within=within)


def _whole_words(normal: str, start: int, end: int, *, within: tuple[int, int]) -> tuple[int, int]:
    """Widen a window to whole words, by at most a long word on each side, inside the bounds."""
    start, end = max(start, within[0]), min(end, within[1])
    for _ in range(40):
        if start > within[0] and in_word(normal[start - 1]):
            start -= 1
        if end < within[1] and in_word(normal[end]):
            end += 1
    return start, end


def align_in(quote: list[Token], normal: str, window: tuple[int, int]) -> Alignment | None:
    """Return the place of the quote's tokens in a window of the normal text, None if they are not all but there."""
    return align(quote, tokens(normal, *window))


def may_be_fuzzy(quote: list[Token]) -> bool:
    """Whether the quote is long enough that likeness says anything."""
    letters = sum(len(token.form) for token in quote if not token.fixed)
    return letters >= LEAST_LETTERS and faults_allowed(sum(token.weight for token in quote)) > 0
