"""Columns of rows of the input that pass through a run into its output: ``--keep-columns``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

import orjson

from llmx.dataclass import dataclass
from llmx.documents import Document
from llmx.errors import OutputError
from llmx.record import Record

if TYPE_CHECKING:
    from llmx.run.document_queue import Input
    from llmx.run.manifest import Manifest
    from llmx.run.options import OutputOptions

ALL = "all"
"""What stands for every column of the input but the text and the id."""

_FACT = "keep_columns"


@dataclass(frozen=True, slots=True)
class RecordWithColumns(Record[Any]):
    """A record as it is written: ``columns`` are those of the row that its document is."""

    made: Record[Any] | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, record: Record[Any], columns: Mapping[str, Any]) -> RecordWithColumns:
        """Return ``record`` with ``columns``."""
        return cls(record.id, record.source, record.status, made=record, columns=columns)

    @property
    def rows(self) -> tuple[Record[Any], ...]:
        """The records that are written for the document; each has its columns."""
        assert self.made is not None
        return tuple(RecordWithColumns.of(row, self.columns) for row in self.made.rows)

    @property
    def data_class(self) -> Any:
        """The class of the data."""
        assert self.made is not None
        return self.made.data_class

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values, ``columns`` last."""
        assert self.made is not None
        return {**self.made.to_json(), "columns": dict(self.columns)}


class InputColumns:
    """Keeps the columns ``names`` of documents, or all, from when they are read until their records are written."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._of: dict[str, Mapping[str, Any]] = {}
        self._missing = set(names) - {ALL}
        self._there: dict[str, None] = {}

    def noticed(self, documents: Iterable[Input]) -> Iterator[Input]:
        """Yield ``documents``, and keep the columns of each."""
        everything = ALL in self._names
        for document in documents:
            if isinstance(document, Document) and document.meta:
                meta = document.meta
                chosen = meta if everything else {name: meta[name] for name in self._names if name in meta}
                self._missing.difference_update(chosen)
                if self._missing:
                    self._there.update(dict.fromkeys(meta))
                if chosen:
                    self._of[document.id] = chosen
            yield document

    def writing(self, write: Callable[[Record[Any]], Any]) -> Callable[[Record[Any]], Any]:
        """Return ``write`` for records with their columns."""

        def written(record: Record[Any]) -> Any:
            columns = self._of.pop(record.id, None)
            return write(record if columns is None else RecordWithColumns.of(record, columns))

        return written

    def notes(self) -> Iterator[str]:
        """Yield what the user should know at the end: columns that no document had."""
        for name in sorted(self._missing):
            there = ", ".join(map(str, self._there)) or "none but the text and the id"
            yield f"--keep-columns: no document that was read has a column {name!r}; there are {there}"


def columns_of_run(manifest: Manifest, output: OutputOptions, *, stay: bool) -> InputColumns | None:
    """Return the columns that a run into ``output`` keeps, None where it keeps none; note them in ``manifest``.

    One that goes on keeps what it kept before. Raises OutputError where others are asked for and records ``stay``.
    """
    names = output.keep_columns
    noted = manifest.fact(_FACT)
    before = tuple(orjson.loads(noted)) if noted else ()
    has_records = bool(manifest.query("select 1 from documents limit 1"))
    if output.resumes and has_records and (stay or not names):
        if names and names != before:
            said = f"keep the columns {', '.join(before)}" if before else "keep no columns of the input"
            hint = "--overwrite begins anew; answers that the cache holds cost nothing."
            raise OutputError(f"the records that are there {said}, not {', '.join(names)}", hint=hint)
        return InputColumns(before) if before else None
    if names or noted:
        manifest.set_fact(_FACT, orjson.dumps(names).decode())
    return InputColumns(names) if names else None
