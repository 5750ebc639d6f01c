"""Pictures go over the wire as data URLs, and are nowhere else: keys, cassettes and the cache hold their hashes.

The server of these tests is scripted and no model; it cannot see.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint import open_endpoint
from llmx.endpoint.pictures import PictureReference, picture_part, picture_sizes, picture_tokens
from llmx.endpoint.responses_api import as_chat, as_responses
from llmx.endpoint.sight import NUMBER, picture
from llmx.endpoint.wire_endpoint import WireEndpoint
from llmx.errors import RequestError
from llmx.request import Request
from tests.endpoint.asking import ask, complete, settings
from tests.fault_server import FaultServer, Received, Step, answer, status


class Drawing:
    """Draws a picture, and counts how often."""

    def __init__(self, file: bytes = b"") -> None:
        self.file, self.times = file or picture(), 0

    def __call__(self) -> bytes:
        self.times += 1
        return self.file


def showing(drawing: Drawing, *, page: int = 1) -> Request:
    request = ask()
    reference = PictureReference.of(["a file", page], 1568, drawing)
    content = [{"type": "text", "text": "Who is it?"}, picture_part(reference)]
    return replace(request, body={**request.body, "messages": [{"role": "user", "content": content}]})


def sent_url(received: Received) -> str:
    (message,) = received.body.get("messages") or received.body["input"]
    part = message["content"][1]
    return str(part["image_url"]["url"] if part["type"] == "image_url" else part["image_url"])


async def test_a_picture_is_sent_as_a_data_url_and_its_request_is_known_by_its_hash(tmp_path: Path) -> None:
    drawing = Drawing()
    request = showing(drawing)
    assert picture_sizes(request) == [1568]
    assert request.key == showing(Drawing(b"\xff\xd8other")).key != showing(drawing, page=2).key
    async with FaultServer() as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        await complete(endpoint, request)
        again = await complete(endpoint, request)
        await endpoint.aclose()
        assert base64.b64decode(sent_url(server.received[0]).removeprefix("data:image/png;base64,")) == picture()
    assert (again.origin, drawing.times, len(server.received)) == ("cache", 1, 1)


async def test_a_cassette_holds_no_picture_and_a_replay_draws_none(tmp_path: Path) -> None:
    async with FaultServer() as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path, record=tmp_path / "tape", cache=False))
        await complete(endpoint, showing(Drawing()))
        await endpoint.aclose()
    (file,) = (tmp_path / "tape").glob("*.json")
    assert "base64" not in file.read_text("utf-8")
    assert "llmx-picture:" in file.read_text("utf-8")
    drawing = Drawing()
    replayed = open_endpoint(settings(server.base_url, tmp_path, replay=tmp_path / "tape"))
    assert (await complete(replayed, showing(drawing))).origin == "cassette"
    assert await replayed.sees()
    await replayed.aclose()
    assert drawing.times == 0


async def test_the_responses_api_gets_a_picture_in_its_form(tmp_path: Path) -> None:
    chat = showing(Drawing())
    request = replace(chat, body=as_responses(chat.body))
    assert as_chat(request.body)["messages"][0]["content"][1]["image_url"]["url"].startswith("llmx-picture:")
    assert picture_tokens(request) == picture_tokens(chat) > 2000
    async with FaultServer() as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        await complete(endpoint, request)
        await endpoint.aclose()
        assert server.received[0].body["input"][0]["content"][1]["type"] == "input_image"
        assert sent_url(server.received[0]).startswith("data:image/png;base64,")


async def test_a_page_that_cannot_be_drawn_is_a_refusal_before_anything_is_sent(tmp_path: Path) -> None:
    async with FaultServer() as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        request = showing(Drawing())
        reference = PictureReference.of(["a file", 1], 1568, lambda: b"")
        messages = [{"role": "user", "content": [picture_part(reference)]}]
        with pytest.raises(RequestError, match="cannot be drawn"):
            await endpoint.complete(replace(request, body={**request.body, "messages": messages}))
        await endpoint.aclose()
    assert server.received == []


def _reads_the_picture(received: Received) -> Step:
    """Answer as a model that sees would: the script knows what is in the picture."""
    return answer(f"It is {NUMBER}." if "data:image/png" in json.dumps(received.body) else "none")


async def _sight(server: FaultServer, folder: Path, **more: Any) -> tuple[bool, WireEndpoint]:
    endpoint = open_endpoint(settings(server.base_url, folder, **more))
    seen = await endpoint.sees()
    assert await endpoint.sees() is seen
    await endpoint.aclose()
    return seen, endpoint


@pytest.mark.parametrize(
    ("script", "sees"),
    [
        (_reads_the_picture, True),
        ([answer("none")], False),
        ([answer("I see a cat.")], False),
        ([status(400, "image_url is only supported by certain models")], False),
        ([status(404, "No endpoints found that support image input")], False),
    ],
    ids=["sees", "ignores", "invents", "refuses", "not found"],
)
async def test_a_model_sees_that_reads_the_number_back_and_the_verdict_is_remembered(
    tmp_path: Path, script: Any, sees: bool
) -> None:
    async with FaultServer(script) as server:
        assert (await _sight(server, tmp_path))[0] is sees
        asked = len(server.received)
        assert (await _sight(server, tmp_path))[0] is sees
        assert len(server.received) == asked == 1


async def test_a_server_that_is_away_is_no_verdict(tmp_path: Path) -> None:
    async with FaultServer([answer()]) as server:
        away = server.base_url
    endpoint = open_endpoint(settings(away, tmp_path, retry_attempts=1))
    assert not await endpoint.sees()
    await endpoint.aclose()
    assert not (tmp_path / "cache" / "probes").exists()
