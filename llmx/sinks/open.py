"""Opens the sink that a name asks for, and decides what becomes of a file that is not finished.

A file grows beside its place and gets its name at the end. If the work ends early, by an error or Ctrl+C, the records
so far are kept, since each of them is whole: under the name itself if nothing was there before, else as
``out.partial.jsonl`` beside it. A note of the exception says which.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from llmx.dataclass import dataclass
from llmx.errors import OutputError
from llmx.record import Record
from llmx.sinks.database_url import DatabaseUrl
from llmx.sinks.folder import Folder
from llmx.sinks.formats import DATABASES, FORMATS, check_format, is_database, target_kind, writer_for
from llmx.sinks.place import ReservedFile, reserve
from llmx.sinks.stream import Stream
from llmx.sinks.targets import TableFolderPath, Target, output_target
from llmx.sinks.writing import Model, Row, Writer, output_error

if TYPE_CHECKING:
    from llmx.sinks.database_writer import DatabaseWriter


@dataclass(slots=True)
class Sink:
    """Takes records, one at a time. ``count`` is the number of records taken."""

    writer: Writer
    database: DatabaseWriter | None = None
    count: int = 0

    def write(self, record: Record[Any], *, document: str = "") -> None:
        """Write one record. Raises OutputError if it cannot be written; the records before it are safe.

        ``document`` is the id of its document, where that is known; the record's own id tells it else.
        """
        self.write_row(record.to_json(), record.data_class, document=document)

    def write_row(self, row: Row, model: Model | None, *, document: str = "") -> None:
        """Write one record as ``Record.to_json`` gives it; ``model`` is the class of its data, None if it has none."""
        if self.database is not None and document:
            self.database.write_of(document, row, model)
        else:
            self.writer.write(row, model)
        self.count += 1

    def expect(self, model: Model) -> None:
        """Hear the class of the data before the first record: a database has its columns even if that has no data."""
        if self.database is not None:
            self.database.model = model

    def flush(self) -> None:
        """Write what is waiting into a database."""
        if self.database is not None:
            self.database.flush()

    def documents(self) -> set[str]:
        """Return the ids of the documents of which a database has records."""
        return set() if self.database is None else self.database.documents_there()

    def read(self, id_: str) -> Row | None:
        """Return the record ``id_`` of a database, None where there is none."""
        return None if self.database is None else self.database.read(id_)


@contextmanager
def open_sink(
    target: str | Target | None,
    *,
    overwrite: bool = False,
    upsert: bool = False,
    csv_safe: bool = True,
    kept: bool = False,
    stdout: TextIO | None = None,
) -> Iterator[Sink]:
    """Open a sink for ``target`` within the ``with`` block.

    The suffix chooses the format (``formats.FORMATS``); a name without a suffix or with a slash at its end is a folder
    of ID.json files, one with the suffix of a table and a slash (``deals.csv/``, ``deals.parquet/``) has a file for
    each table; None and ``-`` are standard output, a table on a terminal and JSON Lines otherwise; the address
    of a database (``postgresql://…``) is that. ``overwrite`` replaces an existing output. ``upsert`` puts the records
    into a file with a database, in place of those of the same documents, as is always done with one that has an
    address. ``csv_safe`` keeps cells of CSV and TSV from being taken for formulas. ``kept`` says that records keep
    columns of the input, so that formats that begin with the names of all columns write when they know them.

    Raises OutputError if the output exists and may not be replaced, or cannot be written: before the block begins.
    """
    kind = target_kind(target)
    if target is None or kind == "stdout":
        with _finishing(_standard_output(stdout or sys.stdout)) as sink:
            yield sink
        return
    check_format(target)
    path = output_target(target)
    if upsert and not isinstance(path, DatabaseUrl) and not is_database(path):
        hint = f"Those are {', '.join(DATABASES)} and postgresql://…; or leave it out."
        raise OutputError(f"{target}: --upsert is for databases", hint=hint)
    if isinstance(path, DatabaseUrl) or (upsert and isinstance(path, Path) and path.exists()):
        with _finishing(_into_database(path, overwrite=overwrite)) as sink:
            yield sink
    elif isinstance(path, TableFolderPath):
        with _finishing(_tables(path, overwrite=overwrite, csv_safe=csv_safe, kept=kept)) as sink:
            yield sink
    elif kind == "folder":
        if kept:
            hint = "Write .jsonl, a table or a database; or leave out --keep-columns."
            raise OutputError(f"{target}: a folder holds the data alone, without columns of the input", hint=hint)
        with _finishing(Folder(path, overwrite=overwrite)) as sink:
            yield sink
    elif kind == "stream":  # nothing to rename
        with _opened(path) as stream, _finishing(Stream(stream, str(path))) as sink:
            yield sink
    else:
        place = reserve(path, overwrite=overwrite)
        with _staged(place, path, partial(_file_writer, csv_safe=csv_safe, kept=kept)) as sink:
            yield sink


def _file_writer(path: Path, target: Path, *, csv_safe: bool, kept: bool) -> Writer:
    return _spooled_if(kept, writer_for(path, target, csv_safe=csv_safe), target)


def _tables(target: TableFolderPath, *, overwrite: bool, csv_safe: bool, kept: bool) -> Writer:
    from llmx.sinks.table_folder import TableFolder  # noqa: PLC0415 -- most outputs are one file

    return _spooled_if(kept, TableFolder(target, overwrite=overwrite, safe=csv_safe), target.path)


def _spooled_if(kept: bool, writer: Writer, target: Path) -> Writer:
    if not kept:
        return writer
    from llmx.sinks.kept_columns import spooled  # noqa: PLC0415 -- only where columns are kept

    return spooled(writer, target)


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """Open a pipe or a device. What it does not take is an OutputError."""
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
def _staged(place: ReservedFile, path: Path, opened: Callable[[Path, Path], Writer]) -> Iterator[Sink]:
    """Open a file beside its place; it gets its name at the end, however that comes."""
    try:
        writer = opened(place.temporary, path)
    except BaseException:
        place.discard()
        raise
    sink = _sink(writer)
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
    """Make a sink without a temporary file: what waits is written whichever way the block ends."""
    try:
        yield _sink(writer)
    finally:
        writer.close()


def _sink(writer: Writer) -> Sink:
    from llmx.sinks.database_writer import DatabaseWriter  # noqa: PLC0415 -- only a run that writes needs it

    return Sink(writer, writer if isinstance(writer, DatabaseWriter) else None)


def _into_database(target: Path | DatabaseUrl, *, overwrite: bool) -> Writer:
    """Return the writer that puts records into a database that is there."""
    if overwrite:
        hint = "Records of the same documents are replaced without it; to begin anew, drop the tables first."
        raise OutputError(f"{target}: a database that records are put into is not overwritten", hint=hint)
    if isinstance(target, DatabaseUrl):
        from llmx.sinks.postgresql import open_database  # noqa: PLC0415 -- an extra

        return open_database(target)
    made: Writer = import_module(FORMATS[target.suffix.lower()]).open_existing(target)
    return made


def _closed(writer: Writer) -> bool:
    """Close a writer after a fault, and return whether its file can be read."""
    with suppress(OutputError):  # the fault that brought us here is the one to raise
        writer.close()
    return writer.readable


def _standard_output(stdout: TextIO) -> Writer:
    if stdout.isatty():
        from llmx.sinks.terminal import Terminal  # noqa: PLC0415 -- loads rich

        return Terminal(stdout)
    return Stream(stdout)
