"""Bytes with a name: a file on disk, read when it is asked for, or something in memory."""

from __future__ import annotations

import io
from dataclasses import field
from pathlib import Path
from typing import Protocol, cast

from llmx.dataclass import dataclass
from llmx.documents.document import printable
from llmx.documents.kind import HEAD_BYTES, TEXT, Kind, kind_of, kind_of_suffix

TABLES = frozenset({"jsonl", "csv", "parquet", "sqlite"})
"""The kinds whose rows are documents."""


class ReadFrom(Protocol):
    """A file that is not on this machine."""

    def open(self) -> io.BufferedReader:
        """Return a stream of the bytes."""
        ...

    def read(self) -> bytes:
        """Return all bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes at ``path``, in ``remote``, or ``data``. ``source`` is what messages and documents call them.

    ``query`` says which rows of a database are meant.
    """

    source: str
    suffix: str
    path: Path | None = None
    data: bytes | None = None
    query: str = ""
    remote: ReadFrom | None = field(default=None, repr=False)

    @classmethod
    def of_file(cls, path: Path) -> Blob:
        """Return the blob of a file."""
        return cls(printable(str(path)), path.suffix.lower(), path)

    @classmethod
    def of_bytes(cls, data: bytes, source: str) -> Blob:
        """Return the blob of bytes in memory. The suffix is that of ``source``."""
        return cls(printable(source), Path(source).suffix.lower(), None, data)

    def read(self) -> bytes:
        """Return all bytes."""
        if self.remote is not None:
            return self.remote.read()
        return self.data if self.path is None else self.path.read_bytes()  # type: ignore[return-value]  # one is given

    def open(self) -> io.BufferedReader:
        """Return a stream of the bytes."""
        if self.remote is not None:
            return self.remote.open()
        if self.path is None:
            return io.BufferedReader(cast("io.RawIOBase", io.BytesIO(self.data or b"")))
        return self.path.open("rb")

    def table_kind(self) -> Kind | None:
        """Return the kind of a table whose rows can be read one at a time, None for anything else."""
        claimed = kind_of_suffix(self.suffix)
        if claimed.name not in TABLES:
            return None
        if self.path is not None and not self.path.is_file():
            return claimed  # a pipe can be read only once
        with self.open() as stream:
            kind = kind_of(stream.read(HEAD_BYTES), self.suffix)
        if kind.name in TABLES:
            return kind
        return claimed if kind is TEXT and claimed.is_text else None
