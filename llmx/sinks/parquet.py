"""A Parquet file: typed columns, lists and objects as such; for pandas, DuckDB, Spark and the like."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from llmx.errors import OutputError
from llmx.sinks.columns import Column, columns_of, resolved
from llmx.sinks.kept_columns import KeptColumns, data_of
from llmx.sinks.writing import Model, Row, Writer, dump, output_error

_GROUP_ROWS = 1000  # what is held in memory; larger groups read faster, but records with proofs are some ten kilobytes
_HEAD = ("id", "source", "status", "model")
_JSON = ("issues", "evidence", "confidence")
_DECIMAL = (38, 10)
"""Digits of a decimal number, in all and behind the point; a column with a longer one becomes text."""


class Parquet:
    """Columns id, source, status, model, those of the data, issues, evidence and confidence as JSON, and in ``record``
    the record itself.

    Rows are written in groups. Unlike the other formats a Parquet file cannot be read before it is closed. A column
    whose type cannot hold one of its values, such as an integer above 2^63, becomes JSON text.
    """

    def __init__(self, path: Path, target: Path) -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415 -- 0.2 s, and an extra
            import pyarrow.parquet as pq  # noqa: PLC0415
        except ImportError as exc:
            hint = "pip install 'llmx-extract[parquet]', or write .jsonl, .csv or .sqlite"
            raise OutputError("Parquet needs the package pyarrow, which is not installed", hint=hint) from exc
        self.pa, self.pq = pa, pq
        self.path, self.target = path, target
        self.columns: tuple[Column, ...] | None = None
        self.types: list[Any] = []
        self.kept = KeptColumns()
        self.rows: list[Row] = []
        self.writer: Any = None
        self.closed = self.readable = False

    def write(self, row: Row, model: Model | None) -> None:
        """Take one record; every thousandth writes."""
        if self.columns is None and model is not None:
            self.columns = self._with_kept(columns_of(model))
        self.rows.append(row)
        if len(self.rows) >= _GROUP_ROWS and self.columns is not None:
            self._flush()

    def close(self) -> None:
        """Write what is waiting and close the file."""
        if self.closed:
            return
        self.closed = True
        try:
            self._flush()
            self.writer.close()
            self.readable = True
        except (OSError, self.pa.ArrowException) as exc:
            raise output_error(exc, self.target) from exc
        finally:
            if not self.readable and self.writer is not None:
                with suppress(Exception):  # it may try to write again, to a file that is given up
                    self.writer.close()

    def _flush(self) -> None:
        pa, text = self.pa, self.pa.string()
        if self.columns is None and self.kept:
            self.columns = self._with_kept(())
        if self.columns is not None and not self.types:
            self.types = [arrow_type(pa, column.schema, definitions=column.definitions) for column in self.columns]
        data = [data_of(row) for row in self.rows]
        try:
            arrays = [
                *(pa.array([row[name] for row in self.rows], text) for name in _HEAD),
                *(self._array(number, column, data) for number, column in enumerate(self.columns or ())),
                *(pa.array([dump(row[name]).decode() for row in self.rows], text) for name in _JSON),
                pa.array([dump(row).decode() for row in self.rows], text),
            ]
            if self.writer is None:
                self.writer = self._opened()
            self.writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema()))
        except (OSError, pa.ArrowException) as exc:
            raise output_error(exc, self.target) from exc
        self.rows.clear()

    def _with_kept(self, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        names = [*_HEAD, *(column.name for column in columns), *_JSON, "record"]
        return (*columns, *self.kept.columns(names))

    def _schema(self) -> Any:
        text = self.pa.string()
        typed = [(column.name, type_) for column, type_ in zip(self.columns or (), self.types, strict=True)]
        return self.pa.schema(
            [*((name, text) for name in _HEAD), *typed, *((name, text) for name in (*_JSON, "record"))]
        )

    def _opened(self) -> Any:
        return self.pq.ParquetWriter(self.path, self._schema(), compression="zstd")

    def _array(self, number: int, column: Column, data: list[Any]) -> Any:
        pa = self.pa
        values = [column.of(each) for each in data]
        try:
            return pa.array([fitted(pa, value, self.types[number]) for value in values], self.types[number])
        except (pa.ArrowException, InvalidOperation, OverflowError, TypeError, ValueError, AttributeError):
            self._make_text(number, column)
            return pa.array([text_of(value) for value in values], pa.string())

    def _make_text(self, number: int, column: Column) -> None:
        """Make JSON text of a column, in the groups that are written, too."""
        self.types[number] = self.pa.string()
        if self.writer is None:
            return
        self.writer.close()
        before = self.path.with_name(f"{self.path.name}.typed")
        self.path.replace(before)
        try:
            self.writer = self._opened()
            groups = self.pq.ParquetFile(before)
            for group in range(groups.num_row_groups):
                table = groups.read_row_group(group)
                at = table.schema.get_field_index(column.name)
                texts = [text_of(column.of(data_of(json.loads(row)))) for row in table.column("record").to_pylist()]
                field = self.pa.field(column.name, self.pa.string())
                self.writer.write_table(table.set_column(at, field, self.pa.array(texts, self.pa.string())))
        finally:
            before.unlink()


def open_writer(path: Path, target: Path) -> Writer:
    """Return the writer for ``target``. Raises OutputError if pyarrow is not installed."""
    return Parquet(path, target)


def arrow_type(
    pa: Any, schema: Mapping[str, Any], *, definitions: Mapping[str, Any], above: tuple[str, ...] = ()
) -> Any:
    """Return the Arrow type of a JSON schema; what may be several things, or contains itself, is JSON text."""
    reference = str(schema.get("$ref", ""))
    if reference and reference in above:
        return pa.string()
    above = (*above, reference)
    schema = resolved(schema, definitions)
    kind = schema.get("type")
    if kind == "array" and "items" in schema:
        return pa.list_(arrow_type(pa, schema["items"], definitions=definitions, above=above))
    if kind == "object" and schema.get("properties"):
        inner = schema["properties"].items()
        return pa.struct([(name, arrow_type(pa, each, definitions=definitions, above=above)) for name, each in inner])
    simple = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}
    if kind == "string":
        formats = {
            "date": pa.date32(), "date-time": pa.timestamp("us", "UTC"), "decimal": pa.decimal128(*_DECIMAL),
        }  # fmt: skip
        return formats.get(str(schema.get("format")), pa.string())
    return simple.get(str(kind), pa.string())


def fitted(pa: Any, value: Any, type_: Any) -> Any:
    """Return ``value`` as ``type_`` takes it: anything that is to be text and is none becomes JSON."""
    if value is None:
        return None
    if pa.types.is_list(type_):
        return [fitted(pa, each, type_.value_type) for each in value]
    if pa.types.is_struct(type_):
        return {each.name: fitted(pa, value.get(each.name), each.type) for each in type_}
    if pa.types.is_string(type_) and not isinstance(value, str):
        return dump(value).decode()
    read = next((read for is_kind, read in _READ.items() if getattr(pa.types, is_kind)(type_)), None)
    return value if read is None else read(value)


def text_of(value: Any) -> str | None:
    """Return ``value`` as text: a text as it is, all else as JSON."""
    return value if value is None or isinstance(value, str) else dump(value).decode()


def _moment(text: str) -> datetime:
    """Return a time with its offset; ValueError where the text says none: the column then becomes text."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} says no offset")
    return moment


_READ: Mapping[str, Callable[[str], Any]] = {
    "is_date": date.fromisoformat, "is_decimal": Decimal, "is_timestamp": _moment,
}  # fmt: skip
"""How the text of a value becomes one of an Arrow type, by the name of Arrow's test for the type."""
