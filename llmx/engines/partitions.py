"""The source of a run over an engine, cut into partitions: so many lines of a file, or row groups of a Parquet file.

Where a partition begins and ends is worked out once, by whoever starts the run; a worker reads its own part of the file
alone. Ids and sources are those that the same file gives on one machine.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from llmx.documents import Document, RowFields, Unreadable
from llmx.documents.blob import Blob
from llmx.documents.find import FileSearch, folder_files, glob_files, is_glob, named_files
from llmx.documents.remote_files import RemoteFile, remote_files
from llmx.documents.rows import read_jsonl
from llmx.documents.tables import read_parquet
from llmx.errors import DocumentError, UsageError
from llmx.remote import open_store, remote_name, telling

ROWS = 5000
"""Documents of a partition: what a lost worker asks its cache for once more, and some ten megabytes of records."""

KINDS = (".jsonl", ".ndjson", ".parquet")
"""The suffixes of files that can be cut."""

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Partition:
    """Rows of one file: ``begin`` and ``end`` are bytes of JSON Lines, row groups of Parquet; ``first`` lines or rows
    are before them.

    ``file`` is the name by which any worker opens the file, ``source`` what records call it, ``prefix`` what ids
    without a column begin with. ``state`` tells a file from what it was before.
    """

    file: str
    source: str
    prefix: str
    state: str
    first: int
    begin: int
    end: int

    @property
    def name(self) -> str:
        """The name of its part, the same for the same rows of the same file."""
        digest = hashlib.sha256(self.source.encode("utf-8", "surrogatepass")).hexdigest()[:10]
        return f"{digest}-{self.first:012d}"


def cut(sources: Sequence[str], rows: int) -> Iterator[Partition]:
    """Yield the partitions of the files that ``sources`` name, of about ``rows`` rows each.

    Raises UsageError for a file that cannot be cut, or where there is none.
    """
    for blob, file, prefix in _files(sources):
        if blob.suffix not in KINDS:
            hint = f"Engines read {', '.join(KINDS)}; leave out --engine for other documents."
            raise UsageError(f"{blob.source} cannot be cut into partitions", hint=hint)
        begin = Partition(file, blob.source, prefix, _state(blob), 0, 0, 0)
        yield from _row_groups(blob, begin, rows) if blob.suffix == ".parquet" else _lines(blob, begin, rows)


def read_partition(partition: Partition, fields: RowFields) -> Iterator[Document | Unreadable]:
    """Yield the documents of a partition. Raises DocumentError where the file cannot be read any more."""
    blob = _blob(partition)
    if blob.suffix == ".parquet":
        groups = range(partition.begin, partition.end)
        yield from read_parquet(blob, partition.prefix, fields, groups=groups, first=partition.first)
        return
    with blob.open() as stream:
        stream.seek(partition.begin)
        data = stream.read(partition.end - partition.begin)
    part = Blob(blob.source, blob.suffix, data=data)
    for document in read_jsonl(part, partition.prefix, fields):
        yield _moved(document, partition)


def _files(sources: Iterable[str]) -> Iterator[tuple[Blob, str, str]]:
    """Yield each file with its name for workers and the prefix of its ids."""
    named = [name for name in sources if not (remote_name(name) or is_glob(name) or Path(name).is_dir())]
    prefixes = {str(file.path): file.id for file in named_files(named)}
    left_out: Counter[str] = Counter()
    for name in dict.fromkeys(sources):
        if far := remote_name(name):
            for blob, prefix in remote_files(far, left_out):
                yield blob, blob.source, prefix
            continue
        search = FileSearch(frozenset(), left_out)
        if is_glob(name) or Path(name).is_dir():
            for found in glob_files(name, search) if is_glob(name) else folder_files(Path(name), search):
                if isinstance(found, Unreadable):
                    raise UsageError(str(found.error))
                yield Blob.of_file(found.path), str(found.path.absolute()), found.id
        elif Path(name).is_file():
            yield Blob.of_file(Path(name)), str(Path(name).absolute()), prefixes[str(Path(name))]
        else:
            raise UsageError(f"there is no file or folder {name}")


def _blob(partition: Partition) -> Blob:
    if not remote_name(partition.file):
        return replace(Blob.of_file(Path(partition.file)), source=partition.source)
    store, path = open_store(partition.file)
    suffix = PurePosixPath(path).suffix.lower()
    return Blob(partition.source, suffix, remote=RemoteFile(store, path, partition.file))


def _state(blob: Blob) -> str:
    if blob.path is not None:
        told = blob.path.stat()
        return f"{told.st_size} {told.st_mtime_ns}"
    assert isinstance(blob.remote, RemoteFile)
    with telling(blob.source):
        info = blob.remote.store.info(blob.remote.path)
    names = ("size", "ETag", "etag", "LastModified", "mtime", "last_modified", "created", "CRC")
    return " ".join(str(info[name]) for name in names if name in info)


def _lines(blob: Blob, start: Partition, rows: int) -> Iterator[Partition]:
    """Yield partitions of ``rows`` lines; the file is looked through once, for its line ends."""
    first = begin = at = lines = 0
    with blob.open() as stream:
        while block := stream.read(_BLOCK):
            place = 0
            while lines + block.count(b"\n", place) >= rows:
                for _ in range(rows - lines):
                    place = block.index(b"\n", place) + 1
                yield replace(start, first=first, begin=begin, end=at + place)
                first, begin, lines = first + rows, at + place, 0
            lines += block.count(b"\n", place)
            at += len(block)
    if at > begin:
        yield replace(start, first=first, begin=begin, end=at)


def _row_groups(blob: Blob, start: Partition, rows: int) -> Iterator[Partition]:
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415 -- an extra
    except ImportError as exc:
        raise UsageError(f"{blob.source} needs pyarrow", hint="pip install 'llmx-extract[parquet]'") from exc
    try:
        with blob.open() as stream, parquet.ParquetFile(stream) as table:
            sizes = [table.metadata.row_group(number).num_rows for number in range(table.num_row_groups)]
    except (ArrowException, OSError, ValueError) as exc:
        raise UsageError(f"{blob.source} is a Parquet table, and damaged: {exc}") from None
    first = begin = count = 0
    for number, size in enumerate(sizes, start=1):
        count += size
        if count >= rows or number == len(sizes):
            yield replace(start, first=first, begin=begin, end=number)
            first, begin, count = first + count, number, 0


_NUMBER = re.compile(r":(\d+)\Z")


def _moved(document: Document | Unreadable, partition: Partition) -> Document | Unreadable:
    """Return ``document`` with the number of its line in the file, not in the partition."""
    found = _NUMBER.search(document.source or "")
    if not partition.first or found is None:
        return document
    line = int(found[1])
    number = line + partition.first
    usual = document.id == f"{partition.prefix}:{line}"
    changes: dict[str, Any] = {"source": f"{partition.source}:{number}"}
    if usual:
        changes["id"] = f"{partition.prefix}:{number}"
    if isinstance(document, Unreadable):
        told = str(document.error).replace(f"{partition.source}:{line}", f"{partition.source}:{number}")
        changes["error"] = DocumentError(told)
    return replace(document, **changes)
