"""No document, key or header goes to another address than the one that the user named, whatever a server says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from llmx.endpoint import open_endpoint
from llmx.endpoint.providers.openai_compatible import OpenAICompatible
from llmx.endpoint.providers.route import Access
from llmx.errors import LlmxError
from tests.endpoint.asking import Clock, ask, settings
from tests.fault_server import FaultServer, Received, Step, status

HEADERS = {"api-key": "a secret", "X-Team": "another"}
Way = Callable[[OpenAICompatible, Path], Awaitable[object]]


class Redirecting(FaultServer):
    """A server that sends everybody elsewhere, whatever is asked (scripted)."""

    def __init__(self, code: int, target: str) -> None:
        super().__init__()
        self.code, self.target = code, target

    def _step(self, request: Received) -> Step:
        return status(self.code, location=f"{self.target}{request.path}")


async def questions(wire: OpenAICompatible, folder: Path, **more: str) -> object:
    given = settings(wire.access.base_url or "", folder, headers=tuple(HEADERS.items()), api_key="a key", **more)
    endpoint = open_endpoint(given, policy=Clock().policy())
    try:
        return await (endpoint.resolve() if more.get("mode") == "auto" else endpoint.complete(ask()))
    finally:
        await endpoint.aclose()


WAYS: dict[str, Way] = {
    "a question": questions,
    "a question of the Responses API": lambda wire, folder: questions(wire, folder, api="responses"),
    "a probe": lambda wire, folder: questions(wire, folder, mode="auto"),
    "the list of models": lambda wire, _: wire.models(),
    "the tokenizer": lambda wire, _: wire.count_tokens("a secret text"),
    "the context": lambda wire, _: wire.context_length(),
    "any path": lambda wire, _: wire.get("/any"),
    "a text to any path": lambda wire, _: wire.post("/any", {"text": "a secret text"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("way", WAYS)
async def test_no_redirect_is_followed_by_any_way_that_there_is(way: str, code: int, tmp_path: Path) -> None:
    async with FaultServer() as other, Redirecting(code, f"http://127.0.0.1:{other.port}") as server:
        wire = OpenAICompatible(Access(server.base_url, "a key", HEADERS))
        try:
            await WAYS[way](wire, tmp_path)
        except LlmxError as error:
            assert "redirects to" in error.message  # noqa: PT017 - some ways raise, others say None
        finally:
            await wire.aclose()
    assert server.received
    assert other.received == []


@pytest.mark.parametrize("method", ["get", "post"])
async def test_neither_key_nor_headers_go_to_another_origin(method: str) -> None:
    async with FaultServer() as other, FaultServer() as server:
        wire = OpenAICompatible(Access(server.base_url, "a key", HEADERS))
        for at in (server, other):
            url = f"http://127.0.0.1:{at.port}/props"
            await (wire.get(url) if method == "get" else wire.post(url, {}))
        await wire.aclose()
    [own], [foreign] = server.received, other.received
    assert own.headers["authorization"] == "Bearer a key"
    assert own.headers["x-team"] == "another"
    assert not {"authorization", "api-key", "x-team"} & set(foreign.headers)
    assert "a key" not in str(foreign.headers)
