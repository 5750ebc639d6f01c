"""Gates: what a run must reach to pass, as figures (``micro_f1=0.8``) or against a stored baseline.

A gate that fails is a value with a sentence, never an error; the command turns it into exit code 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from llmx.errors import UsageError, did_you_mean
from llmx.evaluate.report import Report
from llmx.evaluate.tally import Metric, Tally, rounded, total

_OVERALL: Mapping[str, Callable[[Report], float | None]] = {
    "micro_f1": lambda report: report.micro.f1,
    "micro_precision": lambda report: report.micro.precision,
    "micro_recall": lambda report: report.micro.recall,
    "macro_f1": lambda report: report.macro_f1,
    "document_f1": lambda report: report.document_f1,
    "exact_match": lambda report: report.exact_match,
    "answered": lambda report: report.answered,
    "proven": lambda report: report.proof.share if report.proof else None,
}
_METRICS: tuple[Metric, ...] = get_args(Metric)


@dataclass(frozen=True, slots=True)
class Gate:
    """``name`` must be at least ``least``: an overall figure, or field:metric where ``path`` is set."""

    name: str
    least: float
    path: str | None = None
    metric: Metric = "f1"


@dataclass(frozen=True, slots=True)
class GateResult:
    """Whether a gate holds, the figure found (None if there is none), and a sentence for people.

    ``doubtful`` gates hold, and yet people should read the sentence.
    """

    name: str
    ok: bool
    value: float | None
    message: str
    doubtful: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        return {
            "name": self.name, "ok": self.ok, "value": rounded(self.value), "message": self.message,
            "doubtful": self.doubtful,
        }  # fmt: skip


def parse_gate(text: str) -> Gate:
    """Return the gate that ``text`` writes: ``micro_f1=0.8``, or ``parties.name:recall=0.9`` for a field.

    A field without a metric means its f1. Raises UsageError for any other form; whether the field exists is asked when
    the gate is held against a report.

    >>> parse_gate("parties.name:recall=0.9")
    Gate(name='parties.name:recall', least=0.9, path='parties.name', metric='recall')
    """
    written = re.fullmatch(r"\s*([^=\s]+?)\s*=\s*([0-9.]+)\s*(%?)\s*", text)
    if not written:
        raise UsageError(f"--fail-under {text!r}: not a gate", hint="Such as micro_f1=0.8 or parties.name:recall=0.9.")
    name, number, percent = written.groups()
    try:
        least = float(number) / (100 if percent else 1)
    except ValueError:
        least = -1.0
    if not 0 <= least <= 1:
        raise UsageError(f"--fail-under {text!r}: {number}{percent} is not from 0 to 1", hint="Shares: 0.8, or 80%.")
    if name in _OVERALL:
        return Gate(name, least)
    path, colon, metric = name.rpartition(":")
    if not colon:
        path, metric = name, "f1"
    for known in _METRICS:
        if metric == known:
            return Gate(name, least, path, known)
    hint = f"{did_you_mean(metric, _METRICS)}A field's are {', '.join(_METRICS)}."
    raise UsageError(f"--fail-under {text!r}: no metric {metric!r}", hint=hint)


def check_gate(gate: Gate, report: Report) -> GateResult:
    """Return whether ``report`` passes ``gate``; what cannot be measured does not pass.

    A field may be one with parts (parties): the gate then holds for the counts of all of them. Raises UsageError that
    names the nearest field if there is none of the name.
    """
    value = _OVERALL[gate.name](report) if gate.path is None else _tally(report, gate.path).measure(gate.metric)
    if value is None:
        return GateResult(gate.name, ok=False, value=None, message=f"{gate.name} cannot be measured: nothing to count")
    ok = value >= gate.least - 1e-12
    word = "is at least" if ok else "is below"
    return GateResult(gate.name, ok, value, f"{gate.name} {value:.4f} {word} {gate.least:g}")


def _tally(report: Report, path: str) -> Tally:
    found = [tally for name, tally in report.fields.items() if name == path or name.startswith(f"{path}.")]
    if found:
        return total(found)
    known = [*_OVERALL, *report.fields]
    raise UsageError(
        f"--fail-under: {path!r} is neither a figure nor a field",
        hint=f"{did_you_mean(path, known)}There are: {', '.join(known)}.",
    )
