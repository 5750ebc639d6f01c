"""One worker process, as its parent sees it: how it is started, and what it works on."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmx.run.processes.channel import Channel

if TYPE_CHECKING:
    from llmx.run.processes.child import WorkerSetup

CLOSE_S = 5.0
"""How long a worker process may take to write what it has kept, before it is killed."""

_MAIN = "import sys, json; sys.path[:] = json.loads(sys.argv.pop()); from llmx.run.processes.child import main; main()"


@dataclass(eq=False, slots=True)
class HandedDocument:
    """A document that some worker process works on, or will. ``losses`` counts those that ended with it."""

    number: int
    pickled: bytes
    result: asyncio.Future[Any]
    losses: int = 0


@dataclass(eq=False, slots=True)
class WorkerProcess:
    """A process with the documents that it works on, the places in flight that it holds, and the turns it waits for."""

    process: subprocess.Popen[bytes]
    channel: Channel | None = None
    tasks: dict[int, HandedDocument] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)
    turns: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    closing: bool = False

    async def begin(
        self,
        end: socket.socket,
        setup: WorkerSetup,
        *,
        received: Callable[[WorkerProcess, tuple[Any, ...]], None],
        lost: Callable[[WorkerProcess], None],
    ) -> None:
        """Open the channel over ``end``, and tell the process what to do with the documents it is going to get."""
        self.channel = await Channel.over(end, lambda message: received(self, message), lambda: lost(self))
        self.channel.send(("setup", setup))
        for task in self.tasks.values():
            self._give(task)
        if self.closing:
            self.channel.close()

    def add(self, task: HandedDocument) -> None:
        """Hand a document to the process."""
        self.tasks[task.number] = task
        if self.channel is not None:
            self._give(task)

    def tell(self, message: tuple[Any, ...]) -> None:
        """Send ``message``, where the process is still there."""
        if self.channel is not None:
            self.channel.send(message)

    def close(self) -> None:
        """Tell the process to end."""
        self.closing = True
        if self.channel is not None:
            self.channel.close()

    async def ended(self) -> int:
        """Return how the process ended, by its exit code or minus the signal's number. It is killed if it lingers."""
        try:
            return await asyncio.to_thread(self.process.wait, CLOSE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return await asyncio.to_thread(self.process.wait)

    def _give(self, task: HandedDocument) -> None:
        self.tell(("document", task.number, task.pickled))


def started() -> tuple[WorkerProcess, socket.socket]:
    """Start a worker process; return it with our end of the socket to it.

    It finds modules where this process finds them. Its standard output is our standard error.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-P", "-c", _MAIN, str(theirs.fileno()), json.dumps(sys.path)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])  # noqa: S603 - our own
    ours.setblocking(False)
    return WorkerProcess(process), ours
