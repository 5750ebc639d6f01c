"""An instructor client that the user has already says whom to ask, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import instructor
import openai
import pytest
from pydantic import BaseModel

import llmx
from llmx.documents import Document
from llmx.endpoint import EndpointSettings
from llmx.endpoint.instructor_client import client_settings
from llmx.errors import ConfigError, UsageError
from tests.fault_server import FaultServer, call, status


class User(BaseModel):
    name: str
    age: int


USER = call('{"name": "Ada", "age": "36"}', name="User")
ASYNC, SYNC = openai.AsyncOpenAI, openai.OpenAI


async def extracted(client: Any, **more: Any) -> Any:
    endpoint = EndpointSettings(cache=False, **more)
    stream = llmx.aextract([Document("d", "Ada is 36.")], User, client=client, endpoint=endpoint)
    [record] = [record async for record in stream]
    return record


@pytest.mark.parametrize("kind", [ASYNC, SYNC], ids=["async", "sync"])
@pytest.mark.parametrize("own", [False, True], ids=["straight", "with a connection of its own"])
async def test_a_client_of_openais_sdk_is_asked_with_its_own_settings(kind: Any, *, own: bool) -> None:
    async with FaultServer([USER]) as server:
        connection = (httpx2.AsyncClient if kind is ASYNC else httpx2.Client)() if own else None
        sdk = kind(
            base_url=server.base_url, api_key="a-secret-key", default_headers={"X-Team": "blue"},
            organization="org-1", http_client=connection,
        )  # fmt: skip
        record = await extracted(instructor.from_openai(sdk, model="gpt-x"))
        [asked] = [each for each in server.received if each.path.endswith("/chat/completions")]
    assert (record.status, record.data, record.model, record.mode) == ("ok", User(name="Ada", age=36), "gpt-x", "tools")
    assert asked.headers["authorization"] == "Bearer a-secret-key"
    assert (asked.headers["x-team"], asked.headers["openai-organization"]) == ("blue", "org-1")
    assert asked.headers["user-agent"].startswith("llmx") is not own


async def test_the_retries_of_a_client_with_its_own_connection_are_llmxs() -> None:
    async with FaultServer([status(503), USER]) as server:
        sdk = openai.AsyncOpenAI(base_url=server.base_url, api_key="k", max_retries=1, http_client=httpx2.AsyncClient())
        record = await extracted(instructor.from_openai(sdk, model="gpt-x"))
    assert (record.status, record.attempts) == ("ok", 2)


async def test_what_a_client_asked_is_recorded_and_replayed_without_it(tmp_path: Path) -> None:
    async with FaultServer([USER]) as server:
        sdk = openai.AsyncOpenAI(base_url=server.base_url, api_key="k", http_client=httpx2.AsyncClient())
        recorded = await extracted(instructor.from_openai(sdk, model="gpt-x"), record=tmp_path / "tape")
    stream = llmx.aextract([Document("d", "Ada is 36.")], User, endpoint=EndpointSettings(replay=tmp_path / "tape"))
    assert [record.to_json() async for record in stream] == [recorded.to_json()]


async def test_azures_client_sends_for_itself(tmp_path: Path) -> None:
    async with FaultServer([USER]) as server:
        sdk = openai.AsyncAzureOpenAI(
            azure_endpoint=server.base_url.removesuffix("/v1"), api_version="2024-10-21", api_key="k"
        )
        record = await extracted(instructor.from_openai(sdk, model="a-deployment"))
        [asked] = server.received
    assert record.status == "ok"
    assert asked.path == "/openai/deployments/a-deployment/chat/completions?api-version=2024-10-21"
    assert asked.headers["api-key"] == "k"


def made(**more: Any) -> openai.OpenAI:
    return openai.OpenAI(**{"base_url": "http://one/v1", "api_key": "k", **more})


def test_the_model_of_from_provider_is_asked_unless_another_is_named() -> None:
    client = instructor.from_provider("openai/gpt-4o-mini", api_key="k", async_client=True)
    assert client_settings(client, EndpointSettings()).endpoint.model == "gpt-4o-mini"
    assert client_settings(client, EndpointSettings(), model="gpt-4o").endpoint.model == "gpt-4o"


@pytest.mark.parametrize(
    ("name", "model", "base_url"),
    [
        ("anthropic/claude-x", "anthropic/claude-x", None),
        ("ollama/llama3", "llama3", "http://localhost:11434/v1"),
        ("openrouter/anthropic/claude-x", "anthropic/claude-x", "https://openrouter.ai/api/v1"),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
def test_a_client_of_another_provider_is_that_providers(
    *, name: str, model: str, base_url: str | None, is_async: bool
) -> None:
    from_provider: Any = instructor.from_provider  # its overloads tell sync from async by a literal
    key = {} if name.startswith("ollama") else {"api_key": "a key"}
    found = client_settings(from_provider(name, async_client=is_async, **key), EndpointSettings()).endpoint
    assert (found.model, found.base_url, bool(found.key), found.sdk) == (model, base_url, True, None)
    assert (found.native is None) == (base_url is not None)


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ("TOOLS", ("tools", False, "auto")),
        ("JSON", ("json", False, "auto")), ("MD_JSON", ("text", False, "auto")),
        ("JSON_SCHEMA", ("json_schema", False, "auto")), ("RESPONSES_TOOLS", ("tools", False, "responses")),
    ],
    ids=str,
)  # fmt: skip
def test_the_mode_is_that_of_the_client(mode: str, wanted: tuple[str, bool, str]) -> None:
    client = instructor.from_openai(made(), mode=instructor.Mode[mode], model="m")
    found = client_settings(client, EndpointSettings()).endpoint
    assert (found.mode, found.strict, found.api) == wanted


def test_default_arguments_of_a_client_hold() -> None:
    client = instructor.from_openai(
        made(timeout=7, max_retries=4), model="m", max_tokens=99, temperature=0.5, top_p=0.1
    )
    found = client_settings(client, EndpointSettings())
    assert found.options == {"max_output_tokens": 99, "temperature": 0.5}
    assert (found.endpoint.extra_body, found.endpoint.timeout_s, found.endpoint.retry_attempts) == (
        {"top_p": 0.1},
        7,
        5,
    )


@pytest.mark.parametrize(
    ("client", "base", "error", "words"),
    [
        (made(), {}, UsageError, "not a client of instructor"),
        (instructor.from_openai(made()), {}, ConfigError, "does not say which model"),
        (instructor.from_openai(made(), model="m"), {"base_url": "http://two/v1"}, ConfigError, "both say base_url"),
        (instructor.from_openai(made(), model="m", max_retries=3), {}, ConfigError, "default max_retries"),
        (
            instructor.from_openai(made(), model="m", mode=instructor.Mode.PARALLEL_TOOLS), {}, ConfigError,
            "several calls",
        ),
    ],
    ids=["no client", "no model", "two addresses", "its retries", "parallel calls"],
)  # fmt: skip
def test_a_client_that_cannot_be_asked_is_refused_by_name(
    *, client: Any, base: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        client_settings(client, EndpointSettings(**base))
