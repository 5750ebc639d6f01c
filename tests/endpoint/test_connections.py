"""Where a question goes, and past whom: proxies, passwords in the URL, one set of connections for everything."""

from __future__ import annotations

from typing import Any

import pytest

from llmx.endpoint.connections import proxy_of
from llmx.endpoint.wire import OpenAIWire
from tests.endpoint.asking import ask
from tests.fault_server import FaultServer

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
        wire = OpenAIWire("http://model.invalid/v1")
        response = await wire.send(ask())
        await wire.aclose()
    assert response.status == 200
    assert proxy.received[0].path == "http://model.invalid/v1/chat/completions"


async def test_a_password_in_the_url_is_the_one_that_is_told() -> None:
    async with FaultServer() as server:
        wire = OpenAIWire(server.base_url.replace("//", "//me:secret@"), api_key="another")
        await wire.send(ask())
        await wire.aclose()
    assert server.received[0].headers["authorization"] == "Basic bWU6c2VjcmV0"


async def test_a_query_in_the_base_url_goes_along() -> None:
    async with FaultServer() as server:
        wire = OpenAIWire(server.base_url + "?api-version=2024-10-21")
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
    wire = OpenAIWire(**settings)
    way, client = wire._straight(), wire._open()
    assert str(way.url) == str(client._prepare_url("/chat/completions"))
    theirs = {**client.default_headers, **client.auth_headers}
    theirs = {k.lower(): v for k, v in theirs.items() if isinstance(v, str) and not k.startswith("X-Stainless")}
    ours = {name.lower(): value for name, value in way.headers.items() if not name.startswith("X-Stainless")}
    theirs["user-agent"] = ours["user-agent"]
    assert ours == theirs


async def test_the_openai_client_and_the_questions_share_their_connections() -> None:
    async with FaultServer(models=["a"]) as server:
        wire = OpenAIWire(server.base_url)
        assert await wire.models() == ["a"]
        await wire.send(ask())
        assert await wire.models() == ["a"]
        await wire.aclose()
    assert server.connections == 1
