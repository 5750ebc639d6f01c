"""How long to wait for one answer before giving it up as hung.

A fixed time-out is wrong twice: minutes are too long for a server that answers in 50 ms, seconds too short for a model
on a slow CPU. So the ceiling is fixed, and once enough answers have been seen the wait is a multiple of the slowest of
them. A request that was given up gets twice as long the next time, so that what is slow but alive comes through.
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
"""Never less: a pause of a garbage collector or a cold prompt cache is over in less. Three hangs of one request in a
row (one in a thousand where a tenth hangs) then take 5 + 10 + 20 s."""

FACTOR = 10.0
"""How much slower than the slowest recent answer one may be: a model's answers differ in length by less than that."""

LATE_S = 0.5
"""A check that runs so much later than it was due shows that the loop was busy: the answer may be there, unread."""

SAMPLES = 20
WINDOW = 200


class AdaptiveTimeout:
    """Sends over ``wire``, and raises ConnectError for an answer that does not come in time, whatever the reason.

    ``ceiling_s`` bounds every wait, ``floor_s`` is the shortest.
    """

    def __init__(self, wire: Wire, ceiling_s: float, *, floor_s: float = FLOOR_S) -> None:
        self.wire = wire
        self.ceiling_s = ceiling_s
        self.floor_s = min(floor_s, ceiling_s)
        self._recent_s: deque[float] = deque(maxlen=WINDOW)
        self._given_up: dict[str, int] = {}

    def timeout_s(self, key: str) -> float:
        """Return how long to wait for the request ``key``, by what has been seen so far."""
        if len(self._recent_s) < SAMPLES:
            return self.ceiling_s
        expected_s = max(self.floor_s, FACTOR * max(self._recent_s))
        return min(self.ceiling_s, expected_s * 2.0 ** self._given_up.get(key, 0))

    async def send(self, request: Request) -> Response:
        """Return the answer. Raises ConnectError where it did not come in time, and what the wire raises."""
        loop, key = asyncio.get_running_loop(), request.key
        begin_s = loop.time()
        try:
            async with asyncio.timeout(None) as scope:  # the deadline sets when
                deadline = _Deadline(loop, scope, timeout_s=lambda: self.timeout_s(key))
                deadline.check_in(self.floor_s)
                try:
                    response = await self.wire.send(request)
                finally:
                    deadline.stop()
        except TimeoutError:
            self._given_up[key] = self._given_up.get(key, 0) + 1
            raise ConnectError(
                f"no answer after {loop.time() - begin_s:.0f} s",
                hint="The server hangs or is overloaded; --timeout sets how long an answer may take.",
            ) from None
        self._given_up.pop(key, None)
        self._recent_s.append(loop.time() - begin_s)
        return response

    async def aclose(self) -> None:
        """Close the wire."""
        await self.wire.aclose()


class _Deadline:
    """The deadline of one attempt, which moves: what is slow is known better as time goes by."""

    __slots__ = ("_begin_s", "_due_s", "_excused", "_handle", "_loop", "_scope", "_timeout_s")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, scope: asyncio.Timeout, *, timeout_s: Callable[[], float]
    ) -> None:
        self._loop = loop
        self._scope = scope
        self._timeout_s = timeout_s
        self._handle: asyncio.TimerHandle | None = None
        self._begin_s = self._due_s = loop.time()
        self._excused = False

    def check_in(self, seconds: float) -> None:
        """Check after ``seconds``."""
        self._due_s = self._loop.time() + seconds
        self._handle = self._loop.call_at(self._due_s, self._check)

    def stop(self) -> None:
        """Check no more."""
        if self._handle:
            self._handle.cancel()

    def _check(self) -> None:
        if self._scope.expired():
            return
        now_s = self._loop.time()
        self._excused = now_s - self._due_s > LATE_S and not self._excused
        if self._excused:
            self.check_in(LATE_S)
            return
        waited_s = now_s - self._begin_s
        left_s = self._timeout_s() - waited_s
        if left_s > 0:
            self.check_in(min(left_s, max(1.0, waited_s / 4)))
        else:
            self._scope.reschedule(now_s)
