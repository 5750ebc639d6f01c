from __future__ import annotations

import asyncio
import gzip
import json
import socket
import zlib
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint import open_endpoint
from llmx.endpoint.providers.connections import MOST_BODY_BYTES
from llmx.endpoint.providers.openai_compatible import OpenAICompatible
from llmx.endpoint.providers.route import Access
from llmx.endpoint.retry import RetryPolicy
from llmx.errors import AuthError, ConfigError, ConnectError, LlmxError, RequestError, ServerError
from tests.endpoint.asking import Clock, ask, settings
from tests.fault_server import (
    CUT,
    DRIP,
    HANG,
    HTML,
    RESET,
    FaultServer,
    Received,
    Step,
    answer,
    call,
    completion,
    status,
)

KEY = "plainsecretkey-of-nobody"


async def outcome(server: FaultServer, folder: Path, request: Any = None, **more: Any) -> Any:
    """Return the completion of one request to ``server`` or the error, and the endpoint's figures."""
    endpoint = open_endpoint(settings(server.base_url, folder, **{"api_key": KEY, **more}), policy=Clock().policy())
    try:
        return await endpoint.complete(request or ask()), endpoint.stats
    except LlmxError as error:
        return error, endpoint.stats
    finally:
        await endpoint.aclose()


@pytest.mark.slow
@pytest.mark.parametrize(
    "step",
    [
        pytest.param(status(429, retry_after="0"), id="429 with seconds"),
        pytest.param(status(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), id="429 with a date"),
        pytest.param(status(408), id="408"),
        pytest.param(status(409), id="409"),
        pytest.param(status(500), id="500"),
        pytest.param(status(503), id="503"),
        pytest.param(RESET, id="reset"),
        pytest.param(CUT, id="connection cut in the body"),
        pytest.param(Step(b'{"choices": [{"mess'), id="cut JSON"),
        pytest.param(HTML, id="HTML with status 200"),
        pytest.param(Step(b"hello", headers={"Content-Type": "text/plain"}), id="wrong content type"),
        pytest.param(Step({"choices": []}), id="no choices"),
        pytest.param(HANG, id="hang"),
        pytest.param(DRIP, id="a body that never ends"),
        pytest.param(Step(b"not http", headers={"Content-Length": "nonsense"}), id="broken HTTP"),
        pytest.param(
            Step(completion({"content": "x"}), headers={"X-Client-Request-Id": "another"}),
            id="another request's answer",
        ),
    ],
)
async def test_a_fault_of_the_wire_is_repeated_until_the_answer_comes(step: Any, tmp_path: Path) -> None:
    async with FaultServer([step, answer()]) as server:
        got, stats = await outcome(server, tmp_path, timeout_s=0.5)
    assert got.text == '{"name": "Ada"}'
    assert (got.attempts, stats.retries, len(server.received)) == (2, 1, 2)


@pytest.mark.parametrize(
    ("code", "kind"), [(400, RequestError), (401, AuthError), (403, AuthError), (422, RequestError)]
)
async def test_a_refusal_of_the_server_is_not_repeated(code: Any, kind: Any, tmp_path: Path) -> None:
    async with FaultServer([status(code, f"not with {KEY}"), answer()]) as server:
        error, _ = await outcome(server, tmp_path)
    assert type(error) is kind
    assert len(server.received) == 1
    assert KEY not in str(error)


async def test_an_unknown_model_is_told_with_those_that_are_offered(tmp_path: Path) -> None:
    async with FaultServer([status(404, "no such model")], models=["qwen-1", "qwen-2"]) as server:
        error, _ = await outcome(server, tmp_path)
    assert "scripted-1" in error.message
    assert "qwen-1" in error.hint


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    ("base_url", "told"),
    [
        pytest.param("http://127.0.0.1:{port}/v1", "connection refused", id="no server"),
        pytest.param("https://127.0.0.1:{port}/v1", "connection refused", id="no server, TLS"),
        pytest.param("http://no-such-host.invalid/v1", "name is not known", id="no such host"),
    ],
)
async def test_an_absent_server_is_told_in_words_with_what_to_do(base_url: Any, told: Any) -> None:
    wire = OpenAICompatible(Access(base_url.format(port=closed_port()), KEY))
    with pytest.raises(ConnectError, match=told) as caught:
        await wire.send(ask())
    await wire.aclose()
    assert caught.value.hint
    assert KEY not in str(caught.value)


async def test_a_password_in_the_base_url_stands_in_no_message(tmp_path: Path) -> None:
    base_url = f"http://me:hunter2@127.0.0.1:{closed_port()}/v1?key=hunter2"
    endpoint = open_endpoint(settings(base_url, tmp_path), policy=Clock().policy(attempts=1))
    with pytest.raises(ConnectError) as caught:
        await endpoint.complete(ask())
    await endpoint.aclose()
    assert "hunter2" not in str(caught.value)


async def test_a_reset_is_told_as_one() -> None:
    async with FaultServer([RESET]) as server:
        wire = OpenAICompatible(Access(server.base_url))
        with pytest.raises(ConnectError, match="closed the connection"):
            await wire.send(ask())
        await wire.aclose()


async def test_what_goes_over_the_wire_is_the_body_in_its_own_order_with_key_and_headers(tmp_path: Path) -> None:
    request = ask(mode="tools", max_tokens=50)
    async with FaultServer([call('{"name": "Ada"}')]) as server:
        got, _ = await outcome(server, tmp_path, request, headers=(("X-Team", "blue"),))
    [received] = server.received
    assert got.text == '{"name": "Ada"}'
    assert received.body == request.body
    assert list(received.body) == list(request.body)
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.headers["x-team"] == "blue"
    assert received.path == "/v1/chat/completions"


async def test_connections_are_used_again(tmp_path: Path) -> None:
    async with FaultServer() as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        for i in range(5):
            await endpoint.complete(ask(str(i)))
        await endpoint.aclose()
    assert (len(server.received), server.connections) == (5, 1)


@pytest.mark.slow
async def test_as_many_are_in_flight_as_are_asked(tmp_path: Path) -> None:
    all_there = asyncio.Event()

    def script(received: Received) -> Step:
        if received.number == 149:
            all_there.set()
        return Step(completion({"content": "{}"}), until=all_there)

    async with FaultServer(script) as server, asyncio.timeout(60):
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        await asyncio.gather(*(endpoint.complete(ask(str(i))) for i in range(150)))
        await endpoint.aclose()
    assert server.connections == 150


async def test_models_are_listed_and_a_server_that_does_not_tell_has_none() -> None:
    async with FaultServer(models=["a", "b"]) as server:
        wire = OpenAICompatible(Access(server.base_url))
        assert await wire.models() == ["a", "b"]
        await wire.aclose()
        silent = OpenAICompatible(Access(server.base_url + "/elsewhere/..", KEY))
        assert (await silent.get("/nothing")).status == 404
        await silent.aclose()


async def test_a_base_url_that_cannot_be_one_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no http://"):
        settings("127.0.0.1:8080/v1", tmp_path)


async def test_an_answer_of_another_request_is_not_taken() -> None:
    mixed_up = Step(completion({"content": "x"}), headers={"X-Client-Request-Id": "another"})
    async with FaultServer([mixed_up]) as server:
        wire = OpenAICompatible(Access(server.base_url))
        with pytest.raises(ServerError, match="another request"):
            await wire.send(ask())
        await wire.aclose()


async def test_a_server_that_restarts_in_the_middle_is_waited_for(tmp_path: Path) -> None:
    server = FaultServer([answer()], port=closed_port())

    async def sleep_while_it_starts(seconds: float) -> None:
        await server.__aenter__()

    policy = RetryPolicy(sleep=sleep_while_it_starts)
    endpoint = open_endpoint(settings(server.base_url, tmp_path), policy=policy)
    got = await endpoint.complete(ask())
    await endpoint.aclose()
    await server.__aexit__()
    assert got.attempts == 2


@pytest.mark.slow
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("mode", ["auto", "json_schema"])
async def test_no_redirect_is_followed_and_its_target_is_named(code: int, mode: Any, tmp_path: Path) -> None:
    async with FaultServer() as other:
        target = f"http://127.0.0.1:{other.port}"
        async with FaultServer([status(code, location=f"{target}/v1/chat/completions")]) as server:
            given = settings(
                server.base_url, tmp_path, mode=mode, api_key="a secret", headers=(("api-key", "another"),)
            )
            endpoint = open_endpoint(given)
            asked = endpoint.resolve() if mode == "auto" else endpoint.complete(ask())
            with pytest.raises(RequestError, match=target) as caught:
                await asked
            await endpoint.aclose()
    assert len(server.received) == 1
    assert other.received == []
    assert "--base-url" in caught.value.hint


async def test_no_redirect_of_the_list_of_models_is_followed() -> None:
    async with FaultServer() as other:

        class Redirecting(FaultServer):
            def _step(self, request: Received) -> Step:  # noqa: ARG002 - whatever is asked
                return status(307, location=f"{other.base_url}/models")

        async with Redirecting() as server:
            wire = OpenAICompatible(Access(server.base_url, "a secret"))
            assert await wire.models() == []
            await wire.aclose()
    assert other.received == []


async def test_an_error_under_status_200_tells_no_key(tmp_path: Path) -> None:
    async with FaultServer([Step({"error": {"message": "the key plainsecretkey is wrong", "code": 400}})]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path, api_key="plainsecretkey"))
        with pytest.raises(RequestError, match="is wrong") as caught:
            await endpoint.complete(ask())
        await endpoint.aclose()
    assert "plainsecretkey" not in repr(caught.value) + str(caught.value)
    assert len(server.received) == 1


SPOKEN = json.dumps(completion({"content": '{"name": "Ada"}'})).encode()
TOO_LONG = MOST_BODY_BYTES + 1


def padded(size: int) -> bytes:
    """Return an answer that is all right but for the blanks behind it."""
    return SPOKEN.ljust(size)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(Step(gzip.compress(padded(TOO_LONG)), headers={"Content-Encoding": "gzip"}), id="gzip"),
        pytest.param(Step(zlib.compress(padded(TOO_LONG)), headers={"Content-Encoding": "deflate"}), id="deflate"),
        pytest.param(Step(padded(TOO_LONG)), id="plain"),
        pytest.param(Step(padded(TOO_LONG), status=400), id="an error"),
    ],
)
async def test_of_an_answer_no_more_than_a_bound_is_read_and_it_is_not_asked_for_again(
    step: Step, tmp_path: Path
) -> None:
    async with FaultServer([step, answer()]) as server:
        error, _ = await outcome(server, tmp_path)
    assert isinstance(error, RequestError)
    assert "more than 32 MB" in error.message
    assert len(server.received) == 1


@pytest.mark.parametrize("path", ["/models", "/props"])
async def test_of_what_a_server_says_of_itself_no_more_than_a_bound_is_read(path: str) -> None:
    class Endless(FaultServer):
        def _step(self, request: Received) -> Step:  # noqa: ARG002 - whatever is asked
            return Step(gzip.compress(padded(TOO_LONG)), headers={"Content-Encoding": "gzip"})

    async with Endless() as server:
        wire = OpenAICompatible(Access(server.base_url))
        try:
            with pytest.raises(RequestError, match="more than 32 MB"):
                await wire.get(path)
        finally:
            await wire.aclose()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_compressed_answer_is_read(encoding: str, tmp_path: Path) -> None:
    squeezed = (gzip.compress if encoding == "gzip" else zlib.compress)(padded(100_000))
    async with FaultServer([Step(squeezed, headers={"Content-Encoding": encoding})]) as server:
        got, _ = await outcome(server, tmp_path)
    assert got.text == '{"name": "Ada"}'


async def test_a_key_in_the_list_of_models_stands_in_no_message(tmp_path: Path) -> None:
    async with FaultServer([status(404, "no such model")], models=[f"{KEY}-1", "other"]) as server:
        error, _ = await outcome(server, tmp_path)
        endpoint = open_endpoint(settings(server.base_url, tmp_path, model="", api_key=KEY))
        with pytest.raises(ConfigError) as caught:
            await endpoint.resolve()
        await endpoint.aclose()
    assert "[redacted]-1" in error.hint
    assert KEY not in str(error) + str(caught.value)
