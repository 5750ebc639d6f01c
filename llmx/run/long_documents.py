"""Works on a long document in a thread and an event loop of its own, so that it cannot hold up the others.

What is computed for a document grows with its text. For a page that is a millisecond, and is done where it falls due;
for a book it is seconds in which no other answer would be read. A thread takes turns with the run's loop every few
milliseconds, and a bound on its CPU time ends what does not come to an end. Requests still go out from the run's own
loop, so limits, cache and connections are the same. docs/decisions/long-documents.md says why not a process.
"""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from llmx.endpoint.wrapped import WrappedEndpoint
from llmx.errors import DocumentError

if TYPE_CHECKING:
    from llmx.endpoint import Completion, Endpoint
    from llmx.extraction.session import Session
    from llmx.request import Request

T = TypeVar("T")

LONG_CHARS = 50_000
"""From here on a document gets a thread: it takes some 30 ms to compute, a thread less than one."""

CPU_S = 120.0
CPU_S_PER_MILLION_CHARS = 120.0
"""What a document may cost: some fifty times what the slowest schemas that ship take."""

_LOOK_S = 1.0  # how often a document's CPU time is looked at


def cpu_limit_s(text: str) -> float:
    """Return how many seconds of CPU a document with ``text`` may take."""
    return CPU_S + CPU_S_PER_MILLION_CHARS * len(text) / 1e6


class _Exhausted(BaseException):
    """Raised in the thread of a document that came to its limit; no ``except Exception`` of a schema stops it."""


class RemoteEndpoint(WrappedEndpoint):
    """An endpoint that belongs to another event loop, ``home``, and answers there."""

    def __init__(self, inner: Endpoint, home: asyncio.AbstractEventLoop) -> None:
        super().__init__(inner)
        self._home = home

    async def complete(self, request: Request) -> Completion:
        """Return the answer of the inner endpoint, asked in its own loop."""
        return await self._at_home(self.inner.complete(request))

    async def count_tokens(self, text: str) -> int | None:
        """Count by the inner endpoint's tokenizer, in its own loop."""
        return await self._at_home(self.inner.count_tokens(text))

    async def context_length(self) -> int | None:
        """Return the inner endpoint's context length, asked for in its own loop."""
        return await self._at_home(self.inner.context_length())

    async def sees(self) -> bool:
        """Return whether the inner endpoint's model sees pictures, found out in its own loop."""
        return await self._at_home(self.inner.sees())

    def keep(self, completion: Completion) -> None:
        """Pass on that the answer is valid."""
        self._home.call_soon_threadsafe(self.inner.keep, completion)

    def reject(self, completion: Completion) -> None:
        """Pass on that the answer is not."""
        self._home.call_soon_threadsafe(self.inner.reject, completion)

    async def _at_home(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._home))


async def work_apart(
    work: Callable[[Session], Coroutine[Any, Any, T]], session: Session, *, cpu_s: float, look_s: float = _LOOK_S
) -> T:
    """Return what ``work`` returns or raises, done in a thread with its own loop and with a session to be used there.

    Raises DocumentError once it has used ``cpu_s`` seconds of CPU, looked at every ``look_s`` seconds. Cancelling this
    cancels the work.
    """
    worker = _Worker(work, _remote(session, asyncio.get_running_loop()))
    worker.start()
    try:
        while not worker.done.done():
            await asyncio.wait({worker.done}, timeout=look_s)
            if not worker.done.done() and worker.cpu_s() > cpu_s:
                worker.stop()
                raise DocumentError(
                    f"the document took more than {cpu_s:.0f} s of computing and was given up",
                    hint="Leave it out, or cut it into several documents.",
                )
    except asyncio.CancelledError:
        worker.cancel()
        raise
    return worker.done.result()


def _remote(session: Session, home: asyncio.AbstractEventLoop) -> Session:
    fallbacks = tuple(_remote(each, home) for each in session.fallbacks)
    return replace(session, endpoint=RemoteEndpoint(session.endpoint, home), fallbacks=fallbacks)


class _Worker(Generic[T]):
    """A daemon thread that runs one coroutine: what never ends must not keep the process alive."""

    def __init__(self, work: Callable[[Session], Coroutine[Any, Any, T]], session: Session) -> None:
        self._home = asyncio.get_running_loop()
        self.done: asyncio.Future[T] = self._home.create_future()
        self._work, self._session = work, session
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[T] | None = None
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=lambda: context.run(self._run), name="llmx-document", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cpu_s(self) -> float:
        """Return the CPU time of the thread so far; 0 where the system does not tell it (macOS, Windows)."""
        clock_of = getattr(time, "pthread_getcpuclockid", None)
        if clock_of is None or self._thread.ident is None or not self._thread.is_alive():
            return 0.0
        return time.clock_gettime(clock_of(self._thread.ident))

    def stop(self) -> None:
        """Raise in the thread, at the next step of Python that it takes; wait for nothing."""
        assert self._thread.ident is not None
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread.ident), ctypes.py_object(_Exhausted))

    def cancel(self) -> None:
        """Cancel the coroutine."""
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            with suppress(RuntimeError):  # it has come to its end
                loop.call_soon_threadsafe(task.cancel)

    def _run(self) -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = asyncio.run(self._main())
        except BaseException as raised:  # noqa: BLE001 - raised again where it is awaited
            error = raised
        with suppress(RuntimeError):  # the run's loop is closed: nobody waits any more
            self._home.call_soon_threadsafe(self._deliver, result, error)

    async def _main(self) -> T:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        return await self._work(self._session)

    def _deliver(self, result: Any, error: BaseException | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(result)
        elif isinstance(error, Exception):
            self.done.set_exception(error)
        else:
            self.done.cancel()
