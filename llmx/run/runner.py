"""Drives documents through the extraction: as many at once as the limiter allows, records out as they are done.

Workers take documents from the source one at a time, so memory does not grow with it. What one document does wrong
becomes its own failed record; what no document could survive (a refused key, a missing recording, an endpoint that is
gone, a budget that is spent) stops the run cleanly: what was emitted stays, and the run can be resumed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmx.documents import Document, Unreadable
from llmx.errors import AuthError, CassetteError
from llmx.extraction.document import extract_document
from llmx.record import Issue, Record
from llmx.run.budget import Budget, cost_of
from llmx.run.feed import Feed
from llmx.run.limiter import LimiterEvents, RunLimiter, current_document
from llmx.run.options import RunOptions
from llmx.run.signals import on_signals
from llmx.run.summary import Live, Stopped, Summary, Watch, Watches

if TYPE_CHECKING:
    from llmx.endpoint import Endpoint
    from llmx.extraction.plan import Plan
    from llmx.run.finished import FinishedRecords

Input = Document | Unreadable
Emit = Callable[[Record[Any]], Awaitable[None] | None]

_URGENT = frozenset({"interrupted", "auth", "cassette"})
_LOG = logging.getLogger("llmx.run")

BREATH_S = 0.01
"""Answers from the cache come without waiting: the loop gets a turn this often, for signals and progress."""

WINDOW = 16
"""Documents that may be done ahead of the one whose turn it is, for each document worked on, when order is kept."""


async def run_documents(
    documents: Iterable[Input],
    plan: Plan,
    endpoint: Endpoint,
    *,
    options: RunOptions,
    emit: Emit,
    watch: Watch | None = None,
) -> Summary:
    """Extract from ``documents`` and hand each record to ``emit``; return what was done.

    ``emit`` may return an awaitable, for backpressure. Records come as they are done, with ``ordered`` in the order of
    the source. Nothing that a document or the model does ends the run; AuthError, CassetteError, an endpoint that stays
    away, a budget and signals end it cleanly, and the summary says so (``stopped``, ``error``). What the source,
    ``emit`` or ``watch`` raise is raised, after everything in flight was let go.
    """
    return await Run(Feed(documents), plan, endpoint, options=options, emit=emit, watch=Watches(watch)).go()


@dataclass(frozen=True, slots=True)
class _Done:
    """A document with its record, and the seconds it took, waiting included."""

    document: Input
    record: Record[Any]
    seconds: float


FEW = 4
"""Requests at once up to which the endpoint is taken for one model on one machine."""


class Run:
    """One run. Its workers share everything here; all of it is touched from one event loop only.

    Where ``finished`` is set, the records that it has are not made again, and those that are made are kept there;
    ``emit`` then gets them in the form in which they are written.
    """

    def __init__(  # noqa: PLR0913 - its parts become objects of their own
        self,
        feed: Feed[Input],
        plan: Plan,
        endpoint: Endpoint,
        *,
        options: RunOptions,
        emit: Emit,
        watch: Watch,
        finished: FinishedRecords | None = None,
    ) -> None:
        self.feed, self.plan = feed, plan
        self.options, self.emit, self.watch = options, emit, watch
        events = LimiterEvents(self._flying, lambda error: self.stop("endpoint", error, drop=True), watch.note)
        self.limiter = RunLimiter.of(options, events)
        self.endpoint = endpoint.limited(self.limiter)
        self.budget = Budget.of(options, plan, endpoint)
        self.live = Live(stats=endpoint.stats, model=plan.model)
        self.finished = finished
        self.stopped: Stopped = ""
        self.error: BaseException | None = None
        self.workers: set[asyncio.Task[None]] = set()
        self.taken = self.awaited = 0
        self.bounded = False
        self.next_out = 0
        self.waiting: dict[int, _Done] = {}
        self.putting = False
        self.room = asyncio.Event()
        self.breath_s = 0.0
        self.over = asyncio.Event()
        self.dropped = self.ended = False
        self.fault: BaseException | None = None

    async def go(self) -> Summary:
        """Run to the end, and tell."""
        self._flying()
        self.watch.begin(self.live)
        try:
            with on_signals(self._signalled) if self.options.signals else contextlib.nullcontext():
                self._staff()
                while self.workers:
                    self.over.clear()
                    await self.over.wait()
                    if self.fault is not None:
                        raise self.fault
        finally:
            await self._let_go()
        for number in sorted(self.waiting):  # behind one that was let go: they are done and paid for
            await self._put(self.waiting.pop(number))
        if self.bounded and not (self.stopped or self.ended):
            self.stopped = "max_documents"
        summary = self._summary()
        self.watch.end(summary)
        return summary

    def _flying(self) -> None:
        self.live.in_flight, self.live.limit = self.limiter.in_flight, self.limiter.limit
        self.live.pause = self.limiter.pause

    def stop(self, reason: Stopped, error: BaseException | None = None, *, drop: bool = False) -> None:
        """Take no more documents; with ``drop`` also let go of those that are worked on."""
        if not self.stopped:
            self.stopped, self.error = reason, error
            self.feed.close()
            self.room.set()
            if reason in _URGENT:  # what is on the wire may still come; nothing more goes out
                self.dropped = True
                self.limiter.close_to(self.workers)
                asyncio.get_running_loop().call_later(self.options.grace_s, self._drop)
        if drop:
            self._drop()

    def _drop(self) -> None:
        self.dropped = True
        for worker in self.workers:
            worker.cancel()

    def _signalled(self, name: str, times: int) -> None:
        self.stop("interrupted", drop=times > 1)
        if times == 1:
            self.watch.note(
                f"{name}: waiting for {self.live.working} documents that are worked on; once more drops them"
            )

    def _staff(self) -> None:
        """Have as many workers as the limiter can make use of."""
        while len(self.workers) < self._useful() and not (self.stopped or self.bounded):
            worker = asyncio.create_task(self._work())
            self.workers.add(worker)
            worker.add_done_callback(self._ended)

    def _useful(self) -> int:
        """Two workers for each request, so that one is always ready; but where few requests go at once, to a model with
        a cache of the last prompt, one: the second look at a document is to follow its first.
        """
        limit = self.limiter.limit
        return limit if limit <= FEW else 2 * limit

    def _ended(self, worker: asyncio.Task[None]) -> None:
        """Hear of every worker, whenever it was begun: what one raises ends the run at once."""
        self.workers.discard(worker)
        if not worker.cancelled():
            self.fault = self.fault or worker.exception()
        elif not self.dropped:
            self.fault = self.fault or RuntimeError("what emit awaited was cancelled: its record is lost")
        self.over.set()

    async def _let_go(self) -> None:
        self._drop()
        if self.workers:
            await asyncio.gather(*self.workers, return_exceptions=True)

    async def _work(self) -> None:
        """Take documents until there are none, or there are more workers than the limiter needs."""
        while not self.stopped and (took := await self._take()) is not None:
            number, document = took
            self.live.working += 1
            begin_s = time.monotonic()
            try:
                record = await self._record(document)
            finally:
                self.live.working -= 1
            if record is not None:
                await self._done(number, _Done(document, record, time.monotonic() - begin_s))
            if self._leaves():
                return
            self._staff()
            if time.monotonic() - self.breath_s > BREATH_S:
                await asyncio.sleep(0)
                self.breath_s = time.monotonic()

    def _leaves(self) -> bool:
        """Take the one who asks off the workers, where there are more than the limiter can make use of.

        At once, because several may be done in one turn of the loop: counted later, all of them would go.
        """
        if len(self.workers) <= self._useful():
            return False
        worker = asyncio.current_task()
        assert worker is not None
        self.workers.discard(worker)
        return True

    async def _take(self) -> tuple[int, Input] | None:
        """Return the next document, None where there is none or none may be begun."""
        if self.options.ordered:
            await self._have_room()
        if self.stopped or await self._spent():
            return None
        if self.options.max_documents is not None and self.taken >= self.options.max_documents:
            self.bounded = True  # no stop: others may be waiting for the document that they were promised
            return None
        self.taken += 1
        self.awaited += 1
        try:
            took = await self.feed.next()
        finally:
            self.awaited -= 1
        if took is None:
            self.taken -= 1
            self.ended = True
            self.room.set()
        elif self.stopped:
            return None  # a document that was read but not begun: the next run takes it
        return took

    async def _spent(self) -> bool:
        """Whether the bound is reached. While documents are worked on, what they really take is waited for."""
        while (reason := self.budget.spent(self.live.working + self.awaited)) and not self.stopped:
            if not self.live.working + self.awaited:
                self.stop(reason)
                self.watch.note(f"stopping: {self.budget.told()}")
                return True
            await self._change()
        return bool(self.stopped)

    async def _change(self) -> None:
        """Wait until a document is done, or the run is stopped."""
        self.room.clear()
        await self.room.wait()

    async def _have_room(self) -> None:
        while self.taken - self.next_out >= WINDOW * 2 * self.limiter.limit and not self.stopped:
            await self._change()

    async def _record(self, document: Input) -> Record[Any] | None:
        """Return the document's record, whatever happens; None where the run stops and there is none."""
        self.watch.started(document)
        if isinstance(document, Unreadable):
            return failed_record(document, self.plan, Issue("unreadable", "", str(document.error)))
        token = current_document.set(document.id)
        try:
            return await self._extracted(document)
        except (AuthError, CassetteError) as error:
            self.stop("auth" if isinstance(error, AuthError) else "cassette", error)
            return None
        except Exception as error:  # noqa: BLE001 - one document must not end the run
            _LOG.exception("%s: an error inside", document.id)
            told = f"{type(error).__name__}: {error}"
            return failed_record(document, self.plan, Issue("internal", "", told))
        finally:
            current_document.reset(token)

    async def _extracted(self, document: Document) -> Record[Any]:
        """Extract; once more where the retries were used up while the endpoint was away: that is not its fault."""
        if self.finished is not None and (known := self.finished.get(document)) is not None:
            return known
        while True:
            record = await extract_document(document, self.plan, self.endpoint)
            away = self.limiter.breaker.open and not self.stopped
            if not (away and any(issue.code == "endpoint" for issue in record.issues)):
                return record if self.finished is None else self.finished.keep(document, record)

    async def _done(self, number: int, done: _Done) -> None:
        self.budget.add(done.record)
        self.room.set()
        if not self.options.ordered:
            return await self._put(done)
        self.waiting[number] = done
        if self.putting:
            return None
        self.putting = True
        while (ready := self.waiting.pop(self.next_out, None)) is not None:
            self.next_out += 1
            await self._put(ready)
        self.putting = False
        self.room.set()
        return None

    async def _put(self, done: _Done) -> None:
        waited = self.emit(done.record)
        if waited is not None:
            await waited
        self.live.done += 1
        self.live.statuses[done.record.status] += 1
        if done.record.status not in {"ok", "partial"}:
            self.live.failed(done.record)
        self.watch.finished(done.document, done.record, done.seconds)

    def _summary(self) -> Summary:
        stats, live = self.endpoint.stats, self.live
        told = Summary(
            documents=live.done, statuses={k: n for k, n in live.statuses.items() if n}, skipped=live.skipped,
            skipped_not_ok=live.skipped_not_ok, failures=tuple(live.failures.most_common()),
            seconds=live.seconds, stopped=self.stopped, error=self.error,
            cost_usd=cost_of(stats, self.plan.model, self.endpoint.base_url),
        )  # fmt: skip
        return told.with_stats(stats)


def failed_record(document: Input, plan: Plan, issue: Issue) -> Record[Any]:
    """Return the record of a document of which nothing is known but why."""
    return Record(
        id=document.id, source=document.source, status="failed", issues=(issue,), model=plan.model, mode=plan.mode,
        schema=plan.schema.fingerprint, prompt=plan.rendering.fingerprint,
    )  # fmt: skip
