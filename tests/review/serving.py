"""Starts the review's server for tests: in this process, or in one that can be killed."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import uvicorn

from llmx.review import ReviewSession
from llmx.review.app import make_app

TOKEN = "a-token-for-tests"


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its address, and calls to it as raw as a test wants them."""

    address: str
    session: ReviewSession

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or 0

    def ask(
        self, method: str, path: str, *, body: Any = None, **headers: str | None
    ) -> tuple[int, dict[str, str], str]:
        """Send a request with the headers that the page sends, ``headers`` over them (None leaves one away)."""
        sent: dict[str, str | None] = {
            "host": f"127.0.0.1:{self.port}",
            "x-llmx-token": TOKEN,
            "content-type": "application/json",
        }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        content = body if isinstance(body, bytes) else json.dumps(body or {})
        connection.request(method, path, content, {name: value for name, value in sent.items() if value is not None})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text

    def call(self, name: str, **body: Any) -> tuple[int, Any]:
        status, _, text = self.ask("POST", f"/api/{name}", body=body)
        return status, json.loads(text)


class _Server(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()


@contextmanager
def serving(session: ReviewSession) -> Iterator[Served]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        make_app(session, token=TOKEN), log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    assert server.answers.wait(30)
    yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}/?token={TOKEN}", session)
    server.should_exit = True
    thread.join(5)
    listener.close()
    session.journal.close()


SCRIPT = """
import sys
from pathlib import Path
from llmx.review import serve_review
home = Path(sys.argv[1])
serve_review(home / "small" / "out.jsonl", home / "gold", documents=[home / "texts"], user="Ada", open_browser=False,
             port=int(sys.argv[2]), announce=lambda address: print(address, flush=True))
"""


@contextmanager
def process(home: Path, *, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``serve_review`` in a process of its own, with its address; killed at the end, if it was not before."""
    started = subprocess.Popen([sys.executable, "-c", SCRIPT, str(home), str(port)], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    try:
        yield started, started.stdout.readline().strip()
    finally:
        started.kill()
        started.wait()
        started.stdout.close()


def token_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["token"][0]
