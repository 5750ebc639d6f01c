"""What all prompts of a run begin with is read once and kept on disk; the server on the loopback is scripted."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint.opening import open_provider
from llmx.endpoint.providers.embedded import MOST_FILES
from llmx.endpoint.settings import EndpointSettings
from llmx.request import Request

RULES = "You extract facts from a document into one JSON record of this shape. " * 12


class Scripted:
    """Answers as llama.cpp's server does, and writes a file where it is asked to save; it is no model."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked, self.saves, self.restores = folder, list[str](), True, True
        self.bodies: list[Any] = []
        self.weights = folder / "m.gguf"
        self.weights.write_bytes(b"GGUF")
        (folder / "prefixes").mkdir()

    def reply(self, path: str, body: Any) -> tuple[int, Any]:
        """Return what it answers."""
        self.asked.append(path.replace("/v1/chat/completions", "chat").replace("/slots/0?action=", ""))
        self.bodies.append(body)
        if path == "/props":
            return 200, {"model_path": str(self.weights), "build_info": "b1"}
        if path.endswith("=save") and self.saves:
            (self.folder / "prefixes" / body["filename"]).write_bytes(b"state")
            return 200, {}
        if path.endswith("=restore") and self.restores:
            return 200, {}
        return (200, {"choices": []}) if "chat" in path else (501, {"error": "not supported"})


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Scripted, EndpointSettings]]:
    scripted = Scripted(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status, told = scripted.reply(self.path, json.loads(self.rfile.read(length) or b"null"))
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{running.server_address[1]}/v1"
    try:
        yield (
            scripted,
            EndpointSettings(model="m", base_url=url, api_key="none", embedded=True, prefixes=tmp_path / "prefixes"),
        )
    finally:
        running.shutdown()
        running.server_close()


async def ask(settings: EndpointSettings, *documents: str, rules: str = RULES) -> None:
    """Ask about documents in a run of their own."""
    provider = open_provider(settings)
    for document in documents:
        messages = [{"role": "system", "content": rules}, {"role": "user", "content": document}]
        body = {
            "model": "m",
            "messages": messages,
            "max_tokens": 99,
            "temperature": 0,
            "response_format": {"type": "x"},
        }
        assert (await provider.send(Request(body, "json_schema"))).status == 200
    await provider.aclose()


async def test_the_beginning_is_read_and_saved_once_and_restored_by_the_next_run(server: Any) -> None:
    scripted, settings = server
    await ask(settings, "one", "two")
    assert scripted.asked == ["/props", "chat", "save", "chat", "chat"]
    read = scripted.bodies[1]
    assert [each["content"] for each in read["messages"]] == [RULES, ""], "no document is in the file"
    assert (read["max_tokens"], "response_format" in read) == (1, False)
    scripted.asked.clear()
    await ask(settings, "three")
    assert scripted.asked == ["/props", "restore", "chat"]


async def test_another_beginning_or_other_weights_have_a_file_of_their_own(server: Any) -> None:
    scripted, settings = server
    await ask(settings, "one")
    await ask(settings, "one", rules=RULES + "Be brief.")
    scripted.weights.write_bytes(b"GGUF, and larger")
    await ask(settings, "one")
    assert scripted.asked.count("save") == 3
    assert "restore" not in scripted.asked


async def test_a_short_beginning_is_not_kept(server: Any) -> None:
    scripted, settings = server
    await ask(settings, "one", rules="Be brief.")
    assert scripted.asked == ["chat"]


async def test_a_file_that_is_not_taken_is_made_anew(server: Any) -> None:
    scripted, settings = server
    await ask(settings, "one")
    scripted.asked.clear()
    scripted.restores = False
    await ask(settings, "one")
    assert scripted.asked == ["/props", "restore", "chat", "save", "chat"]


async def test_a_server_that_cannot_save_answers_all_the_same(server: Any) -> None:
    scripted, settings = server
    scripted.saves = False
    scripted.weights.unlink()  # nor is it known which weights it runs
    await ask(settings, "one")
    assert scripted.asked == ["/props", "chat"]


async def test_only_the_beginnings_that_were_used_last_are_kept(server: Any, tmp_path: Path) -> None:
    _, settings = server
    for number in range(MOST_FILES + 2):
        await ask(settings, "one", rules=f"{RULES} {number}")
    assert len(list((tmp_path / "prefixes").iterdir())) == MOST_FILES
