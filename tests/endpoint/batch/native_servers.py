"""Scripted servers with the batch APIs of Anthropic and Google, as their references describe them.

https://platform.claude.com/docs/en/api/messages/batches and https://ai.google.dev/api/batch-api. They are no models: a
request is checked as the live API checks it, and answered with an invoice that obeys the schema which was sent. What a
batch does to its lines is a ``Script``; ``paid`` counts, by the key of a line, what a provider would charge for.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bench.mock_server import RECORD, fill
from tests.endpoint.providers.native.servers import AnthropicApi, GoogleApi
from tests.fault_server import Received

Json = dict[str, Any]
Answered = tuple[int, Any, dict[str, str]]
Script = Callable[[list[Json], "NativeBatchServer"], list[Json]]
"""From the lines of a batch to those of its results."""

CREATED = "2099-01-01T00:00:{:02}Z"


def answered(lines: list[Json], server: NativeBatchServer) -> list[Json]:
    """Answer every line, in the order of the requests."""
    return [server.answer(line) for line in lines]


@dataclass
class NativeBatchServer:
    """``holds`` keeps batches in progress until ``release``; with ``deaf``, the answer to a creation is lost."""

    api: Any = None
    script: Script = answered
    holds: bool = False
    deaf: bool = False
    batches: dict[str, Json] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    paid: Counter[str] = field(default_factory=Counter)
    live: list[Json] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    base_url: str = ""

    def reply(self, path: str, body: Json, headers: dict[str, str]) -> tuple[int, Json]:
        """The answer to a live request."""
        received = Received("POST", path, headers, body)
        step = self.api.refusal(received)
        if step is None:
            schema = self.api.schema(received)
            number = re.findall(r"INV-\d{6}", json.dumps(body))[-1]
            value = json.loads(json.dumps(fill(schema, "", root=schema, record=RECORD)).replace("INV-@@@@@@", number))
            step = self.api.answer(received, value)
        return step.status, step.payload

    def answer(self, line: Json) -> Json:
        """The line of the results for a request."""
        raise NotImplementedError

    def route(self, method: str, path: str, query: Json, *, body: bytes, headers: dict[str, str]) -> Answered:
        """The answer to any request."""
        raise NotImplementedError

    def end(self, batch: Json) -> None:
        """Let a batch come to its end."""
        raise NotImplementedError

    def release(self) -> None:
        """Let the batches come to their ends."""
        self.holds = False
        for batch in self.batches.values():
            self.end(batch)


class AnthropicBatchServer(NativeBatchServer):
    def __init__(self, **more: Any) -> None:
        super().__init__(AnthropicApi(), **more)
        self.sent: dict[str, list[Json]] = {}
        self.results: dict[str, list[Json]] = {}
        self.headers: dict[str, str] = {}

    def answer(self, line: Json) -> Json:
        self.paid[line["custom_id"]] += 1
        status, body = self.reply("/v1/messages", line["params"], self.headers)
        result = {"type": "succeeded", "message": body} if status == 200 else {"type": "errored", "error": body}
        return {"custom_id": line["custom_id"], "result": result}

    def route(  # noqa: PLR0911 - a return for each route
        self, method: str, path: str, query: Json, *, body: bytes, headers: dict[str, str]
    ) -> Answered:
        if (refused := self.api.refusal(Received(method, "/v1/models", headers, {}))) is not None:
            return refused.status, refused.payload, {}
        self.headers = headers
        match [method, *path.strip("/").split("/")[1:]]:
            case ["POST", "messages"]:
                self.live.append(json.loads(body))
                return *self.reply(path, json.loads(body), headers), {}
            case ["POST", "messages", "batches"]:
                return self.create(json.loads(body)["requests"])
            case ["GET", "messages", "batches"]:
                return 200, self.page(query.get("after_id")), {}
            case ["GET", "messages", "batches", name]:
                return 200, self.batches[name], {}
            case ["GET", "messages", "batches", name, "results"]:
                content = b"".join(json.dumps(each).encode() + b"\n" for each in self.results[name])
                return 200, content, {"content-type": "application/x-jsonl"}
            case ["POST", "messages", "batches", name, "cancel"]:
                self.end(self.batches[name])
                return 200, self.batches[name], {}
            case ["DELETE", "messages", "batches", name]:
                assert self.batches.pop(name)["processing_status"] == "ended"
                return 200, {"id": name, "type": "message_batch_deleted"}, {}
        return 404, {"type": "error", "error": {"type": "not_found_error", "message": path}}, {}

    def create(self, requests: list[Json]) -> Answered:
        assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", each["custom_id"]) for each in requests)
        assert len({each["custom_id"] for each in requests}) == len(requests)
        number = len(self.sent) + 1
        name = f"msgbatch_{number}"
        counts = {"processing": len(requests), "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}
        self.sent[name] = requests
        self.batches[name] = {
            "id": name, "type": "message_batch", "processing_status": "in_progress", "request_counts": counts,
            "created_at": CREATED.format(number), "expires_at": CREATED.format(number), "ended_at": None,
            "archived_at": None, "cancel_initiated_at": None, "results_url": None,
        }  # fmt: skip
        if not self.holds:
            self.end(self.batches[name])
        return 200, self.batches[name], {}

    def page(self, after: list[str] | None) -> Json:
        """A page of the batches, the newest first, two at a time."""
        names = list(reversed(self.batches))
        names = names[names.index(after[0]) + 1 :] if after else names
        some = [self.batches[name] for name in names[:2]]
        return {"data": some, "has_more": len(names) > 2, "first_id": names and names[0],
                "last_id": some[-1]["id"] if some else None}  # fmt: skip

    def end(self, batch: Json) -> None:
        if batch["processing_status"] == "ended":
            return
        lines = self.script(self.sent[batch["id"]], self)
        self.results[batch["id"]] = lines
        counts = Counter(line["result"]["type"] for line in lines)
        left = len(self.sent[batch["id"]]) - sum(counts.values())
        batch["request_counts"] = {
            "processing": 0, "succeeded": counts["succeeded"], "errored": counts["errored"] + max(left, 0),
            "canceled": counts["canceled"], "expired": counts["expired"],
        }  # fmt: skip
        batch["processing_status"] = "ended"
        batch["results_url"] = f"{self.base_url}/v1/messages/batches/{batch['id']}/results"


class GoogleBatchServer(NativeBatchServer):
    def __init__(self, **more: Any) -> None:
        super().__init__(GoogleApi(), **more)
        self.headers: dict[str, str] = {}

    @property
    def path(self) -> str:
        return f"/v1/models/{self.api.model}:generateContent"

    def answer(self, line: Json) -> Json:
        self.paid[line["key"]] += 1
        status, body = self.reply(self.path, line["request"], self.headers)
        return {"key": line["key"], "response": body} if status == 200 else {"key": line["key"], **body}

    def route(  # noqa: PLR0911 - a return for each route
        self, method: str, path: str, query: Json, *, body: bytes, headers: dict[str, str]
    ) -> Answered:
        if "upload_id" in query:  # the address of an upload needs no key
            return self.upload(query["upload_id"][0], body)
        if (refused := self.api.refusal(Received(method, "/v1/models", headers, {}))) is not None:
            return refused.status, refused.payload, {}
        self.headers = headers
        root, _, rest = path.removeprefix("/upload").strip("/").partition("/")
        assert root in {"v1", "v1beta"}
        name, _, verb = rest.partition(":")
        match [method, *name.split("/"), verb]:
            case ["POST", "models", _, "generateContent"]:
                self.live.append(json.loads(body))
                return *self.reply(self.path, json.loads(body), headers), {}
            case ["POST", "models", _, "batchGenerateContent"]:
                return self.create(name, json.loads(body)["batch"])
            case ["POST", "files", ""]:
                assert headers["x-goog-upload-command"] == "start"
                assert path.startswith("/upload/")
                made = f"files/{len(self.files)}"
                self.files[made] = {"name": made, **json.loads(body)["file"]}
                return 200, {}, {"X-Goog-Upload-URL": f"{self.base_url}{path}?upload_id={made}"}
            case ["GET", "files", ""]:
                shown = [{k: v for k, v in each.items() if k != "content"} for each in self.files.values()]
                return 200, {"files": shown}, {}
            case ["GET", "files", _, "download"]:
                return 200, self.files[name]["content"], {"content-type": "application/octet-stream"}
            case ["DELETE", "files", _, ""]:
                return (200, {}, {}) if self.files.pop(name, None) else (404, {}, {})
            case ["GET", "batches", ""]:
                return 200, {"operations": list(self.batches.values())}, {}
            case ["GET", "batches", _, ""]:
                return 200, self.batches[name], {}
            case ["POST", "batches", _, "cancel"]:
                self.end(self.batches[name], "BATCH_STATE_CANCELLED")
                return 200, {}, {}
            case ["DELETE", "batches", _, ""]:
                del self.batches[name]
                return 200, {}, {}
        return 404, {"error": {"code": 404, "message": path, "status": "NOT_FOUND"}}, {}

    def upload(self, name: str, body: bytes) -> Answered:
        self.files[name]["content"] = body
        told = {k: v for k, v in self.files[name].items() if k != "content"}
        return 200, {"file": told}, {"X-Goog-Upload-Status": "final"}

    def create(self, model: str, batch: Json) -> Answered:
        assert model == f"models/{self.api.model}"
        number = len(self.batches) + 1
        name = f"batches/{number}"
        self.batches[name] = {
            "name": name,
            "metadata": {
                "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
                "model": model, "displayName": batch["displayName"], "inputConfig": batch["inputConfig"], "name": name,
                "createTime": CREATED.format(number), "updateTime": CREATED.format(number),
                "state": "BATCH_STATE_PENDING",
            },
        }  # fmt: skip
        if not self.holds:
            self.end(self.batches[name])
        return 200, self.batches[name], {}

    def end(self, batch: Json, state: str = "BATCH_STATE_SUCCEEDED") -> None:
        told = batch["metadata"]
        if told["state"] != "BATCH_STATE_PENDING":
            return
        content = self.files[told["inputConfig"]["fileName"]]["content"]
        lines = self.script([json.loads(line) for line in content.splitlines()], self)
        told["state"] = state
        out = f"files/batch-{batch['name'][8:]}"
        self.files[out] = {"name": out, "content": b"".join(json.dumps(each).encode() + b"\n" for each in lines)}
        told["output"] = {"responsesFile": out}
        batch["done"] = True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.answer("GET")

    def do_POST(self) -> None:
        self.answer("POST")

    def do_DELETE(self) -> None:
        self.answer("DELETE")

    def answer(self, method: str) -> None:
        state: NativeBatchServer = self.server.state
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        with state.lock:
            before = len(state.batches)
            status, out, more = state.route(method, parts.path, parse_qs(parts.query), body=body, headers=headers)
            if state.deaf and len(state.batches) > before:
                state.deaf = False
                self.close_connection = True
                return
        content = out if isinstance(out, bytes) else json.dumps(out).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(content)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    state: NativeBatchServer


@contextlib.contextmanager
def serving_natively(state: NativeBatchServer) -> Iterator[Any]:
    """Serve on a free port of this machine meanwhile."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.state = state
    state.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
