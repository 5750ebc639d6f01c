"""How fast an endpoint's limits let requests through: the limiter of a run, on a clock that is only counted.

The parts are those of a real run, its allowances of a minute and its level of requests in flight; the answers come
after a latency, and each takes this machine some CPU. Nothing is sent and nothing waits.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from llmx.run.adaptive_concurrency import AdaptiveConcurrency
from llmx.run.allowances import Allowances

MOST = 20_000
"""Requests that are simulated: what comes after them goes at the rate of their second half."""


_BUSY = 0.9
"""The share of a core from which on it is the core that holds a run up."""

_TICK_S = 1e-4  # less than that may not move a clock that counts days


@dataclass(frozen=True, slots=True)
class EndpointLimits:
    """What bounds the rate of requests, as ``RunOptions`` have it.

    ``latency_s`` is how long an answer takes, and each of its tokens ``token_s`` more. ``cpu_s`` is what a request
    takes of one process beside that.
    """

    rpm: int | None = None
    tpm: int | None = None
    concurrency: int | Literal["auto"] = "auto"
    latency_s: float = 1.0
    token_s: float = 0.0
    cpu_s: float = 0.002


@dataclass(frozen=True, slots=True)
class Flow:
    """How long a number of requests takes, and why not less: by requests or tokens a minute, those in flight, the CPU.

    ``rate`` is that of requests a second once it is steady, ``in_flight`` how many there are then.
    """

    seconds: float
    rate: float
    in_flight: int
    bound: str


def simulate(requests: Sequence[tuple[float, float]], total: float, limits: EndpointLimits) -> Flow:
    """Return how ``total`` requests flow that are like ``requests`` of (input tokens, output tokens), in turn."""
    some = min(MOST, max(1, math.ceil(total)))
    ends, in_flight, waits = _run(requests, some, limits)
    half = some // 2
    took = ends[-1] - (ends[half - 1] if half else 0.0)
    rate = (some - half) / max(took, 1e-9)
    seconds = ends[-1] if total <= some else ends[-1] + (total - some) / rate
    bound = "the CPU" if rate * limits.cpu_s > _BUSY else max(waits, key=lambda name: waits[name])
    return Flow(seconds, rate, in_flight, bound)


def _run(
    requests: Sequence[tuple[float, float]], some: int, limits: EndpointLimits
) -> tuple[list[float], int, dict[str, float]]:
    """Return when each answer was done, how many were in flight at the end, and for how long each bound held one up."""
    allowances = Allowances(rpm=limits.rpm, tpm=limits.tpm)
    level = AdaptiveConcurrency(limits.concurrency)
    waits = {"requests in flight": 0.0, "requests a minute": 0.0, "tokens a minute": 0.0}
    flying: list[float] = []
    ends: list[float] = []
    now_s = busy_s = 0.0
    most = 0
    for number in range(some):
        given, written = requests[number % len(requests)]
        tokens = math.ceil(given + written)
        while True:
            while flying and flying[0] <= now_s:
                level.answered(heapq.heappop(flying), full=True)
            if len(flying) >= level.limit:
                until_s, why = flying[0], "requests in flight"
            else:
                wait_s, why = allowances.wait_s(tokens, now_s)
                if wait_s <= 0:
                    break
                until_s = now_s + max(wait_s, _TICK_S)
            waits[why] += until_s - now_s
            now_s = until_s
        allowances.take(tokens, now_s)
        busy_s = max(busy_s, now_s + limits.latency_s + limits.token_s * written) + limits.cpu_s
        heapq.heappush(flying, busy_s)
        ends.append(busy_s)
        most = max(most, len(flying)) if number >= some // 2 else 0
    return sorted(ends), most, waits
