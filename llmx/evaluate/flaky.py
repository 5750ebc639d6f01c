"""How much repeated runs of the same documents agree with each other; no gold is needed for that."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from llmx.errors import UsageError
from llmx.evaluate.load import RunPredictions, as_gold
from llmx.evaluate.report import Report, score_document
from llmx.evaluate.spec import Spec, leaf_paths, spec_of_gold
from llmx.evaluate.tally import Tally, rounded, total


@dataclass(frozen=True, slots=True)
class Flakiness:
    """Agreement of ``runs`` repeats over ``documents`` documents.

    ``fields`` has each field's agreement: the F1 of one run held against another, over all pairs of runs; 1.0 is
    perfect. ``stable`` is the share of the documents on which all runs say the same, ``unstable`` the others, each with
    the fields in which the runs differ, the most unsteady document first.
    """

    runs: int
    documents: int
    agreement: float
    fields: dict[str, float]
    stable: float
    unstable: dict[str, list[str]]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as a JSON object."""
        return {
            "runs": self.runs, "documents": self.documents, "agreement": rounded(self.agreement),
            "fields": {path: rounded(each) for path, each in self.fields.items()},
            "stable": rounded(self.stable), "unstable": self.unstable,
        }  # fmt: skip


def flakiness(runs: Sequence[RunPredictions], *, spec: Spec | None = None) -> Flakiness:
    """Return how much ``runs`` agree, each a repeat over the same documents; raises UsageError for fewer than two.

    Values are compared as in evaluation. A document that failed in one run and not in another disagrees in everything.
    """
    if len(runs) < 2:
        raise UsageError("one run cannot agree with itself", hint="Repeat the run, each into a file of its own.")
    ids = list(dict.fromkeys(id_ for run in runs for id_ in run.predictions))
    how = spec or spec_of_gold(as_gold(each.data) for run in runs for each in run.predictions.values() if each.data)
    by_document: dict[str, dict[str, Tally]] = {}
    for id_ in ids:
        fields: dict[str, Tally] = {}
        for one, other in combinations(runs, 2):
            kept = one.predictions.get(id_)
            gold = {} if kept is None or kept.data is None else as_gold(kept.data)
            for path, tally in score_document(id_, gold, other.predictions.get(id_), spec=how).fields.items():
                fields[path] = fields.get(path, Tally()) + tally
        by_document[id_] = fields
    paths = dict.fromkeys((*leaf_paths(how), *(path for fields in by_document.values() for path in fields)))
    by_path = {path: total(fields[path] for fields in by_document.values() if path in fields) for path in paths}
    unsteady = {id_: [path for path, each in fields.items() if each.errors] for id_, fields in by_document.items()}
    unstable = {id_: found for id_, found in sorted(unsteady.items(), key=lambda item: -len(item[1])) if found}
    return Flakiness(
        runs=len(runs),
        documents=len(ids),
        agreement=total(by_path.values()).f1,
        fields={path: each.f1 for path, each in by_path.items()},
        stable=1 - len(unstable) / len(ids) if ids else 1.0,
        unstable=unstable,
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over repeats: mean, sample standard deviation, least, most."""

    mean: float
    deviation: float
    least: float
    most: float

    def to_json(self) -> dict[str, float | None]:
        """Return the figures, rounded."""
        return {
            "mean": rounded(self.mean), "deviation": rounded(self.deviation),
            "least": rounded(self.least), "most": rounded(self.most),
        }  # fmt: skip


def spread(reports: Sequence[Report]) -> dict[str, Spread]:
    """Return how micro_f1, macro_f1, exact_match and each field's F1 scatter over the reports of repeats."""
    figures: dict[str, list[float]] = {
        "micro_f1": [each.micro.f1 for each in reports],
        "macro_f1": [each.macro_f1 for each in reports],
        "exact_match": [each.exact_match for each in reports],
    }
    for report in reports:
        for path in report.fields:
            figures[path] = [each.fields.get(path, Tally()).f1 for each in reports]
    return {
        name: Spread(statistics.fmean(v), statistics.stdev(v) if len(v) > 1 else 0.0, min(v), max(v))
        for name, v in figures.items()
        if v
    }
