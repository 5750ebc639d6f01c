from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from llmx.documents import Document
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from tests.endpoint.providers.native.extracting import extracted, outcome, settings
from tests.endpoint.providers.native.servers import ApiServer, GoogleApi
from tests.fault_server import Received, Step

pytest.importorskip("google.genai")

API = GoogleApi()
MODEL = "google/gemini-scripted-1"


class Call(BaseModel):
    kind: Literal["call"]
    with_whom: Annotated[str, Field(max_length=80)]


class Letter(BaseModel):
    kind: Literal["letter"]
    to: str


class Contact(BaseModel):
    first: Call
    last: Call | None = Field(default=None, description="the last call, if there was a second one")
    others: list[Call | Letter] = []


@pytest.mark.parametrize("mode", ["tools", "json_schema"])
async def test_no_keyword_goes_out_that_the_api_does_not_list(tmp_path: Path, *, mode: str) -> None:
    async with ApiServer(API) as server:
        given = settings(server, MODEL, tmp_path, mode=mode)
        async with open_session(Extractor(Contact, Options(passes=1)), given) as session:
            record = await extract_document(Document("1", "A call with Ada."), session.plan, session.endpoint)
        assert not any(server.api.refusal(request) for request in server.asked), record.issues


async def test_a_429_waits_as_long_as_its_retry_info_says(tmp_path: Path) -> None:
    details: list[dict[str, Any]] = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaValue": "15"}]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17.5s"},
    ]
    async with ApiServer(API, [API.error(429, "You exceeded your current quota", *details)]) as server:
        got, (stats, clock) = await outcome(server, MODEL, tmp_path)
    assert (got.attempts, stats.retries) == (2, 1)
    assert 17.5 <= clock.now_s <= 18.5


@pytest.mark.parametrize(
    ("finish", "value", "told"),
    [
        ("MAX_TOKENS", '{"name": "A', "length"),
        ("SAFETY", "", "content_filter"),
        ("RECITATION", "", "content_filter"),
        ("PROHIBITED_CONTENT", "", "content_filter"),
        ("STOP", {"name": "Ada"}, "stop"),
    ],
)
async def test_each_finish_reason_is_told_as_ours(tmp_path: Path, *, finish: str, value: Any, told: str) -> None:
    async with ApiServer(API, [lambda request: API.answer(request, value, finish=finish)]) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert got.finish_reason == told
    assert got.complete == (told == "stop")


async def test_a_blocked_prompt_ends_as_a_state_of_the_record(tmp_path: Path) -> None:
    async with ApiServer(API, [None, *[API.blocked("PROHIBITED_CONTENT")] * 9]) as server:
        record, _ = await extracted(settings(server, MODEL, tmp_path))
    assert record.status == "refused"


async def test_thoughts_are_counted_as_output_and_stand_in_no_answer(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        got, _ = await outcome(server, MODEL, tmp_path)
    assert (got.usage.input_tokens, got.usage.cached_tokens, got.usage.output_tokens) == (130, 100, 27)
    assert got.usage.reasoning_tokens == 20
    assert "Thinking" not in got.text


async def test_a_strict_schema_is_refused_and_remembered_as_such(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with ApiServer(API) as server:
        record, _ = await extracted(settings(server, MODEL, tmp_path, strict=True))
    assert record.status == "ok"
    assert "--strict has no effect" in caplog.text


async def test_a_call_that_the_model_got_wrong_is_asked_for_again(tmp_path: Path) -> None:
    def malformed(request: Received) -> Step:
        return API.answer(request, "", finish="MALFORMED_FUNCTION_CALL")

    async with ApiServer(API, [None, malformed]) as server:
        record, _ = await extracted(settings(server, MODEL, tmp_path))
        assert len(server.asked) == 3  # the probe is the first
    assert record.status == "ok"


async def test_a_key_that_the_server_takes_for_another_is_told_as_its_url(tmp_path: Path) -> None:
    async with ApiServer(API) as server:
        got, _ = await outcome(server, MODEL, tmp_path, api_key="wrong")
    assert got.status == 401
    assert "API key not valid" in str(got)
    assert "GEMINI_API_KEY" in str(got)
