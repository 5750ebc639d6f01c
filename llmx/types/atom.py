"""One numeral of a text at its place, before it is joined to a number."""

from __future__ import annotations

from llmx.dataclass import dataclass
from llmx.types.digits import Real


@dataclass(frozen=True, slots=True)
class Atom:
    """One numeral: ``kind`` is digits, number, scale, one, cjk, part or under; ``other`` a second possible value.

    ``worth`` of a digits atom with glued magnitude letters (50k) is multiplied already; ``scale`` then says by what.
    """

    kind: str
    value: Real
    start: int
    end: int
    other: Real | None = None
    scale: int = 1
    plural: bool = False
    languages: tuple[str, ...] = ()
