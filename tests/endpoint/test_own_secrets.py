"""What reaches an endpoint beside the documents stands in nothing that is kept of its answers and errors."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from llmx.endpoint import EndpointSettings, open_endpoint
from llmx.errors import EndpointError
from tests.endpoint.asking import Clock, ask
from tests.fault_server import FaultServer, Received, Step, answer, status

OWN = {name: f"{name}ofnobodyatall" for name in ("key", "header", "user", "password", "query")}
BASIC = base64.b64encode(f"{OWN['user']}:{OWN['password']}".encode()).decode()


def settings(server: FaultServer, folder: Path, *, redact_documents: bool = False) -> EndpointSettings:
    return EndpointSettings(
        model="scripted-1", mode="json_schema", api_key=OWN["key"], headers=(("X-Team", f"Token {OWN['header']}"),),
        base_url=f"http://{OWN['user']}:{OWN['password']}@127.0.0.1:{server.port}/v1?code={OWN['query']}",
        cache_dir=folder / "cache", record=folder / "tape",
        redact_documents=redact_documents,
    )  # fmt: skip


def contents(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


@pytest.mark.slow
@pytest.mark.parametrize("told", [*OWN.values(), BASIC, f"Token {OWN['header']}"])
@pytest.mark.parametrize("redact_documents", [True, False])
async def test_a_secret_of_the_endpoint_that_it_echoes_is_not_in_its_answer(
    *, told: str, redact_documents: bool, tmp_path: Path
) -> None:
    async with FaultServer([answer(json.dumps({"name": f"Ada {told}"}))]) as server:
        endpoint = open_endpoint(settings(server, tmp_path, redact_documents=redact_documents))
        completion = await endpoint.complete(ask())
        endpoint.keep(completion)
        await endpoint.aclose()
    assert "Ada" in str(completion.text)
    assert told not in str(completion.text)
    kept = contents(tmp_path)
    assert len(kept) >= 2, "the cache and the cassette"
    assert not any(told.encode() in data for data in kept)


@pytest.mark.parametrize("told", [*OWN.values(), BASIC, f"Token {OWN['header']}"])
async def test_nor_is_it_in_its_errors(told: str, tmp_path: Path) -> None:
    def refusing(_: Received) -> Step:
        return status(400, f"no entry for {told}")

    async with FaultServer(refusing) as server:
        endpoint = open_endpoint(settings(server, tmp_path), policy=Clock().policy())
        with pytest.raises(EndpointError, match="no entry for") as caught:
            await endpoint.complete(ask())
        await endpoint.aclose()
    assert told not in str(caught.value)
