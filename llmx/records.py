"""The records of a run in Python: one after the other, or as a table for pandas, polars and whatever reads Arrow."""

from __future__ import annotations

import html
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from pydantic import BaseModel

from llmx.documents import Document, RowFields, Unreadable
from llmx.documents.rows import row_document
from llmx.errors import OutputError, UsageError, did_you_mean
from llmx.sinks.arrow_table import record_table
from llmx.sinks.columns import columns_of, plain

if TYPE_CHECKING:
    from types import TracebackType

    from llmx.record import Record

T = TypeVar("T", bound=BaseModel)

_SHOWN = 20
_SHOWN_CHARS = 200
_ROW = "row "
"""How the source of a row of a data frame begins; its number follows, from 0."""


class Records(Sequence["Record[T]"], Generic[T]):
    """Records, in memory. ``beside`` is the Arrow table of the rows that they were made of, if that is what they were.

    What reads Arrow takes it for a table (``pyarrow.table(records)``, ``SELECT * FROM records`` in DuckDB).
    """

    def __init__(self, records: Iterable[Record[T]], *, beside: Any = None) -> None:
        self._records = list(records)
        self._beside = beside

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, at: int) -> Record[T]: ...
    @overload
    def __getitem__(self, at: slice) -> Records[T]: ...
    def __getitem__(self, at: int | slice) -> Record[T] | Records[T]:
        return Records(self._records[at], beside=self._beside) if isinstance(at, slice) else self._records[at]

    def to_arrow(self) -> Any:
        """Return a ``pyarrow.Table``: the columns of the rows, if there were any, then ``id``, ``status``, those of
        the data (``worth_amount``), ``issues`` and ``evidence``. Dates, decimals, lists and objects are such.

        A column whose type cannot hold a value as it is, such as a decimal with more than ten places, is text. One
        that would have the name of a row's column is called ``data_NAME``.
        """
        beside = self._beside
        if beside is not None:
            numbers = [int((record.source or "").removeprefix(_ROW)) for record in self._records]
            beside = beside if numbers == list(range(beside.num_rows)) else _taken(beside, numbers)
        model = next((found for record in self._records if (found := record.data_class) is not None), None)
        return record_table([record.to_json() for record in self._records], model, beside=beside)

    def to_pandas(self) -> Any:
        """Return a ``pandas.DataFrame`` whose columns have Arrow's types, so that a date is a date."""
        try:
            import pandas as pd  # noqa: PLC0415 -- the caller's
        except ImportError as exc:
            raise OutputError("pandas is not installed", hint="pip install pandas") from exc
        return self.to_arrow().to_pandas(types_mapper=pd.ArrowDtype)

    def to_polars(self) -> Any:
        """Return a ``polars.DataFrame``."""
        try:
            import polars as pl  # noqa: PLC0415 -- the caller's
        except ImportError as exc:
            raise OutputError("polars is not installed", hint="pip install polars") from exc
        return pl.from_arrow(self.to_arrow())

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """Give the table to whatever reads Arrow (https://arrow.apache.org/docs/format/CDataInterface)."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        """Return the first records as a table of HTML, for notebooks; it says what it leaves out."""
        model = next((found for record in self._records if (found := record.data_class) is not None), None)
        columns = columns_of(model) if model is not None else ()
        lines = [["id", "status", *(column.name for column in columns)]]
        for record in self._records[:_SHOWN]:
            row = record.to_json()
            lines.append([row["id"], row["status"], *(str(plain(column.of(row["data"]))) for column in columns)])
        cells = ["".join(f"<td>{_shown(cell)}</td>" for cell in line) for line in lines]
        left = len(self._records) - _SHOWN
        more = f"<p>and {left:,} more record{'s' * (left != 1)}</p>" if left > 0 else ""
        return f"<table>{''.join(f'<tr>{each}</tr>' for each in cells)}</table>{more}"


class RecordStream(Generator["Record[T]", None, None], Generic[T]):
    """The records of a run as they are made. ``collect`` waits for those that were not taken yet; so do the others."""

    def __init__(self, records: Generator[Record[T], None, None]) -> None:
        self._records = records

    def send(self, value: None) -> Record[T]:
        """Return the next record."""
        return self._records.send(value)

    def throw(
        self,
        kind: type[BaseException] | BaseException,
        value: object = None,
        trace: TracebackType | None = None,
    ) -> Record[T]:
        """Raise an exception in the run, which ends it."""
        return self._records.throw(kind, value, trace) if isinstance(kind, type) else self._records.throw(kind)

    def close(self) -> None:
        """End the run: what is on the wire is not waited for."""
        self._records.close()

    def collect(self) -> Records[T]:
        """Run to the end, and return the records that were not taken yet."""
        return Records(self)

    def to_arrow(self) -> Any:
        """Run to the end, and return the table of ``Records.to_arrow``."""
        return self.collect().to_arrow()

    def to_pandas(self) -> Any:
        """Run to the end, and return the data frame of ``Records.to_pandas``."""
        return self.collect().to_pandas()

    def to_polars(self) -> Any:
        """Run to the end, and return the data frame of ``Records.to_polars``."""
        return self.collect().to_polars()


def arrow_of(frame: Any) -> Any:
    """Return a data frame of pandas, polars or another library as a ``pyarrow.Table``.

    Raises UsageError for what Arrow does not read.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 -- an extra
    except ImportError as exc:
        raise OutputError("data frames need pyarrow", hint="pip install 'llmx-extract[parquet]'") from exc
    if isinstance(frame, pa.Table):
        return frame
    if not hasattr(frame, "__arrow_c_stream__"):
        hint = "pandas from 2.2, polars and pyarrow are; else give llmx.extract its rows as mappings."
        raise UsageError(f"{type(frame).__name__} is no data frame that Arrow reads", hint=hint)
    return pa.table(frame)


def frame_documents(table: Any, fields: RowFields) -> Iterator[Document | Unreadable]:
    """Yield a document for each row of an Arrow table. Its id is that of the id column, or the row's number.

    Raises UsageError where a column is missing.
    """
    has_id = fields.needs_id or fields.id in table.column_names
    names = [fields.text, *([fields.id] if has_id else []), *([fields.date] if fields.date else [])]
    if missing := [name for name in names if name not in table.column_names]:
        there = ", ".join(table.column_names)
        hint = f"{did_you_mean(missing[0], table.column_names)}It has {there}."
        raise UsageError(f"the data frame has no column {', '.join(map(repr, missing))}", hint=hint)
    number = 0
    for batch in table.select(list(dict.fromkeys(names))).to_batches(max_chunksize=1000):
        for row in batch.to_pylist():
            yield row_document(row, fields, source=f"{_ROW}{number}", fallback=str(number))
            number += 1


def _taken(table: Any, numbers: list[int]) -> Any:
    """Return the rows ``numbers`` of an Arrow table. Arrow takes none out of the views that polars has for texts."""
    import pyarrow as pa  # noqa: PLC0415 -- an extra, which made the table

    views = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
    fields = [field.with_type(views.get(field.type, field.type)) for field in table.schema]
    return table.cast(pa.schema(fields)).take(numbers)


def _shown(text: str) -> str:
    cut = text if len(text) <= _SHOWN_CHARS else f"{text[: _SHOWN_CHARS - 1]}…"
    return html.escape(cut)
