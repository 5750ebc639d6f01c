"""The files in archives, one at a time, in memory and within bounds: nothing is written to disk, whatever their names.

A member's name is only ever a name: it becomes part of an id and is never opened as a path. Links and devices in an
archive lead nowhere.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import TypeAlias, cast

from llmx.documents.kind import Kind
from llmx.documents.limits import ByteStream, UnpackBudget
from llmx.errors import DocumentError

_OPENERS: dict[str, Callable[[bytes], io.BufferedIOBase]] = {
    "gzip": lambda data: cast("io.BufferedIOBase", gzip.GzipFile(fileobj=io.BytesIO(data))),
    "bzip2": lambda data: cast("io.BufferedIOBase", bz2.BZ2File(io.BytesIO(data))),
    "xz": lambda data: cast("io.BufferedIOBase", lzma.LZMAFile(io.BytesIO(data))),  # noqa: SIM115 -- the caller closes it
}
_FAULTS = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, ValueError, LookupError, RuntimeError,
    OSError,
)  # fmt: skip
_HIDDEN, _LINK = "hidden file in an archive", "link or device in an archive"
_AGAIN = "get it again: a part of it is missing or changed"
_Member: TypeAlias = tuple[str, bytes | DocumentError | None]
_UNIX_MODE = 16  # bits before it in the attributes of a file in a ZIP archive
_MAIL_START = re.compile(rb"^From \S+ [^\n]*\d{4}[^\n]*\n(?=[A-Za-z][\w-]*:)", re.MULTILINE)
_JUNK = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db"})  # what macOS and Windows put into archives


def unpacked(data: bytes, kind: Kind, *, source: str, budget: UnpackBudget) -> bytes:
    """Return what is compressed in ``data``. Raises DocumentError if it is damaged or larger than a bound allows."""
    try:
        with _opener(kind, source)(data) as stream:
            return budget.read(stream, source, packed_bytes=len(data))
    except _FAULTS as exc:
        raise DocumentError(f"{source} is {kind.label}, and damaged: {exc}", hint=_AGAIN) from None


def members(
    data: bytes, kind: Kind, *, source: str, budget: UnpackBudget, left_out: Counter[str]
) -> Iterator[tuple[str, bytes | DocumentError]]:
    """Yield the name and the bytes of each file in an archive, or why it cannot be unpacked.

    ``left_out`` counts what is no file that anybody put there: links, devices, hidden files, notes of a system.
    """
    try:
        for name, content in _READERS[kind.name](data, source, budget):
            if content is None:
                left_out[name] += 1
            else:
                yield name, content
    except _FAULTS as exc:
        raise DocumentError(f"{source} is {kind.label}, and damaged: {exc}", hint=_AGAIN) from None


def _opener(kind: Kind, source: str) -> Callable[[bytes], io.BufferedIOBase]:
    if kind.name == "zstd":
        try:
            import zstandard  # noqa: PLC0415 -- an extra
        except ImportError as exc:
            hint = f'pip install "llmx-extract[files]"; or {kind.advice}'
            raise DocumentError(f"{source} is {kind.label}, which cannot be read here: {exc}", hint=hint) from None
        return lambda data: cast("io.BufferedIOBase", zstandard.ZstdDecompressor().stream_reader(data))
    return _OPENERS[kind.name]


def _zip_members(data: bytes, source: str, budget: UnpackBudget) -> Iterator[_Member]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            name = _shown(info.filename)
            if info.is_dir():
                continue
            budget.count()
            if not name or stat.S_ISLNK(info.external_attr >> _UNIX_MODE):
                yield _LINK if name else _HIDDEN, None
                continue
            if info.flag_bits & 1:
                yield name, DocumentError(f"{source}!{name} is encrypted", hint="unpack it with its password first")
                continue
            try:
                with archive.open(info) as stream:
                    yield name, budget.read(stream, f"{source}!{name}", packed_bytes=info.compress_size)
            except DocumentError as exc:
                yield name, exc
            except _FAULTS as exc:
                yield name, DocumentError(f"{source}!{name} is damaged: {exc}", hint="make the archive again")


def _tar_members(data: bytes, source: str, budget: UnpackBudget) -> Iterator[_Member]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            name = _shown(info.name)
            if info.isdir():
                continue
            budget.count()
            stream = archive.extractfile(info) if info.isfile() else None
            if stream is None or not name:
                yield _LINK if stream is None else _HIDDEN, None
                continue
            try:
                yield name, budget.read(cast("ByteStream", stream), f"{source}!{name}", packed_bytes=info.size)
            except DocumentError as exc:
                yield name, exc


def _mails(data: bytes, source: str, budget: UnpackBudget) -> Iterator[_Member]:  # noqa: ARG001 -- nothing is unpacked
    """Yield the mails of a mailbox, by their numbers."""
    starts = [found.start() for found in _MAIL_START.finditer(data)]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(data)], strict=True), start=1):
        budget.count()
        _, _, mail = data[start:end].partition(b"\n")
        yield f"{number}.eml", re.sub(rb"(?m)^>(>*From )", rb"\1", mail)


_READERS: dict[str, Callable[[bytes, str, UnpackBudget], Iterator[_Member]]] = {
    "zip": _zip_members, "tar": _tar_members, "mbox": _mails,
}  # fmt: skip


def _shown(name: str) -> str:
    """Return the name of a member without what leads out of the archive; '' for what only a system put there."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in {"/", "..", "."}]
    if not parts or _JUNK & set(parts) or parts[-1].startswith("."):
        return ""
    return "/".join(parts).replace("\0", "")
