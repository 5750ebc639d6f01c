"""What a worker of an engine does with a partition: reads it, asks for what is not done, and writes the part anew.

Done is what the part's manifest knows by id and by the hash of its text, made with the same schema, prompt, model and
options. Its records are taken over as they are, byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from llmx.documents import Document, RowFields, Unreadable
from llmx.endpoint import Stats
from llmx.engines.batch_extractor import BatchExtractor
from llmx.engines.part_folder import PartFolder, PartHead, PartRow, table_bytes
from llmx.engines.partitions import Partition, read_partition
from llmx.engines.record_columns import arrow, record_table
from llmx.errors import LlmxError, UsageError
from llmx.extraction.redaction import redacted_each
from llmx.record import Record
from llmx.run.finished_records import dump_rows
from llmx.run.manifest import text_hash
from llmx.run.telemetry import flush_spans


@dataclass(frozen=True, slots=True)
class PartitionResult:
    """What became of a partition: ``statuses`` of the documents that were asked for, ``kept`` counts those that were
    done; ``spent`` is what was asked and paid for it. With an ``error`` nothing was written.
    """

    partition: str
    statuses: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    spent: Stats = field(default_factory=Stats)
    error: Exception | None = None


@dataclass(frozen=True)
class PartitionJob:
    """The work on partitions, which can be pickled. ``made_with`` has the fingerprints that ``Provenance`` has."""

    extractor: BatchExtractor
    fields: RowFields
    folder: PartFolder
    made_with: tuple[str, ...]
    retry_failed: bool = False

    def __call__(self, partition: Partition) -> PartitionResult:
        """Write the part of ``partition``, and return what became of it. What ends the run is in the result."""
        try:
            return self._done(partition)
        except LlmxError as error:
            return PartitionResult(partition.name, error=error)

    def _done(self, partition: Partition) -> PartitionResult:
        documents = list(redacted_each(read_partition(partition, self.fields), self.extractor.endpoint))
        _check_ids(documents, partition)
        hashes = [text_hash(each) for each in documents]
        before = self._before(partition.name)
        kept = [before.get((each.id, hashed)) for each, hashed in zip(documents, hashes, strict=True)]
        todo = [each for each, known in zip(documents, kept, strict=True) if known is None]
        asked = self.extractor.stats() if todo else Stats()
        records = iter(self.extractor.records(todo))
        merged = [next(records) if known is None else known for known in kept]
        rows = [
            PartRow(each.id, hashed, one[1].status if isinstance(one, tuple) else one.status)
            for each, hashed, one in zip(documents, hashes, merged, strict=True)
        ]
        data, rows = (self._lines if self.folder.suffix == ".jsonl" else self._table)(partition.name, merged, rows)
        statuses = Counter(row.status for row in rows)
        head = PartHead(partition.name, partition.source, partition.state, self.made_with, len(data), dict(statuses))
        self.folder.write(data, head, rows)
        done = Counter(known[1].status for known in kept if known is not None)
        if self.extractor.run.trace:
            flush_spans()  # an engine may end its workers without a word
        spent = self.extractor.stats().since(asked) if todo else Stats()
        return PartitionResult(partition.name, dict(statuses - done), dict(done), spent)

    def _before(self, part: str) -> dict[tuple[str, str], tuple[int, PartRow]]:
        """Return the documents of the part that are done, each with its place in it, by id and hash."""
        found = self.folder.manifest(part)
        if found is None or found[0].made_with != self.made_with:
            return {}
        redone = {"failed"} if not self.retry_failed else {"failed", "partial", "invalid", "refused"}
        return {(row.id, row.hash): (at, row) for at, row in enumerate(found[1]) if row.status not in redone}

    def _lines(self, part: str, merged: Sequence[Any], rows: Sequence[PartRow]) -> tuple[bytes, list[PartRow]]:
        before = self.folder.part(part) if any(isinstance(one, tuple) for one in merged) else b""
        data = bytearray()
        placed: list[PartRow] = []
        for one, row in zip(merged, rows, strict=True):
            lines = before[one[1].at : one[1].at + one[1].bytes] if isinstance(one, tuple) else dump_rows(one) + b"\n"
            placed.append(PartRow(row.id, row.hash, row.status, len(data), len(lines)))
            data += lines
        return bytes(data), placed

    def _table(self, part: str, merged: Sequence[Any], rows: list[PartRow]) -> tuple[bytes, list[PartRow]]:
        pa = arrow()
        new = [one for one in merged if not isinstance(one, tuple)]
        table = _with_ids(pa, new, record_table(new, self.extractor.columns))
        if len(new) < len(merged):
            before = self.folder.table(part).select(table.column_names).cast(table.schema)
            table = pa.concat_tables([before, table])
            fresh = iter(range(before.num_rows, table.num_rows))
            table = table.take([one[0] if isinstance(one, tuple) else next(fresh) for one in merged])
        return table_bytes(table), rows


def _with_ids(pa: Any, records: Sequence[Record[Any]], table: Any) -> Any:
    """Return ``table`` with the ids and sources of its records as the first columns."""
    for place, name in enumerate(("id", "source")):
        values = pa.array([getattr(record, name) for record in records], pa.string())
        table = table.add_column(place, pa.field(name, pa.string()), values)
    return table


def _check_ids(documents: Sequence[Document | Unreadable], partition: Partition) -> None:
    """Raise UsageError where two documents of a partition have one id."""
    seen = Counter(each.id for each in documents if isinstance(each, Document))
    if twice := next((name for name, count in seen.items() if count > 1), None):
        what = f"{partition.source}: two documents have the id {twice!r}"
        raise UsageError(what, hint="Give each row an id of its own, or name another column with --id-field.")
