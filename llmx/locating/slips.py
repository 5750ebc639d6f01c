"""One slip in a few words: two letters swapped or one lost in a name, which is too short to be compared by likeness.

A word of the quote that the text does not have is replaced by the one word of the text from which it may come by such
a slip; the others must stand beside it letter by letter. Other letters make another word ('Tan' is not 'Tam'), and so
does another ending ('Daniel' is not 'Daniela'), or two words from which it may come.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

_WORD = re.compile(r"[^\W\d_]{4,}")
_MOST_WORDS = 5  # of a quote; more are compared word by word
_SWAPPED_LETTERS = 5  # of a word in which two may be swapped, where the quote has no other
_LOST_LETTERS = 6  # of a word, when none is lost


class Vocabulary:
    """The words of a normal form, by their length."""

    __slots__ = ("_by_length", "words")

    def __init__(self, normal: str) -> None:
        self.words = frozenset(_WORD.findall(normal))
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)
        for word in sorted(self.words):
            self._by_length[len(word)].append(word)

    def corrected(self, needle: str) -> Iterator[str]:
        """Yield ``needle`` with one word as the text has it, where that comes from it by a slip.

        ``needle`` is the normal form of a quote of a few words. A word that the text has elsewhere may be slipped in
        this place (five bombs, fiev bombs): then only two letters may be swapped, and the others must stand beside it.
        """
        if needle.count(" ") >= _MOST_WORDS:
            return
        found = list(_WORD.finditer(needle))
        strange = [match for match in found if match[0] not in self.words]
        alone = len(found) == 1 and " " not in needle
        if len(strange) > 1 or (alone and not strange):
            return
        for word in strange or found:
            for meant in self._meant(word[0], alone=len(found) == 1, lost=bool(strange)):
                yield needle[: word.start()] + meant + needle[word.end() :]

    def _meant(self, word: str, *, alone: bool, lost: bool) -> list[str]:
        """Return the words from which ``word`` comes by a slip: the only one, or the only one of the same letters."""
        near = [
            candidate
            for length in (len(word) - 1, len(word), len(word) + 1)
            for candidate, _, _ in extract(
                word, self._by_length.get(length, ()), scorer=OSA.distance, score_cutoff=1, limit=None
            )
            if candidate != word
        ]
        swapped = [each for each in near if len(each) == len(word) and _is_slip(word, each, alone=alone)]
        rivals = [each for each in near if len(each) == len(word) and each not in swapped]
        if (len(swapped) == 1 and not (alone and rivals)) or not lost:
            return swapped
        meant = [each for each in near if _is_slip(word, each, alone=alone)]
        return meant if len(meant) == 1 and (not alone or len(near) == 1) else []


def _is_slip(word: str, meant: str, *, alone: bool) -> bool:
    if len(word) == len(meant):
        return sorted(word) == sorted(meant) and len(word) >= _SWAPPED_LETTERS - (not alone)
    return max(len(word), len(meant)) >= _LOST_LETTERS and word[0] == meant[0] and word[-1] == meant[-1]
