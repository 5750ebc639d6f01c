"""What runs in a worker process: documents come over the channel, and go back as the lines of their records.

Every request asks the parent whether it may be sent. The process writes answers and finished records into the cache,
and nothing else. It ends when the parent closes the channel, or is gone.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import pickle
import signal
import socket
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from llmx.errors import OutageError
from llmx.extraction.session import open_again
from llmx.run.accounts import open_accounts
from llmx.run.finished_records import finished_records
from llmx.run.limiter import current_document
from llmx.run.processes.channel import Channel
from llmx.run.processes.crossing import crossing_error, packed_outcome, packed_record
from llmx.run.processes.spans import CrossingTracer
from llmx.run.provenance import Provenance
from llmx.run.record_maker import EarlierRecords, RecordMaker
from llmx.run.telemetry import traced

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmx.documents import Document
    from llmx.endpoint.wire import Response
    from llmx.extraction.session import Session, SessionOrigin
    from llmx.run.summary import Stopped


TOLD_AT_ONCE = 8
"""Records that go to the parent without waiting for the rest of the turn, which may be a hundred where the answers are
in the cache: meanwhile it writes them and hands out the next documents, so that this process does not wait for them."""


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What a worker process is started with: what the parent's session was opened with."""

    origin: SessionOrigin
    trace: bool = False


class ParentLimiter:
    """Asks the parent's limiter ``number``. Satisfies ``llmx.endpoint.Limiter``."""

    def __init__(self, number: int, send: Callable[[tuple[Any, ...]], None], turns: ParentTurns) -> None:
        self._number, self._send, self._turns = number, send, turns

    async def acquire(self, tokens: int) -> None:
        """Wait until the parent lets a request of about ``tokens`` tokens go. Raises as ``RunLimiter.acquire``."""
        request, turn = self._turns.new()
        self._send(("acquire", request, self._number, tokens, current_document.get()))
        try:
            allowed = await turn
        except asyncio.CancelledError:
            self._turns.forget(request)
            self._send(("leave", request))
            raise
        if allowed == "away":
            raise OutageError("the endpoint is away, and another model is asked")
        if allowed != "go":
            raise asyncio.CancelledError

    def release(self, tokens: int, outcome: Response | BaseException) -> None:
        """Tell the parent how the request ended."""
        self._send(("release", self._number, tokens, packed_outcome(outcome), current_document.get()))


class ParentTurns:
    """The requests that wait for the parent's word."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[str]] = {}

    def new(self) -> tuple[int, asyncio.Future[str]]:
        """Return the number of a request and what its turn will be."""
        number, turn = next(self._numbers), asyncio.get_running_loop().create_future()
        self._waiting[number] = turn
        return number, turn

    def hear(self, request: int, allowed: str) -> None:
        """Hear whether a request may go: 'go', 'away' where another model is to be asked, or 'no'."""
        turn = self._waiting.pop(request, None)
        if turn is not None and not turn.done():
            turn.set_result(allowed)

    def forget(self, request: int) -> None:
        """Hear that nobody waits any more."""
        self._waiting.pop(request, None)


class Child:
    """The work of one worker process."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self._channel: Channel | None = None
        self._turns = ParentTurns()
        self._maker: RecordMaker | None = None
        self._setup: asyncio.Future[WorkerSetup] = asyncio.get_running_loop().create_future()
        self._early: list[tuple[int, bytes]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._done: list[tuple[Any, ...]] = []
        self._accounts: list[Any] = []

    async def serve(self, end: socket.socket) -> None:
        """Work until the parent closes its end of ``end``, or is gone."""
        self._channel = await Channel.over(end, self._received, self.ended.set)
        setup = await self._setup
        async with AsyncExitStack() as stack:
            try:
                session = await stack.enter_async_context(open_again(setup.origin))
                finished = stack.enter_context(finished_records(session))
                limited = self._limited(session, trace=setup.trace)
            except Exception as error:  # noqa: BLE001 - raised again in the parent
                self._channel.send(("broken", crossing_error(error)))
                await self.ended.wait()
                return
            self._accounts = [(each.stats, each.stats.copy()) for each in open_accounts(session)]
            earlier = EarlierRecords(finished)
            self._maker = RecordMaker(limited, earlier, stop=self._stop, waits=lambda: False)
            self._channel.send(("ready", [Provenance.of(each.plan) for each in session.models]))
            gc.freeze()  # what is here stays: the collector need not look at it again
            for number, packed in self._early:
                self._begin(number, packed)
            await self.ended.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _limited(self, session: Session, *, trace: bool) -> Session:
        tracer = CrossingTracer(self._send)
        models = []
        for number, each in enumerate(session.models):
            endpoint = traced(each.endpoint, each.plan, tracer=tracer) if trace else each.endpoint
            models.append(replace(each, endpoint=endpoint.limited(ParentLimiter(number, self._send, self._turns))))
        first, *after = models
        return replace(first, fallbacks=tuple(after))

    def _send(self, message: tuple[Any, ...]) -> None:
        assert self._channel is not None
        self._channel.send(message)

    def _received(self, message: tuple[Any, ...]) -> None:
        kind, *values = message
        if kind == "document":
            if self._maker is None:
                self._early.append((values[0], values[1]))
            else:
                self._begin(values[0], values[1])
        elif kind == "turn":
            self._turns.hear(*values)
        elif kind == "setup":
            self._setup.set_result(values[0])

    def _begin(self, number: int, packed: bytes) -> None:
        task = asyncio.get_running_loop().create_task(self._make(number, pickle.loads(packed)))  # noqa: S301 - the parent's
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _make(self, number: int, document: Document) -> None:
        assert self._maker is not None
        told: tuple[Any, ...]
        try:
            record = await self._maker.make(document)
            told = ("done", number, None if record is None else packed_record(record))
        except asyncio.CancelledError:
            told = ("dropped", number, None)
        except Exception as error:  # noqa: BLE001 - raised again in the parent
            told = ("raised", number, crossing_error(error))
        if not self._done:
            asyncio.get_running_loop().call_soon(self._tell)
        self._done.append(told)
        if len(self._done) >= TOLD_AT_ONCE:
            self._tell()

    def _tell(self) -> None:
        """Send the records that are done, and before them what was spent: the parent's budget must know it first."""
        if not self._done:
            return
        spent = []
        for place, (stats, before) in enumerate(self._accounts):
            spent.append(stats.since(before))
            self._accounts[place] = (stats, stats.copy())
        self._send(("spent", spent))
        told, self._done = self._done, []
        assert self._channel is not None
        for message in told:
            self._channel.send(message)
        self._channel.flush()

    def _stop(self, reason: Stopped, error: BaseException) -> None:
        self._send(("stop", reason, crossing_error(error)))


async def _serve(end: socket.socket) -> None:
    await Child().serve(end)


def main() -> None:
    """Serve over the socket whose number is the first argument."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the parent hears them, and ends this process when it is time
        signal.signal(number, signal.SIG_IGN)
    os.dup2(2, 1)  # the parent's stdout is for records
    end = socket.socket(fileno=int(sys.argv[1]))
    try:
        import uvloop  # noqa: PLC0415 - an extra
    except ImportError:
        asyncio.run(_serve(end))
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(end))
