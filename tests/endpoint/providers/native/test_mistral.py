from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint.opening import open_provider
from llmx.run.server_quota import read_quota
from tests.endpoint.asking import ask
from tests.endpoint.providers.native.extracting import extracted, outcome, settings
from tests.endpoint.providers.native.servers import ApiServer, MistralApi
from tests.fault_server import Received, Step

pytest.importorskip("mistralai")

API = MistralApi()
MODEL = "mistral/mistral-scripted-1"
LIMITS = {"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "3"}


async def test_a_429_waits_as_long_as_the_server_asks(tmp_path: Path) -> None:
    limited = API.error(429, "Rate limit exceeded", kind="rate_limited", retry_after="7")
    async with ApiServer(API, [limited]) as server:
        got, (stats, clock) = await outcome(server, MODEL, tmp_path)
    assert (got.attempts, stats.retries) == (2, 1)
    assert 7 <= clock.now_s <= 8


async def test_its_allowances_of_a_minute_are_heard_by_the_limiter(tmp_path: Path) -> None:
    def limited(request: Received) -> Step:
        return API.answer(request, {"name": "Ada"}, headers=LIMITS)

    async with ApiServer(API, [limited]) as server:
        provider = open_provider(settings(server, MODEL, tmp_path))
        response = await provider.send(ask(mode="tools", model=MODEL))
        await provider.aclose()
    assert read_quota(response.headers, "requests") == (3.0, 60.0, 60.0)


@pytest.mark.parametrize(("finish", "told"), [("length", "length"), ("model_length", "length"), ("stop", "stop")])
async def test_each_finish_reason_is_told_as_ours(tmp_path: Path, *, finish: str, told: str) -> None:
    async with ApiServer(API, [lambda request: API.answer(request, "Who?", finish=finish)]) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert (got.finish_reason, got.text) == (told, "Who?")


async def test_an_answer_that_ended_in_an_error_is_asked_for_again(tmp_path: Path) -> None:
    async with ApiServer(API, [lambda request: API.answer(request, "", finish="error")]) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert got.attempts == 2


async def test_the_cached_tokens_are_told_apart(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert (got.usage.input_tokens, got.usage.cached_tokens, got.usage.output_tokens) == (135, 100, 7)


@pytest.mark.parametrize(("mode", "part"), [("tools", "tools"), ("json_schema", "response_format")])
async def test_a_strict_schema_goes_out_with_the_flag(mode: str, part: str, tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        record, _ = await extracted(settings(server, MODEL, tmp_path, strict=True, mode=mode))
        sent: Any = server.asked[-1].body[part]
    assert record.status == "ok"
    assert (sent[0]["function"] if mode == "tools" else sent["json_schema"])["strict"] is True
