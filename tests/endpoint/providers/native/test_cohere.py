from __future__ import annotations

from pathlib import Path

import pytest

from llmx.endpoint.opening import open_provider
from llmx.errors import AuthError
from llmx.run.server_quota import read_quota
from tests.endpoint.asking import ask
from tests.endpoint.providers.native.extracting import extracted, outcome, settings
from tests.endpoint.providers.native.servers import ApiServer, CohereApi
from tests.fault_server import Received, Step

pytest.importorskip("cohere")

API = CohereApi()
MODEL = "cohere/command-scripted-1"
LIMITS = {"x-trial-endpoint-call-limit": "20", "x-trial-endpoint-call-remaining": "3"}


async def test_a_429_waits_as_long_as_the_server_asks(tmp_path: Path) -> None:
    limited = API.error(429, "You are using a Trial key, which is limited to 20 API calls / minute.", retry_after="7")
    async with ApiServer(API, [limited]) as server:
        got, (stats, clock) = await outcome(server, MODEL, tmp_path)
    assert (got.attempts, stats.retries) == (2, 1)
    assert 7 <= clock.now_s <= 8


async def test_a_trial_keys_allowance_is_heard_by_the_limiter(tmp_path: Path) -> None:
    def limited(request: Received) -> Step:
        return API.answer(request, {"name": "Ada"}, headers=LIMITS)

    async with ApiServer(API, [limited]) as server:
        provider = open_provider(settings(server, MODEL, tmp_path))
        response = await provider.send(ask(mode="tools", model=MODEL))
        await provider.aclose()
    assert read_quota(response.headers, "requests") == (3.0, 60.0, 20.0)


async def test_a_498_is_an_invalid_token(tmp_path: Path) -> None:
    async with ApiServer(API, [API.error(498, "invalid token")]) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert isinstance(got, AuthError)


@pytest.mark.parametrize(
    ("finish", "told"), [("MAX_TOKENS", "length"), ("ERROR_TOXIC", "content_filter"), ("COMPLETE", "stop")]
)
async def test_each_finish_reason_is_told_as_ours(tmp_path: Path, *, finish: str, told: str) -> None:
    async with ApiServer(API, [lambda request: API.answer(request, "Who?", finish=finish)]) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert (got.finish_reason, got.text) == (told, "Who?")


async def test_the_tokens_are_those_that_are_billed(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert (got.usage.input_tokens, got.usage.cached_tokens, got.usage.output_tokens) == (135, 100, 7)


async def test_a_strict_tool_goes_out_as_a_strict_tool(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        record, _ = await extracted(settings(server, MODEL, tmp_path, strict=True))
        assert server.asked[-1].body["strict_tools"] is True
    assert record.status == "ok"
