"""Where a question goes, and past whom: proxies, passwords in the URL, one set of connections for everything."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI

from llmx.endpoint.providers.connections import proxy_of
from llmx.endpoint.providers.openai_compatible import OpenAICompatible
from llmx.endpoint.providers.route import NO_KEY, Access, route_of
from tests.endpoint.asking import ask
from tests.fault_server import FaultServer, completion

PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("environment", "url_and_proxy"),
    [
        pytest.param({}, ("http://model.example/v1", None), id="none"),
        pytest.param({"http_proxy": PROXY}, ("http://model.example/v1", PROXY), id="http"),
        pytest.param({"http_proxy": PROXY}, ("https://model.example/v1", None), id="http only"),
        pytest.param({"https_proxy": PROXY}, ("https://model.example/v1", PROXY), id="https"),
        pytest.param({"all_proxy": PROXY}, ("https://model.example/v1", PROXY), id="all"),
        pytest.param({"http_proxy": "proxy.example:3128"}, ("http://model.example/v1", PROXY), id="without a scheme"),
        pytest.param(
            {"http_proxy": PROXY, "no_proxy": "model.example"}, ("http://model.example/v1", None), id="bypass"
        ),
        pytest.param(
            {"http_proxy": PROXY, "no_proxy": "localhost,127.0.0.1"},
            ("http://127.0.0.1:8080/v1", None),
            id="this machine",
        ),
    ],
)
def test_the_proxy_is_the_environments(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url_and_proxy: tuple[str, str | None]
) -> None:
    url, proxy = url_and_proxy
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_of(url) == proxy


async def test_questions_go_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FaultServer() as proxy:
        monkeypatch.setenv("http_proxy", proxy.base_url.removesuffix("/v1"))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        wire = OpenAICompatible(Access("http://model.invalid/v1"))
        response = await wire.send(ask())
        await wire.aclose()
    assert response.status == 200
    assert proxy.received[0].path == "http://model.invalid/v1/chat/completions"


async def test_a_password_in_the_url_is_the_one_that_is_told() -> None:
    async with FaultServer() as server:
        wire = OpenAICompatible(Access(server.base_url.replace("//", "//me:secret@"), "another"))
        await wire.send(ask())
        await wire.aclose()
    assert server.received[0].headers["authorization"] == "Basic bWU6c2VjcmV0"


async def test_a_query_in_the_base_url_goes_along() -> None:
    async with FaultServer() as server:
        wire = OpenAICompatible(Access(server.base_url + "?api-version=2024-10-21"))
        await wire.send(ask())
        await wire.aclose()
    assert server.received[0].path == "/v1/chat/completions?api-version=2024-10-21"


HERE = "http://model.example/v1"
SETTINGS: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"base_url": HERE}, {}),
    ({"base_url": HERE + "/", "api_key": "a key"}, {}),
    ({"base_url": None, "api_key": "a key"}, {}),
    ({"base_url": None}, {"OPENAI_BASE_URL": "https://elsewhere.example/openai/v1/"}),
    ({"base_url": HERE}, {"OPENAI_ORG_ID": "an organisation", "OPENAI_PROJECT_ID": "a project"}),
    ({"base_url": HERE, "headers": {"X-Team": "blue", "OpenAI-Project": "mine"}}, {"OPENAI_PROJECT_ID": "a project"}),
    ({"base_url": HERE, "api_key": "a key"}, {"OPENAI_CUSTOM_HEADERS": "X-One: 1\nX-Two: 2"}),
]


@pytest.mark.parametrize(("settings", "environment"), SETTINGS)
def test_questions_go_where_the_openai_client_would_send_them_and_as_whom(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], environment: dict[str, str]
) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    access = Access(**settings)
    theirs = asyncio.run(sent_by_the_openai_client(access))
    ours = route_of(access)
    assert str(ours.url) == str(theirs.url)
    skipped = {"user-agent", "host", "connection", "accept-encoding", "content-length"}
    expected = {k: v for k, v in theirs.headers.items() if k not in skipped and not k.startswith("x-stainless")}
    headers = {name.lower(): value for name, value in ours.headers.items() if not name.startswith("X-Stainless")}
    assert headers.pop("user-agent")
    assert headers == expected


async def sent_by_the_openai_client(access: Access) -> httpx2.Request:
    """Return the request that the openai client makes of a question."""
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json=completion({"role": "assistant", "content": "{}"}))

    client = AsyncOpenAI(
        base_url=access.base_url, api_key=access.api_key or NO_KEY, default_headers=access.headers,
        http_client=httpx2.AsyncClient(transport=httpx2.MockTransport(answer)),
    )  # fmt: skip
    await client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Who?"}])
    return seen[0]


async def test_the_openai_client_and_the_questions_share_their_connections() -> None:
    async with FaultServer(models=["a"]) as server:
        wire = OpenAICompatible(Access(server.base_url))
        assert await wire.models() == ["a"]
        await wire.send(ask())
        assert await wire.models() == ["a"]
        await wire.aclose()
    assert server.connections == 1
