"""A scripted server with OpenAI's Batch API, as its reference describes it: files, batches, output and error files.

https://platform.openai.com/docs/api-reference/batch. It runs in a thread, so that it outlives the processes that tests
kill. Answers are those of the mock server of bench/; nothing here is a model. What a batch does to its lines is a
``Script``; ``paid`` counts, by custom id, what a provider would charge for.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.mock_server import Mock

Json = dict[str, Any]
Lines = tuple[list[Json], list[Json]]
"""The lines of the output file and those of the error file."""

Script = Callable[[list[Json], "BatchServer"], Lines]


def answered(lines: list[Json], server: BatchServer) -> Lines:
    """Answer every line, in the order of the requests."""
    return [server.answer(line) for line in lines], []


def expired(line: Json) -> Json:
    """A line of the error file for a request that was not reached within the day."""
    told = {"code": "batch_expired", "message": "This request could not be executed before the completion window."}
    return {"id": "batch_req_x", "custom_id": line["custom_id"], "response": None, "error": told}


def refused(line: Json, status: int, message: str) -> Json:
    """A line of the error file for a request that was answered with an error."""
    body = {"error": {"message": message, "type": "invalid_request_error", "code": None}}
    response = {"status_code": status, "request_id": "req_x", "body": body}
    return {"id": "batch_req_x", "custom_id": line["custom_id"], "response": response, "error": None}


@dataclass
class BatchServer:
    """``script`` is what the next batches do; ``holds`` keeps them in progress until ``release``."""

    script: Script = answered
    holds: bool = False
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, Json] = field(default_factory=dict)
    paid: Counter[str] = field(default_factory=Counter)
    live: list[Json] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    refusal: str = ""
    hook: Callable[[str], None] = lambda _: None
    mock: Mock = field(default_factory=Mock)
    lock: threading.Lock = field(default_factory=threading.Lock)
    base_url: str = ""

    def reply(self, body: Json) -> tuple[int, Json]:
        """The answer to a chat request."""
        whole = self.mock.reply(json.dumps(body).encode())[1]
        head, _, content = whole.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), json.loads(content)

    def answer(self, line: Json) -> Json:
        """The line of the output file for a request."""
        status, body = self.reply(line["body"])
        self.paid[line["custom_id"]] += 1
        response = {"status_code": status, "request_id": "req_x", "body": body}
        return {"id": "batch_req_x", "custom_id": line["custom_id"], "response": response, "error": None}

    def release(self) -> None:
        """Let the batches come to their ends."""
        self.holds = False
        for batch in self.batches.values():
            if batch["status"] == "in_progress":
                self.complete(batch)

    def complete(self, batch: Json, status: str = "completed") -> None:
        """Answer a batch as the script says."""
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
        good, bad = self.script(lines, self)
        batch["status"] = status
        batch["request_counts"] = {"total": len(lines), "completed": len(good), "failed": len(bad)}
        for name, what in (("output_file_id", good), ("error_file_id", bad)):
            if what:
                batch[name] = self.keep(b"".join(json.dumps(each).encode() + b"\n" for each in what))

    def keep(self, content: bytes) -> str:
        """Keep a file and return its id."""
        name = f"file-{len(self.seen)}-{len(self.files)}"
        self.files[name] = content
        return name

    def create(self, asked: Json) -> Json:
        """Create a batch."""
        assert asked["completion_window"] == "24h"
        assert asked["endpoint"] in {"/v1/chat/completions", "/v1/responses"}
        lines = [json.loads(line) for line in self.files[asked["input_file_id"]].splitlines()]
        assert all(line["method"] == "POST" and line["url"] == asked["endpoint"] for line in lines)
        assert len({line["custom_id"] for line in lines}) == len(lines)
        number = len(self.batches) + 1
        batch: Json = {
            "id": f"batch_{number}", "object": "batch", "endpoint": asked["endpoint"], "status": "in_progress",
            "input_file_id": asked["input_file_id"], "completion_window": "24h", "created_at": 2_000_000_000 + number,
            "metadata": asked.get("metadata"), "request_counts": {"total": len(lines), "completed": 0, "failed": 0},
        }  # fmt: skip
        self.batches[batch["id"]] = batch
        if self.refusal:
            batch["status"] = "failed"
            batch["errors"] = {"object": "list", "data": [{"code": "token_limit_exceeded", "message": self.refusal}]}
        elif not self.holds:
            self.complete(batch)
        return batch

    def listed(self, query: str) -> Json:
        """A page of the batches, the newest first, two at a time."""
        every = sorted(self.batches.values(), key=lambda each: -each["created_at"])
        after = query.partition("after=")[2].partition("&")[0]
        if after:
            at = next(n for n, each in enumerate(every) if each["id"] == after)
            every = every[at + 1 :]
        return {"object": "list", "data": every[:2], "has_more": len(every) > 2}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.route("GET", b"")

    def do_POST(self) -> None:
        self.route("POST", self.rfile.read(int(self.headers["content-length"] or 0)))

    def do_DELETE(self) -> None:
        self.route("DELETE", b"")

    def route(self, method: str, body: bytes) -> None:
        state: BatchServer = self.server.state
        path, _, query = self.path.removeprefix("/v1").partition("?")
        state.hook(f"{method} {path}")
        with state.lock:
            state.seen.append(f"{method} {path}")
            status, out = self.answer(state, f"{method} {path}", query=query, body=body)
        state.hook(f"after {method} {path}")
        content = out if isinstance(out, bytes) else json.dumps(out).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def answer(  # noqa: PLR0911 - a return for each route
        self, state: BatchServer, what: str, *, query: str, body: bytes
    ) -> tuple[int, Any]:
        parts = what.split("/")
        match [parts[0].strip(), *parts[1:]]:
            case ["POST", "chat", "completions"]:
                state.live.append(json.loads(body))
                return state.reply(json.loads(body))
            case ["POST", "files"]:
                name = state.keep(_file_of(self.headers["content-type"], body))
                return 200, {"id": name, "object": "file", "purpose": "batch", "bytes": 0, "created_at": 0,
                             "filename": "x", "status": "processed"}  # fmt: skip
            case ["GET", "files", name, "content"]:
                return 200, state.files[name]
            case ["DELETE", "files", name]:
                return 200, {"id": name, "object": "file", "deleted": bool(state.files.pop(name, b""))}
            case ["POST", "batches"]:
                return 200, state.create(json.loads(body))
            case ["GET", "batches"]:
                return 200, state.listed(query)
            case ["GET", "batches", name]:
                return 200, state.batches[name]
            case ["POST", "batches", name, "cancel"]:
                state.complete(state.batches[name], "cancelled")
                return 200, state.batches[name]
            case ["GET", "models"]:
                return 200, {"object": "list", "data": [{"id": "mock", "object": "model"}]}
        return 404, {"error": {"message": f"no route {what}"}}


def _file_of(content_type: str, body: bytes) -> bytes:
    form = message_from_bytes(f"content-type: {content_type}\r\n\r\n".encode() + body, policy=HTTP)
    fields = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
    assert fields["purpose"].get_content().strip() == "batch"
    content = fields["file"].get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    state: BatchServer

    def handle_error(self, *_: Any) -> None:
        """Say nothing: clients that are killed reset their connections."""


@contextlib.contextmanager
def serving_batches(state: BatchServer | None = None) -> Iterator[BatchServer]:
    """Serve on a free port of this machine meanwhile."""
    state = state or BatchServer()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.state = state
    state.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
