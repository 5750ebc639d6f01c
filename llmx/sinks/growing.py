"""A file that grows by one record at a time and is whole after each: the writer under JSON Lines, JSON and CSV."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import IO

from llmx.sinks.writing import output_error


class GrowingFile:
    """Appends to ``file``, which is open for writing without a buffer; ``target`` is its name in messages.

    The file ends in ``tail`` whenever nobody is writing, so that it is whole even if the process is killed. ``size``
    counts the bytes before the tail, and is where the next unit begins: it overwrites the tail and ends in a new one.
    """

    def __init__(self, file: IO[bytes], target: Path, *, size: int = 0, tail: bytes = b"") -> None:
        self.size = size
        self._file, self._target, self._tail = file, target, tail
        self._at = -1  # where the file's own position is; -1 where that is not known

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._file.closed

    def add(self, unit: bytes) -> int:
        """Write ``unit`` and return where it begins. If it fails, the file is as before, and OutputError is raised."""
        begin = self.size
        try:
            self._put(unit + self._tail)
        except OSError as error:
            self._restore()
            raise output_error(error, self._target) from error
        self.size += len(unit)
        return begin

    def close(self) -> None:
        """Leave whole units only, make sure that they are on the disk, and close. Closing twice does no harm."""
        if self.closed:
            return
        self._restore()
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise output_error(error, self._target) from error
        finally:
            self._file.close()

    def _put(self, data: bytes) -> None:
        if self._at != self.size:
            self._file.seek(self.size)
        self._at = -1
        written = self._file.write(data)
        while written < len(data):  # a signal or a nearly full disk ends a write early
            written += self._file.write(memoryview(data)[written:])
        self._at = self.size + written

    def _restore(self) -> None:
        with suppress(OSError):
            self._file.truncate(self.size)
            self._put(self._tail)


def open_growing(path: Path, target: Path, *, tail: bytes = b"") -> GrowingFile:
    """Return a growing file that begins at the start of ``path``. Raises OutputError if it cannot be opened."""
    try:
        return GrowingFile(path.open("r+b", buffering=0), target, tail=tail)
    except OSError as error:
        raise output_error(error, target) from error
