"""The journal: every edit is a line on the disk before the page hears that it was accepted.

It is in a hidden folder beside the gold files, which evaluation does not read. After a crash, a reload or a restart it
restores every edit that was not saved, and the steps to undo it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from llmx.errors import OutputError
from llmx.file_lock import LockFile, hold
from llmx.private_file import make_private, open_private
from llmx.sinks.writing import dump_line

FOLDER = ".review"


class Journal:
    """An append-only file of JSON lines, held by one process at a time. Made by ``open_journal``."""

    def __init__(self, file: Path, lock: LockFile) -> None:
        self._file = file
        self._lock = lock
        self._stream = open_private(file, "ab")

    def add(self, entry: Mapping[str, Any]) -> None:
        """Write ``entry`` and wait until it is on the disk."""
        self._stream.write(dump_line(entry))
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def entries(self) -> Iterator[dict[str, Any]]:
        """Yield the entries written so far; a last line that a crash cut off is left out."""
        return _entries(self._file)

    def keep(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Replace everything written so far by ``entries``."""
        fresh = self._file.with_suffix(".new")
        with open_private(fresh, "wb") as stream:
            for entry in entries:
                stream.write(dump_line(entry))
            stream.flush()
            os.fsync(stream.fileno())
        self._stream.close()
        fresh.replace(self._file)
        self._stream = open_private(self._file, "ab")

    def close(self) -> None:
        """Close the file and release its lock."""
        self._stream.close()
        self._lock.release()


def open_journal(gold: Path) -> Journal:
    """Return the journal of a gold folder; raises OutputError if another review has it open."""
    folder = gold / FOLDER
    held = OutputError(
        f"{gold} is open in another review", hint="Use its page (windows may share one), or stop it with Ctrl+C."
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = hold(folder / "lock", held=held)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error
    file = folder / "journal.jsonl"
    _mend(file)
    return Journal(file, lock)


def _entries(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as stream:
        for line in stream:
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(entry, dict):
                yield entry


def _mend(file: Path) -> None:
    """End a line that a crash cut off, so that the next one is a line of its own."""
    make_private(file)
    with file.open("r+b") as stream:
        size = stream.seek(0, os.SEEK_END)
        if size:
            stream.seek(size - 1)
            if stream.read(1) != b"\n":
                stream.write(b"\n")
