"""The worker processes of a run: they get documents, ask for places in flight, and give records back.

A process that ends before its work loses nothing but what was on the wire: its documents go to others, and answers that
it had are in the cache. A document with which several processes have ended is worked on by one alone, so that it takes
no others with it, and if that one ends too, becomes a failed record.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmx.errors import LlmxError, OutageError
from llmx.run.limiter import current_document
from llmx.run.processes.worker_process import HandedDocument, WorkerProcess, started
from llmx.run.provenance import Provenance

if TYPE_CHECKING:
    from llmx.endpoint import Stats
    from llmx.run.limiter import RunLimiter
    from llmx.run.processes.child import WorkerSetup
    from llmx.run.processes.crossing import Packed
    from llmx.run.processes.spans import SpanFacts

MOST_LOSSES = 3
"""Processes that may end with a document in work before it is given up; with the last of them it was alone."""

FEW = 4
"""Documents in work at a process until which no other one is started: starting one takes about a second."""

MOST_IN_A_ROW = 12
"""Processes that may end one after the other without a record: what ends them is no document."""


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """What the pool needs of its run: how many processes, how each is set up, and what their plans must be.

    ``spans`` makes those of the answers, in a run that is traced.
    """

    count: int
    setup: WorkerSetup
    made_with: tuple[Provenance, ...]
    limiters: Callable[[int], RunLimiter]
    stats: tuple[Stats, ...]
    spans: Callable[[SpanFacts], None] | None = None


@dataclass(frozen=True, slots=True)
class PoolEvents:
    """Whom the pool tells, and asks: ``stop`` ends the run, ``note`` gets a sentence for the user, and ``waits`` says
    whether the endpoint is away and the run waits for it.
    """

    stop: Callable[..., None]
    note: Callable[[str], None]
    waits: Callable[[], bool]


class ProcessPool:
    """Up to ``plan.count`` processes, started as there is work for them.

    All of it is touched from one event loop only.
    """

    def __init__(self, plan: PoolPlan, events: PoolEvents) -> None:
        self.plan, self._events = plan, events
        self._numbers = itertools.count()
        self._processes: list[WorkerProcess] = []
        self._apart: deque[HandedDocument] = deque()
        self._alone: WorkerProcess | None = None
        self._background: set[asyncio.Task[Any]] = set()
        self._lost_in_a_row = 0
        self._sends = True
        self._closed = False

    async def packed(self, pickled: bytes) -> Packed | int | None:
        """Return the record of a document as it crosses, None where the run stops and there is none.

        A number says that so many processes have ended with it.
        """
        result: asyncio.Future[Packed | int | None] = asyncio.get_running_loop().create_future()
        task = HandedDocument(next(self._numbers), pickled, result)
        self._assign(task)
        return await result

    def let_go(self) -> None:
        """Send no more requests: those that wait are given up."""
        self._sends = False
        for process in self._processes:
            for waiting in process.turns.values():
                waiting.cancel()

    async def aclose(self) -> None:
        """End all processes, which write what they have kept."""
        self._closed = True
        self.let_go()
        for process in self._processes:
            process.close()
        await asyncio.gather(
            *(process.ended() for process in self._processes), *self._background, return_exceptions=True
        )

    def _assign(self, task: HandedDocument) -> None:
        shared = [each for each in self._processes if each is not self._alone]
        best = min(shared, key=lambda each: len(each.tasks), default=None)
        if best is None or (len(best.tasks) >= FEW and len(shared) < self.plan.count):
            best = self._start()
        best.add(task)

    def _start(self) -> WorkerProcess:
        process, end = started()
        self._processes.append(process)
        self._spawn(process.begin(end, self.plan.setup, received=self._received, lost=self._lost))
        return process

    def _spawn(self, work: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    def _received(self, process: WorkerProcess, message: tuple[Any, ...]) -> None:
        match message:
            case ("acquire", request, number, tokens, document):
                self._acquire(process, request, number=number, tokens=tokens, document=document)
            case ("release", number, tokens, outcome, document):
                process.places.remove(number)
                current_document.set(document)
                self.plan.limiters(number).release(tokens, asyncio.CancelledError() if outcome is None else outcome)
                current_document.set("")
            case ("done" | "dropped" | "raised" as how, number, value):
                self._ended(process, process.tasks.pop(number), how=how, value=value)
            case ("spent", counts):
                for stats, more in zip(self.plan.stats, counts, strict=True):
                    stats.add(more)
            case ("span", facts) if self.plan.spans is not None:
                self.plan.spans(facts)
            case ("leave", request):
                if (waiting := process.turns.pop(request, None)) is not None:
                    waiting.cancel()
            case ("ready", made_with):
                self._check(made_with)
            case ("stop", reason, error):
                self._events.stop(reason, error)
            case ("broken", error):
                self._events.stop("processes", error, drop=True)

    def _check(self, made_with: list[Provenance]) -> None:
        """Stop where a process would make other records than this one: a file was changed meanwhile."""
        if tuple(made_with) != self.plan.made_with:
            why = "a worker process has another schema or prompt than its parent"
            self._events.stop(
                "processes", LlmxError(why, hint="Was a file changed meanwhile? Run it again."), drop=True
            )

    def _acquire(self, process: WorkerProcess, request: int, *, number: int, tokens: int, document: str) -> None:
        limiter = self.plan.limiters(number)
        if not self._sends:
            process.tell(("turn", request, "no"))
        elif limiter.acquire_now(tokens):
            process.places.append(number)
            process.tell(("turn", request, "go"))
        else:
            process.turns[request] = self._spawn(
                self._turn(process, request, number=number, tokens=tokens, document=document)
            )

    async def _turn(self, process: WorkerProcess, request: int, *, number: int, tokens: int, document: str) -> None:
        current_document.set(document)
        try:
            await self.plan.limiters(number).acquire(tokens)
        except OutageError:
            allowed = "away"
        except asyncio.CancelledError:
            process.tell(("turn", request, "no"))
            raise
        else:
            allowed = "go"
            process.places.append(number)
        process.turns.pop(request, None)
        process.tell(("turn", request, allowed))

    def _ended(self, process: WorkerProcess, task: HandedDocument, *, how: str, value: Any) -> None:
        self._lost_in_a_row = 0
        if not task.result.done():
            if how == "done":
                task.result.set_result(value)
            elif how == "dropped":
                task.result.cancel()
            else:
                task.result.set_exception(value)
        if process is self._alone:
            self._next_alone()

    def _lost(self, process: WorkerProcess) -> None:
        """Give the documents of a process that has ended to others, and its places in flight to whoever waits."""
        process.channel = None
        if self._closed or process.closing:
            return
        self._processes.remove(process)
        for waiting in process.turns.values():
            waiting.cancel()
        for number in process.places:
            self.plan.limiters(number).release(0, asyncio.CancelledError())
        self._spawn(self._tell_lost(process, len(process.tasks)))
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= MOST_IN_A_ROW:
            why = f"{MOST_IN_A_ROW} worker processes have ended one after the other, and none gave a record"
            self._events.stop(
                "processes", LlmxError(why, hint="Is there enough memory? Try fewer --processes."), drop=True
            )
            return
        for task in process.tasks.values():
            self._again(task)
        if process is self._alone:
            self._alone = None
        self._next_alone()

    def _again(self, task: HandedDocument) -> None:
        task.losses += 1
        if task.result.done():
            return
        if task.losses >= MOST_LOSSES:
            task.result.set_result(task.losses)
        elif task.losses == MOST_LOSSES - 1:
            self._apart.append(task)
        else:
            self._assign(task)

    def _next_alone(self) -> None:
        """Give the next document that is worked on alone to the process for those, which ends after the last."""
        if self._apart:
            if self._alone is None:
                self._alone = self._start()
            if not self._alone.tasks:
                self._alone.add(self._apart.popleft())
        elif self._alone is not None and not self._alone.tasks:
            self._processes.remove(self._alone)
            alone, self._alone = self._alone, None
            alone.close()
            self._spawn(alone.ended())

    async def _tell_lost(self, process: WorkerProcess, count: int) -> None:
        how = await process.ended()
        by = f"by signal {-how}" if how < 0 else f"with exit code {how}"
        self._events.note(f"a worker process ended {by}; its {count} documents go to another")
