"""The workers of a run: as many as it can make use of, each doing one document after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

YIELD_INTERVAL_S = 0.01
"""Answers from the cache come without waiting: the loop gets a turn this often, for signals and progress."""


class WorkerPool:
    """Runs ``step`` in as many workers as ``wanted`` says, until it returns False.

    ``wanted`` is asked after every step; what a step raises ends the pool at once.
    """

    def __init__(self, step: Callable[[], Awaitable[bool]], *, wanted: Callable[[], int]) -> None:
        self._step, self._wanted = step, wanted
        self._workers: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._fault: BaseException | None = None
        self._closed = False
        self._yielded_s = 0.0

    async def run(self) -> None:
        """Work until nothing is left to do. Raises what a step raises, after all workers were let go."""
        try:
            self._spawn_workers(self._wanted())
            while self._workers:
                self._changed.clear()
                await self._changed.wait()
                if self._fault is not None:
                    raise self._fault
        finally:
            self.drop()
            if self._workers:
                await asyncio.gather(*self._workers, return_exceptions=True)

    def close(self) -> frozenset[asyncio.Task[None]]:
        """Return the workers, which may be cancelled from now on."""
        self._closed = True
        return frozenset(self._workers)

    def drop(self) -> None:
        """Cancel all workers."""
        for worker in self.close():
            worker.cancel()

    def _spawn_workers(self, wanted: int) -> None:
        while len(self._workers) < wanted:
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._ended)

    async def _work(self) -> None:
        while await self._step():
            wanted = self._wanted()
            if self._leaves(wanted):
                return
            self._spawn_workers(wanted)
            if time.monotonic() - self._yielded_s > YIELD_INTERVAL_S:
                await asyncio.sleep(0)
                self._yielded_s = time.monotonic()

    def _leaves(self, wanted: int) -> bool:
        """Take the current worker out of the pool where there are more than are wanted.

        At once, because several may be done in one turn of the loop: counted later, all of them would go.
        """
        if len(self._workers) <= wanted:
            return False
        worker = asyncio.current_task()
        assert worker is not None
        self._workers.discard(worker)
        return True

    def _ended(self, worker: asyncio.Task[None]) -> None:
        """Hear of every worker, whenever it began: what one raises ends the run at once."""
        self._workers.discard(worker)
        if not worker.cancelled():
            self._fault = self._fault or worker.exception()
        elif not self._closed:
            self._fault = self._fault or RuntimeError("what emit awaited was cancelled: its record is lost")
        self._changed.set()
