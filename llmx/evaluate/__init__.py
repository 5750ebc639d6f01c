"""Says how good records are: scores against gold, comparisons of runs, gates, calibration.

Everything here works on plain JSON and knows no endpoint; running extractions is left to others. Names are loaded when
they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmx.assembly.calibration import Calibration
    from llmx.evaluate.baseline import Baseline, Regression, check_baseline, load_baseline, save_baseline
    from llmx.evaluate.calibrate import Reliability, fit_calibration, reliability
    from llmx.evaluate.command import EvalOptions, evaluate_command
    from llmx.evaluate.flaky import Flakiness, flakiness, spread
    from llmx.evaluate.gate import Gate, GateResult, check_gate, parse_gate
    from llmx.evaluate.load import Prediction, RunPredictions, load_gold, load_run, plain_gold, run_of
    from llmx.evaluate.pareto import ParetoRow, Point, pareto_table
    from llmx.evaluate.report import DocumentScore, Report, evaluate, spec_for
    from llmx.evaluate.score import Outcome
    from llmx.evaluate.tally import Tally
    from llmx.evaluate.versus import Comparison, Difference, Sampling, compare_runs

_HOME = {
    "baseline": ("Baseline", "Regression", "check_baseline", "load_baseline", "save_baseline"),
    "calibrate": ("Calibration", "Reliability", "fit_calibration", "reliability"),
    "command": ("EvalOptions", "evaluate_command"),
    "flaky": ("Flakiness", "flakiness", "spread"),
    "gate": ("Gate", "GateResult", "check_gate", "parse_gate"),
    "load": ("Prediction", "RunPredictions", "load_gold", "load_run", "plain_gold", "run_of"),
    "pareto": ("ParetoRow", "Point", "pareto_table"),
    "report": ("DocumentScore", "Report", "evaluate", "spec_for"),
    "score": ("Outcome",),
    "tally": ("Tally",),
    "versus": ("Comparison", "Difference", "Sampling", "compare_runs"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "Baseline",
    "Calibration",
    "Comparison",
    "Difference",
    "DocumentScore",
    "EvalOptions",
    "Flakiness",
    "Gate",
    "GateResult",
    "Outcome",
    "ParetoRow",
    "Point",
    "Prediction",
    "Regression",
    "Reliability",
    "Report",
    "RunPredictions",
    "Sampling",
    "Tally",
    "check_baseline",
    "check_gate",
    "compare_runs",
    "evaluate",
    "evaluate_command",
    "fit_calibration",
    "flakiness",
    "load_baseline",
    "load_gold",
    "load_run",
    "pareto_table",
    "parse_gate",
    "plain_gold",
    "reliability",
    "run_of",
    "save_baseline",
    "spec_for",
    "spread",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
