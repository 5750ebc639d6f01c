from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint.opening import open_provider
from llmx.errors import RateLimitError
from llmx.run.server_quota import read_quota
from tests.endpoint.asking import ask
from tests.endpoint.providers.native.extracting import extracted, outcome, settings
from tests.endpoint.providers.native.servers import AnthropicApi, ApiServer
from tests.fault_server import Received, Step

pytest.importorskip("anthropic")

API = AnthropicApi()
MODEL = "anthropic/claude-scripted-1"
LIMITS = {
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "0",
    "anthropic-ratelimit-requests-reset": "2999-01-01T00:00:00Z",
    "anthropic-ratelimit-tokens-limit": "80000",
    "anthropic-ratelimit-tokens-remaining": "79000",
    "anthropic-ratelimit-tokens-reset": "2999-01-01T00:00:00Z",
}


async def test_a_429_waits_as_long_as_the_server_asks(tmp_path: Path) -> None:
    async with ApiServer(API, [API.error(429, "This request would exceed", retry_after="7")]) as server:
        got, (stats, clock) = await outcome(server, MODEL, tmp_path)
    assert (got.attempts, stats.retries) == (2, 1)
    assert 7 <= clock.now_s <= 8


async def test_a_429_that_stays_is_a_rate_limit_error(tmp_path: Path) -> None:
    async with ApiServer(API, [API.error(429, "This request would exceed")] * 3) as server:
        got, _ = await outcome(server, MODEL, tmp_path, attempts=3)
        assert len(server.asked) == 3
    assert isinstance(got, RateLimitError)


async def test_its_rate_limits_are_heard_by_the_limiter(tmp_path: Path) -> None:
    def limited(request: Received) -> Step:
        return API.answer(request, {"name": "Ada"}, headers=LIMITS)

    async with ApiServer(API, [limited]) as server:
        provider = open_provider(settings(server, MODEL, tmp_path))
        response = await provider.send(ask(mode="tools", model=MODEL))
        await provider.aclose()
    requests, tokens = read_quota(response.headers, "requests"), read_quota(response.headers, "tokens")
    assert requests is not None
    assert (requests[0], requests[2]) == (0.0, 50.0)
    assert tokens is not None
    assert (tokens[0], tokens[2]) == (79_000.0, 80_000.0)


async def test_input_tokens_count_those_of_the_cache_and_the_cached_ones_are_told_apart(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert (got.usage.input_tokens, got.usage.cached_tokens, got.usage.output_tokens) == (135, 100, 7)


@pytest.mark.parametrize(
    ("stop", "value", "finish"),
    [
        ("max_tokens", {"name": "A"}, "length"),
        ("model_context_window_exceeded", {"name": "A"}, "length"),
        ("refusal", "I cannot help with that.", "refusal"),
        ("refusal", "", "refusal"),
    ],
)
async def test_truncation_and_refusal_are_told_as_such(tmp_path: Path, *, stop: str, value: Any, finish: str) -> None:
    async with ApiServer(API, [lambda request: API.answer(request, value, stop=stop)]) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert got.finish_reason == finish
    assert not got.complete
    assert bool(got.refusal) == (finish == "refusal")


async def test_a_refusal_ends_as_a_state_of_the_record(tmp_path: Path) -> None:
    def refuses(request: Received) -> Step:
        details = {"type": "refusal", "category": "bio", "explanation": "It is about a pathogen."}
        return API.answer(request, "", stop="refusal", stop_details=details)

    async with ApiServer(API, [None, *[refuses] * 9]) as server:
        record, _ = await extracted(settings(server, MODEL, tmp_path))
    assert record.status == "refused"
    assert "It is about a pathogen." in " ".join(issue.message for issue in record.issues)


async def test_a_temperature_which_the_api_no_longer_takes_is_left_out_from_then_on(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        record, _ = await extracted(settings(server, MODEL, tmp_path))
        assert all("temperature" not in request.body for request in server.asked)
    assert record.status == "ok"


@pytest.mark.parametrize("name", ["temperature", "seed"])
async def test_a_parameter_that_the_api_lacks_is_refused_by_name(name: str, tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        provider = open_provider(settings(server, MODEL, tmp_path))
        refused: dict[str, Any] = {name: 1}
        response = await provider.send(ask(mode="text", model=MODEL, **refused))
        await provider.aclose()
    assert (response.status, name.encode() in response.body) == (400, True)


async def test_a_strict_schema_goes_out_with_the_flag(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        record, _ = await extracted(settings(server, MODEL, tmp_path, strict=True))
        (tool,) = server.asked[-1].body["tools"]
    assert record.status == "ok"
    assert tool["strict"] is True
    assert tool["input_schema"]["additionalProperties"] is False
