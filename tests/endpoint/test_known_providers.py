from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from openai import AsyncAzureOpenAI, AsyncOpenAI

from llmx.endpoint import EndpointSettings, open_endpoint
from llmx.endpoint.known_providers import known_providers, provider_of, with_provider
from llmx.endpoint.opening import open_provider
from llmx.endpoint.price import cost_usd
from llmx.endpoint.providers.openai_compatible import OpenAICompatible
from llmx.endpoint.providers.route import Route, route_of
from llmx.endpoint.quirks import ParamQuirks
from llmx.errors import AuthError, ConfigError
from llmx.extraction.session import answering
from llmx.record import Usage
from llmx.request import Request
from llmx.run import RunOptions
from tests.endpoint.asking import ask
from tests.endpoint.asking import settings as settings_for
from tests.fault_server import FaultServer, completion

KEYS = sorted({variable for known in known_providers().values() for variable in (known.key, known.token) if variable})
PLACES = sorted({known.base_url_env for known in known_providers().values() if known.base_url_env})


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    others = ("OPENAI_BASE_URL", "OPENAI_API_VERSION", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS")
    for name in (*KEYS, *PLACES, *others):
        monkeypatch.delenv(name, raising=False)


def named(model: str, **more: Any) -> EndpointSettings:
    return with_provider(EndpointSettings(model=model, **more))


def route(model: str, **more: Any) -> Route:
    provider = open_provider(named(model, **more))
    assert isinstance(provider, OpenAICompatible)
    return route_of(provider.access)


@pytest.mark.parametrize("name", [known.name for known in known_providers().values() if known.base_url])
def test_a_name_stands_for_base_url_key_variable_and_model(name: str) -> None:
    known = known_providers()[name]
    ready = named(f"{name}/some/model:free")
    assert (ready.model, ready.base_url, ready.api_key_env) == ("some/model:free", known.base_url, known.key)
    assert ready.provider == name
    assert with_provider(ready) == ready, "a name counts once"


@pytest.mark.parametrize("known", known_providers().values(), ids=lambda known: known.name)
def test_the_facts_of_a_name_are_such_that_they_can_be_used(known: Any) -> None:
    assert urlsplit(known.source).scheme == "https"
    assert known.base_url or known.base_url_env
    assert ParamQuirks(**known.quirks)
    if known.base_url:
        loopback = urlsplit(known.base_url).hostname == "127.0.0.1"
        assert known.base_url.startswith("http://127.0.0.1:" if loopback else "https://")
        assert not known.base_url.endswith("/")


def test_only_the_key_of_the_name_goes_to_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in KEYS:
        monkeypatch.setenv(variable, f"value-of-{variable}")
    for variable, value in {"ORG_ID": "org", "PROJECT_ID": "project", "CUSTOM_HEADERS": "X-Secret: one"}.items():
        monkeypatch.setenv(f"OPENAI_{variable}", value)
    for variable in ("AZURE_OPENAI_ENDPOINT", "DATABRICKS_HOST", "ANYSCALE_BASE_URL"):
        monkeypatch.setenv(variable, "https://me.example.com")
    for name, known in known_providers().items():
        sent = str(route(f"{name}/m").headers)
        others = set(KEYS) - {known.key_variable}
        assert not [variable for variable in others if f"value-of-{variable}" in sent], name
        assert (f"value-of-{known.key_variable}" in sent) is bool(known.key_variable)
        foreign = name != "openai"
        assert ("org" not in sent) is foreign
        assert ("X-Secret" not in sent) is foreign


async def test_the_list_of_models_is_asked_for_with_the_same_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: one")
    monkeypatch.setenv("OPENAI_ORG_ID", "org")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key")
    async with FaultServer(models=["a"]) as server:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", f"http://127.0.0.1:{server.port}")
        provider = open_provider(named("azure/dep"))
        assert await provider.models() == ["a"]
        await provider.aclose()
    headers = server.received[0].headers
    assert headers["api-key"] == "azure-key"
    assert not {"authorization", "x-secret", "openai-organization"} & set(headers)


@pytest.mark.parametrize("where", ["settings", "environment"])
def test_with_a_base_url_the_id_of_the_model_is_sent_as_it_is(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = EndpointSettings(model="openai/gpt-oss-120b")
    if where == "settings":
        given = replace(given, base_url="https://openrouter.ai/api/v1")
    else:
        monkeypatch.setenv("OPENAI_BASE_URL", "https://openrouter.ai/api/v1")
    assert with_provider(given) == given


def test_a_model_without_a_slash_has_no_name() -> None:
    assert provider_of("gpt-5-mini") is None
    assert provider_of("groq/") is None
    assert named("gpt-5-mini") == EndpointSettings(model="gpt-5-mini")


def test_an_unknown_name_without_a_base_url_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ConfigError, match="meta-llama/llama-3") as caught:
        named("meta-llama/llama-3")
    assert "--base-url" in caught.value.hint
    with pytest.raises(ConfigError) as caught:
        named("openruoter/x/y")
    assert "Did you mean openrouter/x/y?" in caught.value.hint


def test_another_variable_can_be_named_for_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "mine")
    assert named("groq/m", api_key_env="MY_KEY").key == "mine"


async def test_the_list_of_models_without_a_key_is_an_auth_error_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    provider = open_provider(with_provider(EndpointSettings("groq/any")))
    with pytest.raises(AuthError, match="GROQ_API_KEY is not set"):
        await provider.models()
    await provider.aclose()


def test_a_provider_that_wants_a_key_is_not_asked_without_one() -> None:
    with pytest.raises(AuthError, match="GROQ_API_KEY") as caught:
        route("groq/m")
    assert caught.value.exit_code == 2
    assert route("groq/m", headers=(("authorization", "Basic abc"),)).headers["authorization"] == "Basic abc"
    assert route("vllm/m").headers["Authorization"] == "Bearer none"


Make = Callable[[httpx2.AsyncClient], AsyncOpenAI]


async def sent_by(make: Make, ask_it: Callable[[AsyncOpenAI], Any]) -> httpx2.Request:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json=completion({"role": "assistant", "content": "{}"}))

    await ask_it(make(httpx2.AsyncClient(transport=httpx2.MockTransport(answer))))
    return seen[0]


def chats(client: AsyncOpenAI) -> Any:
    return client.chat.completions.create(model="dep", messages=[{"role": "user", "content": "Who?"}])


def responds(client: AsyncOpenAI) -> Any:
    return client.responses.create(model="dep", input="Who?")


@pytest.mark.parametrize("credential", ["AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN"])
@pytest.mark.parametrize("version", ["2024-10-21", ""], ids=["with a version", "v1"])
def test_azure_is_asked_where_and_how_the_openai_client_asks_it(
    credential: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com/")
    monkeypatch.setenv(credential, "the-credential")
    if version:
        monkeypatch.setenv("OPENAI_API_VERSION", version)

    def make(http: httpx2.AsyncClient) -> AsyncOpenAI:
        if version:
            return AsyncAzureOpenAI(azure_deployment="dep", http_client=http)
        return AsyncOpenAI(
            base_url="https://me.openai.azure.com/openai/v1/", api_key="the-credential", http_client=http,
            default_headers={} if credential.endswith("TOKEN") else {"api-key": "the-credential"},
        )  # fmt: skip

    ours = route("azure/dep")
    for url, ask_it in ((ours.url, chats), (ours.responses_url, responds)):
        theirs = asyncio.run(sent_by(make, ask_it))
        assert str(url) == str(theirs.url)
    sent = {name.lower(): value for name, value in ours.headers.items()}
    for name in ("api-key", "authorization"):
        if version or name == "api-key":
            assert sent.get(name) == theirs.headers.get(name)
    assert ("authorization" in sent) is credential.endswith("TOKEN")


def test_every_provider_of_instructors_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    from instructor.v2.auto_client import supported_providers

    for known in known_providers().values():
        if known.base_url_env:
            monkeypatch.setenv(known.base_url_env, "https://me.example.com")
    unreached = [
        name for name in supported_providers if not (ready := named(f"{name}/m")).provider and not ready.native
    ]
    assert supported_providers
    assert unreached == []


@pytest.mark.parametrize(
    "address",
    ["https://dbc-1.cloud.databricks.com", "https://dbc-1.cloud.databricks.com/", "dbc-1.cloud.databricks.com"],
)
def test_a_workspace_of_databricks_is_asked_at_its_serving_endpoints(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", address)
    monkeypatch.setenv("DATABRICKS_TOKEN", "the-token")
    asked = route("databricks/databricks-claude-sonnet-4-5")
    assert str(asked.url) == "https://dbc-1.cloud.databricks.com/serving-endpoints/chat/completions"
    assert asked.headers["Authorization"] == "Bearer the-token"


@pytest.mark.parametrize(("name", "variable"), [("databricks", "DATABRICKS_HOST"), ("anyscale", "ANYSCALE_BASE_URL")])
def test_a_provider_without_an_address_says_which_variable_is_missing(name: str, variable: str) -> None:
    with pytest.raises(ConfigError, match=variable) as caught:
        named(f"{name}/m")
    assert name in caught.value.hint


def test_azure_without_an_address_says_which_variable_is_missing() -> None:
    with pytest.raises(ConfigError, match="AZURE_OPENAI_ENDPOINT"):
        named("azure/dep")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("gpu7", "http://gpu7:11434/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("127.0.0.1:9999", "http://127.0.0.1:9999/v1"),
        ("https://ollama.example/", "https://ollama.example/v1"),
        ("http://gpu7:80/v1/", "http://gpu7:80/v1"),
    ],
)
def test_the_host_of_ollama_is_read_as_ollama_reads_it(host: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    assert named("ollama/qwen3").base_url == url


async def test_a_name_is_asked_end_to_end_and_replayed_by_the_same_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tape = tmp_path / "tape"
    async with FaultServer() as server:
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{server.port}")
        given = EndpointSettings(model="ollama/scripted-1", mode="json_schema", cache=False, record=tape)
        with answering(given) as ready:
            endpoint = open_endpoint(ready)
            resolved = await endpoint.resolve()
            body = {**ask().body, "model": resolved.model}
            assert (await endpoint.complete(Request(body, "json_schema"))).text == '{"name": "Ada"}'
            await endpoint.aclose()
    assert server.received[-1].body["model"] == "scripted-1"
    for model in ("ollama/scripted-1", "scripted-1", ""):
        endpoint = open_endpoint(EndpointSettings(model=model, replay=tape))
        assert (await endpoint.resolve()).model == "scripted-1"
        await endpoint.aclose()


async def test_a_recorded_id_with_a_slash_is_found_again_though_it_begins_with_a_name(tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    body = {**ask().body, "model": "openai/gpt-oss-20b"}
    async with FaultServer() as server:
        given = settings_for(server.base_url, tmp_path, model="openai/gpt-oss-20b", cache=False, record=tape)
        endpoint = open_endpoint(given)
        await endpoint.complete(Request(body, "json_schema"))
        await endpoint.aclose()
    endpoint = open_endpoint(EndpointSettings(model="openai/gpt-oss-20b", replay=tape))
    assert (await endpoint.resolve()).model == "openai/gpt-oss-20b"
    await endpoint.aclose()


async def test_the_quirks_of_a_name_spare_a_refusal(tmp_path: Path) -> None:
    given = EndpointSettings(model="openai/gpt-5-mini", mode="tools", cache_dir=tmp_path)
    endpoint = open_endpoint(given)
    assert (await endpoint.resolve()).quirks.limit_name == "max_completion_tokens"
    await endpoint.aclose()


def test_a_hosted_name_is_asked_by_as_many_as_any_host_and_the_embedded_model_by_one() -> None:
    asked = EndpointSettings(model="groq/m")
    assert RunOptions().suited_to(with_provider(asked), asked=asked).concurrency == "auto"


@pytest.mark.parametrize(
    "model", ["openai/gpt-5-mini", "together/meta-llama/Llama-3.3-70B-Instruct-Turbo", "deepseek/deepseek-chat"]
)
def test_prices_are_known_by_a_name(model: str) -> None:
    ready = named(model)
    assert cost_usd(ready.model, Usage(1000, 1000), base_url=ready.base_url)
