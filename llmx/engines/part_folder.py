"""The output of a run over an engine: a folder with a part for each partition, and a manifest of each part.

``OUT.parquet/`` or ``OUT.jsonl/``, here or in a store, holds ``NAME.parquet`` or ``NAME.jsonl``; its manifest, in the
folder ``_manifest``, says of each of its documents the id, the hash of its text and the status, and above them what
they were made with. A part counts once its manifest is there and tells its size: so a run that is killed leaves nothing
that looks done and is not.
"""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from llmx.engines.record_columns import arrow
from llmx.errors import OutputError
from llmx.private_file import open_private
from llmx.remote import exists, open_store, remote_name, telling
from llmx.sinks.writing import output_error

SUFFIXES = (".parquet", ".jsonl")
_MANIFEST = "_manifest"
_FACTS = "_run.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class PartRow:
    """A document of a part: ``at`` and ``bytes`` say where its lines stand in JSON Lines."""

    id: str
    hash: str
    status: str
    at: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class PartHead:
    """What a manifest says of its part as a whole.

    ``state`` is that of the source's file when it was read, ``made_with`` the fingerprints of schema, prompt, model and
    options, ``bytes`` the size of the part, ``statuses`` counts its documents.
    """

    partition: str
    source: str
    state: str
    made_with: tuple[str, ...]
    bytes: int
    statuses: dict[str, int]
    format: int = FORMAT


class PartFolder:
    """The folder called ``name``, which ends in one of ``SUFFIXES`` and a slash. It can be pickled."""

    def __init__(self, name: str) -> None:
        far = remote_name(name)
        self.name = far.rstrip("/") if far else os.path.realpath(name)
        self.suffix = PurePosixPath(self.name).suffix.lower()
        self._far = bool(far)

    def facts(self) -> dict[str, Any]:
        """Return what was noted of all parts together, {} for a folder without any."""
        data = self._read(f"{_MANIFEST}/{_FACTS}")
        return {} if data is None else dict(orjson.loads(data))

    def holds_something(self) -> bool:
        """Whether there is any file in the folder, or a file in its place."""
        return bool(self._names("")) or (not self._far and Path(self.name).is_file())

    def set_facts(self, facts: dict[str, Any]) -> None:
        """Note ``facts``."""
        self._write(f"{_MANIFEST}/{_FACTS}", orjson.dumps(facts))

    def manifest(self, part: str, *, rows: bool = True) -> tuple[PartHead, list[PartRow]] | None:
        """Return the manifest of a part, None where the part is not there as it was written.

        Without ``rows`` it is the head alone that is looked at.
        """
        data = self._read(self._manifest_of(part))
        if data is None:
            return None
        try:
            first, *rest = data.splitlines() if rows else data.split(b"\n", 1)[:1]
            told = orjson.loads(first)
            head = PartHead(**{**told, "made_with": tuple(told["made_with"])})
            listed = [PartRow(*orjson.loads(line)) for line in rest]
        except (TypeError, ValueError, KeyError):
            return None  # of another version, or damaged: it is done again
        return (head, listed) if head.format == FORMAT and self._size(part + self.suffix) == head.bytes else None

    def part(self, part: str) -> bytes:
        """Return the bytes of a part."""
        return self._read(part + self.suffix) or b""

    def write(self, data: bytes, head: PartHead, rows: Sequence[PartRow]) -> None:
        """Write the part of ``head``, and then its manifest. Raises OutputError."""
        part = head.partition
        self._write(part + self.suffix, data)
        lines = [orjson.dumps(asdict(head)), *(orjson.dumps([r.id, r.hash, r.status, r.at, r.bytes]) for r in rows)]
        self._write(self._manifest_of(part), b"\n".join(lines) + b"\n")

    def parts(self) -> Iterator[str]:
        """Yield the names of all parts that have a manifest."""
        for name in self._names(_MANIFEST):
            if name.endswith(".jsonl"):
                yield name.removesuffix(".jsonl")

    def remove(self, part: str) -> None:
        """Remove a part with its manifest."""
        self._remove(self._manifest_of(part))
        self._remove(part + self.suffix)

    def table(self, part: str) -> Any:
        """Return the ``pyarrow.Table`` of a part."""
        import pyarrow.parquet as pq  # noqa: PLC0415 -- an extra

        return pq.read_table(io.BytesIO(self.part(part)))

    def _manifest_of(self, part: str) -> str:
        return f"{_MANIFEST}/{part}.jsonl"

    def _read(self, name: str) -> bytes | None:
        if self._far:
            store, path = open_store(f"{self.name}/{name}")
            with telling(self.name, OutputError):
                return bytes(store.cat_file(path)) if exists(store, path) else None
        try:
            return Path(self.name, name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise output_error(error, Path(self.name)) from error

    def _size(self, name: str) -> int:
        if self._far:
            store, path = open_store(f"{self.name}/{name}")
            with telling(self.name, OutputError):
                return int(store.size(path)) if exists(store, path) else -1
        path_here = Path(self.name, name)
        return path_here.stat().st_size if path_here.is_file() else -1

    def _write(self, name: str, data: bytes) -> None:
        if self._far:
            store, path = open_store(f"{self.name}/{name}")
            with telling(self.name, OutputError):
                store.pipe_file(path, data)
            return
        target = Path(self.name, name)
        aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with open_private(aside, "wb") as file:
                file.write(data)
            aside.replace(target)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise output_error(error, target) from error

    def _names(self, folder: str) -> list[str]:
        if self._far:
            store, path = open_store(f"{self.name}/{folder}")
            with telling(self.name, OutputError):
                return [PurePosixPath(each).name for each in store.find(path)] if exists(store, path) else []
        here = Path(self.name, folder)
        return [each.name for each in here.iterdir()] if here.is_dir() else []

    def _remove(self, name: str) -> None:
        if self._far:
            store, path = open_store(f"{self.name}/{name}")
            with telling(self.name, OutputError):
                if exists(store, path):
                    store.rm_file(path)
            return
        Path(self.name, name).unlink(missing_ok=True)


def table_bytes(table: Any) -> bytes:
    """Return ``table`` as a Parquet file."""
    import pyarrow.parquet as pq  # noqa: PLC0415 -- an extra

    sink = arrow().BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())
