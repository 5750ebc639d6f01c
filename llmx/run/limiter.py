"""The one limiter of a run: every request of every document passes here, first come, first served.

A request goes out when fewer are in flight than ``level`` allows, the user's and the server's allowances have room, and
the endpoint is not away. How each one ends teaches all three.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import math
import re
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from llmx.dataclass import dataclass
from llmx.endpoint.faults import is_transient
from llmx.errors import EndpointError, OutageError, ServerError
from llmx.run.adaptive_concurrency import AdaptiveConcurrency
from llmx.run.allowances import Allowances
from llmx.run.circuit_breaker import CircuitBreaker

if TYPE_CHECKING:
    from llmx.endpoint.wire import Response
    from llmx.run.options import RunOptions

current_document: contextvars.ContextVar[str] = contextvars.ContextVar("current_document", default="")
"""The id of the document on whose behalf a request is sent."""

_OBJECT = re.compile(rb"\s*\{")
_RETRY_AFTER_S = 60.0  # of several refusals in a row, no pause is longer: a server may be wrong


@dataclass(frozen=True, slots=True)
class LimiterEvents:
    """Whom a limiter tells what happens.

    ``on_change`` is called when a request goes out or ends, ``on_outage`` when the endpoint has been away for too long
    (with the last error), and ``note`` with a sentence for the user. ``elsewhere`` says whether another endpoint may be
    asked: then nobody waits while this one is away.
    """

    on_change: Callable[[], None] = lambda: None
    on_outage: Callable[[BaseException | None], None] = lambda _: None
    note: Callable[[str], None] = lambda _: None
    elsewhere: Callable[[], bool] = lambda: False


_NOBODY = LimiterEvents()


class RunLimiter:
    """Satisfies ``llmx.endpoint.Limiter``.

    ``rpm`` and ``tpm`` bound the requests and tokens of a minute. An endpoint that is away for ``outage_s`` is an
    outage. ``clock`` is monotonic; tests bring their own.
    """

    def __init__(
        self,
        level: AdaptiveConcurrency,
        *,
        rpm: int | None = None,
        tpm: int | None = None,
        outage_s: float = math.inf,
        events: LimiterEvents = _NOBODY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.level, self.breaker = level, CircuitBreaker()
        self.in_flight = 0
        self._events = events
        self._allowances = Allowances(rpm=rpm, tpm=tpm)
        self._outage_s, self._clock = outage_s, clock
        self._waiting: deque[tuple[asyncio.Future[None], int, asyncio.Task[Any] | None]] = deque()
        self._leaving: weakref.WeakSet[asyncio.Task[Any]] = weakref.WeakSet()
        self._alarm: asyncio.TimerHandle | None = None
        self._refusals = 0
        self._reason = ""

    @classmethod
    def of(
        cls,
        options: RunOptions,
        events: LimiterEvents = _NOBODY,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> RunLimiter:
        """Return the limiter that ``options`` ask for."""
        level = AdaptiveConcurrency(options.concurrency)
        return cls(
            level, rpm=options.rpm, tpm=options.tpm, outage_s=options.outage_s, events=events,
            clock=clock,
        )  # fmt: skip

    @property
    def limit(self) -> int:
        """How many requests may be in flight now."""
        return self.level.limit

    @property
    def pause(self) -> str:
        """What requests are waiting for, other than a place in flight; '' for nothing."""
        return self._reason if self._waiting else ""

    @property
    def away(self) -> bool:
        """Whether the endpoint is away, and this is not the moment to look whether it is back."""
        return self.breaker.open and self.breaker.wait_s(self._clock()) > 0

    def acquire_now(self, tokens: int) -> bool:
        """Return whether a request of about ``tokens`` tokens may be sent at once; it then counts as sent."""
        if self._waiting or self.wait_s(tokens) > 0:
            return False
        self._send(tokens)
        return True

    async def acquire(self, tokens: int) -> None:
        """Wait until a request of about ``tokens`` tokens may be sent.

        Raises OutageError where the endpoint is away and there is another one to ask.
        """
        task = asyncio.current_task()
        if task in self._leaving:
            raise asyncio.CancelledError
        if self.away and self._events.elsewhere():
            raise _away()
        if self.acquire_now(tokens):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place = (turn, tokens, task)
        self._waiting.append(place)
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.in_flight -= 1
                self.breaker.let_go(self._clock())
            else:
                with contextlib.suppress(ValueError):  # it may have been passed over already
                    self._waiting.remove(place)
            self._serve()
            raise

    def close_to(self, tasks: Iterable[asyncio.Task[Any]]) -> None:
        """Send nothing more for ``tasks``: those that wait here, or ask later, are cancelled."""
        self._leaving.update(tasks)
        for turn, _, task in self._waiting:
            if task in self._leaving:
                turn.cancel()

    def release(self, tokens: int, outcome: Response | BaseException) -> None:
        """Hear how the request ended, learn from it, and let the next one go."""
        full = bool(self._waiting) or self.in_flight >= self.level.limit
        self.in_flight -= 1
        now_s = self._clock()
        if isinstance(outcome, BaseException):
            if isinstance(outcome, EndpointError):
                self._failed(outcome, now_s, full=full)
            else:
                self.breaker.let_go(now_s)
        else:
            self._answered(tokens, outcome, now_s, full=full)
        self._serve()
        self._events.on_change()

    def _answered(self, tokens: int, response: Response, now_s: float, *, full: bool) -> None:
        self._allowances.answered(tokens, response, now_s)
        status = response.status
        if status == 429:
            self._throttled(response, now_s)
        elif is_transient(status):
            self._failed(EndpointError(f"the endpoint answered {status}", status=status), now_s, full=full)
            if status in {503, 529}:
                self.level.on_refusal(now_s)
        elif status == 200 and not _OBJECT.match(response.body):  # a page of a proxy's: the endpoint is behind it
            self._failed(ServerError("the endpoint's answer is not JSON", status=status), now_s, full=full)
        elif status < 400 or status in {401, 402, 403}:
            self._refusals = 0
            self._back(now_s)
            self.level.answered(now_s, full=full)
        elif self.breaker.on_refusal(_refusal(response)):
            self._events.on_outage(self.breaker.error)

    def _back(self, now_s: float) -> None:
        if self.breaker.open:
            self._events.note(f"the endpoint is back after {now_s - self.breaker.since_s:.0f} s")
        self.breaker.answered()

    def _failed(self, error: EndpointError, now_s: float, *, full: bool) -> None:
        was_open = self.breaker.open
        self.breaker.failed(current_document.get(), error, now_s)
        if self.breaker.open and not was_open:
            meanwhile = "asking the next model" if self._events.elsewhere() else "waiting for it"
            self._events.note(f"the endpoint is away: {meanwhile} ({error.message})")
        if not was_open:
            self.level.answered(now_s, full=full, failed=True)
        elif now_s - self.breaker.since_s > self._outage_s:
            self._events.on_outage(self.breaker.error)

    def _throttled(self, response: Response, now_s: float) -> None:
        """One refusal lowers the level; only when nothing else comes back is everything held for Retry-After."""
        from llmx.endpoint.faults import retry_after_s  # noqa: PLC0415 - only where it happens

        self.breaker.answered()
        self.level.on_refusal(now_s)
        self._refusals += 1
        asked_s = retry_after_s(response.headers)
        if asked_s and self._refusals >= max(3, self.level.limit):
            self._allowances.hold(now_s + min(asked_s, _RETRY_AFTER_S))

    def wait_s(self, tokens: int) -> float:
        """Return the seconds until a request of about ``tokens`` may go, were it the next.

        0 or less is now, math.inf when another one ends.
        """
        if self.in_flight >= self.level.limit:
            self._reason = ""
            return math.inf
        now_s = self._clock()
        away = (self.breaker.wait_s(now_s), "the endpoint is away")
        wait_s, self._reason = max(away, self._allowances.wait_s(tokens, now_s))
        return wait_s

    def _send(self, tokens: int) -> None:
        now_s = self._clock()
        self.in_flight += 1
        self.breaker.sent()
        self._allowances.take(tokens, now_s)
        self._events.on_change()

    def _serve(self) -> None:
        """Let those go whose turn it is; wake up again when the next one's time has come."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        while self._waiting:
            turn, tokens, _ = self._waiting[0]
            if turn.done():
                self._waiting.popleft()
                continue
            if self.away and self._events.elsewhere():
                self._waiting.popleft()
                turn.set_exception(_away())
                continue
            wait_s = self.wait_s(tokens)
            if wait_s > 0:
                if wait_s < math.inf:
                    self._alarm = asyncio.get_running_loop().call_later(wait_s, self._serve)
                return
            self._waiting.popleft()
            self._send(tokens)
            turn.set_result(None)


def _away() -> OutageError:
    return OutageError("the endpoint is away, and another model is asked")


def _refusal(response: Response) -> EndpointError:
    """Return the error that ``response`` means, with what the server told and what to do next."""
    from llmx.endpoint.faults import check  # noqa: PLC0415 - only where it happens

    try:
        check(response)
    except EndpointError as error:
        return error
    return EndpointError(f"the endpoint answered {response.status}", status=response.status)
