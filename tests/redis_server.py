"""A Redis server of the system's packages, on a free loopback port, as long as a test needs it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

PASSWORD = "pa%s/w@rd:1"
_QUOTED = "pa%25s%2Fw%40rd%3A1"
REQUIRED = "LLMX_REQUIRE_REDIS"  # set in CI, where a missing server is a fault and not a reason to skip


@dataclass(slots=True)
class Server:
    """A server that can be stopped and started again on its port."""

    port: int
    folder: str
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def url(self, *, password: str = _QUOTED, database: int | str = 0) -> str:
        return f"redis://:{password}@127.0.0.1:{self.port}/{database}"

    def ask(self, *words: str | bytes) -> str:
        """What redis-cli, the server's own client, says."""
        command = ["redis-cli", "-p", str(self.port), "--no-auth-warning", *words]
        env = {**os.environ, "REDISCLI_AUTH": PASSWORD}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip()

    def start(self) -> None:
        """Start it, empty, and wait until it says that it is ready."""
        options = {
            "port": self.port, "bind": "127.0.0.1", "save": "", "requirepass": PASSWORD, "dir": self.folder,
            "databases": 4,
        }  # fmt: skip
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self.process = subprocess.Popen(["redis-server", *words], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert any("eady to accept connections" in line for line in self.process.stdout)

    def stop(self) -> None:
        """Stop it at once."""
        if self.process is not None:
            process, self.process = self.process, None
            process.kill()
            process.communicate()


@contextmanager
def serving() -> Iterator[Server]:
    """A server for the ``with`` block; the test is skipped where there is none."""
    pytest.importorskip("redis")
    if shutil.which("redis-server") is None:
        skipping = pytest.fail if os.environ.get(REQUIRED) else pytest.skip
        skipping("Redis is not installed (no redis-server): apt-get install redis-server")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="llmx-redis-") as folder:
        server = Server(port, folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()
