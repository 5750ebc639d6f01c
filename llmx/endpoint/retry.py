"""Repeats what the wire failed to do, and nothing else.

Repeated are the statuses that ``faults.is_transient`` names, connections that are refused, reset or time out, and
answers with status 200 whose body is not a chat completion. Not repeated is what would fail again: 400, 401, 402, 403,
404, 422. What the model gets wrong is not a fault of the wire: reasks are the extraction's. The clock, sleeping and
chance are passed in; a replay never sleeps.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from llmx.dataclass import dataclass
from llmx.errors import EndpointError

if TYPE_CHECKING:
    from tenacity import RetryCallState

    from llmx.request import Request

T = TypeVar("T")

BACKOFF_S = 0.5
BACKOFF_CAP_S = 30.0
"""Full jitter (M. Brooker, 'Exponential Backoff and Jitter', AWS 2015): uniform in [0, min(cap, backoff * 2^n)]."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, how long, and by which clock. ``budget_s`` is when the last attempt may begin, from the first on.

    ``sleep`` and ``chance`` (uniform in [0, 1)) are passed in for tests and replays. ``recorded`` is a replay's: how
    many answers to a request were recorded. So many attempts are made, whatever the budget.
    """

    attempts: int = 8
    budget_s: float = 600.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    clock: Callable[[], float] = time.monotonic
    recorded: Callable[[Request], int | None] = lambda _: None

    def wait_s(self, attempt: int, error: BaseException | None) -> float:
        """Return the seconds to wait after ``attempt`` (from 1) failed with ``error``.

        What the server asked for is waited in full, plus up to a second: all clients get the same Retry-After.
        """
        asked_s = _asked_s(error)
        if asked_s is not None:
            return asked_s + self.chance() * min(1.0, asked_s)
        return self.chance() * min(BACKOFF_CAP_S, BACKOFF_S * 2.0 ** (attempt - 1))

    def of(self, request: Request) -> RetryPolicy:
        """Return the policy for ``request``: as often as was recorded, where it was."""
        known = self.recorded(request)
        return self if known is None else replace(self, attempts=known, budget_s=math.inf)


async def with_retries(
    attempt: Callable[[int], Awaitable[T]],
    policy: RetryPolicy,
    *,
    request: Request | None = None,
    on_retry: Callable[[BaseException, float], None] | None = None,
) -> T:
    """Return what ``attempt`` returns, called with 1, 2, … until it succeeds or the budget is used up.

    ``request`` is what is attempted, for a policy that depends on it. ``on_retry`` is called with each failure and the
    seconds that are waited after it. Raises the last error; at once where it is not retryable, or where the server asks
    to wait beyond the budget.
    """
    begin_s = policy.clock()
    try:
        return await attempt(1)  # the straight path: no loop is built for a request that succeeds
    except EndpointError as error:
        if not error.retryable:
            raise
        policy = policy if request is None else policy.of(request)
        if policy.attempts <= 1:
            raise
        return await _repeat(attempt, error, policy, begin_s=begin_s, on_retry=on_retry)


async def _repeat(
    attempt: Callable[[int], Awaitable[T]],
    first: EndpointError,
    policy: RetryPolicy,
    *,
    begin_s: float,
    on_retry: Callable[[BaseException, float], None] | None,
) -> T:
    """Run tenacity's loop, its first round being the failure that has happened already."""
    from tenacity import AsyncRetrying, retry_if_exception  # noqa: PLC0415 - only once something failed

    def stop(state: RetryCallState) -> bool:
        spent_s = policy.clock() - begin_s + (_asked_s(_error(state)) or 0.0)
        return state.attempt_number >= policy.attempts or spent_s > policy.budget_s

    def before_sleep(state: RetryCallState) -> None:
        error = _error(state)
        if on_retry and error is not None:
            on_retry(error, state.next_action.sleep if state.next_action else 0.0)

    retrying = AsyncRetrying(
        sleep=policy.sleep,
        stop=stop,
        wait=lambda state: policy.wait_s(state.attempt_number, _error(state)),
        retry=retry_if_exception(lambda error: isinstance(error, EndpointError) and error.retryable),
        before_sleep=before_sleep,
        reraise=True,
    )
    number = 0

    async def once() -> T:
        nonlocal number
        number += 1
        if number == 1:
            raise first
        return await attempt(number)

    return await retrying(once)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _asked_s(error: BaseException | None) -> float | None:
    return error.retry_after_s if isinstance(error, EndpointError) else None


async def no_sleep(seconds: float) -> None:
    """Do not wait: for replays."""
