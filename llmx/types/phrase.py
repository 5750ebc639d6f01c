"""One numeral as it grows: its parts that are closed by a magnitude, the part that is open, and what is unsure."""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal

from llmx.dataclass import dataclass
from llmx.types.digits import Real, exact, rounded


@dataclass(slots=True)
class Phrase:
    """A numeral as it grows atom by atom: closed groups with their scales, and the group that is open.

    ``split`` is (worth, end, start of the rest) before the last 'and' in it; ``doubt`` says why its value is not sure.
    A phrase of the kind ``one`` is an article, one of the kind ``under`` the lower part of a fraction, which
    ``fractions.py`` reads.
    """

    start: int
    end: int
    groups: list[tuple[Real, Real]] = field(default_factory=list)
    open: Real | None = None
    other: Real | None = None
    rule: str = "number.digits"
    vague: bool = False
    many: bool = False
    kinds: list[str] = field(default_factory=list)
    languages: tuple[str, ...] = ()
    split: tuple[Real, int, int] | None = None
    doubt: str = ""

    @property
    def value(self) -> Real:
        """What the phrase is worth as far as it has grown."""
        if not self.groups:
            return exact(self.open or 0)
        if self.open is None and len(self.groups) == 1:
            return self.groups[0][0]
        return exact(sum((value for value, _ in self.groups), start=Decimal(0)) + (self.open or 0))

    @property
    def scale(self) -> Real:
        """The largest scale that was applied, 1 where none was."""
        return max((scale for _, scale in self.groups), default=1)

    def multiply(self, scale: Real) -> bool:
        """Apply a magnitude to what is open and to smaller closed groups; False where it fits nothing."""
        value = self.open
        kept = [group for group in self.groups if group[1] > scale]
        taken = [group for group in self.groups if group[1] < scale]
        if (value is None and not taken) or len(kept) + len(taken) < len(self.groups):
            return False
        total = sum((group[0] for group in taken), start=Decimal(0)) + (value or 0)
        self.groups = [*kept, (exact(Decimal(total * scale)), scale)]
        self.open = None
        if self.other is not None and not kept:
            self.other = exact(Decimal(self.other * scale))
        return True

    def add_part(self, part: Real) -> bool:
        """Add a fraction sign to whole digits: 2½."""
        if not isinstance(self.open, int) or self.open >= 1000:
            return False
        self.open = rounded(self.open + part)
        return True

    def add(self, value: Real) -> bool:
        """Join a number to what stands open (twenty-five, deux cent trois); False where it starts another number."""
        if self.open is None:
            floor = min((scale for _, scale in self.groups), default=0)
            if not 0 < value < floor:
                return False
            self.open = value
            return True
        more = _grown(int(self.open), value, french="fr" in self.languages)
        if more is None:
            return False
        self.open += more
        return True


def _grown(whole: int, value: Real, *, french: bool) -> Real | None:
    """Return what a further number adds to ``whole``: units to tens, anything below 100 to hundreds; None for nothing.

    French counts quatre-vingts (4, 20), soixante-dix (60, 10) and dix-sept (10, 7).
    """
    last = whole % 100
    if french and value == 20 and last == 4:
        return 76
    if french and ((last in {60, 80} and 0 < value < 20) or (last in {10, 70, 90} and value in {7, 8, 9})):
        return value
    tens = 10 if last >= 20 and last % 10 == 0 else 0
    room = 100 if last == 0 and whole >= 100 else tens
    if whole >= 1000 and whole % 1000 == 0:  # zweitausend, in one word, zweihundert
        room = 1000
    return value if 0 < value < room else None
