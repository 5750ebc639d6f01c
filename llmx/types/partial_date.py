"""A date as far as a text gives it: 2024-05-12, 2024-05, 2024, --05-12 (no year), --05.

Only the value; reading it from words is ``date.py``'s.
"""

from __future__ import annotations

import calendar
from datetime import date
from typing import Self

from llmx.dataclass import dataclass
from llmx.types.patterns import LazyPattern

_ISO = LazyPattern(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?|--(\d\d)(?:-(\d\d))?")


@dataclass(frozen=True, slots=True)
class PartialParts:
    """Year (1 to 9999), month and day, each None where it is not stated; a day needs its month."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.year is None and self.month is None:
            raise ValueError("a partial date needs a year or a month")
        if self.year is not None and not 1 <= self.year <= 9999:
            raise ValueError(f"no such year: {self.year}")
        if self.month is not None and not 1 <= self.month <= 12:
            raise ValueError(f"no such month: {self.month}")
        if self.day is not None and (self.month is None or not 1 <= self.day <= days_in(self.year, self.month)):
            raise ValueError(f"no such day: {self.year}-{self.month}-{self.day}")

    @classmethod
    def parse(cls, iso: str) -> Self:
        """Return the value of a partial ISO form; raises ValueError for any other string."""
        found = _ISO.fullmatch(iso)
        if found is None:
            raise ValueError(f"{iso!r} is none of YYYY-MM-DD, YYYY-MM, YYYY, --MM-DD, --MM")
        year, month, day, lone_month, lone_day = (None if part is None else int(part) for part in found.groups())
        return cls(year, month or lone_month, day or lone_day)

    def __str__(self) -> str:
        parts = ["-" if self.year is None else f"{self.year:04}"]
        parts += [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    @property
    def is_full(self) -> bool:
        """Whether year, month and day are all known."""
        return self.year is not None and self.day is not None

    def to_date(self) -> date | None:
        """Return the calendar date, None where a part is missing."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)

    @property
    def first(self) -> date:
        """The earliest day that this may be (in the year 2000 where no year is known)."""
        return date(self.year or 2000, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        """The latest day that this may be (in the year 2000 where no year is known)."""
        month = self.month or 12
        return date(self.year or 2000, month, self.day or days_in(self.year, month))

    def agrees_with(self, claimed: PartialParts) -> bool:
        """Whether ``claimed`` says all that this says, and perhaps more: 2024-05-12 of --05-12."""
        return self.covers(claimed)

    def covers(self, other: PartialParts) -> bool:
        """Whether ``other`` says the same, or the same more exactly: 2024 covers 2024-05, --05-12 covers 2024-05-12."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(mine is None or mine == theirs for mine, theirs in pairs)

    def __lt__(self, other: PartialParts) -> bool:
        """Whether every day that this may be lies before every day that ``other`` may be."""
        if (self.year is None) != (other.year is None):
            raise TypeError(f"{self} and {other} cannot be compared: one has no year")
        return self.last < other.first

    def __gt__(self, other: PartialParts) -> bool:
        return other.__lt__(self)


def days_in(year: int | None, month: int) -> int:
    """Return the number of days of a month; 29 for February where no year is known."""
    return calendar.monthrange(2000 if year is None else year, month)[1]
