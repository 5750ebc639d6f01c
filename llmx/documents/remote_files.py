"""The documents of a name such as ``s3://bucket/2024/``: one file, those of a folder, or those that a pattern matches.

The names decide what is taken, as in folders on disk, but no file is opened to find out what it is.
"""

from __future__ import annotations

import glob
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, cast

from llmx.documents.blob import Blob
from llmx.documents.document import printable
from llmx.documents.find import GOLD, MANIFEST, ROWS, SUFFIXES
from llmx.documents.limits import TOTAL_BYTES, UnpackBudget
from llmx.documents.stream import kinds_left_out
from llmx.errors import DocumentError, UsageError
from llmx.remote import open_store, telling

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file in a store. ``name`` is the whole one, for messages."""

    store: AbstractFileSystem
    path: str
    name: str

    def open(self) -> io.BufferedReader:
        """Return a stream of the bytes, which come as they are read."""
        with telling(self.name, DocumentError):
            stream = self.store.open(self.path, "rb")
        return io.BufferedReader(cast("io.RawIOBase", stream))

    def read(self) -> bytes:
        """Return all bytes. Raises DocumentError where they are more than any file may have."""
        with telling(self.name, DocumentError), self.store.open(self.path, "rb") as stream:
            budget = UnpackBudget(self.name)
            return budget.read(cast("IO[bytes]", stream), self.name, packed_bytes=TOTAL_BYTES, most=TOTAL_BYTES)


def remote_files(name: str, left_out: Counter[str]) -> list[tuple[Blob, str]]:
    """Return the files that ``name`` stands for, in the order of their names, each with the id of its document.

    Raises UsageError where there are none, or the store cannot be reached.
    """
    store, path = open_store(name)
    with telling(name):
        if glob.has_magic(path):
            base = path
            while glob.has_magic(base):
                base = base.rpartition("/")[0]
            spelled = PurePosixPath(path).suffix.lower()
            wanted = "" if glob.has_magic(spelled) else spelled
            found = [each for each in sorted(store.glob(path)) if not store.isdir(each)]
            return _taken(store, name, _kept(found, left_out, wanted), base=base, left_out=left_out)
        if store.isfile(path):
            blob = _blob(RemoteFile(store, path, name))
            return [(blob, PurePosixPath(path).name if blob.suffix in ROWS else PurePosixPath(path).stem)]
        found = sorted(store.find(path))
        if not found:
            raise FileNotFoundError
        return _taken(store, name, _kept(found, left_out), base=path, left_out=left_out)


def _kept(paths: list[str], left_out: Counter[str], wanted: str = "") -> Iterator[str]:
    there = frozenset(paths)
    for path in paths:
        name, suffix = PurePosixPath(path).name, PurePosixPath(path).suffix.lower()
        if MANIFEST in suffix:
            continue
        if name.startswith(".") or name.endswith(GOLD):
            left_out["hidden" if name.startswith(".") else "gold"] += 1
        elif f"{path}{MANIFEST}" in there:
            left_out["written by llmx"] += 1
        elif suffix not in SUFFIXES and suffix != (wanted or None):
            left_out[suffix or "without a suffix"] += 1
        else:
            yield path


def _taken(
    store: AbstractFileSystem, name: str, paths: Iterator[str], *, base: str, left_out: Counter[str]
) -> list[tuple[Blob, str]]:
    found = list(paths)
    if not found:
        told = kinds_left_out(left_out)
        raise UsageError(f"there is no document in {name}", hint=f"left out: {told}" if told else "")
    rest = name.partition("::")[2]
    stems = [path.removesuffix(PurePosixPath(path).suffix) for path in found]
    times = Counter(stems)
    taken = []
    for path, stem in zip(found, stems, strict=True):
        whole = store.unstrip_protocol(path)
        blob = _blob(RemoteFile(store, path, f"{whole}::{rest}" if rest else whole))
        id_ = path if blob.suffix in ROWS or times[stem] > 1 else stem
        taken.append((blob, printable(id_.removeprefix(base).lstrip("/"))))
    return taken


def _blob(file: RemoteFile) -> Blob:
    return Blob(printable(file.name), PurePosixPath(file.path).suffix.lower(), remote=file)
