from __future__ import annotations

import asyncio
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from llmx.endpoint.opening import open_provider
from llmx.errors import AuthError
from tests.endpoint.asking import ask
from tests.endpoint.providers.native.extracting import extracted, outcome, settings
from tests.endpoint.providers.native.servers import KEY, ApiServer, BedrockApi
from tests.fault_server import HANG, Received, Step

pytest.importorskip("boto3")

from llmx.endpoint.providers.native.bedrock import Threads

API = BedrockApi()
MODEL = f"bedrock/{API.model}"


class SignedApi(BedrockApi):
    """The same, asked with signed requests (AWS Signature Version 4)."""

    def refusal(self, request: Received) -> Step | None:
        signed = request.headers.get("authorization", "")
        if not signed.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"):
            return self.error(403, "The request signature we calculated does not match", "InvalidSignature")
        request.headers["authorization"] = f"Bearer {KEY}"
        return super().refusal(request)


async def test_without_a_key_requests_are_signed_with_the_credentials_of_aws(tmp_path: Path) -> None:
    credentials = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"}
    with mock.patch.dict(os.environ, credentials):
        async with ApiServer(SignedApi()) as server:
            record, _ = await extracted(settings(server, MODEL, tmp_path, api_key=None))
    assert record.status == "ok"


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "Throttling"), (424, "ModelError"), (429, "ModelNotReady"), (408, "ModelTimeout")]
)
async def test_throttling_and_a_model_that_is_not_ready_are_repeated(status: int, kind: str, tmp_path: Path) -> None:
    async with ApiServer(API, [API.error(status, "Too many requests, please wait", kind)]) as server:
        got, (stats, _) = await outcome(server, MODEL, tmp_path)
    assert (got.attempts, stats.retries) == (2, 1)


async def test_a_model_that_is_not_enabled_is_an_auth_error(tmp_path: Path) -> None:
    refused = API.error(403, "You don't have access to the model with the specified model ID.", "AccessDenied")
    async with ApiServer(API, [refused]) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert isinstance(got, AuthError)


@pytest.mark.parametrize(
    ("stop", "value", "told"),
    [
        ("max_tokens", {"name": "A"}, "length"),
        ("model_context_window_exceeded", {"name": "A"}, "length"),
        ("guardrail_intervened", "Blocked.", "content_filter"),
        ("content_filtered", "", "content_filter"),
    ],
)
async def test_truncation_and_filters_are_told_as_such(tmp_path: Path, *, stop: str, value: Any, told: str) -> None:
    async with ApiServer(API, [lambda request: API.answer(request, value, stop=stop)]) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert got.finish_reason == told
    assert not got.complete


async def test_the_tokens_of_the_cache_are_counted_and_told_apart(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert (got.usage.input_tokens, got.usage.cached_tokens, got.usage.output_tokens) == (135, 100, 7)


async def test_a_strict_tool_is_instructors_strict_tool(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        record, _ = await extracted(settings(server, MODEL, tmp_path, strict=True))
        (tool,) = server.asked[-1].body["toolConfig"]["tools"]
    assert record.status == "ok"
    assert tool["toolSpec"]["strict"] is True


def sending_threads() -> int:
    """Return how many threads wait for an answer to what boto3 has sent."""
    frames = sys._current_frames()
    stacks = [traceback.walk_stack(frames[each.ident]) for each in threading.enumerate() if each.ident in frames]
    return sum(any(frame.f_code is Threads.carry.__code__ for frame, _ in stack) for stack in stacks)


async def test_a_request_that_hangs_can_be_given_up_and_its_thread_goes_on(tmp_path: Path) -> None:
    async with ApiServer(API, [HANG]) as server:
        provider = open_provider(settings(server, MODEL, tmp_path))
        hung = asyncio.create_task(provider.send(ask(mode="tools", model=MODEL)))
        await server.arrived.wait()
        assert sending_threads() == 1
        hung.cancel()  # as the time-out does
        with pytest.raises(asyncio.CancelledError):
            await hung
        while sending_threads():  # noqa: ASYNC110 - nobody tells when a thread goes on
            await asyncio.sleep(0)
        answered = await provider.send(ask(mode="tools", model=MODEL))
        await provider.aclose()
    assert answered.status == 200
    assert len(server.asked) == 2


async def test_many_requests_are_in_flight_at_once(tmp_path: Path) -> None:
    go = asyncio.Event()

    def held(request: Received) -> Step:
        step = API.answer(request, {"name": "Ada"})
        if len(server.asked) == 64:
            go.set()
        return Step(step.payload, until=go)

    async with ApiServer(API, [held] * 64) as server:
        provider = open_provider(settings(server, MODEL, tmp_path))
        asked = [provider.send(ask(mode="tools", model=MODEL, sample=n)) for n in range(64)]
        answers = await asyncio.gather(*asked)
        await provider.aclose()
    assert {answer.status for answer in answers} == {200}
