"""How long to wait for one answer before giving it up as hung.

A fixed time-out is wrong twice: minutes are too long for a server that answers in 50 ms, seconds too short for a model
on a slow CPU. So the ceiling is fixed, and once enough answers have been seen the wait is a multiple of the slowest of
them. A request that was given up is given twice as long the next time, so that what is slow but alive comes through.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from llmx.errors import ConnectError

if TYPE_CHECKING:
    from llmx.endpoint.wire import Response, Wire
    from llmx.request import Request

FLOOR_S = 5.0
"""Never less: a pause of a garbage collector or a cold prompt cache passes in less. Three hangs of one request in a row
(one in a thousand where a tenth hangs) then take 5 + 10 + 20 s."""

FACTOR = 10.0
"""How much slower than the slowest recent answer one may be: answers of a model differ in length by less than that."""

LATE_S = 0.5
"""A look that comes so much later than it was due means that the loop was busy: the answer may lie there unread."""

SAMPLES = 20
WINDOW = 200


class AdaptiveTimeout:
    """Sends over ``wire`` and raises ConnectError for an answer that does not come in time, whatever the reason."""

    def __init__(self, wire: Wire, ceiling_s: float, *, floor_s: float = FLOOR_S) -> None:
        self.wire = wire
        self._ceiling_s = ceiling_s
        self._floor_s = min(floor_s, ceiling_s)
        self._recent_s: deque[float] = deque(maxlen=WINDOW)
        self._given_up: dict[str, int] = {}

    def patience_s(self, key: str) -> float:
        """Return how long to wait for the request ``key``, by what has been seen so far."""
        if len(self._recent_s) < SAMPLES:
            return self._ceiling_s
        expected_s = max(self._floor_s, FACTOR * max(self._recent_s))
        return min(self._ceiling_s, expected_s * 2.0 ** self._given_up.get(key, 0))

    async def send(self, request: Request) -> Response:
        """Return the answer. Raises ConnectError where it did not come in time, and what the wire raises."""
        self.wire.prepare()
        loop, key = asyncio.get_running_loop(), request.key
        begin_s = loop.time()
        try:
            async with asyncio.timeout(None) as scope:  # the watch sets it
                watch = _Watch(loop, scope, begin_s=begin_s, patience_s=lambda: self.patience_s(key))
                watch.after(self._floor_s)
                try:
                    response = await self.wire.send(request)
                finally:
                    watch.stop()
        except TimeoutError:
            self._given_up[key] = self._given_up.get(key, 0) + 1
            raise ConnectError(
                f"no answer after {loop.time() - begin_s:.0f} s",
                hint="The server hangs or is overloaded; --timeout sets how long an answer may take.",
            ) from None
        self._given_up.pop(key, None)
        self._recent_s.append(loop.time() - begin_s)
        return response

    def recorded(self, request: Request) -> int | None:
        """Ask the wire."""
        return self.wire.recorded(request)

    def prepare(self) -> None:
        """Prepare the wire."""
        self.wire.prepare()

    async def aclose(self) -> None:
        """Close the wire."""
        await self.wire.aclose()


class _Watch:
    """Looks again and again whether an attempt should be given up: what is slow is known better as time goes by."""

    __slots__ = ("_begin_s", "_due_s", "_excused", "_handle", "_loop", "_patience_s", "_scope")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        scope: asyncio.Timeout,
        *,
        begin_s: float,
        patience_s: Callable[[], float],
    ) -> None:
        self._loop = loop
        self._scope = scope
        self._begin_s = begin_s
        self._patience_s = patience_s
        self._handle: asyncio.TimerHandle | None = None
        self._due_s = begin_s
        self._excused = False

    def after(self, seconds: float) -> None:
        """Look in ``seconds``."""
        self._due_s = self._loop.time() + seconds
        self._handle = self._loop.call_at(self._due_s, self._look)

    def stop(self) -> None:
        """Look no more."""
        if self._handle:
            self._handle.cancel()

    def _look(self) -> None:
        if self._scope.expired():
            return
        now_s = self._loop.time()
        self._excused = now_s - self._due_s > LATE_S and not self._excused
        if self._excused:
            self.after(LATE_S)
            return
        waited_s = now_s - self._begin_s
        left_s = self._patience_s() - waited_s
        if left_s > 0:
            self.after(min(left_s, max(1.0, waited_s / 4)))
        else:
            self._scope.reschedule(now_s)
