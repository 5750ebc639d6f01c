"""What ``llmx eval`` does, without the command line: reads runs and gold, prints, writes files, checks the gates.

Arguments are parsed, and errors shown, by the command line.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.errors import UsageError
from llmx.evaluate import junit, markdown, summary, text
from llmx.evaluate.baseline import check_baseline, load_baseline, save_baseline
from llmx.evaluate.bootstrap import RESAMPLES
from llmx.evaluate.flaky import Flakiness, Spread, flakiness, spread
from llmx.evaluate.gate import Gate, GateResult, check_gate, parse_gate
from llmx.evaluate.load import RunPredictions, load_gold, load_run
from llmx.evaluate.report import Report, evaluate, spec_for
from llmx.evaluate.several import run_by_document
from llmx.evaluate.spec import Spec
from llmx.evaluate.versus import Comparison, Sampling, compare_runs
from llmx.schema import load_schema
from llmx.sinks.atomic import write_atomically

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.console import Console

    from llmx.schema import SchemaLike


PLAIN_WIDTH = 120
"""Columns of output that goes to a file or a pipe: field names are not broken there."""


@dataclass(frozen=True, slots=True)
class EvalOptions:
    """The options of ``llmx eval``; the defaults only print.

    ``fail_under`` holds gates as ``parse_gate`` reads them; they and the baseline are held against the last run.
    ``repeats`` says that the runs are repeats of one setting: then every one of them must pass ``fail_under``.
    ``markdown``, ``junit`` and ``json`` are files to write. ``shown`` is how many mistakes and changes are printed.
    """

    fail_under: Sequence[str] = ()
    baseline: Path | None = None
    save_baseline: Path | None = None
    repeats: bool = False
    markdown: Path | None = None
    junit: Path | None = None
    json: Path | None = None
    shown: int = 10
    resamples: int = RESAMPLES
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Findings:
    """All results of an evaluation. ``agreement`` and ``spreads`` are those of repeats, else None and empty."""

    reports: tuple[Report, ...]
    comparisons: tuple[Comparison, ...]
    gates: tuple[GateResult, ...]
    agreement: Flakiness | None
    spreads: dict[str, Spread]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether all gates hold."""
        return all(each.ok for each in self.gates)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "ok": self.ok,
            "runs": [each.to_json() for each in self.reports],
            "comparisons": [each.to_json() for each in self.comparisons],
            "gates": [each.to_json() for each in self.gates],
            "agreement": self.agreement.to_json() if self.agreement else None,
            "spread": {name: each.to_json() for name, each in self.spreads.items()},
            "notes": list(self.notes),
        }


def evaluate_command(
    outs: Sequence[Path],
    gold: Path,
    *,
    schema: SchemaLike | None = None,
    options: EvalOptions | None = None,
    console: Console | None = None,
) -> int:
    """Return the exit code: 0 if all gates hold, 1 if one does not.

    One run is scored; of several, each is set against the first. Prints to ``console``, by default standard output.
    Raises UsageError for files, gates and gold that cannot be used, before anything is printed or written.
    """
    how = options or EvalOptions()
    gates = [parse_gate(each) for each in how.fail_under]
    loaded = None if schema is None else load_schema(schema)
    golds = load_gold(gold, several=loaded is not None and loaded.row is not None)
    spec = spec_for(golds, loaded.model if loaded else None)
    runs = _named_apart(outs, loaded.record_model if loaded else None)
    if spec.kind == "list":
        runs = [run_by_document(each) for each in runs]
    found = _findings(runs, golds, spec=spec, gates=gates, how=how)
    _print(found, how, console)
    if how.markdown:
        write_atomically(how.markdown, [_as_markdown(found, how).encode()])
    if how.junit:
        write_atomically(how.junit, [junit.render_junit(found.reports[-1], gates=found.gates).encode()])
    if how.json:
        write_atomically(how.json, [json.dumps(found.to_json(), ensure_ascii=False, indent=1).encode(), b"\n"])
    if how.save_baseline:
        save_baseline(how.save_baseline, found.reports[-1], golds)
    return 0 if found.ok else 1


def _named_apart(outs: Sequence[Path], model: type[BaseModel] | None) -> list[RunPredictions]:
    """Load the runs; runs with the same name are named by their paths."""
    if not outs:
        raise UsageError("no run to evaluate", hint="Name at least one out.jsonl or folder of records.")
    runs = [load_run(path, model=model) for path in outs]
    names = Counter(run.name for run in runs)
    return [run if names[run.name] == 1 else replace(run, name=str(path)) for run, path in zip(runs, outs, strict=True)]


def _findings(
    runs: Sequence[RunPredictions],
    golds: dict[str, Any],
    *,
    spec: Spec,
    gates: Sequence[Gate],
    how: EvalOptions,
) -> Findings:
    sampling = Sampling(resamples=how.resamples, seed=how.seed)
    reports = [evaluate(golds, run, spec=spec) for run in runs]
    results = [_weakest(gate, reports if how.repeats else reports[-1:]) for gate in gates]
    notes = [f"{report.name}: {note}" for report in reports[:-1] for note in summary.notes(report)]
    if how.baseline:
        regression = check_baseline(load_baseline(how.baseline), reports[-1], golds, sampling=sampling)
        results += regression.gates
        notes += regression.notes
    compared = [] if how.repeats else [compare_runs(reports[0], each, sampling=sampling) for each in reports[1:]]
    return Findings(
        tuple(reports),
        tuple(compared),
        tuple(results),
        flakiness(runs, spec=spec) if how.repeats else None,
        spread(reports) if how.repeats else {},
        tuple(notes),
    )


def _weakest(gate: Gate, reports: Sequence[Report]) -> GateResult:
    """The gate's result on the report that does worst by it."""
    return min((check_gate(gate, each) for each in reports), key=lambda each: (each.ok, each.value or 0.0))


def _print(found: Findings, how: EvalOptions, console: Console | None) -> None:
    from rich.console import Console  # noqa: PLC0415  # 50 ms that --help should not pay
    from rich.text import Text  # noqa: PLC0415

    out = console or Console()
    if not out.is_terminal:
        out.width = max(out.width, PLAIN_WIDTH)
    if len(found.reports) == 1:
        out.print(text.render_text(found.reports[0], mistakes=how.shown))
    else:
        out.print(text.render_runs(found.reports))
        last = found.reports[-1]
        for note in summary.notes(last):
            out.print(Text(f"{last.name}: {note}", style="yellow"))
    for each in found.comparisons:
        out.print(text.render_comparison(each, changes=how.shown))
    if found.agreement:
        out.print(text.render_flakiness(found.agreement, found.spreads))
    for note in found.notes:
        out.print(Text(note, style="yellow"))
    if found.gates:
        out.print(text.render_gates(found.gates))


def _as_markdown(found: Findings, how: EvalOptions) -> str:
    parts = [] if len(found.reports) == 1 else [markdown.render_runs(found.reports)]
    parts.append(markdown.render_markdown(found.reports[-1], gates=found.gates, mistakes=2 * how.shown))
    parts += [markdown.render_comparison(each, changes=2 * how.shown) for each in found.comparisons]
    if found.agreement:
        parts.append(markdown.render_flakiness(found.agreement, found.spreads))
    parts += [f"> {markdown.escaped(note)}\n" for note in found.notes]
    return "\n".join(parts)
