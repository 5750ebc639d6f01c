"""Drives documents through the extraction: as many at once as the limiter allows, records out as they are done.

Workers take documents from the source one at a time, so memory does not grow with it. What one document does wrong
becomes its own failed record; what no document could survive (a refused key, a missing recording, an endpoint that is
gone, a full disk, a budget that is spent) stops the run cleanly: what was emitted stays, and the run can be resumed.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from llmx.dataclass import dataclass
from llmx.errors import AwaitsBatchError, ConfigError
from llmx.run.accounts import cost_usd, open_accounts, total, totals
from llmx.run.budget import Budget
from llmx.run.delivery import Delivery, Done, Emit
from llmx.run.document_queue import DocumentQueue, Input
from llmx.run.finished_records import cost_in_this_run
from llmx.run.intake import Intake
from llmx.run.limiter import LimiterEvents
from llmx.run.limiters import RunLimiters
from llmx.run.logfile import opened_log
from llmx.run.observer import Live, RunObserver, RunObservers
from llmx.run.record_maker import NO_RECORDS, EarlierRecords, Maker, RecordMaker
from llmx.run.signals import on_signals
from llmx.run.summary import Stopped, Summary
from llmx.run.worker_pool import WorkerPool

if TYPE_CHECKING:
    from llmx.extraction.session import Session
    from llmx.run.options import RunOptions

_URGENT = frozenset({"interrupted", "auth", "cassette", "output", "processes"})

WINDOW = 16
"""Documents that may be done ahead of the one whose turn it is, for each document worked on, when order is kept."""

FEW = 4
"""Requests at once up to which the endpoint is taken for one model on one machine."""


async def run_documents(
    documents: Iterable[Input],
    session: Session,
    *,
    options: RunOptions,
    emit: Emit,
    observer: RunObserver | None = None,
) -> Summary:
    """Extract from ``documents`` and hand each record to ``emit``; return what was done.

    ``emit`` may return an awaitable, for backpressure. Records come in the order of the documents, or as they are done
    where ``options.ordered`` is False. Nothing that a document or the model does ends the run; AuthError,
    CassetteError, an endpoint that stays away, an OutputError of ``emit``, a budget and signals end it cleanly, and the
    summary says so (``stopped``, ``error``). What else the source, ``emit`` or ``observer`` raise is raised, after
    everything in flight was let go. Raises ConfigError for options that cannot be met.
    """
    if options.processes != 1:
        hint = "Write them with extract_to, or leave processes out."
        raise ConfigError("RunOptions.processes is for records that are written to an output", hint=hint)
    with opened_log(options) as log, options.opened_metrics() as metrics:
        observers = RunObservers(observer, log, metrics, options.progress_of(documents))
        return await Run(DocumentQueue(documents), session, options=options, emit=emit, observer=observers).go()


@dataclass(slots=True)
class _Stop:
    """Why the run stops early, and what caused it."""

    reason: Stopped = ""
    error: BaseException | None = None


class Run:
    """One run: it puts the parts together and ends them. All of it is touched from one event loop only.

    Records that ``earlier`` has are not made again, and those that are made may be kept there; ``emit`` then gets them
    in the form in which they are written.
    """

    def __init__(
        self,
        queue: DocumentQueue[Input],
        session: Session,
        *,
        options: RunOptions,
        emit: Emit,
        observer: RunObserver,
        earlier: EarlierRecords = NO_RECORDS,
    ) -> None:
        self._options, self._observer = options, observer
        self._stop, self._deferred = _Stop(), 0
        events = LimiterEvents(self._sync_live, self._outage, observer.note)
        self._limiters = RunLimiters(session, options, events)
        self._session = self._limiters.limited(session, trace=options.trace)
        self._live = Live(open_accounts(session))
        self._budget = Budget.of(options, session)
        self._delivery = Delivery(
            emit, observer, self._live, ordered=options.ordered, unwritable=partial(self.stop, "output")
        )
        self._intake = Intake(
            queue, options, self._live,
            budget=self._budget, spent=self._spent, too_far_ahead=self._too_far_ahead if options.ordered else _never,
        )  # fmt: skip
        maker = RecordMaker(self._session, earlier, stop=self.stop, waits=self._waits)
        self._maker: Maker = maker
        if options.processes != 1:
            from llmx.run.processes.maker import over_processes  # noqa: PLC0415 - only where they are asked for
            from llmx.run.processes.pool import PoolEvents  # noqa: PLC0415 - as above

            told = PoolEvents(self.stop, observer.note, self._waits)
            self._maker = over_processes(maker, session, options, limiter=self._limiters.limiter, events=told)
        self._workers = WorkerPool(self._step, wanted=self._wanted)

    async def go(self) -> Summary:
        """Run to the end, and return what was done."""
        self._sync_live()
        with on_signals(self._signalled) if self._options.signals else contextlib.nullcontext():
            self._observer.begin(self._live)  # whoever sees the run begin may signal it
            try:
                await self._workers.run()
            finally:
                await self._maker.aclose()
        await self._delivery.flush()
        if self._intake.at_bound and not (self._stop.reason or self._intake.exhausted):
            self._stop.reason = "max_documents"
        if self._deferred and not self._stop.reason:
            self._stop.reason = "batch"
        summary = self._summary()
        self._observer.end(summary)
        return summary

    def stop(self, reason: Stopped, error: BaseException | None = None, *, drop: bool = False) -> None:
        """Take no more documents; with ``drop`` also let go of those that are worked on."""
        if not self._stop.reason:
            self._stop.reason, self._stop.error = reason, error
            self._intake.close()
            if reason in _URGENT:  # what is on the wire may still come; nothing more goes out
                self._limiters.close_to(self._workers.close())
                self._maker.let_go()
                asyncio.get_running_loop().call_later(self._options.grace_s, self._workers.drop)
        if drop:
            self._workers.drop()

    async def _step(self) -> bool:
        """Do one document; return False where there is none to do."""
        if self._stop.reason or (took := await self._intake.take()) is None:
            return False
        number, document = took
        self._live.working += 1
        begin_s = time.monotonic()
        try:
            self._observer.started(document)
            record = await self._maker.make(document)
        except AwaitsBatchError:
            self._deferred += 1
            await self._delivery.pass_over(number)
            self._intake.wake()
            return True
        finally:
            self._live.working -= 1
        if record is not None:
            self._budget.add(cost_in_this_run(record))
            self._intake.wake()
            await self._delivery.add(number, Done(document, record, time.monotonic() - begin_s))
            self._intake.wake()
        return True

    def _wanted(self) -> int:
        """Return how many workers are of use: none that would find nothing to do."""
        return 0 if self._stop.reason or self._intake.at_bound else self._useful()

    def _useful(self) -> int:
        """Two workers for each request, so that one is always ready; but where few requests go at once, to a model with
        a cache of the last prompt, one: the second look at a document is to follow its first.
        """
        limit = self._limiters.limit
        return limit if limit <= FEW else max(2 * limit, self._maker.places)

    def _too_far_ahead(self, taken: int) -> bool:
        return taken - self._delivery.next_number >= WINDOW * 2 * self._limiters.limit

    def _waits(self) -> bool:
        return self._limiters.away and not self._stop.reason

    def _spent(self, reason: Stopped) -> None:
        error = self._budget.error()
        self.stop(reason, error)
        self._observer.note(f"stopping: {error.message}")

    def _outage(self, error: BaseException | None) -> None:
        self.stop("endpoint", error, drop=True)

    def _signalled(self, name: str, times: int) -> None:
        self.stop("interrupted", drop=times > 1)
        if times == 1:
            working = self._live.working
            self._observer.note(f"{name}: waiting for the {working} documents in work; a second {name} drops them")

    def _sync_live(self) -> None:
        """Take over from the limiter what observers see."""
        limiter, live = self._limiters, self._live
        live.in_flight, live.limit, live.pause = limiter.in_flight, limiter.limit, limiter.pause

    def _summary(self) -> Summary:
        live, accounts = self._live, self._live.accounts
        told = Summary(
            documents=live.done, statuses={k: n for k, n in live.statuses.items() if n}, skipped=live.skipped,
            skipped_not_ok=live.skipped_not_ok, failures=tuple(live.failures.most_common()),
            seconds=live.seconds, stopped=self._stop.reason, error=self._stop.error,
            cost_usd=cost_usd(accounts), models=totals(accounts), left_out=self._intake.left_out,
            deferred=self._deferred,
        )  # fmt: skip
        return told.with_stats(total(accounts))


def _never(_: int) -> bool:
    return False
