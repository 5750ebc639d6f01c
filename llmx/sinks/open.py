"""Opens the sink that a name asks for, and decides what becomes of a file that is not finished.

``out.jsonl`` grows beside its place and gets its name at the end. Where the work ends early, by an error or Ctrl-C, the
records so far are kept, since each of them is whole: under the name itself where nothing was there before, else as
``out.partial.jsonl`` beside it; the exception's note says which.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from llmx.errors import OutputError
from llmx.record import Record
from llmx.sinks.folder import Folder
from llmx.sinks.place import reserve
from llmx.sinks.rows import Csv, JsonArray, JsonLines
from llmx.sinks.stream import Stream
from llmx.sinks.writing import Model, Row, Writer, output_error

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".sqlite", ".sqlite3", ".db")
_APPENDABLE = frozenset({".jsonl", ".ndjson", ".csv", ".tsv", ".sqlite", ".sqlite3", ".db"})


@dataclass(slots=True)
class Sink:
    """Takes records, one at a time. ``count`` says how many it has taken."""

    writer: Writer
    count: int = 0

    def write(self, record: Record[Any]) -> None:
        """Write one record. Raises OutputError where it cannot be written; those before it are safe."""
        self.writer.write(record.to_json(), record.data_class)
        self.count += 1

    def write_json(self, row: Row) -> None:
        """Write a record that is JSON already, such as one of an earlier run's output."""
        self.writer.write(row, None)
        self.count += 1


@contextmanager
def open_sink(
    target: str | Path | None,
    *,
    overwrite: bool = False,
    append: bool = False,
    schema: Model | None = None,
    proof: bool = False,
    stdout: TextIO | None = None,
) -> Iterator[Sink]:
    """Open a sink for ``target`` within the ``with`` block.

    By its suffix: JSON Lines, a JSON array, CSV or TSV, Parquet, SQLite; a name without suffix or with a slash at its
    end is a folder of ID.json files; None and ``-`` are standard output, a table on a terminal and JSON Lines else.
    ``append`` adds to an existing output (not to .json and .parquet), ``overwrite`` replaces it. ``schema`` is the
    class of the data, which CSV, SQLite and Parquet otherwise learn from the first record that has some; ``proof`` adds
    the proving words to CSV.

    Raises OutputError where the output exists and neither was allowed, or cannot be written: before the block begins.
    """
    if target is None or str(target) == "-":
        with _finishing(_standard_output(stdout or sys.stdout)) as sink:
            yield sink
        return
    check_format(target)
    path = Path(target)
    if _is_folder(target):
        with _finishing(Folder(path, overwrite=overwrite, append=append)) as sink:
            yield sink
    elif path.exists() and not path.is_file():  # a pipe or device: nothing to rename
        with _opened(path) as stream, _finishing(Stream(stream, str(path))) as sink:
            yield sink
    elif append and path.exists():
        _check_append(path, path.suffix.lower())
        with _finishing(_writer(path, path, schema=schema, proof=proof, append=True)) as sink:
            yield sink
    else:
        with _staged(path, overwrite=overwrite, schema=schema, proof=proof) as sink:
            yield sink


def check_format(target: str | Path) -> None:
    """Raise OutputError where the suffix of ``target`` names no format."""
    path, kind = Path(target), Path(target).suffix.lower()
    if kind not in SUFFIXES and not _is_folder(target) and (path.is_file() or not path.exists()):
        hint = f"outputs end in {', '.join(SUFFIXES)}, or in / for a folder"
        raise OutputError(f"{path}: there is no format for '{kind}'", hint=hint)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """A pipe or a device. What it does not take is an OutputError."""
    try:
        stream = path.open("w", encoding="utf-8")
    except OSError as error:
        raise output_error(error, path) from error
    try:
        yield stream
        stream.flush()
    except OSError as error:
        raise output_error(error, path) from error
    finally:
        with suppress(OSError):  # it would try once more to write what was refused
            stream.close()


@contextmanager
def _staged(path: Path, *, overwrite: bool, schema: Model | None, proof: bool) -> Iterator[Sink]:
    """A file beside its place, which gets its name at the end, however that comes."""
    place = reserve(path, overwrite=overwrite)
    try:
        writer = _writer(place.temporary, path, schema=schema, proof=proof, append=False)
    except BaseException:
        place.discard()
        raise
    sink = Sink(writer)
    try:
        yield sink
        writer.close()
    except BaseException as exc:
        if _closed(writer) and sink.count:
            exc.add_note(f"the {sink.count:,} records so far are in {place.keep()}")
        else:
            place.discard()
            if sink.count:
                exc.add_note(f"the {sink.count:,} records so far are lost: a {path.suffix} file is whole or nothing")
        raise
    place.commit()


@contextmanager
def _finishing(writer: Writer) -> Iterator[Sink]:
    """A sink without a temporary file: what is held back is written whichever way the block ends."""
    try:
        yield Sink(writer)
    finally:
        writer.close()


def _closed(writer: Writer) -> bool:
    """Close a writer after a fault, and return whether its file can be read."""
    with suppress(OutputError):  # the fault that we are here for is the one to raise
        writer.close()
    return writer.whole


def _is_folder(target: str | Path) -> bool:
    path = Path(target)
    return str(target).endswith(("/", os.sep)) or path.is_dir() or (not path.suffix and not path.exists())


def _standard_output(stdout: TextIO) -> Writer:
    if stdout.isatty():
        from llmx.sinks.terminal import Terminal  # noqa: PLC0415 -- loads rich

        return Terminal(stdout)
    return Stream(stdout)


def _check_append(path: Path, kind: str) -> None:
    if kind not in _APPENDABLE:
        raise OutputError(
            f"nothing can be added to {path}: a {kind} file is written as a whole",
            hint="name a .jsonl, .csv or .sqlite file, or use --overwrite",
        )


def _writer(path: Path, target: Path, *, schema: Model | None, proof: bool, append: bool) -> Writer:
    kind = target.suffix.lower()
    if kind == ".json":
        return JsonArray(path, target)
    if kind in {".csv", ".tsv"}:
        return Csv(path, target, model=schema, proof=proof)
    if kind in {".sqlite", ".sqlite3", ".db"}:
        from llmx.sinks.sqlite import Sqlite  # noqa: PLC0415 -- the formats below load what they need only then

        return Sqlite(path, target, model=schema, append=append)
    if kind == ".parquet":
        from llmx.sinks.parquet import Parquet  # noqa: PLC0415

        return Parquet(path, target, model=schema)
    return JsonLines(path, target)
