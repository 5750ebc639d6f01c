"""A web server for tests, on a free loopback port: it answers what its pages say, and keeps what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """An answer; a body that is a function writes to the socket itself, in pieces."""

    body: bytes | Callable[[Any], None] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class PageServer:
    """``pages`` maps a path, with its query, to a reply or to a function of the request's headers."""

    port: int
    pages: dict[str, Any]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, without those of robots.txt."""
        return [path for path, _ in self.asked if path != "/robots.txt"]


@contextmanager
def serving_pages(pages: Mapping[str, Any]) -> Iterator[PageServer]:
    """Serve ``pages``; bytes are HTML with status 200, what is not there is 404."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body in one packet: else each answer waits for an acknowledgement

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.asked.append((self.path, headers))
            reply = server.pages.get(self.path, Reply(status=404))
            reply = reply(headers) if callable(reply) else reply
            reply = Reply(reply, headers={"Content-Type": "text/html"}) if isinstance(reply, bytes) else reply
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value.encode().decode("latin-1"))
            if callable(reply.body):
                self.end_headers()
                self.close_connection = True
                self.wfile.flush()
                reply.body(self.wfile)
                return
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: Any) -> None:
            pass

        def finish(self) -> None:
            with suppress(ConnectionError):
                super().finish()

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server = PageServer(http.server_port, dict(pages))
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(5)
