"""New files for their owner alone: whatever holds texts, answers or records is made with mode 0600.

A file that is there already keeps its permissions, which are the user's to give. On Windows, folders decide.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

PRIVATE = 0o600


def open_private(path: Path, mode: str, **how: Any) -> IO[Any]:
    """Return ``open(path, mode, **how)``; a file that this makes is for its owner alone."""
    return open(path, mode, opener=_opener, **how)


def make_private(path: Path) -> None:
    """Make an empty file for its owner alone where there is none, for libraries that open it themselves."""
    with suppress(OSError):  # it is there, or whoever opens it says why it cannot be
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))


def take_permissions(path: Path, old: Path) -> None:
    """Give ``path``, which is to replace ``old``, its permissions, where it is there and they are ours to give."""
    with suppress(OSError):
        path.chmod(old.stat().st_mode & 0o7777)


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE)
