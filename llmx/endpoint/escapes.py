r"""A text with its escapes undone, and the way back from it: where a secret may be written as ``\u0073k-…``.

JSON's escapes at any depth of quoting, percent-encoding and numeric HTML references are undone, in linear time.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from llmx.dataclass import dataclass

_ESCAPE = re.compile(
    r"(?<!\\)\\++(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\"'/])|([nrt]))"
    r"|%([0-9a-fA-F]{2})|&#x([0-9a-fA-F]{1,5});|&#([0-9]{1,6});"
)
_BLANKS = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Unescaped:
    """``text`` without escapes, in pieces: where each begins in it, and where it stood, (begin, end) with an escape."""

    text: str
    begins: list[int]
    places: list[tuple[int, int]]

    def place(self, begin: int, end: int) -> tuple[int, int]:
        """Return where the part ``begin`` to ``end`` of the text stood before its escapes were undone."""
        return self._at(begin)[0], self._at(end - 1)[1]

    def _at(self, index: int) -> tuple[int, int]:
        """Return where one character stood."""
        piece = bisect_right(self.begins, index) - 1
        begin, end = self.places[piece]
        if end:
            return begin, end
        at = begin + index - self.begins[piece]
        return at, at + 1


def unescaped(text: str) -> Unescaped | None:
    """Return ``text`` without its escapes, None where it has none."""
    parts: list[str] = []
    begins: list[int] = []
    places: list[tuple[int, int]] = []
    at = length = 0
    for found in _ESCAPE.finditer(text):
        begin, end = found.span()
        if begin > at:
            begins.append(length)
            places.append((at, 0))
            parts.append(text[at:begin])
            length += begin - at
        begins.append(length)
        places.append((begin, end))
        parts.append(_character(found))
        length += 1
        at = end
    if not parts:
        return None
    begins.append(length)
    places.append((at, 0))
    parts.append(text[at:])
    return Unescaped("".join(parts), begins, places)


def _character(found: re.Match[str]) -> str:
    number = found[1] or found[2] or found[5] or found[6]
    if number or found[7]:
        code = int(number, 16) if number else int(found[7])
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    return found[3] or _BLANKS[found[4]]
