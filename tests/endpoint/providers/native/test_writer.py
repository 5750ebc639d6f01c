from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint.modes import Mode
from llmx.endpoint.opening import open_provider
from llmx.endpoint.price import cost_usd
from llmx.errors import AuthError, RequestError
from llmx.record import Usage
from tests.endpoint.asking import ask
from tests.endpoint.providers.native.extracting import extracted, outcome, settings
from tests.endpoint.providers.native.servers import ApiServer, WriterApi

pytest.importorskip("writerai")

API = WriterApi()
MODEL = "writer/palmyra-scripted-1"


def strict_tool() -> dict[str, Any]:
    tool = ask(mode="tools", model=MODEL).body["tools"][0]
    return {"tools": [{**tool, "function": {**tool["function"], "strict": True}}]}


async def test_a_429_waits_as_long_as_the_server_asks(tmp_path: Path) -> None:
    async with ApiServer(API, [API.error(429, "Rate limit exceeded", retry_after="7")]) as server:
        got, (stats, clock) = await outcome(server, MODEL, tmp_path)
    assert (got.attempts, stats.retries) == (2, 1)
    assert 7 <= clock.now_s <= 8


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_5xx_is_repeated_by_llmx_alone(status: int, tmp_path: Path) -> None:
    async with ApiServer(API, [API.error(status, "Internal error")]) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
        assert len(server.asked) == 2
    assert got.attempts == 2


async def test_the_descriptions_of_an_error_are_its_message(tmp_path: Path) -> None:
    async with ApiServer(API, [API.error(400, "The prompt is too odd")]) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert isinstance(got, RequestError)
    assert "The prompt is too odd" in str(got)
    assert "tpe" not in str(got)


async def test_a_wrong_key_is_told_with_writers_words(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        got, _ = await outcome(server, MODEL, tmp_path, api_key="another-key-of-nobody")
    assert isinstance(got, AuthError)
    assert "The API key is not valid" in str(got)


@pytest.mark.parametrize(
    ("finish", "told"), [("length", "length"), ("content_filter", "content_filter"), ("stop", "stop")]
)
async def test_each_finish_reason_is_told_as_ours(tmp_path: Path, *, finish: str, told: str) -> None:
    async with ApiServer(API, [lambda request: API.answer(request, "Who?", finish=finish)]) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert (got.finish_reason, got.text) == (told, "Who?")


async def test_a_truncated_answer_is_told_by_an_issue_of_the_record(tmp_path: Path) -> None:
    cut = [lambda request: API.answer(request, "{", finish="length")] * 9
    async with ApiServer(API, cut) as server:
        record, _ = await extracted(settings(server, MODEL, tmp_path, mode="json_schema"))
    assert (record.status, record.data) == ("invalid", None)
    assert "truncated" in {issue.code for issue in record.issues}


async def test_a_refusal_is_told_as_a_state_of_the_record(tmp_path: Path) -> None:
    refused = [lambda request: API.answer(request, "", refusal="I cannot help with that.")] * 9
    async with ApiServer(API, refused) as server:
        record, _ = await extracted(settings(server, MODEL, tmp_path, mode="json_schema"))
    assert record.status == "refused"


async def test_the_cached_tokens_and_the_thoughts_are_told_apart(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert (got.usage.input_tokens, got.usage.cached_tokens, got.usage.output_tokens) == (135, 100, 27)
    assert got.usage.reasoning_tokens == 20


@pytest.mark.parametrize(
    ("mode", "more", "named"),
    [
        ("json", {}, "mode json"),
        ("tools", {"seed": 7}, "seed"),
        ("tools", strict_tool(), "strict schemas"),
    ],
    ids=["mode json", "seed", "strict"],
)
async def test_what_the_api_does_not_have_is_refused_by_name(
    *, mode: Mode, more: dict[str, Any], named: str, tmp_path: Path
) -> None:
    async with ApiServer(API) as server:
        provider = open_provider(settings(server, MODEL, tmp_path))
        response = await provider.send(ask(mode=mode, model=MODEL, **more))
        await provider.aclose()
        assert server.received == []
    assert response.status == 400
    assert f"Writer has no {named}" in response.body.decode()


def test_its_price_is_not_known_and_that_of_bedrocks_palmyra_is() -> None:
    usage = Usage(1000, 100, 0)
    assert cost_usd(MODEL, usage) is None
    assert (cost_usd("bedrock/writer.palmyra-x5-v1:0", usage) or 0) > Decimal(0)
