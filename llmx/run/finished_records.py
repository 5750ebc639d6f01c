"""Finished records, kept beside the answers that they were made of, so that an unchanged document costs nothing.

A record is a function of its document, the plan, the answers and the code (``code_fingerprint``); it is kept under a
hash of all of them. A validator that looks at something else, such as a file or the time, needs ``--refresh`` or
``--no-cache`` when that changes. On a replay a record counts only while the cassette holds the very exchanges that it
was made of. Only records that are ok are kept, in the bytes in which they were written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import BaseModel

from llmx.dataclass import dataclass
from llmx.endpoint.store import Texts, TextStore
from llmx.record import Issue, Record, Usage
from llmx.request import canonical_json
from llmx.run.code_fingerprint import code_fingerprint
from llmx.run.model_shares import share_values, shares_of
from llmx.run.provenance import Provenance
from llmx.sinks.writing import dump

if TYPE_CHECKING:
    from llmx.documents import Document
    from llmx.endpoint import Stats
    from llmx.endpoint.cassette import Cassette
    from llmx.extraction.plan import Plan
    from llmx.extraction.session import Session

_FORMAT = 3  # raise it when the meaning of an entry changes: older ones are then not found
BATCH = 64
"""How many records are written together. Those that are lost with a process are made again."""


@dataclass(frozen=True, slots=True)
class FinishedRecord(Record[Any]):
    """A record in the form in which it is written: ``line`` is its JSON, and ``kind`` the class of its data.

    That of a document which holds several has a line for each of them.
    """

    line: bytes = b""
    kind: type[BaseModel] | None = None

    @property
    def rows(self) -> tuple[Record[Any], ...]:
        """The records that are written for the document."""
        lines = self.line.split(b"\n")
        return (self,) if len(lines) == 1 else tuple(replace(self, line=line) for line in lines)

    @property
    def data_class(self) -> type[BaseModel] | None:
        """The class of the data."""
        return self.kind

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        value: dict[str, Any] = json.loads(self.line)
        return value


@dataclass(frozen=True, slots=True)
class UpdatedRecord(FinishedRecord):
    """An earlier record with new fields; ``added`` is what was asked for in this run, with what that cost."""

    added: Record[Any] = field(kw_only=True)


def cost_in_this_run(record: Record[Any]) -> Record[Any]:
    """Return the record whose usage is what ``record`` cost in this run."""
    return record.added if isinstance(record, UpdatedRecord) else record


class FinishedRecords:
    """The finished records of a plan and those of its fallbacks, made by ``code``.

    ``stats`` are the endpoint's: a record that is found counts as saved. ``cassette`` is the one that is replayed, None
    otherwise. ``reads`` is False where every document is extracted anew.
    """

    def __init__(
        self,
        store: Texts,
        plans: Sequence[Plan],
        code: str,
        *,
        stats: Stats,
        cassette: Cassette | None,
        reads: bool,
    ) -> None:
        plan, *fallbacks = plans
        self._store, self._plan, self._stats, self._cassette, self._reads = store, plan, stats, cassette, reads
        made = Provenance.of(plan)
        parts = [_FORMAT, code, cassette is not None, made.schema, made.prompt, made.model, made.options, plan.shared]
        if fallbacks:
            parts += [[Provenance.of(each).model, each.shared] for each in fallbacks]
        self._base = hashlib.sha256(canonical_json(parts))
        self._new: list[tuple[str, str]] = []

    def get(self, document: Document, key: str) -> FinishedRecord | None:
        """Return the record of ``document`` under its ``key``, None where there is none."""
        text = self._store.read(key) if self._reads else None
        if text is None:
            return None
        head, _, line = text.partition("\n")
        try:
            kept = _Head(*orjson.loads(head))
            if not self._unchanged(kept):
                return None
            record = self._record(document, kept, line.encode())
        except (TypeError, ValueError) as error:
            self._store.damaged(error)
            return None
        self._count(kept.keys, record.usage)
        return record

    def keep(self, document: Document, key: str, record: Record[Any]) -> Record[Any]:
        """Keep ``record`` under its document's ``key`` where it is ok; return it in the form in which it is written."""
        if record.status != "ok" or record.id != document.id:
            return record
        line = dump_rows(record)
        usage, keys = record.usage, list(record.keys)
        marks = [] if self._cassette is None else [self._cassette.mark(key) for key in keys]
        if None in marks:
            return record  # the cassette holds them under other keys, because it has secrets taken out
        kept = _Head(
            keys, marks, usage.input_tokens, usage.output_tokens, usage.cached_tokens, record.seconds,
            record.attempts, [[issue.code, issue.path, issue.message] for issue in record.issues],
            record.model, record.mode, share_values(record.models),
        )  # fmt: skip
        self._new.append((key, f"{dump(kept.to_json()).decode()}\n{line.decode()}"))
        if len(self._new) >= BATCH:
            self.flush()
        return self._record(document, kept, line)

    def flush(self) -> None:
        """Write the records that are not written yet."""
        entries, self._new = self._new, []
        if entries:
            self._store.write(entries)

    def close(self) -> None:
        """Write the records that are not written yet, and close the store."""
        self.flush()
        self._store.close()

    def key(self, document: Document) -> str:
        """Return the key of the record of ``document``: a hash of all that the record is made of."""
        hashed = self._base.copy()
        hashed.update(
            repr(
                (document.id, document.source, sorted(document.meta.items()), document.date, document.date_source)
            ).encode()
        )
        if document.kind != "text":
            hashed.update(document.kind.encode())
        hashed.update(document.text.encode("utf-8", "surrogatepass"))
        if document.pages is not None:
            hashed.update(f"\0{document.pages.fingerprint}".encode())
        if document.elements is not None:
            hashed.update(f"\0{document.elements.fingerprint}".encode())
        return hashed.hexdigest()

    def _unchanged(self, kept: _Head) -> bool:
        if self._cassette is None:
            return True
        return all(self._cassette.unchanged(key, mark) for key, mark in zip(kept.keys, kept.marks, strict=True))

    def _record(self, document: Document, kept: _Head, line: bytes) -> FinishedRecord:
        plan = self._plan
        return FinishedRecord(
            document.id, document.source, "ok", issues=tuple(Issue(*issue) for issue in kept.issues),
            model=kept.model, mode=kept.mode, keys=tuple(kept.keys), schema=plan.schema.fingerprint,
            prompt=plan.rendering.fingerprint,
            usage=Usage(kept.input_tokens, kept.output_tokens, kept.cached_tokens),
            seconds=kept.seconds, attempts=kept.attempts, line=line, kind=plan.schema.record_model,
            models=shares_of(kept.models),
        )  # fmt: skip

    def _count(self, keys: list[str], usage: Usage) -> None:
        stats, count = self._stats, len(keys)
        stats.asked += count
        stats.saved += usage
        if self._cassette is None:
            stats.cache_hits += count
        else:
            stats.replayed += count
            self._cassette.used.update(keys)


def dump_rows(record: Record[Any]) -> bytes:
    """Return the lines of what is written for a document, without the last line end."""
    return b"\n".join(dump(row.to_json()) for row in record.rows)


@contextmanager
def finished_records(session: Session) -> Iterator[FinishedRecords | None]:
    """Give those of ``session``'s plan within the ``with`` block.

    None where nothing may be kept: without a cache, or where the code of the schema stands in no file.
    """
    plan, endpoint = session.plan, session.endpoint
    retention = endpoint.retention
    if retention.folder is None or not (code := code_fingerprint(plan)):
        yield None
        return
    store = open_records(retention.folder, limit_bytes=retention.limit_bytes, url=retention.url)
    records = FinishedRecords(
        store,
        [model.plan for model in session.models],
        code,
        stats=endpoint.stats,
        cassette=retention.cassette,
        reads=retention.reads,
    )
    try:
        yield records
    finally:
        records.close()


def open_records(folder: Path, *, limit_bytes: int, url: str = "") -> Texts:
    """Return the store of finished records, in the cache folder ``folder`` or on the server at ``url``.

    Nothing is made and nothing connected before it is used.
    """
    if url:
        from llmx.endpoint.shared_cache import open_shared_store  # noqa: PLC0415 - only where it is used

        return open_shared_store(url, "records", what="store of records")
    return TextStore(folder / "records", limit_bytes=limit_bytes, what="store of records")


@dataclass(slots=True)
class _Head:
    """What an entry says about its record, so that the record itself need not be parsed."""

    keys: list[str]
    marks: list[Any]
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    seconds: float
    attempts: int
    issues: list[list[str]]
    model: str
    mode: str
    models: list[Any]

    def to_json(self) -> list[Any]:
        """Return the members in their order. ``dataclasses.astuple`` copies each of them deeply, for every record."""
        return [
            self.keys, self.marks, self.input_tokens, self.output_tokens, self.cached_tokens, self.seconds,
            self.attempts, self.issues, self.model, self.mode, self.models,
        ]  # fmt: skip
