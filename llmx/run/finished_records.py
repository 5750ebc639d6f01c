"""Finished records, kept beside the answers that they were made of, so that what nobody changed is not made again.

A record is a function of its document, the plan, the answers and the code; it is kept under a hash of all of them. The
code is that of llmx, of the installed packages (their versions) and of the modules that the user's program has loaded
so far, the schema's among them. What a validator looks at besides (a file, a service, the time) is not seen:
``--refresh`` and ``--no-cache`` do without. On a replay a kept record counts only while the cassette holds the very
exchanges that it was made of. Only records that are ok are kept, in the bytes in which they were written.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import BaseModel

from llmx.endpoint.store import TextStore
from llmx.record import Issue, Record, Usage
from llmx.request import canonical_json
from llmx.run.provenance import Provenance
from llmx.sinks.writing import dump

if TYPE_CHECKING:
    from llmx.documents import Document
    from llmx.endpoint import Stats
    from llmx.endpoint.cassette import Cassette
    from llmx.extraction.plan import Plan
    from llmx.extraction.session import Session

_FORMAT = 2  # raise it when the meaning of an entry changes: older ones are then not found
BATCH = 64
"""Records are written this many together; those that are lost with a process are made again."""

_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class FinishedRecord(Record[Any]):
    """A record in the form in which it is written: its data stand in ``line``, and ``kind`` is their class."""

    line: bytes = b""
    kind: type[BaseModel] | None = None

    @property
    def data_class(self) -> type[BaseModel] | None:
        """The class of the data."""
        return self.kind

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        value: dict[str, Any] = json.loads(self.line)
        return value


class FinishedRecords:
    """The finished records of one plan. ``stats`` are the endpoint's: what is found here was saved."""

    def __init__(
        self, store: TextStore, plan: Plan, code: str, *, stats: Stats, cassette: Cassette | None, reads: bool
    ) -> None:
        self._store, self._plan, self._stats, self._cassette, self._reads = store, plan, stats, cassette, reads
        made = Provenance.of(plan)
        parts = [_FORMAT, code, cassette is not None, made.schema, made.prompt, made.model, made.options, plan.shared]
        self._base = hashlib.sha256(canonical_json(parts))
        self._new: list[tuple[str, str]] = []

    def get(self, document: Document) -> FinishedRecord | None:
        """Return the record of ``document``, None where it is to be made."""
        text = self._store.read(self._key(document)) if self._reads else None
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

    def keep(self, document: Document, record: Record[Any]) -> Record[Any]:
        """Keep ``record`` where it is ok; return it in the form in which it is written."""
        if record.status != "ok" or record.id != document.id:
            return record
        line = dump(record.to_json())
        usage, keys = record.usage, list(record.keys)
        marks = [] if self._cassette is None else [self._cassette.mark(key) for key in keys]
        if None in marks:
            return record  # the cassette holds them under other keys: there were secrets to take out
        kept = _Head(
            keys, marks, usage.input_tokens, usage.output_tokens, usage.cached_tokens, record.seconds,
            record.attempts, [[issue.code, issue.path, issue.message] for issue in record.issues],
        )  # fmt: skip
        self._new.append((self._key(document), f"{dump(kept.values()).decode()}\n{line.decode()}"))
        if len(self._new) >= BATCH:
            self.flush()
        return self._record(document, kept, line)

    def flush(self) -> None:
        """Write what was kept."""
        entries, self._new = self._new, []
        if entries:
            self._store.write(entries)

    def close(self) -> None:
        """Write what was kept, and close."""
        self.flush()
        self._store.close()

    def _key(self, document: Document) -> str:
        hashed = self._base.copy()
        hashed.update(
            repr(
                (document.id, document.source, sorted(document.meta.items()), document.date, document.date_source)
            ).encode()
        )
        hashed.update(document.text.encode("utf-8", "surrogatepass"))
        return hashed.hexdigest()

    def _unchanged(self, kept: _Head) -> bool:
        if self._cassette is None:
            return True
        return all(self._cassette.unchanged(key, mark) for key, mark in zip(kept.keys, kept.marks, strict=True))

    def _record(self, document: Document, kept: _Head, line: bytes) -> FinishedRecord:
        plan = self._plan
        return FinishedRecord(
            document.id, document.source, "ok", issues=tuple(Issue(*issue) for issue in kept.issues),
            model=plan.model, mode=plan.mode, keys=tuple(kept.keys), schema=plan.schema.fingerprint,
            prompt=plan.rendering.fingerprint,
            usage=Usage(kept.input_tokens, kept.output_tokens, kept.cached_tokens),
            seconds=kept.seconds, attempts=kept.attempts, line=line, kind=plan.schema.model,
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


@contextmanager
def finished_records(session: Session) -> Iterator[FinishedRecords | None]:
    """Give those of ``session``'s plan within the ``with`` block.

    None where nothing may be kept: without a cache, or where the code of the schema stands in no file.
    """
    plan, endpoint = session.plan, session.endpoint
    retention = endpoint.retention
    if retention.folder is None or not (code := code_of(plan)):
        yield None
        return
    store = open_records(retention.folder, limit_bytes=retention.limit_bytes)
    records = FinishedRecords(
        store, plan, code, stats=endpoint.stats, cassette=retention.cassette, reads=retention.reads
    )
    try:
        yield records
    finally:
        records.close()


def open_records(folder: Path, *, limit_bytes: int) -> TextStore:
    """Return the store of finished records in the cache folder ``folder``; nothing is made before it is used."""
    return TextStore(folder / "records", limit_bytes=limit_bytes, what="store of records")


@dataclass(slots=True)
class _Head:
    """What is to be known of a kept record without reading it."""

    keys: list[str]
    marks: list[Any]
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    seconds: float
    attempts: int
    issues: list[list[str]] = field(default_factory=list)

    def values(self) -> list[Any]:
        """Return them in order."""
        return [getattr(self, name) for name in self.__slots__]


def code_of(plan: Plan) -> str:
    """Return a hash of the code that makes records of ``plan``, '' where some of it stands in no file."""
    owner = sys.modules.get(plan.schema.model.__module__)
    if owner is None or not getattr(owner, "__file__", None):
        return ""
    return hashlib.sha256(canonical_json([_installed(), _loaded()])).hexdigest()


@cache
def _installed() -> list[str]:
    """Return what tells this llmx, and the packages installed beside it, from others."""
    source = hashlib.sha256()
    for path in sorted(_sources(str(_PACKAGE))):
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - two hundred of them: every microsecond counts
            source.update(file.read())
    beside = Path(sys.modules["pydantic"].__file__ or "").parents[1]
    packages = sorted(entry.name for entry in os.scandir(beside) if entry.name.endswith(".dist-info"))
    return [sys.version, source.hexdigest(), *packages]


def _sources(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _sources(entry.path)
            elif entry.name.endswith(".py"):
                yield entry.path


def _loaded() -> list[list[Any]]:
    """Return the modules that are neither Python's, nor installed, nor llmx's: [path, size, time of change]."""
    foreign = tuple(str(Path(sysconfig.get_path(name))) + os.sep for name in ("stdlib", "platstdlib"))
    found: list[list[Any]] = []
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if not isinstance(path, str) or path.startswith((str(_PACKAGE) + os.sep, *foreign)):
            continue
        if f"{os.sep}site-packages{os.sep}" in path or f"{os.sep}dist-packages{os.sep}" in path:
            continue
        try:
            state = Path(path).stat()
        except OSError:
            continue
        found.append([path, state.st_size, state.st_mtime_ns])
    return sorted(found)
