"""Runs the settings of a sweep one after the other, and compares them.

One at a time, so that each has the limits to itself and their times can be compared. The outputs stay in the folder; a
sweep that is repeated there does only what is missing or has changed.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from llmx.documents import Document, Unreadable
from llmx.endpoint import EndpointSettings
from llmx.errors import LlmxError, UsageError, choices
from llmx.evaluate import Difference, ParetoRow, Point, Report, compare_runs, pareto_table, spec_for
from llmx.evaluate.load import matched_ids
from llmx.evaluate.versus import OVERALL
from llmx.extraction.session import answering
from llmx.run import OutputOptions, RunObserver, RunOptions
from llmx.schema import SchemaLike, load_schema
from llmx.sweep.grid import Setting
from llmx.sweep.trial import Task, Trial, try_setting

_NOT_RUN = {"interrupted": "not run: the sweep was interrupted", "max_cost": "not run: the budget is spent"}


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """How to sweep. ``by`` is the figure that settings are ranked by: micro_f1, macro_f1 or exact_match.

    ``run`` holds the limits of each run; its ``max_cost_usd`` is for the whole sweep. ``output`` says what to do with
    the outputs of an earlier sweep: by default they are gone on with. ``say`` hears a sentence when a setting begins;
    ``observer`` makes the observer of one.
    """

    by: str = OVERALL[0]
    run: RunOptions = field(default_factory=RunOptions)
    output: OutputOptions = field(default_factory=lambda: OutputOptions(resume=True))
    say: Callable[[str], None] = lambda _: None
    observer: Callable[[Setting], RunObserver | None] = lambda _: None

    def __post_init__(self) -> None:
        if self.by not in OVERALL:
            raise UsageError(f"--by {self.by}", hint=choices(self.by, OVERALL))


@dataclass(frozen=True)
class Sweep:
    """A finished sweep: a trial for each setting in the order of the grid, and notes, a sentence each."""

    trials: tuple[Trial, ...]
    by: str
    documents: int
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every setting could be compared."""
        return all(each.ok for each in self.trials)

    @property
    def interrupted(self) -> bool:
        """Whether a signal stopped it."""
        return any(each.stopped == "interrupted" for each in self.trials)

    @functools.cached_property
    def rows(self) -> list[tuple[Trial, ParetoRow]]:
        """The trials that can be compared, the best first, each with its place: on the front, or beaten by whom."""
        by_name = {each.setting.name: each for each in self.trials if each.ok}
        points = [
            Point(name, self.quality(each), _float(each.cost_usd), each.seconds) for name, each in by_name.items()
        ]
        return [(by_name[row.point.name], row) for row in pareto_table(points)]

    @property
    def failed(self) -> list[Trial]:
        """The trials that cannot be compared."""
        return [each for each in self.trials if not each.ok]

    def quality(self, trial: Trial) -> float:
        """Return the figure that trials are ranked by, in [0, 1]."""
        assert trial.report is not None
        return quality(trial.report, self.by)

    @functools.cached_property
    def against_best(self) -> dict[str, Difference]:
        """How each other setting differs from the best one in that figure, by the setting's name."""
        if not self.rows:
            return {}
        best = self.rows[0][0].report
        assert best is not None
        found: dict[str, Difference] = {}
        for trial, _ in self.rows[1:]:
            assert trial.report is not None
            differences = compare_runs(best, trial.report).differences
            found[trial.setting.name] = next(each for each in differences if each.name == self.by)
        return found


def quality(report: Report, by: str) -> float:
    """Return the figure of ``report`` that is called ``by``, one of ``OVERALL``."""
    figures = {"micro_f1": report.micro.f1, "macro_f1": report.macro_f1, "exact_match": report.exact_match}
    return figures[by]


def _float(cost: object) -> float | None:
    return None if cost is None else float(str(cost))


async def sweep(
    documents: Sequence[Document | Unreadable],
    golds: Mapping[str, Any],
    schema: SchemaLike,
    *,
    grid: Sequence[Setting],
    folder: Path,
    options: SweepOptions | None = None,
) -> Sweep:
    """Run every setting of ``grid`` on the ``documents`` that have gold; return the scores. Records go to ``folder``.

    Records that ``folder`` holds of an earlier sweep are used where document, model, prompt and options are the same.
    A setting that fails is a trial that says so. Raises UsageError if no document has gold or gold does not fit the
    schema, SchemaError where the schema cannot be loaded.
    """
    how = options or SweepOptions()
    task, notes = _task(documents, golds, schema, output=how.output)
    trials: list[Trial] = []
    for endpoint, settings in itertools.groupby(grid, key=_server):
        trials += await _with_server(endpoint, list(settings), task, folder=folder, how=how, before=trials)
    return Sweep(tuple(trials), how.by, len(task.documents), tuple(notes))


def _server(setting: Setting) -> EndpointSettings:
    """Return the part of a setting that needs a server of its own: all of the endpoint but the mode."""
    return replace(setting.endpoint, mode="auto")


def _task(
    documents: Sequence[Document | Unreadable], golds: Mapping[str, Any], schema: SchemaLike, *, output: OutputOptions
) -> tuple[Task, list[str]]:
    """Return the documents that have gold, and notes on the others: asking about them would prove nothing."""
    if not documents:
        raise UsageError("there is no document to try the settings on")
    partner = matched_ids(golds, [each.id for each in documents])
    known = set(partner.values())
    kept = [each for each in documents if each.id in known]
    scored = {id_: golds[id_] for id_ in partner}
    notes = []
    if len(kept) < len(documents):
        notes.append(f"{len(documents) - len(kept)} documents have no gold, and were left out.")
    if len(scored) < len(golds):
        notes.append(f"{len(golds) - len(scored)} gold records have no document here, and are not counted.")
    return Task(kept, scored, schema, spec_for(scored, load_schema(schema).model), output), notes


async def _with_server(
    endpoint: EndpointSettings,
    settings: list[Setting],
    task: Task,
    *,
    folder: Path,
    how: SweepOptions,
    before: list[Trial],
) -> list[Trial]:
    """Try the settings that one server answers. The embedded model is started before them and stopped afterwards."""
    done: list[Trial] = []
    with ExitStack() as stack:
        ready: EndpointSettings | None = None
        for setting in settings:
            run, why = allowed_run(how.run, [*before, *done])
            if run is None:
                done.append(Trial(setting, fault=why))
                continue
            if ready is None:
                try:
                    ready = stack.enter_context(answering(endpoint, say=how.say))
                except LlmxError as error:
                    return [*done, *(Trial(each, fault=error.message) for each in settings[len(done) :])]
            mode = setting.endpoint.mode
            asked = ready if mode == "auto" else replace(ready, mode=mode)
            run = run.suited_to(ready, asked=endpoint)
            how.say(f"setting {len(before) + len(done) + 1}: {setting.name}")
            target, observer = folder / setting.file, how.observer(setting)
            done.append(await try_setting(setting, asked, task, target=target, run=run, observer=observer))
    return done


def allowed_run(run: RunOptions, done: Sequence[Trial]) -> tuple[RunOptions | None, str]:
    """Return the options for the next setting after those that are ``done``, or None and the reason why not."""
    if any(each.stopped == "interrupted" for each in done):
        return None, _NOT_RUN["interrupted"]
    if run.max_cost_usd is None:
        return run, ""
    left = run.max_cost_usd - sum(float(each.paid_usd or 0) for each in done)
    return (replace(run, max_cost_usd=left), "") if left > 0 else (None, _NOT_RUN["max_cost"])
