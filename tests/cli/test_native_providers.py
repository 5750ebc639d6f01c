"""The commands with a model of a provider that has a protocol of its own, each at a server that keeps to its API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from llmx.endpoint.providers.native.registry import bare_model, native_provider
from tests.cli.running import here, project, run
from tests.endpoint.providers.native.servers import (
    KEY,
    AnthropicApi,
    Api,
    ApiServer,
    BedrockApi,
    CohereApi,
    GoogleApi,
    MistralApi,
    VertexApi,
    WriterApi,
)

CASES = [
    pytest.param(AnthropicApi, "anthropic/claude-sonnet-4-5", "anthropic", id="anthropic"),
    pytest.param(GoogleApi, "google/gemini-2.5-flash", "google.genai", id="google"),
    pytest.param(VertexApi, "vertexai/gemini-2.5-flash", "google.genai", id="vertexai"),
    pytest.param(MistralApi, "mistral/mistral-large-latest", "mistralai", id="mistral"),
    pytest.param(CohereApi, "cohere/command-a-03-2025", "cohere", id="cohere"),
    pytest.param(WriterApi, "writer/palmyra-x5", "writerai", id="writer"),
    pytest.param(BedrockApi, "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0", "boto3", id="bedrock"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("api", "model", "sdk"), CASES)
async def test_extract_replay_status_and_doctor_know_it(
    tmp_path: Path, *, api: Callable[[], Api], model: str, sdk: str
) -> None:
    pytest.importorskip(sdk)
    folder, served, provider = project(tmp_path), api(), native_provider(model)
    assert provider is not None
    served.model = bare_model(model)
    key = {provider.key_variable: KEY}
    words = ("extract", "docs/a.txt", "--schema", "bill.py:Bill")
    async with ApiServer(served) as server:
        where = ("--model", model, "--base-url", server.base_url)
        done = await run(*words, *where, "--record", "tape", "-o", "out.jsonl", folder=folder, **key)
        told = await run("doctor", *where, folder=folder, **key)
    assert done.code in {0, 1}, done.err  # what the server says is not in the document
    priced = model != "writer/palmyra-x5"  # genai-prices does not know Writer's
    assert ("$" in done.err) == priced
    assert "$0.0000;" not in done.err
    record = json.loads((folder / "out.jsonl").read_text())
    assert (record["model"], record["mode"]) == (model, "tools")

    shown = here("status", "out.jsonl", folder=folder)
    assert model in shown.out
    report = here("report", "out.jsonl", folder=folder)
    assert bool(re.search(r"cost usd +0\.00", report.out)) == priced, report.out

    again = await run(*words, "--replay", "tape", folder=folder)
    assert again.records[0]["data"] == record["data"]

    assert f"from {provider.key_variable}" in told.out
    assert f"{provider.name}'s own, through instructor" in told.out
    assert "mode tools       honoured" in told.out
