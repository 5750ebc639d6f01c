"""One table as a Parquet file, with columns of the types of the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from decimal import InvalidOperation
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from llmx.errors import OutputError
from llmx.sinks.columns import Column
from llmx.sinks.parquet import arrow_type, fitted, text_of
from llmx.sinks.writing import dump_line, output_error

_GROUP_ROWS = 10_000  # what is held in memory


def check_pyarrow() -> None:
    """Raise OutputError if pyarrow is not installed."""
    try:
        import pyarrow as pa  # noqa: F401, PLC0415 -- 0.2 s, and an extra
    except ImportError as exc:
        hint = "pip install 'llmx-extract[parquet]', or write a folder of CSV: tables.csv/"
        raise OutputError("Parquet needs the package pyarrow, which is not installed", hint=hint) from exc


class ParquetTable:
    """Rows wait in a file without a name until the table is closed: only then it is known whether each value fits the
    type of its column. A column with a value that does not is text.
    """

    def __init__(self, path: Path, columns: tuple[Column, ...]) -> None:
        import pyarrow as pa  # noqa: PLC0415 -- 0.2 s, and an extra

        self._pa, self.path, self._columns = pa, path, columns
        self._types = [arrow_type(pa, each.schema, definitions=each.definitions) for each in columns]
        self._spool = TemporaryFile(dir=path.parent)  # noqa: SIM115 -- open for as long as the table
        self._closed = False

    def add(self, cells: list[Any]) -> None:
        """Take one row."""
        try:
            self._spool.write(dump_line(cells))
        except OSError as error:
            raise output_error(error, self.path) from error

    def close(self) -> None:
        """Write the file."""
        if self._closed:
            return
        self._closed = True
        try:
            while (misfit := self._first_misfit()) is not None:  # at most twice a column
                self._types[misfit] = self._wider(misfit)
        except (OSError, self._pa.ArrowException) as error:
            raise output_error(error, self.path) from error
        finally:
            with suppress(OSError):
                self._spool.close()

    def _first_misfit(self) -> int | None:
        """Write all rows; return the number of the first column with a value that its type cannot hold."""
        from pyarrow.parquet import ParquetWriter  # noqa: PLC0415

        named = zip(self._columns, self._types, strict=True)
        schema = self._pa.schema([(column.name, type_) for column, type_ in named])
        with ParquetWriter(self.path, schema, compression="zstd") as writer:
            for rows in self._groups():
                arrays = []
                for number, type_ in enumerate(self._types):
                    array = self._array([row[number] for row in rows], type_)
                    if array is None:
                        return number
                    arrays.append(array)
                writer.write_table(self._pa.Table.from_arrays(arrays, schema=schema))
        return None

    def _groups(self) -> Iterator[list[list[Any]]]:
        self._spool.seek(0)
        while lines := list(islice(self._spool, _GROUP_ROWS)):
            yield [json.loads(line) for line in lines]  # orjson makes floats of large integers

    def _array(self, values: list[Any], type_: Any) -> Any:
        pa = self._pa
        if pa.types.is_string(type_):
            return pa.array([text_of(value) for value in values], type_)
        try:
            if pa.types.is_timestamp(type_) and type_.tz is None:
                return pa.array([value and _without_offset(value) for value in values], type_)
            return pa.array([fitted(pa, value, type_) for value in values], type_)
        except (pa.ArrowException, InvalidOperation, OverflowError, TypeError, ValueError, AttributeError):
            return None

    def _wider(self, number: int) -> Any:
        """Return the type to try next: times without an offset, else text."""
        type_ = self._types[number]
        if self._pa.types.is_timestamp(type_) and type_.tz is not None:
            return self._pa.timestamp("us")
        return self._pa.string()


def _without_offset(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError(f"{text} says an offset")
    return moment
