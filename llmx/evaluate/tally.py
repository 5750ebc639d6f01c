"""Counts of outcomes and the measures that follow from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Metric = Literal["precision", "recall", "f1"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a field was right, wrong in each way, correctly absent, or optional in gold.

    A mismatch counts twice, as a wrong claim and as a missed fact. ``absent`` and ``optional`` enter no measure but
    ``f1``'s 1.0 if there was nothing to find and nothing was claimed.

    >>> Tally(match=8, mismatch=1, omission=1).f1
    0.8421052631578947
    """

    match: int = 0
    mismatch: int = 0
    omission: int = 0
    invention: int = 0
    absent: int = 0
    optional: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.match + other.match,
            self.mismatch + other.mismatch,
            self.omission + other.omission,
            self.invention + other.invention,
            self.absent + other.absent,
            self.optional + other.optional,
        )

    @property
    def false_positives(self) -> int:
        """Facts that the record claims wrongly."""
        return self.mismatch + self.invention

    @property
    def false_negatives(self) -> int:
        """Facts of gold that the record does not have."""
        return self.mismatch + self.omission

    @property
    def errors(self) -> int:
        """Wrong claims and missed facts together."""
        return self.false_positives + self.false_negatives

    @property
    def precision(self) -> float | None:
        """The share of the claimed facts that is right; None if nothing was claimed."""
        claimed = self.match + self.false_positives
        return self.match / claimed if claimed else None

    @property
    def recall(self) -> float | None:
        """The share of gold's facts that was found; None if gold has none."""
        wanted = self.match + self.false_negatives
        return self.match / wanted if wanted else None

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 1.0 if gold has no fact and none was claimed."""
        return f1_of(self.match, self.errors)

    def measure(self, metric: Metric) -> float | None:
        """Return the measure called ``metric``."""
        values = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return values[metric]

    def to_json(self) -> dict[str, float | int | None]:
        """Return counts and measures as a JSON object, measures rounded to four places."""
        return {
            "match": self.match, "mismatch": self.mismatch, "omission": self.omission, "invention": self.invention,
            "absent": self.absent, "optional": self.optional, "precision": rounded(self.precision),
            "recall": rounded(self.recall), "f1": rounded(self.f1),
        }  # fmt: skip


def f1_of(right: int, errors: int) -> float:
    """Return F1 from the matches and the sum of wrong claims and missed facts."""
    return 2 * right / (2 * right + errors) if right or errors else 1.0


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of ``tallies``."""
    found = list(tallies)
    return Tally(
        sum(each.match for each in found),
        sum(each.mismatch for each in found),
        sum(each.omission for each in found),
        sum(each.invention for each in found),
        sum(each.absent for each in found),
        sum(each.optional for each in found),
    )


def rounded(value: float | None) -> float | None:
    """Return ``value`` to four places, None for None."""
    return None if value is None else round(value, 4)
