"""A baseline: the scores of a run, stored by document so that a later run can be compared with it.

The gate fails on a real regression only: a fall that other documents of the same kind would hardly have shown. One
document of five that got worse is none; four of five are one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from llmx.errors import UsageError
from llmx.evaluate.gate import GateResult
from llmx.evaluate.report import Report
from llmx.evaluate.spec import OPTIONAL
from llmx.evaluate.tally import Tally
from llmx.evaluate.versus import OVERALL, Difference, DocumentCounts, Sampling, counts_of, differences
from llmx.sinks.atomic import write_atomically

VERSION = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """A stored run: its name, its documents in numbers, and the fingerprint of each document's gold."""

    name: str
    documents: Mapping[str, DocumentCounts]
    gold: Mapping[str, str]


def save_baseline(path: Path, report: Report, golds: Mapping[str, Any]) -> None:
    """Write ``report`` as a baseline to ``path``, whole or not at all; raises OutputError if it cannot be written.

    One line per document, so that a change in version control shows which documents moved.
    """
    head = {"llmx_baseline": VERSION, "name": report.name, "micro_f1": round(report.micro.f1, 4)}
    lines = [orjson.dumps(head)]
    for each in report.documents:
        fields = {path: [t.match, t.mismatch, t.omission, t.invention] for path, t in sorted(each.fields.items())}
        said = {path: counts for path, counts in fields.items() if any(counts)}
        row = {"id": each.id, "gold": _gold_mark(golds[each.id]), "exact": each.exact, "fields": said}
        lines.append(orjson.dumps(row))
    write_atomically(path, [line + b"\n" for line in lines])


def _gold_mark(gold: Any) -> str:
    """Return 16 hex digits that change where a fact of gold does, and not with remarks such as who reviewed it."""
    text = json.dumps(_without_remarks(gold), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _without_remarks(gold: Any) -> Any:
    if isinstance(gold, dict):
        kept = {name: each for name, each in gold.items() if name == OPTIONAL or not name.startswith("_")}
        return {name: _without_remarks(each) for name, each in kept.items()}
    return [_without_remarks(each) for each in gold] if isinstance(gold, list) else gold


def load_baseline(path: Path) -> Baseline:
    """Return the baseline at ``path``; raises UsageError if there is none."""
    try:
        head, *rows = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
        version = head["llmx_baseline"]
        documents = {row["id"]: DocumentCounts(row["exact"], _counts(row["fields"])) for row in rows}
        gold = {str(row["id"]): str(row["gold"]) for row in rows}
        name = str(head["name"])
    except FileNotFoundError as error:
        raise UsageError(f"{path}: there is no baseline", hint="Write one with --save-baseline.") from error
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise UsageError(f"{path}: not a baseline: {error}", hint="Write it anew with --save-baseline.") from error
    if version != VERSION:
        raise UsageError(
            f"{path}: a baseline of another version, {version}", hint="Write it anew with --save-baseline."
        )
    return Baseline(name, documents, gold)


def _counts(fields: Mapping[str, list[int]]) -> dict[str, tuple[int, int]]:
    tallies = {path: Tally(*counts) for path, counts in fields.items()}
    return {path: (each.match, each.errors) for path, each in tallies.items()}


@dataclass(frozen=True, slots=True)
class Regression:
    """A run compared with a baseline: the gates, all differences, and documents that could not be compared.

    ``changed_gold`` have other gold than they had then, ``new`` had none in the baseline, ``gone`` have no gold now.
    """

    gates: tuple[GateResult, ...]
    differences: tuple[Difference, ...]
    changed_gold: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]

    @property
    def notes(self) -> list[str]:
        """Sentences on the documents that were left out of the comparison."""
        reasons = {"their gold has changed": self.changed_gold, "the baseline lacks them": self.new,
                   "they have no gold now": self.gone}  # fmt: skip
        return [
            f"Not compared with the baseline, {reason}: {', '.join(ids[:5])}{' …' if len(ids) > 5 else ''}."
            for reason, ids in reasons.items()
            if ids
        ]


def check_baseline(
    baseline: Baseline, report: Report, golds: Mapping[str, Any], *, sampling: Sampling | None = None
) -> Regression:
    """Return whether ``report`` is really worse than ``baseline``: a gate for each overall figure and each field.

    The test is one-sided, and fields are adjusted for their number. Only documents with the same gold are compared;
    raises UsageError if there are none.
    """
    how = sampling or Sampling()
    now = counts_of(report)
    shared = [id_ for id_ in now if id_ in baseline.documents]
    changed = tuple(id_ for id_ in shared if _gold_mark(golds[id_]) != baseline.gold[id_])
    same = [id_ for id_ in shared if id_ not in set(changed)]
    if not same:
        raise UsageError(
            "no document of the baseline has the gold that it had then",
            hint="Gold has changed as a whole: write a new baseline with --save-baseline.",
        )
    then = {id_: baseline.documents[id_] for id_ in same}
    found = differences(then, {id_: now[id_] for id_ in same}, sampling=replace(how, gate=True))
    return Regression(
        tuple(_gate(each) for each in found),
        tuple(found),
        changed,
        tuple(id_ for id_ in now if id_ not in baseline.documents),
        tuple(id_ for id_ in baseline.documents if id_ not in now),
    )


def _gate(found: Difference) -> GateResult:
    worse = found.real and found.change < 0
    name = found.name if found.name in OVERALL else f"{found.name}:f1"
    fall = f"{found.before:.4f} to {found.after:.4f}"
    if worse:
        message = f"{name} fell from {fall} (p = {found.p:.2g}): a real regression"
    elif found.change < 0:
        message = f"{name} went from {fall} (p = {found.p:.2g}): may be chance"
    else:
        message = f"{name} went from {fall}: not worse"
    return GateResult(f"baseline {name}", not worse, found.after, message, doubtful=found.change < 0 and not worse)
