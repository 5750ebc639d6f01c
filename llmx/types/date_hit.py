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


def apart(hits: list[Hit]) -> list[Hit]:
    """Return ``hits`` in order; where two overlap, the longer one, and of equal ones the first."""
    hits.sort(key=lambda hit: (hit.start, -hit.end))
    out: list[Hit] = []
    for hit in hits:
        if out and hit.start < out[-1].end:
            if hit.end - hit.start > out[-1].end - out[-1].start:
                out[-1] = hit
            continue
        out.append(hit)
    return out
