"""Metrics of a run for Prometheus: served over HTTP while it goes on, or written to a file for a collector.

A run that is over serves nothing; its last state stands in the file. The server is one thread and answers GET /metrics
alone.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.errors import ConfigError
from llmx.run.metrics_text import CONTENT_TYPE, live_text
from llmx.run.observer import Live, NullObserver

if TYPE_CHECKING:
    from llmx.documents import Document, Unreadable
    from llmx.record import Record
    from llmx.run.summary import Summary

EVERY_S = 5.0
"""How often the file is written: collectors look every 15 s or less often."""

_PLACE = re.compile(r"(?:(?P<host>[^/]*):)?(?P<port>\d+)")
_LOOPBACK = "127.0.0.1"


@contextmanager
def opened_metrics(target: str) -> Iterator[MetricsObserver]:
    """Give the observer that ``target`` asks for: a port, HOST:PORT, or a file.

    Raises ConfigError where the port is taken or the file cannot be written.
    """
    place = _PLACE.fullmatch(target)
    observer = MetricsObserver(None if place else Path(target))
    server = _listening(place["host"] or _LOOPBACK, int(place["port"]), observer) if place else None
    observer.write()
    try:
        yield observer
    finally:
        if server is not None:
            server.shutdown()
            server.server_close()


class MetricsObserver(NullObserver):
    """Knows the state of the run, and writes it to ``file`` where there is one."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._live, self._over = Live(), False
        self._written_s = 0.0

    def text(self) -> str:
        """Return the state of the run."""
        return live_text(self._live, over=self._over)

    def write(self) -> None:
        """Write the file, whole or not at all. Raises ConfigError."""
        if self._file is None:
            return
        self._written_s = time.monotonic()
        beside = self._file.with_name(f".{self._file.name}.llmx")
        try:
            beside.write_text(self.text(), "utf-8")
            beside.replace(self._file)
        except OSError as error:
            raise ConfigError(f"--metrics: {self._file} cannot be written: {error.strerror}") from None

    def begin(self, live: Live) -> None:
        """Take the state, which changes as the run goes on."""
        self._live, self._over = live, False

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:  # noqa: ARG002 - an observer's
        """Write the file, if it is time."""
        self.write_if_due()

    def write_if_due(self) -> None:
        """Write the file, if it is time."""
        if self._file is not None and time.monotonic() - self._written_s >= EVERY_S:
            self._written_s = time.monotonic()
            with suppress(ConfigError):  # a full disk ends no run
                self.write()

    def end(self, summary: Summary) -> None:  # noqa: ARG002 - an observer's
        """Write the last state."""
        self._over = True
        with suppress(ConfigError):
            self.write()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    observer: MetricsObserver


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 5

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer with the state of the run."""
        found = self.path.partition("?")[0] == "/metrics"
        body = self.server.observer.text().encode() if found else b"there is /metrics\n"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _listening(host: str, port: int, observer: MetricsObserver) -> _Server:
    try:
        server = _Server((host, port), _Handler)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "there is no such port"
        raise ConfigError(f"--metrics {host}:{port}: {why}", hint="Name another port, or a file.") from None
    server.observer = observer
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="llmx-metrics", daemon=True
    ).start()
    return server
