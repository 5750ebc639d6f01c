"""What holds of every provider that is reached through instructor, each at a server that keeps to its API."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint import EndpointSettings
from llmx.endpoint.opening import open_provider
from llmx.endpoint.price import cost_usd
from llmx.endpoint.providers.native.registry import native_provider
from llmx.endpoint.resolving import examine
from llmx.errors import AuthError, ConfigError, ConnectError, RequestError
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.record import Record, Usage
from llmx.request import Request
from tests.endpoint.asking import ask
from tests.endpoint.providers.native.extracting import Note, extracted, outcome, settings
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
from tests.fault_server import HTML, RESET


@dataclass(frozen=True)
class Case:
    """A provider: its server, a model, and the mode that its server honours first."""

    api: Callable[[], Api]
    model: str
    sdk: str
    extra: str
    overloaded: int
    priced: str
    mode: str = "tools"


CASES = [
    Case(AnthropicApi, "anthropic/claude-scripted-1", "anthropic", "anthropic", 529, "anthropic/claude-sonnet-4-5"),
    Case(GoogleApi, "google/gemini-scripted-1", "google.genai", "google", 503, "google/gemini-2.5-flash"),
    Case(VertexApi, "vertexai/gemini-scripted-1", "google.genai", "google", 503, "vertexai/gemini-2.5-flash"),
    Case(MistralApi, "mistral/mistral-scripted-1", "mistralai", "mistral", 503, "mistral/mistral-large-latest"),
    Case(CohereApi, "cohere/command-scripted-1", "cohere", "cohere", 503, "cohere/command-a-03-2025"),
    Case(WriterApi, "writer/palmyra-scripted-1", "writerai", "writer", 503, ""),
    Case(
        BedrockApi, "bedrock/anthropic.claude-scripted-1-v1:0", "boto3", "bedrock", 503,
        "bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0",
    ),
]  # fmt: skip


@pytest.fixture(params=CASES, ids=lambda case: case.model.partition("/")[0])
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    pytest.importorskip(found.sdk)
    return found


@pytest.mark.slow
def test_a_record_is_extracted_recorded_and_replayed_without_the_sdk(case: Case, tmp_path: Path) -> None:
    async def record() -> tuple[Record[Any], str]:
        async with ApiServer(case.api()) as server:
            return await extracted(settings(server, case.model, tmp_path, record=tmp_path / "tape"))

    recorded, mode = asyncio.run(record())
    assert (recorded.status, recorded.data and recorded.data.subject, mode) == ("ok", "harvest", case.mode)
    assert recorded.usage.total_tokens > 0
    code = (
        "import asyncio, sys; from pathlib import Path\n"
        "from llmx.endpoint import EndpointSettings; from tests.endpoint.providers.native.extracting import extracted\n"
        "record, mode = asyncio.run(extracted(EndpointSettings(replay=Path(sys.argv[1]))))\n"
        "loaded = {'instructor', 'openai', 'anthropic', 'google.genai', 'mistralai', 'cohere', 'writerai', 'boto3', 'aiohttp', 'httpx'}\n"
        "assert not loaded & set(sys.modules), loaded & set(sys.modules)\n"
        "print(record.status, record.data.subject, mode)"
    )
    environment = {**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "tape")],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.stdout.split() == ["ok", "harvest", mode], done.stderr


async def test_the_raw_completion_and_the_kind_of_endpoint_are_in_the_cassette_and_the_key_is_not(
    case: Case, tmp_path: Path
) -> None:
    async with ApiServer(case.api()) as server:
        await outcome(server, case.model, tmp_path, record=tmp_path / "tape")
    (tape,) = [path.read_text() for path in (tmp_path / "tape").iterdir()]
    assert '"raw": {' in tape
    assert f'"endpoint": "{case.model.partition("/")[0]}"' in tape
    assert KEY not in tape


async def test_every_mode_is_examined_and_the_models_are_listed(case: Case, tmp_path: Path) -> None:
    async with ApiServer(case.api()) as server:
        given = settings(server, case.model, tmp_path)
        provider = open_provider(given)
        try:
            assert case.model in await provider.models()
            result = await examine(provider, given)
        finally:
            await provider.aclose()
    assert result.tried[case.mode] == "honoured"
    assert result.tried["text"] == "honoured"


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["tools", "json_schema", "text"])
async def test_an_answer_comes_in_each_mode_that_the_provider_has(case: Case, mode: str, tmp_path: Path) -> None:
    async with ApiServer(case.api()) as server:
        got, _ = await outcome(server, case.model, tmp_path, mode=mode)
    assert (got.text if mode == "text" else json.loads(got.text)) == ("Paris." if mode == "text" else {"name": "Ada"})
    assert got.finish_reason == "stop"


async def test_a_wrong_key_is_an_auth_error_that_names_the_variable_and_is_not_repeated(
    case: Case, tmp_path: Path
) -> None:
    async with ApiServer(case.api()) as server:
        got, _ = await outcome(server, case.model, tmp_path, api_key="another-key-of-nobody")
        assert isinstance(got, AuthError)
        assert len(server.received) == 1
    assert "another-key" not in str(got)


@pytest.mark.slow
async def test_what_passes_is_repeated(case: Case, tmp_path: Path) -> None:
    api = case.api()
    faults = [api.error(case.overloaded, "Overloaded"), api.error(500, "Internal error"), RESET, HTML]
    async with ApiServer(api, faults) as server:
        got, (stats, _) = await outcome(server, case.model, tmp_path)
        assert len(server.asked) == 5
    assert (json.loads(got.text), got.attempts, stats.retries) == ({"name": "Ada"}, 5, 4)


@pytest.mark.slow
def test_a_missing_key_is_an_auth_error_that_names_the_variable(case: Case, tmp_path: Path) -> None:
    provider = native_provider(case.model)
    assert provider is not None
    environment = {name: value for name, value in os.environ.items() if name not in provider.key_variables}
    code = (
        "import asyncio, sys; from llmx.endpoint import EndpointSettings\n"
        "from tests.endpoint.providers.native.extracting import extracted\n"
        "asyncio.run(extracted(EndpointSettings(sys.argv[1], cache=False)))"
    )
    command = [sys.executable, "-c", code, case.model]
    # nothing can be sent: the proxy is not there
    environment |= {"HTTPS_PROXY": "http://127.0.0.1:9", "LLMX_CACHE_DIR": str(tmp_path), "HOME": str(tmp_path)}
    environment |= {"AWS_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert "AuthError" in done.stderr
    assert f"the key in {provider.key_variable}" in done.stderr


async def test_a_named_variable_without_a_key_is_an_auth_error_though_the_sdk_finds_another(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = native_provider(case.model)
    assert provider is not None
    for name in provider.key_variables:
        monkeypatch.setenv(name, KEY)
    monkeypatch.delenv("KEY_OF_THE_TEAM", raising=False)
    async with ApiServer(case.api()) as server:
        got, _ = await outcome(server, case.model, tmp_path, api_key=None, api_key_env="KEY_OF_THE_TEAM")
        assert server.received == []
    assert isinstance(got, AuthError)
    assert "KEY_OF_THE_TEAM is not set" in str(got)


async def test_an_unknown_model_is_a_request_error_that_lists_the_models(case: Case, tmp_path: Path) -> None:
    async with ApiServer(case.api()) as server:
        got, _ = await outcome(server, f"{case.model}-that-is-not", tmp_path)
    assert isinstance(got, RequestError)
    assert got.status == 404


@pytest.mark.slow
def test_an_absent_sdk_is_named_with_what_to_install(case: Case, tmp_path: Path) -> None:
    code = (
        "import sys; from importlib.abc import MetaPathFinder; absent = sys.argv[1]\n"
        "class Absent(MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == absent: raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from llmx.cli import main\n"
        "sys.argv = ['llmx', 'extract', sys.argv[2], '--schema', sys.argv[3], '--model', sys.argv[4]]\n"
        "main()"
    )
    (tmp_path / "note.txt").write_text("Subject: harvest.")
    (tmp_path / "note.py").write_text("from pydantic import BaseModel\nclass Note(BaseModel):\n    subject: str\n")
    done = subprocess.run(
        [sys.executable, "-c", code, case.sdk, str(tmp_path / "note.txt"), f"{tmp_path / 'note.py'}:Note", case.model],
        capture_output=True, text=True, check=False, env={**os.environ, "LLMX_CACHE_DIR": str(tmp_path / "cache")},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert f"pip install 'llmx-extract[{case.extra}]'" in done.stderr
    assert case.sdk in done.stderr


async def test_a_server_that_is_not_there_is_a_connect_error(case: Case, tmp_path: Path) -> None:
    async with ApiServer(case.api()) as server:
        pass
    got, _ = await outcome(server, case.model, tmp_path)
    assert isinstance(got, ConnectError)
    assert "refused" in str(got)


async def test_what_the_user_adds_to_the_body_is_sent_and_is_in_the_key(case: Case, tmp_path: Path) -> None:
    usual = ask(mode="text", model=case.model)
    request = Request({**usual.body, "thinking_budget": 7}, "text")
    assert request.key != usual.key
    async with ApiServer(case.api()) as server:
        provider = open_provider(settings(server, case.model, tmp_path))
        response = await provider.send(request)
        await provider.aclose()
        sent = [str(each.body) for each in server.received]
    refused = response.status in {400, 422} and b"thinking_budget" in response.body
    assert refused or any("thinking_budget" in body for body in sent)


async def test_logprobs_are_refused_by_name(case: Case, tmp_path: Path) -> None:
    async with ApiServer(case.api()) as server:
        provider = open_provider(settings(server, case.model, tmp_path))
        response = await provider.send(ask(mode="text", model=case.model, logprobs=True))
        await provider.aclose()
        assert server.received == []
    assert response.status == 400
    assert b"logprobs" in response.body


async def test_the_responses_api_is_refused_by_name(case: Case) -> None:
    with pytest.raises(ConfigError, match="--api responses"):
        open_provider(EndpointSettings(case.model, api="responses", api_key=KEY))


async def test_the_users_headers_are_sent(case: Case, tmp_path: Path) -> None:
    async with ApiServer(case.api()) as server:
        await outcome(server, case.model, tmp_path, headers=(("X-Team", "harvest"),))
        assert server.asked[0].headers["x-team"] == "harvest"


async def test_a_span_names_the_provider(case: Case, tmp_path: Path) -> None:
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from llmx.run.telemetry import traced

    exporter, tracing = InMemorySpanExporter(), sdk.TracerProvider()
    tracing.add_span_processor(SimpleSpanProcessor(exporter))
    async with (
        ApiServer(case.api()) as server,
        open_session(Extractor(Note), settings(server, case.model, tmp_path)) as session,
    ):
        endpoint = traced(session.endpoint, session.plan, tracer=tracing.get_tracer("test"))
        await endpoint.complete(ask(mode="tools", model=case.model))
    (span,) = exporter.get_finished_spans()
    attributes = dict(span.attributes or {})
    provider = native_provider(case.model)
    assert provider is not None
    assert attributes["gen_ai.provider.name"] == provider.span_name


def test_the_price_is_the_providers(case: Case) -> None:
    usage = Usage(1000, 100, 0)
    if not case.priced:  # genai-prices does not know it
        assert cost_usd(case.model, usage) is None
        return
    known = cost_usd(case.priced, usage)
    assert known is not None
    assert known > Decimal(0)
    assert cost_usd(case.priced, usage, base_url="http://127.0.0.1:1") == known


async def test_the_proxy_of_the_environment_carries_the_requests(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ApiServer(case.api()) as proxy:  # it is asked for a whole URL of a host that is not there
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", proxy.base_url)
        given = settings(proxy, case.model, tmp_path, base_url="http://api.example.invalid")
        provider = open_provider(given)
        response = await provider.send(ask(mode="text", model=case.model))
        await provider.aclose()
        (received,) = proxy.received
    assert response.status != 200 or b"choices" in response.body
    assert received.path.startswith("http://api.example.invalid/")
