"""Where words stand in a part of a text, without overlaps: searched, or looked up in a list of the text's words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import field

from llmx.dataclass import dataclass
from llmx.span import Span

_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Occurrences:
    """Where words stand in ``text`` within ``within``."""

    text: str
    within: Span
    _begins: dict[str | tuple[str, str], list[int]] = field(default_factory=dict)

    def of(self, words: str, *, listed: bool) -> Iterator[Span]:
        """Yield all places of ``words``, in order.

        With ``listed``, the words of the text are listed first and only the places of the rarest one are looked at,
        which pays when many are asked for.
        """
        if listed and words.isascii() and (tokens := list(_WORD.finditer(words))):
            yield from self._listed(words, tokens)
            return
        at = self.text.find(words, self.within.start, self.within.end) if words else -1
        while at >= 0:
            yield Span(at, at + len(words))
            at = self.text.find(words, at + len(words), self.within.end)

    def _listed(self, words: str, tokens: list[re.Match[str]]) -> Iterator[Span]:
        """Yield the places of ``words`` at which their rarest part stands, so that not all of the text is looked at.

        That is a word; or two words of the inner ones, which no longer word can hold.
        """
        if not self._begins:
            self._begins.update(_begins(self.text, self.within))
        parts: list[tuple[str | tuple[str, str], int]] = [(token[0], token.start()) for token in tokens]
        inner = itertools.pairwise(tokens[1:-1])
        parts = [((left[0], right[0]), left.start()) for left, right in inner] or parts
        (rarest, offset), size = min(parts, key=lambda part: len(self._begins.get(part[0], ()))), len(words)
        for place in self._begins.get(rarest, ()):
            at = place - offset
            if at >= self.within.start and self.text.startswith(words, at):
                yield Span(at, at + size)


def _begins(text: str, within: Span) -> dict[str | tuple[str, str], list[int]]:
    """Return where each word begins, and each two words in a row."""
    listed: dict[str | tuple[str, str], list[int]] = {}
    before: re.Match[str] | None = None
    for found in _WORD.finditer(text, within.start, within.end):
        listed.setdefault(found[0], []).append(found.start())
        if before is not None:
            listed.setdefault((before[0], found[0]), []).append(before.start())
        before = found
    return listed
