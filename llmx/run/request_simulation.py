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


_BUSY = 0.85
"""The share of a bound that is used from which on it is what holds a run up: the limiter leaves some of a minute."""

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
    ends, in_flight = _run(requests, some, limits)
    half = some // 2
    took = ends[-1] - (ends[half - 1] if half else 0.0)
    rate = (some - half) / max(took, 1e-9)
    seconds = ends[-1] if total <= some else ends[-1] + (total - some) / rate
    return Flow(seconds, rate, in_flight, _bound(requests, rate, limits))


def _bound(requests: Sequence[tuple[float, float]], rate: float, limits: EndpointLimits) -> str:
    """Return what holds a run up that goes at ``rate``: that of which most is used, else the requests in flight."""
    tokens = sum(given + written for given, written in requests) / len(requests)
    used = {
        "the CPU": rate * limits.cpu_s,
        "requests a minute": rate * 60 / limits.rpm if limits.rpm else 0.0,
        "tokens a minute": rate * 60 * tokens / limits.tpm if limits.tpm else 0.0,
    }
    most = max(used, key=lambda name: used[name])
    return most if used[most] >= _BUSY else "requests in flight"


def _run(requests: Sequence[tuple[float, float]], some: int, limits: EndpointLimits) -> tuple[list[float], int]:
    """Return when each answer was done, and how many were in flight at most in the second half."""
    allowances = Allowances(rpm=limits.rpm, tpm=limits.tpm)
    level = AdaptiveConcurrency(limits.concurrency)
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
                until_s = flying[0]
            else:
                wait_s, _ = allowances.wait_s(tokens, now_s)
                if wait_s <= 0:
                    break
                until_s = now_s + max(wait_s, _TICK_S)
            now_s = until_s
        allowances.take(tokens, now_s)
        busy_s = max(busy_s, now_s + limits.latency_s + limits.token_s * written) + limits.cpu_s
        heapq.heappush(flying, busy_s)
        ends.append(busy_s)
        most = max(most, len(flying)) if number >= some // 2 else 0
    return sorted(ends), most
