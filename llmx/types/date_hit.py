"""One expression of a date at its place, before it is a value."""

from __future__ import annotations

from llmx.dataclass import dataclass

Parts = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Hit:
    """One expression: its place, the (year, month, day) it says, likeliest first where it can be read several ways.

    ``issue`` is the code of what is unsure or wrong, '' where nothing is. A relative hit has no parts but the
    ``relative`` unit and offset, and perhaps a month and day beside them.
    """

    start: int
    end: int
    parts: tuple[Parts, ...]
    rule: str
    issue: str = ""
    relative: tuple[str, int] | None = None
