"""When a request may go: the level that finds itself, allowances a minute, and an endpoint that is away."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from llmx.endpoint.wire import Response
from llmx.errors import ConnectError
from llmx.run import RunOptions
from llmx.run.adaptive_concurrency import MOST, AdaptiveConcurrency
from llmx.run.circuit_breaker import IN_A_ROW, REFUSED_AT_FIRST, CircuitBreaker
from llmx.run.limiter import LimiterEvents, RunLimiter, current_document
from llmx.run.server_quota import ServerQuota, read_quota
from llmx.run.token_bucket import TokenBucket
from tests.endpoint.virtual_time import run

OK = Response(200, {}, b"{}")


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def served(level: AdaptiveConcurrency, *, slots: int, seconds: float = 0.1, answers: int = 4000) -> int:
    """Answer as a server that works on ``slots`` requests at a time; return the level at the end."""
    now_s = 0.0
    for _ in range(answers):
        now_s += seconds / min(level.limit, slots)
        level.answered(now_s, full=True)
    return level.limit


@pytest.mark.parametrize(("slots", "low", "high"), [(1, 1, 12), (16, 12, 36), (64, 45, 150), (1000, 200, MOST)])
def test_the_level_settles_near_what_the_server_works_on_at_once(slots: int, low: int, high: int) -> None:
    assert low <= served(AdaptiveConcurrency("auto"), slots=slots) <= high


def test_a_fixed_level_stays_where_it_is_and_comes_back_after_a_refusal() -> None:
    level = AdaptiveConcurrency(64)
    assert served(level, slots=8) == 64
    level.on_refusal(1000.0)
    assert level.limit == 44
    assert served(level, slots=64) == 64


def test_refusals_within_a_second_count_once_and_later_ones_again() -> None:
    level = AdaptiveConcurrency(100)
    for now_s in (0.0, 0.1, 0.9):
        level.on_refusal(now_s)
    assert level.limit == 70
    level.on_refusal(1.5)
    assert level.limit == 49


def test_the_level_falls_where_most_requests_fail_but_not_where_a_tenth_does() -> None:
    level = AdaptiveConcurrency(64)
    for number in range(1000):
        level.answered(number / 100, full=True, failed=number % 10 == 0)
    assert level.limit == 64
    for number in range(200):
        level.answered(10 + number / 100, full=True, failed=True)
    assert level.limit < 32


def test_the_level_does_not_grow_where_the_source_is_the_bound() -> None:
    level = AdaptiveConcurrency("auto")
    for number in range(1000):
        level.answered(number / 10, full=False)
    assert level.limit == 8


def test_in_no_minute_more_goes_out_than_allowed_and_no_time_is_lost() -> None:
    pace, now_s, sent = TokenBucket(600), 0.0, []
    while now_s < 300:
        wait_s = pace.wait_s(1, now_s)
        if wait_s > 0:
            now_s += wait_s
            continue
        pace.take(1, now_s)
        sent.append(now_s)
    busiest = max(sum(1 for s in sent if begin <= s < begin + 60) for begin in range(0, 240, 5))
    assert busiest <= 601
    assert len(sent) > 5 * 540


def test_a_request_larger_than_the_allowance_goes_when_nothing_else_did_and_is_paid_off() -> None:
    pace = TokenBucket(600)
    assert pace.wait_s(10_000, 0.0) == 0
    pace.take(10_000, 0.0)
    assert pace.wait_s(1, 0.0) > 60


HEADERS: list[tuple[str, dict[str, str], str, Any]] = [
    ("openai", {"x-ratelimit-remaining-requests": "9", "x-ratelimit-reset-requests": "120ms",
                "x-ratelimit-limit-requests": "10"}, "requests", (9.0, 0.12, 10.0)),
    ("minutes", {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m30s"}, "tokens", (0.0, 90.0, None)),
    ("ietf", {"ratelimit-remaining": "3", "ratelimit-reset": "7", "ratelimit-limit": "100, 100;w=60"}, "requests",
     (3.0, 7.0, 100.0)),
    ("silent", {"content-type": "application/json"}, "requests", None),
    ("nonsense", {"x-ratelimit-remaining-requests": "many"}, "requests", None),
    ("no number", {"ratelimit-remaining": "nan", "ratelimit-reset": "1"}, "requests", None),
    ("for ever", {"ratelimit-remaining": "0", "ratelimit-reset": "inf"}, "requests", None),
    ("no zone", {"ratelimit-remaining": "0", "ratelimit-reset": "2020-01-01T00:00:00"}, "requests", (0.0, 0.0, None)),
    ("since 1970", {"ratelimit-remaining": "0", "ratelimit-reset": "1577836800"}, "requests", (0.0, 0.0, None)),
    ("in ms", {"ratelimit-remaining": "0", "ratelimit-reset": "1577836800000"}, "requests", (0.0, 0.0, None)),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "kind", "said"), [h[1:] for h in HEADERS], ids=[h[0] for h in HEADERS])
def test_what_servers_say_of_their_limits_is_read(headers: dict[str, str], kind: str, said: Any) -> None:
    assert read_quota(headers, kind) == (said if said is None else pytest.approx(said))


def test_a_moment_of_the_reset_is_read_too() -> None:
    name = "anthropic-ratelimit-requests"
    said = read_quota({f"{name}-remaining": "1", f"{name}-reset": "2020-01-01T00:00:00Z"}, "requests")
    assert said == (1.0, 0.0, None)


def test_what_the_server_says_is_left_is_not_passed() -> None:
    told = ServerQuota()
    assert told.wait_s(1, 0.0) == 0
    told.hear(2, 10.0, limit=12, now_s=0.0)
    assert told.wait_s(1, 0.0) == 0
    told.take(2)
    assert told.wait_s(1, 0.0) == pytest.approx(1.0)
    assert told.wait_s(1, 11.0) == 0


async def test_no_more_requests_are_out_than_the_level_allows_and_the_first_come_goes_first() -> None:
    limiter, order = RunLimiter(AdaptiveConcurrency(2)), []

    async def one(number: int) -> None:
        await limiter.acquire(1)
        order.append(number)
        assert limiter.in_flight <= 2
        await asyncio.sleep(0)
        limiter.release(1, OK)

    await asyncio.gather(*(one(number) for number in range(20)))
    assert order == list(range(20))
    assert limiter.in_flight == 0


async def test_who_stops_waiting_gives_the_place_to_the_next() -> None:
    limiter = RunLimiter(AdaptiveConcurrency(1))
    await limiter.acquire(1)
    quitter, next_one = (asyncio.create_task(limiter.acquire(1)) for _ in range(2))
    await asyncio.sleep(0)
    quitter.cancel()
    limiter.release(1, OK)
    await asyncio.wait_for(next_one, 1)
    assert limiter.in_flight == 1


def seconds_for(requests: int, tokens: int, **options: Any) -> float:
    """Return how long so many requests take that wait for nothing but a minute's allowance."""

    async def asked() -> float:
        loop = asyncio.get_running_loop()
        limiter = RunLimiter.of(RunOptions(concurrency=100, **options), clock=loop.time)
        for _ in range(requests):
            await limiter.acquire(tokens)
        return loop.time()

    return run(asked())


def test_requests_wait_for_the_minutes_allowance() -> None:
    assert seconds_for(53, 1, rpm=600) == pytest.approx(3 / (550 / 60))  # 50 at once, then 550 a minute


def test_tokens_wait_for_the_minutes_allowance() -> None:
    assert seconds_for(6, 210, tpm=12_000) == pytest.approx(260 / (11_000 / 60))  # 1,000 at once, then 11,000 a minute


@pytest.mark.parametrize("kind", ["requests", "tokens"])
async def test_what_the_server_says_is_left_of_its_limits_is_kept_to(kind: str) -> None:
    clock = Clock()
    limiter = RunLimiter(AdaptiveConcurrency(8), clock=clock)
    told = {f"x-ratelimit-remaining-{kind}": "1", f"x-ratelimit-reset-{kind}": "9s"}
    await limiter.acquire(1)
    limiter.release(1, Response(200, told, b"{}"))
    await limiter.acquire(1)
    waiting = asyncio.create_task(limiter.acquire(1))
    await asyncio.sleep(0)
    assert not waiting.done()
    assert limiter.pause == f"the server's limit of {kind}"
    assert limiter.wait_s(1) == pytest.approx(9)
    clock.now_s = 9.0
    limiter.release(1, OK)
    await asyncio.wait_for(waiting, 1)


async def test_tokens_that_were_not_used_are_given_back() -> None:
    clock = Clock()
    limiter = RunLimiter(AdaptiveConcurrency(100), tpm=12_000, clock=clock)
    for _ in range(20):
        clock.now_s += 0.06  # 11 tokens: one more than a request really takes
        assert limiter.wait_s(900) <= 0
        await limiter.acquire(900)
        limiter.release(900, Response(200, {}, b'{"usage": {"total_tokens": 10}}'))


async def test_after_refusals_only_everything_waits_as_long_as_the_server_asks() -> None:
    clock = Clock()
    limiter = RunLimiter(AdaptiveConcurrency(4), clock=clock)
    no = Response(429, {"retry-after": "7"}, b"{}")
    await limiter.acquire(1)
    limiter.release(1, no)
    assert limiter.wait_s(1) == 0  # one refusal holds nobody else
    for _ in range(2):
        await limiter.acquire(1)
        limiter.release(1, no)
    assert limiter.wait_s(1) == pytest.approx(7)


def fail(breaker: CircuitBreaker, documents: list[str], now_s: float = 0.0) -> None:
    for document in documents:
        breaker.failed(document, ConnectError("refused"), now_s)


def test_failures_in_a_row_of_several_documents_mean_that_the_endpoint_is_away() -> None:
    breaker = CircuitBreaker()
    breaker.answered()
    fail(breaker, ["a", "b", "c"] * 3)
    assert breaker.open


def test_one_document_that_always_fails_holds_up_nobody() -> None:
    breaker = CircuitBreaker()
    breaker.answered()
    fail(breaker, ["poison"] * 100)
    assert not breaker.open


def test_an_answer_between_failures_means_that_it_is_there() -> None:
    breaker = CircuitBreaker()
    for _ in range(10):
        fail(breaker, ["a", "b", "c", "d"])
        breaker.answered()
    assert not breaker.open


def test_one_request_at_a_time_tries_whether_it_is_back_and_ever_more_rarely() -> None:
    breaker = CircuitBreaker()
    fail(breaker, ["a", "b", "c"] * IN_A_ROW)
    now_s, waits = 0.0, []
    for _ in range(12):
        waits.append(breaker.wait_s(now_s))
        now_s += waits[-1]
        breaker.sent()
        assert breaker.wait_s(now_s) == math.inf
        breaker.failed("a", ConnectError("refused"), now_s)
    assert [round(w, 6) for w in waits] == sorted(round(w, 6) for w in waits)
    assert waits[0] == pytest.approx(1.0)
    assert waits[-1] == pytest.approx(15.0)
    breaker.sent()
    breaker.answered()
    assert (breaker.open, breaker.wait_s(now_s)) == (False, 0.0)


def test_when_every_request_is_refused_from_the_start_going_on_is_pointless() -> None:
    breaker = CircuitBreaker()
    assert [breaker.on_refusal(ConnectError("404")) for _ in range(REFUSED_AT_FIRST)] == [False] * 19 + [True]
    breaker = CircuitBreaker()
    breaker.answered()
    assert not any(breaker.on_refusal(ConnectError("404")) for _ in range(100))


async def test_an_endpoint_that_stays_away_longer_than_allowed_is_told() -> None:
    clock, told = Clock(), list[BaseException | None]()
    limiter = RunLimiter(AdaptiveConcurrency(8), outage_s=30, clock=clock, events=LimiterEvents(on_outage=told.append))
    for number in range(200):
        current_document.set(str(number % 5))
        wait_s = limiter.wait_s(1)
        clock.now_s += wait_s if math.isfinite(wait_s) else 0
        await limiter.acquire(1)
        limiter.release(1, ConnectError("nothing listens there"))
        if told:
            break
    assert isinstance(told[0], ConnectError)
    assert 30 <= clock.now_s < 60
