"""Clients of instructor over other SDKs, asked through llmx's own; and such models as fallbacks, on loopback servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import instructor
import pytest

import llmx
from llmx.documents import Document
from llmx.endpoint import EndpointSettings
from llmx.errors import ConfigError
from llmx.extraction.options import Options
from tests.endpoint.providers.native.extracting import Note, settings
from tests.endpoint.providers.native.servers import (
    KEY,
    AnthropicApi,
    Api,
    ApiServer,
    CohereApi,
    GoogleApi,
    MistralApi,
    WriterApi,
)
from tests.fault_server import FaultServer, status

DOCUMENT = Document("1", "Subject: harvest.")


def anthropic(base_url: str) -> Any:
    sdk = pytest.importorskip("anthropic")
    return instructor.from_anthropic(sdk.Anthropic(api_key=KEY, base_url=base_url), model="claude-scripted-1")


def anthropic_async(base_url: str) -> Any:
    sdk = pytest.importorskip("anthropic")
    return instructor.from_anthropic(sdk.AsyncAnthropic(api_key=KEY, base_url=base_url), model="claude-scripted-1")


def google(base_url: str) -> Any:
    genai = pytest.importorskip("google.genai")
    options = genai.types.HttpOptions(base_url=base_url)
    return instructor.from_genai(genai.Client(api_key=KEY, http_options=options), model="gemini-scripted-1")


def mistral(base_url: str) -> Any:
    sdk = pytest.importorskip("mistralai.client")
    return instructor.from_mistral(sdk.Mistral(api_key=KEY, server_url=base_url), model="mistral-scripted-1")


def cohere(base_url: str) -> Any:
    sdk = pytest.importorskip("cohere")
    return instructor.from_cohere(sdk.ClientV2(api_key=KEY, base_url=base_url), model="command-scripted-1")


def writer(base_url: str) -> Any:
    sdk = pytest.importorskip("writerai")
    return instructor.from_writer(sdk.Writer(api_key=KEY, base_url=base_url), model="palmyra-scripted-1")


@pytest.mark.parametrize(
    ("api", "client", "model"),
    [
        (AnthropicApi(), anthropic, "anthropic/claude-scripted-1"), (AnthropicApi(), anthropic_async, "anthropic/claude-scripted-1"),
        (GoogleApi(), google, "google/gemini-scripted-1"), (MistralApi(), mistral, "mistral/mistral-scripted-1"),
        (CohereApi(), cohere, "cohere/command-scripted-1"), (WriterApi(), writer, "writer/palmyra-scripted-1"),
    ],
    ids=["anthropic", "anthropic async", "google", "mistral", "cohere", "writer"],
)  # fmt: skip
async def test_a_client_of_another_sdk_says_whom_to_ask(
    *, api: Api, client: Callable[[str], Any], model: str, tmp_path: Path
) -> None:
    async with ApiServer(api) as server:
        how = EndpointSettings(cache_dir=tmp_path)
        stream = llmx.aextract(
            [DOCUMENT], Note, client=client(server.base_url), endpoint=how, options=Options(passes=1)
        )
        [record] = [record async for record in stream]
    assert (record.status, record.model) == ("ok", model)
    assert record.data is not None


def test_credentials_that_only_the_client_of_bedrock_knows_are_refused_by_name() -> None:
    boto3 = pytest.importorskip("boto3")
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    client = instructor.from_bedrock(boto3.client("bedrock-runtime", region_name="eu-west-1", **keys), model="m")
    with pytest.raises(ConfigError, match="credentials itself"):
        list(llmx.extract([DOCUMENT], Note, client=client))


async def test_a_model_of_another_protocol_is_a_fallback(tmp_path: Path) -> None:
    pytest.importorskip("anthropic")
    async with FaultServer([status(503)]) as first, ApiServer(AnthropicApi()) as second:
        after = settings(second, "anthropic/claude-scripted-1", tmp_path, cache_dir=None)
        how = EndpointSettings(
            "small", first.base_url, mode="json_schema", api_key="k", retry_attempts=2, retry_s=9, fallbacks=(after,),
            cache=False, record=tmp_path / "tape",
        )  # fmt: skip
        recorded = [r async for r in llmx.aextract([DOCUMENT], Note, endpoint=how, options=Options(passes=1))]
    assert [(record.status, record.model) for record in recorded] == [("ok", "anthropic/claude-scripted-1")]
    again = EndpointSettings(
        "small", replay=tmp_path / "tape", fallbacks=(EndpointSettings("anthropic/claude-scripted-1"),), cache=False
    )
    replayed = [r async for r in llmx.aextract([DOCUMENT], Note, endpoint=again, options=Options(passes=1))]
    assert [record.to_json() for record in replayed] == [record.to_json() for record in recorded]
