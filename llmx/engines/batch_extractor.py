"""The callable that an engine carries to its workers: a batch of rows in, the same batch with records beside it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from llmx.documents import Document, DocumentStream, RowFields, Unreadable
from llmx.documents.document import content_id
from llmx.documents.rows import row_document
from llmx.endpoint import EndpointSettings
from llmx.engines.batch_kinds import batch_rows, column_names, with_columns
from llmx.engines.process_run import ProcessRun, close_run, process_run, share_of
from llmx.engines.record_columns import record_columns, record_table
from llmx.errors import ConfigError, UsageError
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.redaction import redacted
from llmx.record import SeveralRecords
from llmx.run import RunOptions
from llmx.schema import SchemaLike, load_schema

if TYPE_CHECKING:
    from llmx.endpoint import Stats
    from llmx.record import Record

_Records = list[Future["Record[Any]"]]


@dataclass(frozen=True)  # no slots: Ray makes a subclass, which sets attributes of its own
class BatchExtractor:
    """Adds the records of its rows to a batch: for ``map_batches`` of Ray Data, ``map_partitions`` of Dask and others.

    A batch is a ``pyarrow.Table`` or ``RecordBatch``, a ``pandas.DataFrame`` or a dict of columns, and what comes back
    is of the same kind: the same rows in the same order, with the columns ``llmx_status``, ``llmx_data`` (a struct),
    ``llmx_issues``, ``llmx_evidence`` and ``llmx_record`` (the record as a line of JSON) added. A row that cannot be
    read, or whose document fails, is a row whose status is ``failed``, and whose issues say why. ``text``, ``id`` and
    ``date`` name columns; without ``id`` a document's id is made from its text.

    It can be pickled where ``schema`` is a reference or a class that the workers can import. Each process opens the
    endpoint when it gets its first row, and keeps it for all batches, also of several threads. The bounds of ``run``
    hold in each process; ``workers`` divides them, so that together so many processes keep to them.

    Raises SchemaError and ConfigError where it is made; a call raises UsageError for a column that is missing or would
    be overwritten, and what ends a run: AuthError, CassetteError, BudgetError, EndpointError.
    """

    schema: SchemaLike
    _: KW_ONLY
    text: str = "text"
    id: str | None = None
    date: str | None = None
    model: str = ""
    endpoint: EndpointSettings = field(default_factory=EndpointSettings)
    options: Options = field(default_factory=Options)
    run: RunOptions = field(default_factory=RunOptions)
    workers: int = 1
    token: str = field(default_factory=lambda: uuid4().hex, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ConfigError(f"workers must be at least 1, not {self.workers}")
        share_of(self.run, self.workers)
        load_schema(self.schema)

    @property
    def columns(self) -> Any:
        """The columns that are added, as a ``pyarrow.Schema``: the same for every batch."""
        return record_columns(load_schema(self.schema).model)

    def __call__(self, batch: Any) -> Any:
        """Return ``batch`` with the columns of its records. A batch without rows asks nobody."""
        return self._with_records(batch, self._submitted(batch))

    def each(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Yield each of ``batches`` with the columns of its records, for ``mapInArrow`` and ``mapInPandas`` of Spark.

        The next batch is begun before the last answers of the one before it have come.
        """
        before: tuple[Any, _Records] | None = None
        for batch in batches:
            begun = (batch, self._submitted(batch))
            if before is not None:
                yield self._with_records(*before)
            before = begun
        if before is not None:
            yield self._with_records(*before)

    def records(self, documents: Sequence[Document | Unreadable]) -> list[Record[Any]]:
        """Return the record of each of ``documents``, for an engine whose workers read them. Raises as a call does."""
        waiting = process_run(self.token, self._opened).submit(documents) if documents else []
        return [with_source(each.result(), of.source) for each, of in zip(waiting, documents, strict=True)]

    def stats(self) -> Stats:
        """Return what this process has asked and paid for so far."""
        return process_run(self.token, self._opened).stats

    def close(self) -> None:
        """Close the endpoint in this process, once its rows are done. It is opened again when there are more."""
        close_run(self.token)

    def _submitted(self, batch: Any) -> _Records:
        names = column_names(batch)
        wanted = list(dict.fromkeys(name for name in (self.text, self.id, self.date) if name is not None))
        if missing := [name for name in wanted if name not in names]:
            there = ", ".join(map(str, names))
            raise UsageError(f"the batch has no column {', '.join(map(repr, missing))}", hint=f"It has {there}.")
        if taken := [name for name in self.columns.names if name in names]:
            raise UsageError(f"the batch has a column {taken[0]!r} already", hint="Rename it, or leave it out.")
        if not (rows := batch_rows(batch, wanted)):
            return []
        return process_run(self.token, self._opened).submit(list(self._documents(rows)))

    def _with_records(self, batch: Any, records: _Records) -> Any:
        return with_columns(batch, record_table([each.result() for each in records], self.columns))

    def _opened(self) -> ProcessRun:
        settings = replace(self.endpoint, model=self.model) if self.model else self.endpoint
        return ProcessRun(Extractor(self.schema, self.options), settings, share_of(self.run, self.workers))

    def _documents(self, rows: Iterable[dict[str, Any]]) -> Iterator[Document | Unreadable]:
        fields = RowFields(text=self.text, id=self.id or "id", date=self.date)
        read = (row_document(row, fields, source="the row", fallback=_id_of(row[self.text])) for row in rows)
        return redacted(DocumentStream(cast("Iterator[Document | Unreadable]", read), fields, Counter()), self.endpoint)


def with_source(record: Record[Any], source: str | None) -> Record[Any]:
    """Return ``record``, and those that it holds, with the source of their document."""
    if isinstance(record, SeveralRecords):
        parts = tuple(replace(part, source=source) for part in record.parts)
        return replace(record, source=source, parts=parts)
    return replace(record, source=source)


def _id_of(text: Any) -> str:
    return content_id(text) if isinstance(text, str) else "row"
