"""Reads the records in outputs that are tables: Parquet, SQLite, DuckDB, CSV and TSV.

All but the last two hold the whole record in a column. CSV holds the data alone, as text without types, and no proofs:
the class of the data tells the types where it is known; else a cell is read as JSON where it is a number, a list, an
object, true or false.
"""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.errors import UsageError
from llmx.sinks.columns import Column, columns_of
from llmx.sinks.delimited import HEAD, unguarded
from llmx.sinks.formats import DELIMITED, FORMATS, JSON_LINES

if TYPE_CHECKING:
    from pydantic import BaseModel

TABLES = frozenset(FORMATS) - {".json", *JSON_LINES}
"""The suffixes of outputs that are tables."""

_WITHOUT_DATA = frozenset({"failed", "refused", "invalid"})
_JSON = re.compile(r"[\[{].*|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.DOTALL)
_CELL_CHARS = 1 << 28  # csv's own limit of 131,072 is less than a long list


def read_table(path: Path, *, model: type[BaseModel] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield the place and the record of each row of ``path``, in the form of ``Record.to_json``.

    Raises UsageError if it is no output of llmx.
    """
    suffix = path.suffix.lower()
    if suffix in DELIMITED:
        yield from _delimited(path, model)
        return
    if suffix == ".xlsx":
        raise UsageError(f"{path}: a workbook does not hold whole records", hint="Name the run's other output.")
    texts = _parquet(path) if suffix == ".parquet" else _duckdb(path) if suffix == ".duckdb" else _sqlite(path)
    for number, text in enumerate(texts, 1):
        yield f"{path}: row {number}", json.loads(text)


def _no_output(path: Path, why: object) -> UsageError:
    return UsageError(f"{path}: not an output of llmx: {why}", hint="Name the output of llmx extract -o FILE.")


def _sqlite(path: Path) -> Iterator[str]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            for (text,) in database.execute("SELECT record FROM records ORDER BY rowid"):
                yield text
    except sqlite3.Error as error:
        raise _no_output(path, error) from error


def _duckdb(path: Path) -> Iterator[str]:
    try:
        import duckdb  # noqa: PLC0415 - an extra
    except ImportError as error:
        hint = "pip install 'llmx-extract[duckdb]'"
        raise UsageError("DuckDB needs the package duckdb, which is not installed", hint=hint) from error
    try:
        with duckdb.connect(str(path), read_only=True) as database:
            found = database.execute("SELECT record FROM records ORDER BY rowid")
            while rows := found.fetchmany(1000):
                yield from (text for (text,) in rows)
    except duckdb.Error as error:
        raise _no_output(path, error) from error


def _parquet(path: Path) -> Iterator[str]:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        hint = "pip install 'llmx-extract[parquet]'"
        raise UsageError("Parquet needs the package pyarrow, which is not installed", hint=hint) from error
    try:
        file = pq.ParquetFile(path)
        if "record" not in file.schema_arrow.names:
            raise _no_output(path, "it has no column 'record', which older versions did not write")
        for batch in file.iter_batches(batch_size=1000, columns=["record"]):
            yield from batch.column(0).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise _no_output(path, error) from error


def _delimited(path: Path, model: type[BaseModel] | None) -> Iterator[tuple[str, Any]]:
    csv.field_size_limit(max(csv.field_size_limit(), _CELL_CHARS))
    known = {column.name: column for column in columns_of(model)} if model is not None else {}
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            reader = csv.reader(lines, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
            header = next(reader, [])
            if tuple(header[: len(HEAD)]) != HEAD or "issues" not in header:
                raise _no_output(path, f"its columns do not begin with {', '.join(HEAD)}, or it has none called issues")
            end = header.index("issues")
            columns = [known.get(name) or Column(name, _path(name)) for name in header[len(HEAD) : end]]
            for cells in reader:
                if len(cells) != len(header):
                    raise _no_output(path, f"line {reader.line_num} has {len(cells)} cells")
                plain = [unguarded(cell) for cell in cells]
                row = _record(plain[: end + 1], columns)
                if kept := header[end + 1 :]:
                    row["columns"] = dict(zip(map(unguarded, kept), plain[end + 1 :], strict=True))
                yield f"{path}:{reader.line_num}", row
    except (UnicodeDecodeError, csv.Error) as error:
        raise _no_output(path, error) from error


def _path(name: str) -> tuple[str, ...]:
    return tuple(name.removeprefix("data.").split("."))


def _record(cells: list[str], columns: list[Column]) -> dict[str, Any]:
    (id_, source, status), issues = cells[: len(HEAD)], cells[-1]
    data: dict[str, Any] | None = None
    if status not in _WITHOUT_DATA:
        data = {}
        for column, cell in zip(columns, cells[len(HEAD) : -1], strict=True):
            _put(data, column.path, _value(cell, column.schema))
        data = {name: _whole(value) for name, value in data.items()}
    told = [{"code": "", "path": "", "message": issues}] if issues else []
    return {"id": id_, "source": source or None, "status": status, "data": data, "issues": told}


def _value(cell: str, schema: Mapping[str, Any]) -> Any:
    """Return the value of a cell: as its ``schema`` says, where that is known."""
    if not cell:
        return None
    if schema.get("type") == "string" or not _JSON.fullmatch(cell):
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def _whole(value: Any) -> Any:
    """Return an object that was spread over columns, None where all of them are empty: so null is written."""
    if not isinstance(value, dict):
        return value
    inner = {name: _whole(each) for name, each in value.items()}
    return inner if any(each is not None for each in inner.values()) else None


def _put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        inner = data.setdefault(name, {})
        data = inner if isinstance(inner, dict) else {}
    data[path[-1]] = value
