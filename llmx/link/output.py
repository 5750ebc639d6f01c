"""Writes what was linked beside the run, and takes it back: the run itself is as the extraction wrote it.

``OUT.links`` is a folder with a JSON Lines file for each table and ``links.json``, which says what was done. A SQLite
or DuckDB database gets the tables as well, called ``link_entities`` and so on; the file as it was before is kept in
the folder, so that ``undo`` can give back its bytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmx.documents.find import LINKS, LINKS_STATE
from llmx.errors import OutputError, UsageError
from llmx.file_lock import exclusive
from llmx.link.kept_tables import links_folder
from llmx.link.tables import TABLES, LinkRow
from llmx.private_file import make_private
from llmx.sinks.atomic import write_atomically
from llmx.sinks.database import Columns, Database, quoted
from llmx.sinks.formats import DATABASES
from llmx.sinks.writing import dump, output_error

PREFIX = "link_"
"""Before the name of a table in a database, where ``events`` may be a list of the user's."""

_STATE, _BEFORE = LINKS_STATE, "before"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Undone:
    """What ``undo`` did. ``bytes_restored`` is True where the run has the bytes from before, False where it was changed
    since and only the tables were taken out.
    """

    bytes_restored: bool


def write_links(run: Path, tables: Mapping[str, Sequence[LinkRow]], figures: Mapping[str, Any]) -> Path:
    """Write ``tables`` beside ``run``, in place of those of an earlier link, and return the folder.

    Raises OutputError where they cannot be written; a database is then as it was.
    """
    folder = links_folder(run)
    with _locked(run):
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise output_error(error, folder) from error
        state: dict[str, Any] = {"run": run.name, **figures}
        if is_table_database(run):
            _keep_before(run, folder)
            _write_database(run, tables)
            state["database"] = _digest(run)
        for name in TABLES:
            target = folder / f"{name}.jsonl"
            if name in tables:
                write_atomically(target, (dump(row) + b"\n" for row in tables[name]))
            else:
                target.unlink(missing_ok=True)
        write_atomically(folder / _STATE, [json.dumps(state, indent=2, ensure_ascii=False).encode() + b"\n"])
    return folder


def undo(run: Path) -> Undone:
    """Take back what ``write_links`` wrote. Raises UsageError where there is nothing to take back."""
    folder = links_folder(run)
    if not (folder / _STATE).is_file():
        raise UsageError(f"{run} has no links to take back", hint=f"llmx link writes them into {folder.name}/.")
    with _locked(run):
        restored = True
        if is_table_database(run):
            restored = _restore(run, folder)
        for name in (*(f"{name}.jsonl" for name in TABLES), _BEFORE, _STATE):
            (folder / name).unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()
    return Undone(restored)


def is_table_database(run: Path) -> bool:
    """Whether the links of ``run`` go into its own file as tables."""
    return run.suffix.lower() in DATABASES


@contextmanager
def _locked(run: Path) -> Iterator[None]:
    held = OutputError(f"{run} is being linked by another process", hint="Wait until it is done.")
    try:
        with exclusive(run.with_name(f".{run.name}{LINKS}.lock"), held=held):
            yield
    except OSError as error:
        raise output_error(error, run) from error


def _keep_before(run: Path, folder: Path) -> None:
    """Keep the database as it is without links. One that was changed since the last link loses its tables first."""
    state = folder / _STATE
    if state.is_file() and (folder / _BEFORE).is_file():
        if json.loads(state.read_text("utf-8")).get("database") == _digest(run):
            return
        _drop_tables(run)
    part = folder / f".{_BEFORE}.part"
    make_private(part)
    shutil.copyfile(run, part)
    part.replace(folder / _BEFORE)


def _restore(run: Path, folder: Path) -> bool:
    before = folder / _BEFORE
    unchanged = json.loads((folder / _STATE).read_text("utf-8")).get("database") == _digest(run)
    if unchanged and before.is_file():
        part = run.with_name(f".{run.name}.part")
        make_private(part)
        shutil.copyfile(before, part)
        shutil.copymode(run, part)
        part.replace(run)
        return True
    _drop_tables(run)
    return False


def _opened(run: Path) -> Database:
    if run.suffix.lower() == ".duckdb":
        from llmx.sinks.duckdb import DuckDb  # noqa: PLC0415 -- an extra

        return DuckDb(run, run)
    from llmx.sinks.sqlite import Sqlite  # noqa: PLC0415 -- only where a database is linked

    return Sqlite(run, alone=False)


@contextmanager
def _transaction(run: Path) -> Iterator[Database]:
    database = _opened(run)
    try:
        database.begin(making=True)
        yield database
        database.execute("COMMIT")
    except database.errors as error:
        raise output_error(database.message(error), run) from error
    finally:
        database.close()  # what is not committed goes with it


def _drop_tables(run: Path) -> None:
    with _transaction(run) as database:
        for name in set(database.tables()) & {PREFIX + table for table in TABLES}:
            database.execute(f"DROP TABLE {quoted(name)}")


def _write_database(run: Path, tables: Mapping[str, Sequence[LinkRow]]) -> None:
    with _transaction(run) as database:
        there = set(database.tables())
        for name, kinds in TABLES.items():
            table = PREFIX + name
            if table in there:
                database.execute(f"DROP TABLE {quoted(table)}")
            if name not in tables:
                continue
            columns: Columns = {column: (database.type_of(kind, {}), kind) for column, kind in kinds.items()}
            declared = ", ".join(f"{quoted(column)} {type_}" for column, (type_, _) in columns.items())
            database.execute(f"CREATE TABLE {quoted(table)} ({declared})")
            if rows := tables[name]:
                database.load(table, columns, [[_cell(row[column]) for column in columns] for row in rows])


def _cell(value: Any) -> Any:
    return dump(value).decode() if isinstance(value, list | dict) else value


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
