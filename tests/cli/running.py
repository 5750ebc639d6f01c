"""Runs the command line as a user does, in a process of its own, away from the developer's own settings."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from tests.fault_server import FaultServer

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = '''"""A bill."""

from pydantic import BaseModel


class Bill(BaseModel):
    """A bill."""

    number: str
    buyer: str | None
'''


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LLMX_", "OPENAI_")) and "proxy" not in k.lower()}
    own = {
        "PYTHONPATH": str(ROOT),
        "LLMX_CACHE_DIR": str(folder / "cache"),
        "LLMX_RETRY_ATTEMPTS": "3",
        "HOME": str(folder),
    }
    return kept | own | {"OPENAI_API_KEY": "sk-test-not-a-key"} | more


async def start(*words: str, folder: Path, **more: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from llmx.cli import main; main()", *words, cwd=folder, env=environment(folder, **more),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def ended(process: asyncio.subprocess.Process) -> Done:
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())


async def run(*words: str, folder: Path, **more: str) -> Done:
    """Run ``llmx`` with ``words`` in ``folder`` and return how it ended."""
    return await ended(await start(*words, folder=folder, **more))


def here(*words: str, folder: Path, **more: str) -> Done:
    """Run ``llmx`` in this process, which saves the second that a new one takes to import everything."""
    from llmx.cli import main

    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, environment(folder, **more), clear=True),
        mock.patch.object(sys, "argv", ["llmx", *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return Done(code, *texts)


@contextmanager
def serving(script: Any) -> Iterator[FaultServer]:
    """Serve from a thread, for tests that are not asynchronous."""
    loop, ready, server = asyncio.new_event_loop(), threading.Event(), FaultServer(script)
    stop = asyncio.Event()

    async def serve() -> None:
        async with server:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


def project(folder: Path, texts: dict[str, str] | None = None) -> Path:
    """Put documents and a schema into ``folder``."""
    (folder / "docs").mkdir()
    for name, text in (texts or {"a.txt": "Bill B-7 to ACME.", "b.txt": "Bill B-8 to Globex."}).items():
        (folder / "docs" / name).write_text(text)
    (folder / "bill.py").write_text(SCHEMA)
    return folder


EXTRACT = ("extract", "docs", "--schema", "bill.py:Bill", "--model", "scripted-1", "--mode", "json_schema")


def assert_plain(done: Done, *told: str) -> None:
    """Assert that an error is told in words, with what to do, and without a traceback."""
    assert "Traceback" not in done.err, done.err
    for words in told:
        assert words in done.err + done.out, (words, done)
