"""Tries prompts: runs one on some documents, scores it, and keeps account of what the whole search has paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from llmx.endpoint import EndpointSettings
from llmx.errors import EndpointError, LlmxError
from llmx.evaluate.spec import Spec
from llmx.extraction.options import Options
from llmx.prompting.prompt_file import prompt_text
from llmx.run import RunOptions, Summary
from llmx.schema import SchemaLike
from llmx.sinks.atomic import write_atomically
from llmx.sweep import Setting, quality
from llmx.sweep.grid import file_name
from llmx.sweep.trial import Task, Trial, try_setting
from llmx.tune.options import TuneOptions
from llmx.tune.split import GoldDocument, golds_of
from llmx.tune.variants import Variant

TRAINING, HELD_OUT = "training", "held-out"
"""The folders for the records, by the side that the documents are on."""


_ENDED, _REFUSED = ("max_cost", "max_tokens", "interrupted"), ("auth", "endpoint", "output")
"""Why a run stopped, where no other prompt would fare better: by a limit or a person, or by a fault of the endpoint."""


class SearchStoppedError(Exception):
    """The search cannot go on: ``reason`` is that of the run."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TuneSetup:
    """What all attempts have in common: how documents are read, by whom, and how records are compared.

    ``asked`` are the settings of the endpoint as they were given, ``ready`` those of the server that answers to them.
    """

    schema: SchemaLike
    options: Options
    asked: EndpointSettings
    ready: EndpointSettings
    spec: Spec
    folder: Path


@dataclass(frozen=True, slots=True)
class Attempt:
    """A prompt on the first ``documents`` of a side, and what came of it."""

    variant: Variant
    documents: int
    trial: Trial

    def quality(self, by: str) -> float:
        """Return the figure called ``by``, in [0, 1]; 0 where nothing could be scored."""
        return quality(self.trial.report, by) if self.trial.ok and self.trial.report is not None else 0.0


@dataclass(slots=True)
class PromptBench:
    """Tries prompts, and remembers for each the attempt on the most documents. ``share`` is the part of the budget that
    may be spent now.
    """

    setup: TuneSetup
    how: TuneOptions
    share: float = 1.0
    attempts: dict[str, Attempt] = field(default_factory=dict)
    paid_usd: float = 0.0
    paid_tokens: int = 0
    _files: dict[str, str] = field(default_factory=dict)

    async def attempt(self, variant: Variant, documents: Sequence[GoldDocument], side: str) -> Attempt:
        """Try ``variant`` on ``documents`` of a ``side``; a fault of its own is the attempt's.

        Raises SearchStoppedError where the budget ends or somebody interrupts, and where the present prompt itself
        fails, the error that it fails with: there would be nothing to compare with.
        """
        setting, task = self._setting(variant), self._task(documents)
        target = self.setup.folder / side / setting.file
        run = self.allowed_run()
        trial = await try_setting(setting, self.setup.ready, task, target=target, run=run)
        self._spend(float(trial.paid_usd or 0), trial.paid.total_tokens)
        if variant.present and not trial.ok and trial.stopped not in _ENDED:
            if isinstance(trial.error, LlmxError):
                raise trial.error
            raise EndpointError(f"{variant.name} fails: {trial.fault}", hint="Try it first with llmx extract.")
        if trial.stopped in {*_ENDED, *_REFUSED}:
            raise SearchStoppedError(trial.stopped)
        made = Attempt(variant, len(documents), trial)
        before = self.attempts.get(variant.name)
        if side == TRAINING and (before is None or before.documents <= made.documents):
            self.attempts[variant.name] = made
        return made

    def account(self, summary: Summary) -> None:
        """Count what another run has paid, and raise SearchStoppedError where it ended the search."""
        self._spend(float(summary.cost_usd or 0), summary.paid.total_tokens)
        if summary.stopped:
            raise SearchStoppedError(summary.stopped)

    def allowed_run(self) -> RunOptions:
        """Return the limits of the next run: what is left of the budget. Raises SearchStoppedError for nothing."""
        run = self.how.run.suited_to(self.setup.ready, asked=self.setup.asked)
        if run.max_cost_usd is not None:
            left = run.max_cost_usd * self.share - self.paid_usd
            if left <= 0:
                raise SearchStoppedError("max_cost")
            run = replace(run, max_cost_usd=left)
        if run.max_tokens_total is not None:
            tokens = int(run.max_tokens_total * self.share) - self.paid_tokens
            if tokens <= 0:
                raise SearchStoppedError("max_tokens")
            run = replace(run, max_tokens_total=tokens)
        return run

    def _spend(self, usd: float, tokens: int) -> None:
        self.paid_usd += usd
        self.paid_tokens += tokens

    def _task(self, documents: Sequence[GoldDocument]) -> Task:
        setup = self.setup
        return Task(
            [each.document for each in documents], golds_of(documents), setup.schema, setup.spec, self.how.output
        )

    def _setting(self, variant: Variant) -> Setting:
        """Return how to run ``variant``: as a user would, with its file as the prompt."""
        taken = {name.casefold() for name in self._files.values()}
        file = self._files.setdefault(variant.name, file_name(variant.name, taken))
        options = self.setup.options
        if not variant.present:
            path = self.setup.folder / "prompts" / f"{file.removesuffix('.jsonl')}.prompt.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, [prompt_text(variant.prompt, f"Tried by llmx tune: {variant.name}.").encode()])
            options = replace(options, prompt=str(path), examples="auto")
        return Setting(variant.name, file, self.setup.asked, options, {"prompt": variant.name})
