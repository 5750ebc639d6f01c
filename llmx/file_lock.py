"""One process at a time: a lock file that the system frees when its holder ends, however it ends.

filelock does it on every system (``flock`` on POSIX, ``msvcrt`` on Windows). The file disappears with the lock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import FileLock

    from llmx.errors import LlmxError

WAIT_S = 0.1
"""How long to wait for the lock: whoever only looks whether it is held has it for an instant."""


class LockFile:
    """The held lock at ``path``. Made by ``hold``; any thread may release it."""

    def __init__(self, path: Path, lock: FileLock) -> None:
        self._path, self._lock = path, lock

    def release(self) -> None:
        """Remove the file and let another process have the lock. Releasing twice does no harm."""
        if self._lock.is_locked:
            with contextlib.suppress(OSError):  # Windows removes no open file; filelock does so there afterwards
                self._path.unlink()
            self._lock.release()


def hold(path: Path, *, held: LlmxError) -> LockFile:
    """Return the lock at ``path``. Raises ``held`` where another process has it, OSError where it cannot be written."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 - heavy

    lock = FileLock(path, timeout=WAIT_S, thread_local=False)
    try:
        lock.acquire(poll_interval=WAIT_S / 4)
    except Timeout:
        with path.open("ab"):  # filelock waits, too, where nothing can ever be written; this says so
            raise held from None
    return LockFile(path, lock)


@contextmanager
def exclusive(path: Path, *, held: LlmxError) -> Iterator[None]:
    """Hold the lock at ``path`` within the ``with`` block. Raises what ``hold`` raises."""
    lock = hold(path, held=held)
    try:
        yield
    finally:
        lock.release()
