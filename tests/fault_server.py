"""A server for tests that speaks the OpenAI chat API over real loopback sockets and fails on request.

It is not a model: it answers what its script tells it to, and says so in its Server header and in /props. A script is a
list of steps, one a request and the last one for ever, or a function from the request to a step.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

NAME = "llmx-fault-server"


@dataclass(frozen=True)
class Received:
    """A request as it came: ``number`` counts questions from 0."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    number: int = 0

    @property
    def endpoint(self) -> str:
        """The path without its query."""
        return self.path.partition("?")[0]

    @property
    def is_question(self) -> bool:
        """Whether it is for one of the two APIs that answer."""
        return self.endpoint.endswith(("/chat/completions", "/responses"))


@dataclass(frozen=True)
class Step:
    """What to do with one request: wait, then answer ``payload`` (bytes as they are, else JSON), or misbehave.

    It waits ``delay_s``, and for the event ``until`` to be set where there is one.
    """

    payload: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    until: asyncio.Event | None = None
    then: str = (
        "answer"  # or reset, hang, cut (the connection closes in the middle of the body), drip (a byte at a time)
    )


def answer(content: str | None = '{"name": "Ada"}', *, finish: str = "stop", **more: Any) -> Step:
    """Return a step that answers with a message; ``more`` goes into the message (refusal, tool_calls)."""
    return Step(completion({"role": "assistant", "content": content, **more}, finish))


def call(*arguments: str, name: str = "Person") -> Step:
    """Return a step that answers with one tool call for each of ``arguments``."""
    calls = [
        {"id": f"call_{i}", "type": "function", "function": {"name": name, "arguments": text}}
        for i, text in enumerate(arguments)
    ]
    return Step(completion({"role": "assistant", "content": None, "tool_calls": calls}, "tool_calls"))


def status(code: int, message: str = "as scripted", **headers: str) -> Step:
    """Return a step that answers with an error in OpenAI's form; underscores in header names become hyphens."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Step({"error": {"message": message, "type": "scripted", "code": None}}, code, names)


RESET = Step(then="reset")
HANG = Step(then="hang")
CUT = Step({"choices": []}, then="cut")
DRIP = Step({"choices": []}, then="drip")
HTML = Step(b"<html><body>Bad gateway</body></html>", headers={"Content-Type": "text/html"})


def completion(message: dict[str, Any], finish: str = "stop") -> dict[str, Any]:
    """Return a chat completion as a server sends it."""
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "scripted-1",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4}},
    }  # fmt: skip


class FaultServer:
    """``async with FaultServer([status(500), answer()]) as server`` serves at ``server.base_url``."""

    def __init__(
        self,
        script: Sequence[Step] | Callable[[Received], Step] = (),
        *,
        models: Sequence[str] = ("scripted-1",),
        port: int = 0,
        tokenizes: bool = False,
    ) -> None:
        self.port = port
        self.tokenizes = tokenizes
        self.script = script or [answer()]
        self.models = models
        self.received: list[Received] = []
        self.connections = 0
        self.arrived = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            with contextlib.suppress(Exception):
                writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Handle one request; return whether the connection goes on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        raw = await reader.readexactly(int(headers.get("content-length", 0)))
        chats = sum(r.is_question for r in self.received)
        request = Received(method, path, headers, json.loads(raw) if raw else {}, chats)
        self.received.append(request)
        self.arrived.set()
        step = self._step(request)
        await asyncio.sleep(step.delay_s)
        if step.until is not None:
            await step.until.wait()
        return await self._do(step, writer)

    def _step(self, request: Received) -> Step:
        if request.endpoint.endswith("/models"):
            return Step({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})
        if request.endpoint.endswith("/props"):
            return Step({"server": NAME, "default_generation_settings": {"n_ctx": 4096}})
        if request.endpoint.endswith("/tokenize") and self.tokenizes:  # a word is a token
            return Step({"tokens": [0] * len(request.body["content"].split())})
        if not request.is_question:
            return status(404, f"no such path: {request.path}")
        if callable(self.script):
            return self.script(request)
        return self.script[min(request.number, len(self.script) - 1)]

    async def _do(self, step: Step, writer: asyncio.StreamWriter) -> bool:
        if step.then == "hang":
            await asyncio.sleep(3600)
        if step.then == "reset":
            writer.transport.abort()
            return False
        body = step.payload if isinstance(step.payload, bytes) else json.dumps(step.payload).encode()
        headers = {"Content-Type": "application/json", "Server": NAME, "Content-Length": str(len(body)), **step.headers}
        lines = [f"HTTP/1.1 {step.status} scripted", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode("latin-1"))
        if step.then == "drip":
            for i in range(len(body) - 1):
                writer.write(body[i : i + 1])
                await asyncio.sleep(0.05)
            await asyncio.sleep(3600)
        writer.write(body[: len(body) // 2] if step.then == "cut" else body)
        await writer.drain()
        return step.then != "cut"
