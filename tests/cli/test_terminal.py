"""What a person sees on a terminal, and what a signal does to a command that waits."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import ROOT, environment

COMMAND = [sys.executable, "-m", "llmx"]


def on_a_terminal(*words: str, folder: Path) -> str:
    """Run ``llmx`` with a terminal as its stdout and stderr; return what it showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *words], stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT,
        env=environment(folder, TERM="xterm", COLUMNS="100"), start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # how a terminal says that the other end is gone
        while more := os.read(ours, 65536):
            shown += more
    os.close(ours)
    process.wait()
    return shown.decode()


@pytest.mark.slow
def test_a_terminal_shows_progress_and_a_table(tmp_path: Path) -> None:
    shown = on_a_terminal("extract", "seeds", "--schema", "partnership", "--replay", "cassettes/seeds", folder=tmp_path)
    assert "in flight of" in shown
    assert "status" in shown
    assert '{"id"' not in shown
    assert "5 documents: 5 ok" in shown


@pytest.mark.slow
async def test_a_command_that_waits_for_stdin_can_be_interrupted(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    os.mkfifo(log)  # a line in it says that the run has begun
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "extract", "-", "--schema", "partnership", "--replay", str(ROOT / "cassettes/seeds"),
        "--log-file", "run.log",
        cwd=tmp_path, env=environment(tmp_path), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    with await asyncio.to_thread(log.open, "rb") as lines:
        assert b'"begin"' in await asyncio.to_thread(lines.readline)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = await asyncio.wait_for(process.stderr.read(), 60)
        assert await process.wait() == 130
    assert b"stopped early: interrupted" in said
    assert b"Traceback" not in said
    assert b"Fatal" not in said
