"""Which output a name asks for: standard output, a folder, a pipe, or a file in the format of its suffix.

To add a format, write a module with a function ``open_writer`` and name it in ``FORMATS``; docs/extending/sink.md
walks through it. A module is imported when its format is first written, so its libraries cost nothing before.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Literal, Protocol, cast

from llmx.errors import OutputError, did_you_mean
from llmx.sinks.database_url import DatabaseUrl
from llmx.sinks.targets import TableFolderPath, Target, output_target
from llmx.sinks.writing import Model, Writer

FORMATS = {
    ".jsonl": "llmx.sinks.json_lines",
    ".ndjson": "llmx.sinks.json_lines",
    ".json": "llmx.sinks.json_lines",
    ".csv": "llmx.sinks.delimited",
    ".tsv": "llmx.sinks.delimited",
    ".parquet": "llmx.sinks.parquet",
    ".sqlite": "llmx.sinks.sqlite",
    ".sqlite3": "llmx.sinks.sqlite",
    ".db": "llmx.sinks.sqlite",
    ".duckdb": "llmx.sinks.duckdb",
    ".xlsx": "llmx.sinks.xlsx",
}
"""The module that writes the files with a suffix."""

DATABASES = tuple(suffix for suffix, module in FORMATS.items() if module in {"llmx.sinks.sqlite", "llmx.sinks.duckdb"})
"""The suffixes of databases, into which records can be put while others stay."""

DELIMITED = (".csv", ".tsv")
"""The suffixes of outputs that spreadsheets open, and whose cells may be taken for formulas."""

MOST_COLUMNS = {suffix: 2000 for suffix, module in FORMATS.items() if module == "llmx.sinks.sqlite"} | {".xlsx": 16_384}
"""How many columns a table may have (https://sqlite.org/limits.html) or a sheet, where there is a limit."""

_MOST_OF_POSTGRESQL = 1600  # https://www.postgresql.org/docs/current/limits.html

OWN_COLUMNS = 8
"""Columns of a table that are llmx's own, at most: id, source, status, record and the like."""

JSON_LINES = (".jsonl", ".ndjson")
"""The suffixes of outputs that a run can go on with, line by line."""

Kind = Literal["stdout", "folder", "tables", "stream", "file", "database"]


class OpenWriter(Protocol):
    """What the function ``open_writer`` of a format's module takes and returns."""

    def __call__(self, path: Path, target: Path) -> Writer:
        """Return a writer for the empty file ``path``, which will be called ``target``; messages name ``target``.

        Raises OutputError if a library is missing or the file cannot be opened.
        """
        ...


def target_kind(target: str | Target | None) -> Kind:
    """Return what ``target`` names.

    None and '-' are standard output; a folder has no suffix or ends in a slash, and is one of tables with the suffix
    of their format; a pipe or a device is a stream; an address such as postgresql://host/name is a database.
    """
    if target is None or str(target) == "-":
        return "stdout"
    path = output_target(target)
    if isinstance(path, DatabaseUrl):
        return "database"
    if isinstance(path, TableFolderPath):
        return "tables"
    if str(target).endswith(("/", os.sep)) or path.is_dir() or (not path.suffix and not path.exists()):
        return "folder"
    return "stream" if path.exists() and not path.is_file() else "file"


def is_json_lines(target: Path) -> bool:
    """Return whether ``target`` is a file of JSON Lines by its suffix."""
    return target.suffix.lower() in JSON_LINES


def keeps_records(target: Path) -> bool:
    """Return whether a run can go on with ``target`` while what is done stays as it is."""
    return is_json_lines(target) or is_database(target)


def is_database(target: Path | TableFolderPath) -> bool:
    """Return whether ``target`` is a file with a database by its suffix."""
    return target.suffix.lower() in DATABASES


def check_format(target: str | Target) -> None:
    """Raise OutputError if ``target`` is a file and its suffix names no format."""
    if target_kind(target) == "database":
        return
    suffix = Path(str(target)).suffix.lower()
    if "://" in str(target) or (isinstance(target, Path) and target.parts[:1] in {("postgresql:",), ("postgres:",)}):
        hint = "postgresql://user@host:5432/database is one; in Python give it as a string, not as a Path."
        raise OutputError(f"{output_target(str(target))} is no address of a database that llmx writes", hint=hint)
    if target_kind(target) == "file" and suffix not in FORMATS:
        folders = "in / for a folder of JSON files, in .csv/ or .parquet/ for a folder of tables"
        ends = f"Outputs end in {', '.join(FORMATS)}, {folders}; or are postgresql://user@host/database."
        hint = f"{did_you_mean(suffix, FORMATS)}{ends}"
        raise OutputError(f"{target}: there is no format for '{suffix}'", hint=hint)


def check_columns(target: str | Target | None, model: Model) -> None:
    """Raise OutputError if ``target`` has a format that cannot hold as many columns as the data of ``model``."""
    kind = target_kind(target)
    suffix = Path(str(target)).suffix.lower() if kind == "file" else ""
    most = _MOST_OF_POSTGRESQL if kind == "database" else MOST_COLUMNS.get(suffix)
    if most is None:
        return
    from llmx.sinks.columns import columns_of  # noqa: PLC0415 - only where it is asked

    if (count := len(columns_of(model))) > most - OWN_COLUMNS:
        where = suffix or "PostgreSQL"
        raise OutputError(
            f"{target}: the schema has {count:,} columns, and a table in {where} at most {most:,} with llmx's own",
            hint="Write .parquet or .jsonl, which hold any number.",
        )


def writer_for(path: Path, target: Path, *, csv_safe: bool = True) -> Writer:
    """Return the writer of the format that the suffix of ``target`` names; it writes to the empty file ``path``.

    Without ``csv_safe`` the cells of CSV and TSV are as they are.
    """
    suffix = target.suffix.lower()
    module = import_module(FORMATS[suffix])
    plain = not csv_safe and suffix in DELIMITED
    return cast("OpenWriter", module.open_plain_writer if plain else module.open_writer)(path, target)
