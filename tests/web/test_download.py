"""Large files from a server on the loopback that breaks off, changes its file, or has another one."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from llmx.errors import ConfigError, OutputError
from llmx.web.download import Download, download

FILE = bytes(range(256)) * 40_000  # 10 MB: more than the buffers between the two
DIGEST = hashlib.sha256(FILE).hexdigest()


@dataclass
class FileServer:
    """Serves ``content`` under any path but /moved and /gone; breaks each answer off after ``most`` bytes."""

    content: bytes = FILE
    most: int | None = None
    tag: str = '"one"'
    ranges: bool = True
    url: str = ""
    asked: list[str] = field(default_factory=list)
    status: int = 0
    boasts: int = 0
    """The length that it gives, where it is not that of the content."""


@contextmanager
def serving(server: FileServer) -> Iterator[FileServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "") if server.ranges else ""
            server.asked.append(wanted)
            if self.path == "/moved" or server.status:
                self.send_response(server.status or 302)
                self.send_header("Location", "/file")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = int(wanted[6:-1]) if wanted and self.headers.get("If-Range") == server.tag else 0
            self.send_response(206 if start else 200)
            self.send_header("ETag", server.tag)
            self.send_header("Content-Length", str(server.boasts or len(server.content) - start))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
            self.end_headers()
            with suppress(OSError):  # the client may have gone
                self.wfile.write(server.content[start:][: server.most])

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
    server.url = f"http://127.0.0.1:{running.server_address[1]}"
    try:
        yield server
    finally:
        running.shutdown()
        running.server_close()


def fetch(server: FileServer, target: Path, path: str = "/file") -> list[float]:
    """Download, and return how long it would have slept."""
    slept: list[float] = []
    assert download(Download(server.url + path, target, DIGEST, sleep=slept.append)) == DIGEST
    return slept


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_download_that_breaks_off_again_and_again_goes_on_where_it_ended(tmp_path: Path) -> None:
    with serving(FileServer(most=3_000_000)) as server:
        slept = fetch(server, tmp_path / "m.gguf")
    assert (tmp_path / "m.gguf").read_bytes() == FILE
    assert len(server.asked) == 4
    assert all(each.startswith("bytes=") for each in server.asked[1:])
    assert len(slept) == 3
    assert names(tmp_path) == ["m.gguf"]


def test_the_next_run_goes_on_with_what_an_interrupted_one_left(tmp_path: Path) -> None:
    target = tmp_path / "m.gguf"

    def interrupted(done: int, _: int) -> None:
        if done > 4_000_000:
            raise KeyboardInterrupt

    with serving(FileServer()) as server:
        with pytest.raises(KeyboardInterrupt):
            download(Download(f"{server.url}/file", target, DIGEST, progress=interrupted))
        assert not target.exists()
        there = (tmp_path / ".m.gguf.part").stat().st_size
        assert there >= 4_000_000
        fetch(server, target)
    assert server.asked == ["", f"bytes={there}-"]
    assert target.read_bytes() == FILE


def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(tmp_path: Path) -> None:
    with serving(FileServer(content=bytes(10_000_000), most=4_000_000)) as server:

        def change(_: float) -> None:
            server.content, server.most, server.tag = FILE, None, '"two"'

        download(Download(f"{server.url}/file", tmp_path / "m.gguf", DIGEST, sleep=change))
    assert server.asked == ["", "bytes=4000000-"]
    assert (tmp_path / "m.gguf").read_bytes() == FILE


def test_a_server_without_ranges_is_asked_for_the_whole_file_each_time(tmp_path: Path) -> None:
    server = FileServer(most=3_000_000, ranges=False)
    with serving(server), pytest.raises(ConfigError, match="3,000,000 bytes are there"):
        fetch(server, tmp_path / "m.gguf")
    assert len(server.asked) == 6  # the first one brought something


def test_a_file_with_another_digest_is_removed_and_told(tmp_path: Path) -> None:
    with serving(FileServer(content=FILE[1:])) as server, pytest.raises(ConfigError, match="has the SHA-256") as told:
        fetch(server, tmp_path / "m.gguf")
    assert DIGEST in str(told.value)
    assert names(tmp_path) == []


def test_a_full_disk_is_told_and_what_has_come_is_not_the_file(tmp_path: Path) -> None:
    (tmp_path / ".m.gguf.part").symlink_to("/dev/full")
    with serving(FileServer()) as server, pytest.raises(OutputError, match="the disk is full"):
        fetch(server, tmp_path / "m.gguf")
    assert not (tmp_path / "m.gguf").exists()


def test_a_file_larger_than_the_disk_is_refused_before_it_is_fetched(tmp_path: Path) -> None:
    with serving(FileServer(boasts=10**18)) as server, pytest.raises(OutputError, match="GB are free"):
        fetch(server, tmp_path / "m.gguf")


def test_redirects_are_followed_and_passing_faults_are_tried_again(tmp_path: Path) -> None:
    with serving(FileServer()) as server:
        assert fetch(server, tmp_path / "a", "/moved") == []
        server.status = 503
        with pytest.raises(ConfigError, match="HTTP 503"):
            fetch(server, tmp_path / "b")
        server.status = 404
        asked = len(server.asked)
        with pytest.raises(ConfigError, match="HTTP 404"):
            fetch(server, tmp_path / "b")
        assert len(server.asked) == asked + 1
