"""What stays of a text when the page around it is taken off, and the way back to the whole.

Nothing is rewritten: the clean text is pieces of the original in their order, so every place in it is a place there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from llmx.dataclass import dataclass
from llmx.span import Span


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text without its boilerplate: ``text`` is the ``kept`` spans of the original, put together.

    ``dropped`` holds the other spans, each with its reason; kept and dropped together tile the original.
    ``str(cleaned)`` is the text.
    """

    text: str
    kept: tuple[Span, ...]
    dropped: tuple[tuple[Span, str], ...] = ()

    @classmethod
    def whole(cls, text: str) -> Cleaned:
        """Return ``text`` with nothing dropped."""
        return cls(text, (Span(0, len(text)),) if text else ())

    @classmethod
    def without(cls, text: str, dropped: Iterable[tuple[Span, str]]) -> Cleaned:
        """Return ``text`` without the spans given; they come in order and do not overlap."""
        kept: list[Span] = []
        drops, at = tuple(dropped), 0
        for span, _ in drops:
            if span.start > at:
                kept.append(Span(at, span.start))
            at = span.end
        if at < len(text):
            kept.append(Span(at, len(text)))
        return cls("".join(span.of(text) for span in kept), tuple(kept), drops)

    def __str__(self) -> str:
        return self.text

    def to_original(self, span: Span) -> Span:
        """Return where ``span`` of the clean text lies in the original.

        A span over a gap covers what was dropped there. Raises ValueError for a span beyond the clean text.
        """
        if span.end > len(self.text):
            raise ValueError(f"the clean text has {len(self.text)} characters, and the span ends at {span.end}")
        if not self.kept:
            return Span(0, 0)
        starts = [0, *accumulate(map(len, self.kept))]

        def original(position: int) -> int:
            piece = min(bisect_right(starts, position) - 1, len(self.kept) - 1)
            return self.kept[piece].start + position - starts[piece]

        start = original(span.start)
        # the end belongs to the piece of the last character, not to the one that begins there
        return Span(start, original(span.end - 1) + 1 if len(span) else start)
