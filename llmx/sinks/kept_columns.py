"""The columns of a run's input that its output keeps: in a record's ``columns``, in tables beside those of its data.

In tables they have the types of their values, which no schema tells: a format that names its columns at its beginning
gets the records once all of them are known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Protocol, runtime_checkable

from llmx.sinks.columns import Column
from llmx.sinks.writing import Model, Row, Writer, dump_line, output_error

_KEPT = "\0columns"
"""Where the kept columns stand beside the data; no field has such a name."""

_TYPES: Mapping[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


@runtime_checkable
class TableWriter(Writer, Protocol):
    """A writer of tables that takes ``kept``, the columns of the input, before its first record."""

    kept: KeptColumns


class KeptColumns:
    """The names of the columns that records have, in the order of their coming, and the types of their values."""

    def __init__(self) -> None:
        self._types: dict[str, set[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._types)

    def add(self, row: Row) -> None:
        """Take the columns of one record."""
        for name, value in (row.get("columns") or {}).items():
            types = self._types.setdefault(name, set())
            if value is not None:
                types.add(_TYPES.get(type(value), ""))

    def filled(self, known: Iterable[str]) -> KeptColumns:
        """Return those that have values, but for the ``known`` ones."""
        there, found = set(known), KeptColumns()
        found._types = {name: types for name, types in self._types.items() if types and name not in there}
        return found

    def columns(self, taken: Iterable[str], named: Callable[[str], str] = str) -> Iterator[Column]:
        """Yield the columns; ``named`` makes their names, which are not in ``taken``: else they begin with input_."""
        used = {name.lower() for name in taken}
        for name, types in self._types.items():
            plain = named(name)
            plain, number = f"input_{plain}" if plain.lower() in used else plain, 1
            while (unique := plain if number == 1 else f"{plain}_{number}").lower() in used:
                number += 1
            used.add(unique.lower())
            yield Column(unique, (_KEPT, name), schema=_schema(types))


def data_of(row: Row) -> Any:
    """Return the data of a record, with the columns that it keeps where columns of them look for their values."""
    kept = row.get("columns")
    return {**(row["data"] or {}), _KEPT: kept} if kept else row["data"]


def kept_name(column: Column) -> str:
    """Return what the input calls a kept column, '' for a column of the data."""
    return column.path[1] if column.path[:1] == (_KEPT,) else ""


class SpooledWriter:
    """Passes records to ``writer`` once all are there, so that all the columns that they keep are known before.

    Until then they are in a file without a name, in the folder of the output ``target``.
    """

    def __init__(self, writer: TableWriter, target: Path) -> None:
        self._writer, self._target = writer, target
        self._kept, self._closed = KeptColumns(), False
        self._model: Model | None = None
        try:
            self._file = TemporaryFile(dir=target.parent)  # noqa: SIM115 -- open for as long as the writer
        except OSError as error:
            raise output_error(error, target) from error

    @property
    def readable(self) -> bool:
        """Whether the file, once closed, holds every record that was written."""
        return self._writer.readable

    def write(self, row: Row, model: Model | None) -> None:
        """Take one record."""
        self._model = self._model or model
        self._kept.add(row)
        try:
            self._file.write(dump_line(row))
        except OSError as error:
            raise output_error(error, self._target) from error

    def close(self) -> None:
        """Write all records and close the file."""
        if self._closed:
            return
        self._closed = True
        self._writer.kept = self._kept
        try:
            self._file.seek(0)
            for line in self._file:
                row = json.loads(line)  # orjson makes floats of large integers
                self._writer.write(row, None if row["data"] is None else self._model)
        except OSError as error:
            raise output_error(error, self._target) from error
        finally:
            with suppress(OSError):
                self._file.close()
            self._writer.close()


def spooled(writer: Writer, target: Path) -> Writer:
    """Return ``writer``, behind a spool where it has to know the columns before it begins."""
    return SpooledWriter(writer, target) if isinstance(writer, TableWriter) else writer


def _schema(types: set[str]) -> Mapping[str, Any]:
    """Return the JSON Schema of values of ``types``; {} where they are lists, objects or several things."""
    if not types:
        return {"type": "string"}
    if types == {"integer", "number"}:
        return {"type": "number"}
    if "" in types:
        return {}
    return {"type": next(iter(types)) if len(types) == 1 else "string"}
