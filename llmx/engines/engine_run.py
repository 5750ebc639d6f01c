"""A run over an engine: from files that can be cut, through its workers, into a folder of parts."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any

from llmx.documents import RowFields
from llmx.endpoint import Stats
from llmx.engines.batch_extractor import BatchExtractor
from llmx.engines.part_folder import FORMAT, SUFFIXES, PartFolder
from llmx.engines.partition_job import PartitionJob, PartitionResult
from llmx.engines.partitions import ROWS, Partition, cut
from llmx.engines.placing import Engine, WorkerLostError
from llmx.errors import AuthError, BudgetError, CassetteError, ConfigError, EndpointError, LlmxError, OutputError
from llmx.extraction.session import open_session
from llmx.run.accounts import Account
from llmx.run.dollars import sum_usd
from llmx.run.metrics import MetricsObserver
from llmx.run.observer import Live
from llmx.run.provenance import Provenance
from llmx.run.summary import Stopped, Summary
from llmx.run.token_bucket import BURST_S

if TYPE_CHECKING:
    from llmx.endpoint import EndpointSettings
    from llmx.extraction.plan import Extractor
    from llmx.record import Usage
    from llmx.run import OutputOptions, RunOptions

MOST_LOSSES = 3
"""How often in a row a worker may be lost without a partition having been done."""

TELL_S = 10.0

GO_ON = "to go on, run the same command with --resume and without --overwrite"


@dataclass(frozen=True, slots=True)
class EngineWork:
    """What is to be done: ``sources`` are names of files, ``rows`` the size of a partition, None for that of earlier
    runs. ``workers`` None is as many as the engine has cores.
    """

    sources: Sequence[str]
    fields: RowFields
    output: OutputOptions
    options: RunOptions
    rows: int | None = None
    workers: int | None = None


class EngineRun:
    """One run. ``say`` gets what the user should know."""

    def __init__(self, work: EngineWork, engine: Engine, say: Callable[[str], None]) -> None:
        self._work, self._engine, self._say = work, engine, say
        self._folder = PartFolder(str(work.output.path))
        self._kept: Counter[str] = Counter()
        self._live, self._spent = Live(), Stats()
        self._begin_s = self._told_s = time.monotonic()

    async def prepared(self, extractor: Extractor, settings: EndpointSettings) -> PartitionJob:
        """Find out what the endpoint honours, and return the work as it is handed to the workers."""
        async with open_session(extractor, settings) as session:
            asked = [
                replace(each, model=model.plan.model, mode=model.plan.mode)
                for each, model in zip(settings.in_turn, session.models, strict=False)
            ]
            made_with = astuple(Provenance.of(session.plan))
        ready = replace(settings, model=asked[0].model, mode=asked[0].mode)
        self._live.accounts = (Account(ready.model, ready.base_url, self._spent, Stats()),)
        made = BatchExtractor(extractor.schema, endpoint=ready, options=extractor.options)
        work = self._work
        return PartitionJob(made, work.fields, self._folder, made_with, retry_failed=work.output.retry_failed)

    def go(self, job: PartitionJob) -> Summary:
        """Do the work, and return what was done."""
        with self._work.options.opened_metrics() as metrics:
            observer = metrics or MetricsObserver(None)
            observer.begin(self._live)
            summary = self._gone(job, observer)
            observer.end(summary)
        return summary

    def _gone(self, job: PartitionJob, metrics: MetricsObserver) -> Summary:
        todo, count = self._pending(job), self._engine.workers(self._work.workers)
        self._live.skipped = self._kept.total()
        losses, stopped, error = 0, "", None
        while todo and not stopped:
            left = {each.name: each for each in todo}
            try:
                for result in self._engine.results(self._shared(job, count), todo, count):
                    if result.error is not None:
                        stopped, error = stopped or _reason(result.error), error or result.error
                        continue
                    self._add(result)
                    metrics.write_if_due()
                    losses = 0
                    del left[result.partition]
                    self._tell(len(todo) - len(left), len(todo))
            except WorkerLostError as lost:
                losses += 1
                self._say(f"{lost.message}: its partitions are done again, with what the cache has")
                if losses >= MOST_LOSSES:
                    names = ", ".join(f"{each.source} from row {each.first + 1}" for each in list(left.values())[:3])
                    stopped, error = "processes", LlmxError(f"{MOST_LOSSES} workers ended over {names}")
                elif self._work.options.rpm or self._work.options.tpm:
                    time.sleep(BURST_S)  # a new worker begins with what may go out at once
            except KeyboardInterrupt:
                stopped = "interrupted"
            todo = list(left.values())
        return self._summary(stopped, error)  # type: ignore[arg-type] # one of them

    def _pending(self, job: PartitionJob) -> list[Partition]:
        """Return the partitions that are not done, and count those that are."""
        output, folder = self._work.output, self._folder
        facts = folder.facts()
        if facts and not (output.resumes or output.overwrite):
            raise OutputError(
                f"{folder.name} exists already", hint="--resume goes on with it, --overwrite begins anew."
            )
        if not facts and folder.holds_something():
            raise OutputError(f"{folder.name} holds what is not of a run over an engine", hint="Name another folder.")
        if output.overwrite:
            for part in list(folder.parts()):
                folder.remove(part)
            facts = {}
        rows = self._rows(facts)
        folder.set_facts({"format": FORMAT, "rows": rows})
        found = list(cut(self._work.sources, rows))
        self._remove_others(found)
        return [each for each in found if not self._is_done(each, job)]

    def _rows(self, facts: dict[str, Any]) -> int:
        before, wanted = facts.get("rows"), self._work.rows
        if before is not None and wanted is not None and wanted != before:
            what = f"--partition-rows {wanted}: {self._folder.name} was written with {before}"
            raise ConfigError(what, hint="Leave it out, or begin anew with --overwrite.")
        return before or wanted or ROWS

    def _remove_others(self, found: Sequence[Partition]) -> None:
        """Remove the parts of rows that the files of the source no longer have; those of other files stay."""
        names = {each.name for each in found}
        sources = {each.name.partition("-")[0] for each in found}
        parts = list(self._folder.parts())
        for part in parts:
            if part not in names and part.partition("-")[0] in sources:
                self._folder.remove(part)
        if others := sum(part.partition("-")[0] not in sources for part in parts):
            self._say(f"{others} parts of files that are not in the source stay as they are")

    def _is_done(self, partition: Partition, job: PartitionJob) -> bool:
        """Whether a partition is as it was, made with the same, and none of its documents is to be tried again."""
        found = self._folder.manifest(partition.name, rows=False)
        if found is None:
            return False
        head = found[0]
        if head.state != partition.state or head.made_with != job.made_with:
            return False
        redone = set(head.statuses) - {"ok"} if job.retry_failed else {"failed"} & set(head.statuses)
        if redone:
            return False
        self._kept.update(head.statuses)
        return True

    def _shared(self, job: PartitionJob, count: int) -> PartitionJob:
        """Return the job with the shares of ``count`` workers in what is left of the run's bounds."""
        options = self._work.options
        paid, options = self._spent.paid, replace(options, metrics=None)  # the run's own
        if options.max_tokens_total is not None:
            options = replace(options, max_tokens_total=max(1, options.max_tokens_total - paid.total_tokens))
        if options.max_cost_usd is not None:
            spent = float(_cost(job, paid) or 0)
            options = replace(options, max_cost_usd=max(1e-9, options.max_cost_usd - spent))
        return replace(job, extractor=replace(job.extractor, run=options, workers=count))

    def _add(self, result: PartitionResult) -> None:
        self._kept.update(result.kept)
        self._spent.add(result.spent)
        self._live.statuses.update(result.statuses)
        self._live.done, self._live.skipped = self._live.statuses.total(), self._kept.total()

    def _tell(self, done: int, count: int) -> None:
        if time.monotonic() - self._told_s > TELL_S:
            self._told_s = time.monotonic()
            self._say(f"{done:,} of {count:,} partitions, {self._live.done:,} documents")

    def _summary(self, stopped: Stopped, error: Exception | None) -> Summary:
        kept, statuses = self._kept.total(), +self._live.statuses
        return Summary(
            documents=statuses.total(), statuses=dict(statuses), skipped=kept,
            skipped_not_ok=kept - self._kept["ok"], paid=self._spent.paid, seconds=time.monotonic() - self._begin_s,
            stopped=stopped, error=error, left=GO_ON if stopped else "",
        )  # fmt: skip


def check_work(work: EngineWork, settings: EndpointSettings) -> None:
    """Raise UsageError for what an engine's workers cannot do: nothing is accepted and left aside."""
    output, options, target = work.output, work.options, str(work.output.path)
    if work.output.path is None or PartFolder(target).suffix not in SUFFIXES:
        raise ConfigError(
            "--engine writes a folder of parts", hint="Name one with -o: records.parquet/ or records.jsonl/."
        )
    barred = {
        "--upsert": output.upsert, "--keep-columns": bool(output.keep_columns), "--no-csv-safe": not output.csv_safe,
        "--log-file": options.log_file is not None, "--max-documents": options.max_documents is not None,
        "--no-ordered": not options.ordered, "--record": settings.record is not None,
        "--replay": settings.replay is not None, "--model local": settings.embedded or settings.model == "local",
        "a client": settings.sdk is not None, "--fallback": bool(settings.fallbacks),
        "--encoding": bool(work.fields.encoding),
    }  # fmt: skip
    if named := next((name for name, given in barred.items() if given), ""):
        raise ConfigError(f"{named} is not for --engine", hint="Leave out one of the two.")
    if work.rows is not None and work.rows < 1:
        raise ConfigError(f"--partition-rows must be at least 1, not {work.rows}")


def _cost(job: PartitionJob, usage: Usage) -> Any:
    from llmx.endpoint.price import cost_usd  # noqa: PLC0415 - heavy

    endpoint = job.extractor.endpoint
    return sum_usd([cost_usd(endpoint.model, usage, base_url=endpoint.base_url)])


def _reason(error: Exception) -> Stopped:
    if isinstance(error, BudgetError):
        return "max_cost" if "USD" in str(error) else "max_tokens"
    kinds: tuple[tuple[type[Exception], Stopped], ...] = (
        (AuthError, "auth"), (CassetteError, "cassette"), (EndpointError, "endpoint"), (OutputError, "output"),
    )  # fmt: skip
    return next((reason for kind, reason in kinds if isinstance(error, kind)), "processes")
