from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint import Limiter, WireEndpoint, open_endpoint
from llmx.endpoint.cache import Cache
from llmx.endpoint.providers.openai_compatible import OpenAICompatible
from llmx.endpoint.providers.route import Access
from llmx.endpoint.wire import Response
from llmx.errors import AuthError, ConfigError, RateLimitError
from llmx.record import Usage
from llmx.request import Request
from llmx.run import RunOptions
from llmx.run.limiter import RunLimiter
from tests.endpoint.asking import Clock, ask, complete, settings
from tests.fault_server import HANG, FaultServer, Step, answer, completion, status


async def test_an_answer_that_is_valid_is_never_paid_twice(tmp_path: Path) -> None:
    async with FaultServer() as server:
        for _ in range(2):
            endpoint = open_endpoint(settings(server.base_url, tmp_path))
            got = await complete(endpoint, ask())
            await endpoint.aclose()
    assert len(server.received) == 1
    assert got.origin == "cache"
    assert (endpoint.stats.cache_hits, endpoint.stats.saved, endpoint.stats.paid) == (1, Usage(10, 5, 4), Usage())


async def test_a_cached_answer_differs_from_the_paid_one_in_its_origin_only(tmp_path: Path) -> None:
    async with FaultServer([status(500), answer()]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path), policy=Clock().policy())
        paid = await complete(endpoint, ask())
        kept = await complete(endpoint, ask())
        await endpoint.aclose()
    assert (paid.origin, kept.origin, kept.attempts) == ("wire", "cache", 2)
    assert paid.to_json() == kept.to_json()


async def test_the_answer_is_in_the_cache_before_anybody_has_it(tmp_path: Path) -> None:
    async with FaultServer() as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        other = open_endpoint(settings(server.base_url, tmp_path))
        await complete(endpoint, ask())
        assert other.cache is not None
        assert other.cache.get(ask().key) is not None
        await endpoint.aclose()
        await other.aclose()


@pytest.mark.parametrize(
    ("step", "accepted"),
    [
        pytest.param(answer("{"), False, id="not valid"),
        pytest.param(answer("{}", finish="length"), True, id="cut"),
        pytest.param(answer(None, refusal="no"), True, id="refused"),
        pytest.param(answer("", finish="content_filter"), True, id="filtered"),
        pytest.param(answer(None), True, id="empty"),
    ],
)
async def test_what_is_not_complete_and_valid_is_not_kept_and_counts_as_wasted(
    step: Any, accepted: Any, tmp_path: Path
) -> None:
    async with FaultServer([step]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        for _ in range(2):
            await complete(endpoint, ask(), valid=accepted)
        await endpoint.aclose()
    assert len(server.received) == 2
    assert endpoint.stats.wasted == endpoint.stats.paid == Usage(20, 10, 8)


async def test_what_the_caller_does_not_keep_is_asked_for_again(tmp_path: Path) -> None:
    async with FaultServer() as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        got = await endpoint.complete(ask())
        await endpoint.complete(ask())
        assert len(server.received) == 2
        endpoint.keep(got)
        await endpoint.complete(ask())
        await endpoint.aclose()
    assert len(server.received) == 2


async def test_refresh_asks_anew_and_overwrites(tmp_path: Path) -> None:
    async with FaultServer([answer("1"), answer("2"), answer("3")]) as server:
        said = []
        for refresh in (False, True, False):
            endpoint = open_endpoint(settings(server.base_url, tmp_path, refresh=refresh))
            said.append((await complete(endpoint, ask())).text)
            await endpoint.aclose()
    assert said == ["1", "2", "2"]


async def test_no_cache_reads_and_writes_none(tmp_path: Path) -> None:
    async with FaultServer() as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path, cache=False))
        for _ in range(2):
            await complete(endpoint, ask())
        await endpoint.aclose()
    assert len(server.received) == 2
    assert not (tmp_path / "cache").exists()


async def test_samples_of_one_request_are_asked_one_by_one(tmp_path: Path) -> None:
    async with FaultServer() as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        for sample in (0, 1, 0, 1):
            await complete(endpoint, ask(sample=sample))
        await endpoint.aclose()
    assert len(server.received) == 2


async def test_identical_requests_in_flight_are_sent_once(tmp_path: Path) -> None:
    async with FaultServer([answer("{}")]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path, cache=False))
        answers = await asyncio.gather(*(endpoint.complete(ask()) for _ in range(20)), endpoint.complete(ask("other")))
        await endpoint.aclose()
    assert len(server.received) == 2
    assert [each.origin for each in answers[:20]] == ["wire"] + 19 * ["shared"]
    assert len({each.text for each in answers[:20]}) == 1
    assert (endpoint.stats.shared, endpoint.stats.paid) == (19, Usage(20, 10, 8))


async def test_who_shares_a_request_shares_its_failure(tmp_path: Path) -> None:
    async with FaultServer([status(401)]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        errors = await asyncio.gather(*(endpoint.complete(ask()) for _ in range(3)), return_exceptions=True)
        await endpoint.aclose()
    assert [type(error) for error in errors] == [AuthError] * 3
    assert len(server.received) == 1


async def test_when_the_one_who_asks_is_cancelled_another_takes_over(tmp_path: Path) -> None:
    async with FaultServer([HANG, answer("late")]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        first, second = (asyncio.create_task(endpoint.complete(ask())) for _ in range(2))
        await server.arrived.wait()
        first.cancel()
        assert (await second).text == "late"
        assert first.cancelled()
        await endpoint.aclose()


async def test_cancelling_one_who_waits_disturbs_nobody(tmp_path: Path) -> None:
    left = asyncio.Event()
    async with FaultServer([Step(completion({"content": "{}"}), until=left)]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        first, second = (asyncio.create_task(endpoint.complete(ask())) for _ in range(2))
        await server.arrived.wait()
        second.cancel()
        left.set()
        assert (await first).text == "{}"
        await endpoint.aclose()
    assert len(server.received) == 1


class Gate:
    """A limiter that lets one request pass at a time and notes what it hears."""

    def __init__(self) -> None:
        self.open = asyncio.Semaphore(1)
        self.heard: list[tuple[int, Response | BaseException]] = []

    async def acquire(self, tokens: int) -> None:  # noqa: ARG002 - the protocol's
        await self.open.acquire()

    def release(self, tokens: int, outcome: Response | BaseException) -> None:
        self.heard.append((tokens, outcome))
        self.open.release()


async def test_a_limiter_lets_requests_pass_and_hears_how_each_attempt_ended(tmp_path: Path) -> None:
    gate = Gate()
    limiter: Limiter = gate
    script = [status(429, retry_after="0", x_ratelimit_limit_requests="60"), answer()]
    async with FaultServer(script) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path), limiter=limiter, policy=Clock().policy())
        await asyncio.gather(endpoint.complete(ask("a" * 400, max_tokens=50)), endpoint.complete(ask("b" * 400)))
        await endpoint.aclose()
    outcomes = [outcome for _, outcome in gate.heard if isinstance(outcome, Response)]
    assert sorted(outcome.status for outcome in outcomes) == [200, 200, 429]
    assert any(outcome.headers.get("x-ratelimit-limit-requests") == "60" for outcome in outcomes)
    assert {tokens for tokens, _ in gate.heard} == {102, 152}


async def test_a_limiter_gets_its_place_back_when_a_request_is_cancelled(tmp_path: Path) -> None:
    gate = Gate()
    async with FaultServer([HANG]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path), limiter=gate)
        task = asyncio.create_task(endpoint.complete(ask()))
        await server.arrived.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await endpoint.aclose()
    assert isinstance(gate.heard[0][1], asyncio.CancelledError)


async def test_every_answer_is_counted_by_its_status(tmp_path: Path) -> None:
    script = [status(429, retry_after="2"), status(500), answer()]
    clock = Clock()
    async with FaultServer(script) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path), policy=clock.policy())
        await endpoint.complete(ask())
        await endpoint.aclose()
    stats = endpoint.stats
    assert (stats.asked, stats.sent, stats.retries, dict(stats.statuses)) == (1, 3, 2, {429: 1, 500: 1, 200: 1})
    assert stats.waited_s == sum(clock.slept_s) >= 2


async def test_when_the_retries_are_used_up_the_last_failure_is_raised(tmp_path: Path) -> None:
    async with FaultServer([status(429)]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path), policy=Clock().policy(attempts=3))
        with pytest.raises(RateLimitError):
            await complete(endpoint, ask())
        await endpoint.aclose()
    assert len(server.received) == 3


async def test_the_only_model_that_is_offered_is_taken(tmp_path: Path) -> None:
    async with FaultServer(models=["qwen"]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path, model="", mode="json"))
        resolved = await endpoint.resolve()
        await endpoint.aclose()
    assert (resolved.model, resolved.mode, resolved.how) == ("qwen", "json", "given")


@pytest.mark.parametrize("models", [[], ["a", "b"]])
async def test_where_there_is_a_choice_the_model_must_be_named(models: Any, tmp_path: Path) -> None:
    async with FaultServer(models=models) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path, model=""))
        with pytest.raises(ConfigError, match="no model is named") as caught:
            await endpoint.resolve()
        await endpoint.aclose()
    assert "--model" in caught.value.hint


def test_neither_importing_nor_answering_from_cache_or_cassette_imports_openai() -> None:
    code = """
import asyncio, sys, tempfile, pathlib
import llmx.endpoint
heavy = {"openai", "instructor", "httpx2", "aiohttp", "diskcache", "tenacity", "platformdirs", "rapidfuzz"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
from llmx.endpoint import Completion, EndpointSettings, open_endpoint
from llmx.endpoint.cache import Cache
from llmx.endpoint.cassette import Cassette
from llmx.endpoint.exchange import Exchange
from llmx.endpoint.wire import Response
from llmx.request import Request
folder, request = pathlib.Path(tempfile.mkdtemp()), Request({"model": "m", "messages": []}, "text")
body = b'{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}'
Cassette(folder / "tape").save(Exchange("0", "2026-01-01", "test", request, (Response(200, {}, body),)))
Cache(folder / "answers").put(Completion("hi", "stop", key=request.key))
async def main():
    for settings in (EndpointSettings(replay=folder / "tape"), EndpointSettings(cache_dir=folder)):
        assert (await open_endpoint(settings).complete(request)).text == "hi"
asyncio.run(main())
heavy -= {"diskcache"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False
    )
    assert ran.returncode == 0, ran.stderr


async def test_a_waiting_question_goes_out_before_the_answer_that_let_it_is_read(tmp_path: Path) -> None:
    happened: list[str] = []

    async def ask_and_read(number: int) -> None:
        await endpoint.complete(ask(str(number)))
        happened.append("read")

    class Sending(OpenAICompatible):
        async def send(self, request: Request) -> Response:
            happened.append("sent")
            return await super().send(request)

    async with FaultServer() as server:
        here = settings(server.base_url, tmp_path)
        limiter = RunLimiter.of(RunOptions(concurrency=1))
        endpoint = WireEndpoint(Sending(Access(server.base_url)), here, limiter=limiter)
        await asyncio.gather(*(ask_and_read(i) for i in range(2)))
        await endpoint.aclose()
    assert happened == ["sent", "sent", "read", "read"]


async def test_an_answer_that_came_is_kept_although_the_one_who_asked_is_cancelled(tmp_path: Path) -> None:
    class Dropping(OpenAICompatible):
        async def send(self, request: Request) -> Response:
            response = await super().send(request)
            asyncio.get_running_loop().call_soon(asking.cancel)  # as a second Ctrl-C does, just after the answer
            return response

    async with FaultServer() as server:
        here, cache = settings(server.base_url, tmp_path), Cache(tmp_path / "answers")
        endpoint = WireEndpoint(Dropping(Access(server.base_url)), here, cache=cache)
        asking = asyncio.create_task(complete(endpoint, ask()))
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert cache.count() == 1
        assert (await complete(endpoint, ask())).origin == "cache"
        await endpoint.aclose()
    assert len(server.received) == 1
