"""A span is a place in a text; everything that llmx proves, it proves with spans.

Half-open, in code points of the untouched text, so that ``text[span.start:span.end]`` is always what is meant.
"""

from __future__ import annotations

from llmx.dataclass import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters ``start`` (included) to ``end`` (excluded) of a text, counted in code points.

    >>> Span(4, 9).of("sign a memorandum")
    ' a me'
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span needs 0 <= start <= end, not {self.start}..{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the characters of ``text`` that this span covers."""
        return text[self.start : self.end]

    def shift(self, by: int) -> Span:
        """Return the same span ``by`` code points further on."""
        return Span(self.start + by, self.end + by)

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one character."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def distance(self, other: Span) -> int:
        """Return the number of characters between the two, 0 where they touch or overlap."""
        return max(self.start - other.end, other.start - self.end, 0)
