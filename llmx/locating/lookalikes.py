"""Characters that scanners and bad eyes take for one another, written in one way.

'1ocation' is a location and 'modem' may be modern, but 15O is not 150: a digit is only forgiven in a word of letters,
and never for another digit. Accents are among the slips, because scanners and keyboards lose them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from llmx.locating.normal import Layer, rewritten
from llmx.span import Span

_SINGLE = str.maketrans({"1": "l", "i": "l", "|": "l", "0": "o", "5": "s", "6": "b", "8": "b"})
_SEVERAL = {"rn": "m", "cl": "d", "vv": "w", "ss": "b"}  # ß is ss in normal forms, and B to a scanner
_SEVERAL_RE = re.compile("|".join(_SEVERAL))
_WORD = re.compile(r"[^\W_|]*(?:\|[^\W_|]+)+|[^\W_]+")
_FEWEST_LETTERS = 3  # of a word in which a digit is forgiven
_LONG_QUOTE = 5  # words; from here a little word may have one, too: 't0' for 'to'


class Lookalikes:
    """The normal form ``normal`` with all lookalikes written in one way, and the way back; linear in it."""

    __slots__ = ("_layer", "value")

    def __init__(self, normal: str) -> None:
        self.value, self._layer = _folded(normal)

    def origin(self, start: int, end: int) -> Span:
        """Return the span of the normal form that became ``value[start:end]``."""
        if self._layer is None:
            return Span(start, end)
        return Span(self._layer.start(start), self._layer.end(end - 1))

    def index(self, position: int) -> int:
        """Return where ``position`` of the normal form lies in ``value``."""
        return position if self._layer is None else min(self._layer.forward(position), len(self.value))


def _folded(normal: str) -> tuple[str, Layer | None]:
    kept = {ord(char): char for char in set(normal)}  # translate raises for each character that it does not find
    single = normal.translate(kept | _SINGLE if normal.isascii() else kept | _SINGLE | _bare_letters(normal))
    edits = (
        (match.start(), match.end(), [(_SEVERAL[match[0]], match.start(), 2)]) for match in _SEVERAL_RE.finditer(single)
    )
    return rewritten(single, edits)


def _bare_letters(text: str) -> dict[int, str]:
    """Return the letters of ``text`` with an accent, with what they are without it."""
    bare = {char: _bare(char) for char in set(text) if not char.isascii()}
    return {ord(char): letter.translate(_SINGLE) for char, letter in bare.items() if letter != char}


@lru_cache(maxsize=4096)
def _bare(char: str) -> str:
    """Return a Latin, Greek or Cyrillic letter without its accent; any other character as it is."""
    parts = unicodedata.normalize("NFD", char)
    latin = "\u00c0" <= char <= "\u04ff" or "\u1e00" <= char <= "\u1fff"
    return parts[0] if latin and len(parts) > 1 and char not in "йЙ" else char


@lru_cache(maxsize=8192)
def folded(word: str) -> str:
    """Return the form that ``word``, in its normal form, shares with all that looks like it."""
    return _folded(word)[0]


def look_alike(one: str, other: str, *, little: bool = False) -> bool:
    """Whether two different words look alike and may be one: a digit is forgiven in a word of letters only.

    With ``little`` the words may have two letters.

    >>> look_alike("1ocation", "location"), look_alike("150", "15o"), look_alike("c9", "c6"), look_alike("1o", "10")
    (True, False, False, False)
    """
    if folded(one) != folded(other):
        return False
    digits = [sum(map(str.isdigit, word)) for word in (one, other)]
    if not any(digits):
        return True
    scanned, letters, count = (one, other, digits[0]) if digits[0] else (other, one, digits[1])
    if all(digits) or not letters.isalpha() or len(letters) < _FEWEST_LETTERS - little:
        return False
    return 2 * count < len(scanned) + little and count < len(scanned)


def same_words(one: str, other: str) -> bool:
    """Whether two stretches of normal forms have the same words in order, but for what looks alike in them."""
    words = [_WORD.findall(each) for each in (one, other)]
    little = len(words[0]) >= _LONG_QUOTE
    return len(words[0]) == len(words[1]) and all(
        a == b or look_alike(a, b, little=little) for a, b in zip(*words, strict=True)
    )
