"""A PostgreSQL server of the system's packages, on a free loopback port, for as long as a test session takes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "pa%s/w@rd:1"
_QUOTED = "pa%25s%2Fw%40rd%3A1"


@dataclass(frozen=True, slots=True)
class Server:
    """``bin`` has the programs of PostgreSQL; ``stop`` lets it die, and ``start`` has it come back on its port."""

    bin: Path
    port: int
    start: Callable[[], None]
    stop: Callable[[], None]

    def url(self, schema: str, *, password: str = _QUOTED) -> str:
        """The address of a schema of its own for each test."""
        return f"postgresql://llmx:{password}@127.0.0.1:{self.port}/postgres?schema={schema}"

    def ask(self, schema: str, sql: str) -> list[list[str]]:
        """What psql, the server's own client, says: rows of texts."""
        env = {**os.environ, "PGPASSWORD": PASSWORD, "PGOPTIONS": f"-c search_path={schema} -c timezone=UTC"}
        command = [str(self.bin / "psql"), "-X", "-q", "-A", "-t", "-F", "\t", "-h", "127.0.0.1", "-p", str(self.port)]
        done = subprocess.run(
            [*command, "-U", "llmx", "-d", "postgres", "-c", sql], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]


def programs() -> Path | None:
    """The folder with ``initdb``, of the newest version that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parent.parent.name))
    there = [found[-1]] if found else [Path(path) for name in ["initdb"] if (path := shutil.which(name))]
    return there[0].parent if there else None


@contextmanager
def serving() -> Iterator[Server]:
    """Start a server and stop it. It does not run as root: it then runs as the user postgres."""
    place = Path(tempfile.mkdtemp(prefix="llmx-postgresql-"))  # pytest's folders are closed to other users
    bin_ = programs()
    assert bin_ is not None
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(place, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    password = place / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    data, start = (
        str(place / "data"),
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off",
    )

    def run(program: str, *arguments: str) -> None:
        subprocess.run([*as_user, str(bin_ / program), *arguments], check=True, capture_output=True, cwd="/")

    try:
        run("initdb", "-D", data, "-U", "llmx", "-A", "scram-sha-256", f"--pwfile={password}", "-N", "-E", "UTF8")
        server = Server(
            bin_, port,
            lambda: run("pg_ctl", "-w", "-D", data, "-o", start, "-l", str(place / "log"), "start"),
            lambda: run("pg_ctl", "-w", "-D", data, "-m", "immediate", "stop"),
        )  # fmt: skip
        server.start()
        try:
            yield server
        finally:
            with suppress(subprocess.CalledProcessError):  # a test may have stopped it
                server.stop()
    finally:
        with suppress(OSError):
            shutil.rmtree(place)
