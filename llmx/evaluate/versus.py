"""Compares two runs over the same documents: what changed, and which changes are real.

It works on counts by document and field, so that a stored baseline can stand for a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmx.errors import UsageError
from llmx.evaluate.bootstrap import LEVEL, RESAMPLES, holm, interval, p_value, resampled, sign_floor
from llmx.evaluate.report import DocumentScore, Report
from llmx.evaluate.score import Outcome
from llmx.evaluate.tally import f1_of, rounded

OVERALL = ("micro_f1", "macro_f1", "exact_match")


@dataclass(frozen=True, slots=True)
class DocumentCounts:
    """A document in numbers: whether it is exact, and (matches, errors) by field."""

    exact: bool
    fields: Mapping[str, tuple[int, int]]


Counts = Mapping[str, DocumentCounts]  # by document id


def counts_of(report: Report) -> dict[str, DocumentCounts]:
    """Return the report's documents in numbers."""
    return {
        each.id: DocumentCounts(each.exact, {path: (tally.match, tally.errors) for path, tally in each.fields.items()})
        for each in report.documents
    }


@dataclass(frozen=True, slots=True)
class Difference:
    """How one figure differs between two runs: a field's F1, or one of ``OVERALL``.

    ``low`` and ``high`` bound ``change`` by the paired bootstrap. ``p`` is the chance of such a difference where there
    is none, for fields adjusted for their number; ``real`` says whether it is below 1 - level. ``better`` and
    ``worse`` count the documents in which the figure rose and fell.
    """

    name: str
    before: float
    after: float
    low: float
    high: float
    p: float
    real: bool
    better: int
    worse: int

    @property
    def change(self) -> float:
        """``after`` minus ``before``."""
        return self.after - self.before

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a JSON object."""
        return {
            "name": self.name, "before": rounded(self.before), "after": rounded(self.after),
            "change": rounded(self.change), "low": rounded(self.low), "high": rounded(self.high), "p": rounded(self.p),
            "real": self.real, "better": self.better, "worse": self.worse,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sampling:
    """How differences are tested: resamples, the confidence level in (0, 1), the seed.

    ``gate`` asks only whether the second run is worse, on these very documents. Otherwise the question is whether it
    would differ on others too, which fewer than six differing documents cannot tell.
    """

    resamples: int = RESAMPLES
    level: float = LEVEL
    seed: int = 0
    gate: bool = False


def differences(before: Counts, after: Counts, *, sampling: Sampling | None = None) -> list[Difference]:
    """Return how the documents that both have differ: overall figures first, then every field in order.

    Raises UsageError if they share no document.
    """
    how = sampling or Sampling()
    ids = [id_ for id_ in before if id_ in after]
    if not ids:
        raise UsageError("the two have no document in common", hint="Evaluate both runs on the same gold.")
    pairs = [(before[id_], after[id_]) for id_ in ids]
    paths = list(dict.fromkeys(path for a, b in pairs for path in (*a.fields, *b.fields)))
    rows = [_row(a, b, paths) for a, b in pairs]
    observed = _figures([sum(column) for column in zip(*rows, strict=True)], len(ids))
    draws = [_figures(sums, len(ids)) for sums in resampled(rows, resamples=how.resamples, seed=how.seed)]
    names = [*OVERALL, *paths]
    directions = [_directions(row) for row in rows]
    found = []
    for at, name in enumerate(names):
        changes = [after_ - before_ for before_, after_ in (draw[at] for draw in draws)]
        better, worse = (sum(each[at] == sign for each in directions) for sign in (1, -1))
        low, high = interval(changes, level=how.level)
        p = p_value(changes, two_sided=not how.gate)
        p = p if how.gate else max(p, sign_floor(better + worse))
        found.append(Difference(name, *observed[at], low, high, p, False, better, worse))  # judged below
    return _judged(found, how)


def _directions(row: Sequence[int]) -> list[int]:
    """Whether each figure of one document rose (1), fell (-1) or stayed (0): fewer errors, then more matches."""
    fields = [_sign((row[at + 1], -row[at]), (row[at + 3], -row[at + 2])) for at in range(2, len(row), 4)]
    right_a, errors_a, right_b, errors_b = (sum(row[start::4]) for start in range(2, 6))
    micro = _sign((errors_a, -right_a), (errors_b, -right_b))
    macro = _sign(*((-each, 0) for each in _figures(row, 1)[1]))
    return [micro, macro, _sign((-row[0], 0), (-row[1], 0)), *fields]


def _sign(before: tuple[float, float], after: tuple[float, float]) -> int:
    return (after < before) - (after > before)


def _judged(found: list[Difference], how: Sampling) -> list[Difference]:
    """Adjust the fields' p-values for their number, and say which differences are real."""
    overall, fields = found[: len(OVERALL)], found[len(OVERALL) :]
    adjusted = [each.p for each in overall] + holm([each.p for each in fields])
    return [
        Difference(
            d.name, d.before, d.after, d.low, d.high, p, d.change != 0 and p < 1 - how.level, d.better, d.worse
        )
        for d, p in zip(found, adjusted, strict=True)
    ]  # fmt: skip


def _row(before: DocumentCounts, after: DocumentCounts, paths: Sequence[str]) -> list[int]:
    """One document's counters: exact before and after, then by field matches and errors before and after."""
    row = [int(before.exact), int(after.exact)]
    for path in paths:
        row += before.fields.get(path, (0, 0))
        row += after.fields.get(path, (0, 0))
    return row


def _figures(sums: Sequence[int], documents: int) -> list[tuple[float, float]]:
    """Return (before, after) of the overall figures and of every field's F1, from summed counters."""
    right_a, errors_a, right_b, errors_b = (sums[start::4] for start in range(2, 6))
    fields_a = [f1_of(right, errors) for right, errors in zip(right_a, errors_a, strict=True)]
    fields_b = [f1_of(right, errors) for right, errors in zip(right_b, errors_b, strict=True)]
    count = max(1, len(fields_a))
    overall = [
        (f1_of(sum(right_a), sum(errors_a)), f1_of(sum(right_b), sum(errors_b))),
        (sum(fields_a) / count, sum(fields_b) / count),
        (sums[0] / documents, sums[1] / documents),
    ]
    return overall + list(zip(fields_a, fields_b, strict=True))


@dataclass(frozen=True, slots=True)
class Change:
    """A field of a document that got better or worse, with the facts of gold and of the two records."""

    id: str
    path: str
    better: bool
    errors_before: int
    errors_after: int
    before: tuple[Outcome, ...]
    after: tuple[Outcome, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the change as a JSON object; of the outcomes those that differ."""
        return {
            "id": self.id, "path": self.path, "better": self.better,
            "errors_before": self.errors_before, "errors_after": self.errors_after,
            "before": [_said(each) for each in self.before], "after": [_said(each) for each in self.after],
        }  # fmt: skip


def _said(outcome: Outcome) -> dict[str, Any]:
    return {"kind": outcome.kind, "gold": outcome.gold, "predicted": outcome.predicted}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run ``after`` against run ``before``: the differences, and every field of every document that changed."""

    before: str
    after: str
    documents: int
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON values."""
        return {
            "before": self.before, "after": self.after, "documents": self.documents,
            "differences": [each.to_json() for each in self.differences],
            "changes": [each.to_json() for each in self.changes],
        }  # fmt: skip


def compare_runs(before: Report, after: Report, *, sampling: Sampling | None = None) -> Comparison:
    """Return how ``after`` differs from ``before``, both evaluated on the same gold.

    Changes come worst first: those that got worse by the most errors, then those that got better. Raises UsageError
    where the reports share no document.
    """
    found = differences(counts_of(before), counts_of(after), sampling=sampling)
    partner = {each.id: each for each in after.documents}
    pairs = [(each, partner[each.id]) for each in before.documents if each.id in partner]
    changes = [change for a, b in pairs for change in _changes(a, b)]
    changes.sort(key=lambda each: (each.better, -abs(each.errors_after - each.errors_before), each.id, each.path))
    return Comparison(before.name, after.name, len(pairs), tuple(found), tuple(changes))


def _changes(before: DocumentScore, after: DocumentScore) -> list[Change]:
    changes = []
    for path in dict.fromkeys((*before.fields, *after.fields)):
        a, b = ((each.fields[path].errors, -each.fields[path].match) if path in each.fields else (0, 0)
                for each in (before, after))  # fmt: skip
        if a != b:
            was, now = ([o for o in each.outcomes if o.path == path and o.kind not in {"absent", "optional"}]
                        for each in (before, after))  # fmt: skip
            gone, new = _only_in(was, now), _only_in(now, was)
            changes.append(Change(before.id, path, b < a, a[0], b[0], tuple(gone), tuple(new)))
    return changes


def _only_in(these: list[Outcome], those: list[Outcome]) -> list[Outcome]:
    """Those of ``these`` that have no equal in ``those``; where a value stands in its list does not matter."""
    known = [(each.kind, each.gold, each.predicted) for each in those]
    return [each for each in these if (each.kind, each.gold, each.predicted) not in known]
