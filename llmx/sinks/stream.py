"""Records on standard output or another open stream: one line per record, flushed at once."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from llmx.sinks.writing import Model, Row, dump_line, output_error


class Stream:
    """JSON Lines on a stream that the caller closes."""

    readable = True

    def __init__(self, stream: TextIO, name: str = "stdout") -> None:
        self.stream, self.name = stream, name

    def write(self, row: Row, model: Model | None) -> None:  # noqa: ARG002 - JSON describes itself
        """Write one record and flush it."""
        line = dump_line(row)
        try:
            if hasattr(self.stream, "buffer"):  # UTF-8 whatever the terminal's encoding
                self.stream.buffer.write(line)
            else:
                self.stream.write(line.decode())
            self.stream.flush()
        except OSError as exc:
            raise output_error(exc, Path(self.name)) from exc

    def close(self) -> None:
        """Do nothing: every line was sent."""
