"""A server that speaks the OpenAI chat API on loopback, quickly, and fails on request. It is no model.

    python bench/mock_server.py --port 9402 --latency-ms 50 --fault-rate 0.1 --fault-kinds 429,500,reset --seed 7

POST /v1/chat/completions, GET /v1/models, GET /stats, POST /reset. The answer is one invoice, shaped by the JSON schema
that the client sent; its number is the last INV-###### of the request, so that a lost, swapped or doubled document
shows. Whether a request fails depends on (seed, document, attempt) alone, so that every client meets the same faults.
Standard library only, one process; some 10,000 requests a second.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

KINDS = ("429", "500", "reset", "truncated", "badargs", "badtype", "length", "hang", "html", "foreign", "drip")
"""foreign: an answer for another request id; html: a page with status 200; drip: headers, then nothing more."""

_ID = re.compile(rb"INV-\d{6}")
_MARK = "INV-@@@@@@"
RECORD: dict[str, Any] = {
    "invoice_no": _MARK, "vendor": "Halvorsen Marine Supply AS", "customer": "Port of Lindesnes Authority",
    "issued": "2026-03-17", "currency": "NOK", "total": 18450.75, "paid": False,
    "lines": [
        {"sku": "HM-2041", "description": "stainless shackle 12 mm", "quantity": 40, "unit_price": 189.5},
        {"sku": "HM-7730", "description": "mooring rope 24 mm, 220 m coil", "quantity": 2, "unit_price": 4310.25},
        {"sku": "HM-0093", "description": "deck paint, grey, 20 l", "quantity": 3, "unit_price": 750.0},
    ],
}  # fmt: skip
_WORDS = {189.5: "189.50", 750.0: "750.00"}  # as the documents say it, for clients that ask for words


@dataclass(frozen=True)
class Faults:
    """What goes wrong: a share of the requests, of these kinds; ``retry_after`` seconds are asked for with a 429."""

    rate: float = 0.0
    kinds: tuple[str, ...] = ()
    seed: int = 1
    retry_after: str = "1"

    def of(self, document: str, attempt: int) -> str:
        """Return the kind of fault that this attempt meets, '' for none."""
        if not self.rate or _chance(f"{self.seed}|{document}|{attempt}") >= self.rate:
            return ""
        return self.kinds[int(_chance(f"k{self.seed}|{document}|{attempt}") * len(self.kinds))]


def _chance(text: str) -> float:
    mixed = zlib.crc32(text.encode()) * 2654435761 & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 15)) * 2246822519 & 0xFFFFFFFF) / 2**32


def fill(  # noqa: PLR0911 - a return for each kind of schema
    schema: dict[str, Any], name: str, *, root: dict[str, Any], record: dict[str, Any]
) -> Any:
    """Return a value for a JSON schema, with what ``record`` holds under the same names."""
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"][2:].split("/"):
            target = target[part]
        schema = target
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return fill(next((s for s in schema[union] if s.get("type") != "null"), {}), name, root=root, record=record)
    if "properties" in schema:
        return {key: fill(inner, key, root=root, record=record) for key, inner in schema["properties"].items()}
    known = record.get(name)
    if schema.get("type") == "array":
        items = schema.get("items", {})
        kinds = [kind for kind in items.get("anyOf", items.get("oneOf", ())) if kind.get("type") != "null"]
        if len(kinds) > 1:  # one of each, for clients that ask for a list of extractions
            return [fill(kind, name, root=root, record=record) for kind in kinds]
        found = known if isinstance(known, list) else [record]
        return [fill(items, name, root=root, record=item) for item in found]
    if "enum" in schema:
        return next((v for v in schema["enum"] if str(v) == str(known)), schema["enum"][0])
    if schema.get("type") == "string":
        return "x" if known is None else _WORDS.get(known, str(known)) if not isinstance(known, bool) else "x"
    defaults: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True}
    return known if known is not None else defaults.get(str(schema.get("type")), "x")


@lru_cache(maxsize=64)
def _answer(schema_text: str) -> str:
    if not schema_text:
        return json.dumps(RECORD)
    schema = json.loads(schema_text)
    return json.dumps(fill(schema, "", root=schema, record=RECORD))


class Mock:
    """The server's state: counts, and the attempts that each document made."""

    def __init__(self, *, latency_s: float = 0.0, faults: Faults | None = None) -> None:
        self.latency_s, self.faults = latency_s, faults or Faults()
        self.gone = asyncio.Event()
        self.stirred = asyncio.Event()
        self.connections: set[_Connection] = set()
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.attempts: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.requests = self.in_flight = self.most_in_flight = 0

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until ``condition`` holds, which is looked at whenever a request comes or is answered."""
        while not condition():
            self.stirred.clear()
            await self.stirred.wait()

    def stats(self) -> dict[str, Any]:
        """Return what was counted."""
        return {
            "requests": self.requests, "documents": len(self.attempts), "faults": dict(self.kinds),
            "max_in_flight": self.most_in_flight,
        }  # fmt: skip

    def delay_s(self, body: bytes) -> float:  # noqa: ARG002 - for those who override it
        """Return how long to take for a request."""
        return self.latency_s

    def reply(self, body: bytes) -> tuple[str, bytes]:
        """Return (fault, whole HTTP answer) for a chat request."""
        ids = _ID.findall(body)
        document = ids[-1].decode() if ids else "INV-000000"
        self.attempts[document] += 1
        kind = self.faults.of(document, self.attempts[document])
        self.kinds[kind or "ok"] += 1
        if kind == "429":
            told = {
                "error": {"message": "Rate limit reached", "type": "rate_limit_error", "code": "rate_limit_exceeded"}
            }
            return kind, http(429, told, f"retry-after: {self.faults.retry_after}\r\n")
        if kind == "500":
            return kind, http(
                500, {"error": {"message": "The server had an error", "type": "server_error", "code": None}}
            )
        if kind == "html":
            return kind, http(200, b"<html><body>Sign in to the network</body></html>", content_type="text/html")
        more = "x-client-request-id: somebody-else\r\n" if kind == "foreign" else ""
        out = _completion(body, document, kind)
        if kind == "truncated":
            out = out[: int(len(out) * 0.6)]
        return kind, http(200, out, more)


def _completion(body: bytes, document: str, kind: str) -> bytes:
    asked = json.loads(body)
    function = asked["tools"][0]["function"] if asked.get("tools") else None
    schema = (
        function["parameters"]
        if function
        else (asked.get("response_format") or {}).get("json_schema", {}).get("schema")
    )
    text = _answer(json.dumps(schema, sort_keys=False) if schema else "").replace(_MARK, document)
    if kind in {"badargs", "length"}:
        text = text[: len(text) // 2]
    if kind == "badtype":
        text = re.sub(r'"total": [^,}]*', '"total": "a lot"', text)
    message: dict[str, Any] = {"role": "assistant", "content": None if function else text, "refusal": None}
    if function:
        inner = {"name": function["name"], "arguments": text}
        message["tool_calls"] = [{"id": f"call_{document[4:]}", "type": "function", "function": inner}]
    finish = "length" if kind == "length" else "tool_calls" if function else "stop"
    usage = {
        "prompt_tokens": len(body) // 4,
        "completion_tokens": len(text) // 4,
        "total_tokens": (len(body) + len(text)) // 4,
    }
    payload = {
        "id": f"chatcmpl-{document}", "object": "chat.completion", "created": 1790000000,
        "model": asked.get("model", "mock"), "usage": usage,
        "choices": [{"index": 0, "finish_reason": finish, "logprobs": None, "message": message}],
    }  # fmt: skip
    return json.dumps(payload).encode()


def http(status: int, payload: Any, more: str = "", *, content_type: str = "application/json") -> bytes:
    """Return a whole HTTP answer; ``payload`` is bytes as they are, or JSON, ``more`` headers with their line ends."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    head = f"HTTP/1.1 {status} x\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


class _Connection(asyncio.Protocol):
    """One connection: requests one after the other, each answered after the latency."""

    def __init__(self, mock: Mock) -> None:
        self.mock, self.buffer, self.timer = mock, b"", None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.mock.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        self.mock.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end]
        length = re.search(rb"content-length:\s*(\d+)", head, re.IGNORECASE)
        size = end + 4 + (int(length.group(1)) if length else 0)
        if len(self.buffer) < size:
            return
        body, self.buffer = self.buffer[end + 4 : size], self.buffer[size:]
        self.handle(head, body)

    def handle(self, head: bytes, body: bytes) -> None:
        mock, (method, path, _) = self.mock, head.split(b"\r\n", 1)[0].split(b" ", 2)
        if path.endswith(b"/chat/completions"):
            mock.requests += 1
            mock.in_flight += 1
            mock.most_in_flight = max(mock.most_in_flight, mock.in_flight)
            mock.stirred.set()
            asyncio.get_running_loop().call_later(mock.delay_s(body), self.answer, body)
            return
        if path == b"/reset":
            mock.reset()
            out: Any = {}
        elif path == b"/stats":
            out = mock.stats()
        elif path.endswith(b"/models"):
            out = {"object": "list", "data": [{"id": "mock", "object": "model", "created": 0, "owned_by": "mock"}]}
        else:
            self.transport.write(http(404, {"error": {"message": f"no route {method!r} {path!r}", "type": "invalid"}}))
            return
        self.transport.write(http(200, out))

    def answer(self, body: bytes) -> None:
        self.mock.in_flight -= 1
        kind, out = self.mock.reply(body)
        self.mock.stirred.set()
        if kind == "hang":
            return
        if kind == "reset":
            self.transport.abort()
        elif kind == "drip":
            self.transport.write(out[: out.index(b"\r\n\r\n") + 20])
        else:
            self.transport.write(out)


@contextlib.asynccontextmanager
async def serving(mock: Mock, port: int = 0) -> Any:
    """Serve in this loop meanwhile; gives the base URL."""
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(mock), "127.0.0.1", port, backlog=1024)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        for connection in tuple(mock.connections):
            connection.transport.abort()


async def _main(args: argparse.Namespace) -> None:
    faults = Faults(args.fault_rate, tuple(k for k in args.fault_kinds.split(",") if k), args.seed, args.retry_after)
    async with serving(Mock(latency_s=args.latency_ms / 1000, faults=faults), args.port) as base_url:
        print(f"mock on {base_url}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--fault-rate", type=float, default=0)
    parser.add_argument("--fault-kinds", default="")
    parser.add_argument("--retry-after", default="1")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    unknown = set(arguments.fault_kinds.split(",")) - {*KINDS, ""}
    if unknown:
        sys.exit(f"unknown fault kinds {sorted(unknown)}; known: {', '.join(KINDS)}")
    with contextlib.suppress(KeyboardInterrupt):
        try:
            import uvloop
        except ImportError:
            asyncio.run(_main(arguments))
        else:
            uvloop.run(_main(arguments))
