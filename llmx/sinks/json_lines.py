"""JSON Lines, and a JSON array with one record per line."""

from __future__ import annotations

from pathlib import Path

from llmx.sinks.growing import open_growing
from llmx.sinks.writing import Model, Row, Writer, dump, dump_line


class JsonLines:
    """One record per line."""

    readable = True

    def __init__(self, path: Path, target: Path) -> None:
        self._file = open_growing(path, target)

    def write(self, row: Row, model: Model | None) -> None:  # noqa: ARG002 - JSON describes itself
        """Write one record."""
        self._file.add(dump_line(row))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class JsonArray:
    """One JSON array, valid after every record."""

    readable = True

    def __init__(self, path: Path, target: Path) -> None:
        self._file = open_growing(path, target, tail=b"\n]\n")
        self._file.add(b"[")
        self._separator = b"\n"

    def write(self, row: Row, model: Model | None) -> None:  # noqa: ARG002 - JSON describes itself
        """Write one record."""
        self._file.add(self._separator + dump(row))
        self._separator = b",\n"

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def open_writer(path: Path, target: Path) -> Writer:
    """Return the writer for ``target``: an array for ``.json``, lines for every other suffix."""
    return JsonArray(path, target) if target.suffix.lower() == ".json" else JsonLines(path, target)
