"""Turns the bytes of a file into documents, by its kind: a text, the rows of a table, what a converter makes of it.

What is compressed is unpacked first; files in an archive and attachments of a mail are documents of their own, whose
ids name the way to them: ``offers.zip!june/a.pdf``. All of that is bounded by ``limits``.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import TypeAlias

from llmx.dataclass import dataclass
from llmx.documents.blob import Blob
from llmx.documents.converters import CONVERTERS, converter_for
from llmx.documents.decode import decode_text, without_payloads
from llmx.documents.document import Document, Unreadable, printable
from llmx.documents.kind import ARCHIVES, COMPRESSIONS, TEXT, Kind, kind_of, kind_of_suffix, name_of
from llmx.documents.limits import DEPTH, UnpackBudget, too_deep
from llmx.documents.rows import RowFields, read_csv, read_json, read_jsonl
from llmx.errors import DocumentError, UsageError


@dataclass(frozen=True, slots=True)
class _Part:
    """A file to read, or what lies in one. ``id`` is the id of its document, or the prefix of the ids of its rows."""

    blob: Blob
    id: str


Member: TypeAlias = tuple[str, bytes | DocumentError]


def _read_parquet(blob: Blob, prefix: str, fields: RowFields) -> Iterator[Document | Unreadable]:
    from llmx.documents.tables import read_parquet  # noqa: PLC0415 -- most runs meet no Parquet

    return read_parquet(blob, prefix, fields)


def _read_sqlite(blob: Blob, prefix: str, fields: RowFields) -> Iterator[Document | Unreadable]:
    from llmx.documents.tables import read_sqlite  # noqa: PLC0415 -- most runs meet no database

    return read_sqlite(blob, prefix, fields)


_ROW_READERS = {
    "jsonl": read_jsonl,
    "csv": read_csv,
    "json": read_json,
    "parquet": _read_parquet,
    "sqlite": _read_sqlite,
}


def documents_in(blob: Blob, id_: str, fields: RowFields, *, left_out: Counter[str]) -> Iterator[Document | Unreadable]:
    """Yield the documents of a file. What cannot be read is ``Unreadable``, with a message that names its kind.

    ``id_`` is the id of its document, or the prefix of the ids of its rows. ``left_out`` counts what lies in the file
    and is not read, by its kind.
    """
    return _Content(fields, UnpackBudget(blob.source), left_out).read(_Part(blob, id_))


_JSON_LINES = re.compile(rb"\{[^\n]*\}\s*\n\s*\{")


def is_read(kind: Kind) -> bool:
    """Whether files of ``kind`` are read wherever they are met. A text is told by its suffix, and JSON by its rows."""
    return kind.name in CONVERTERS or kind.name in ARCHIVES | COMPRESSIONS | {"jsonl", "csv", "parquet"}


def begins_with_rows(head: bytes, text_field: str) -> bool:
    """Whether JSON that begins with ``head`` is a list of objects, or lines of them, and has the field of a text."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    is_list = start[:1] == b"[" and start[1:].lstrip()[:1] == b"{"
    return bool(is_list or _JSON_LINES.match(start)) and f'"{text_field}"'.encode() in head


@dataclass(frozen=True, slots=True)
class _Content:
    """Reads one named file and all that lies in it."""

    fields: RowFields
    budget: UnpackBudget
    left_out: Counter[str]

    def read(self, part: _Part) -> Iterator[Document | Unreadable]:
        source = part.blob.source
        try:
            yield from self._read(part)
        except DocumentError as exc:
            yield Unreadable(part.id, source, exc)
        except UsageError as exc:  # one table without the column does not stop the other files of a folder
            yield Unreadable(part.id, source, DocumentError(exc.message, hint=exc.hint))
        except OSError as exc:
            yield Unreadable(part.id, source, DocumentError(f"cannot read {source}: {exc.strerror or exc}"))
        except Exception as exc:  # noqa: BLE001 -- a file that nobody thought of costs its document, never the run
            what = f"{source} is damaged, or of a form that llmx does not know: {type(exc).__name__}: {exc}"
            yield Unreadable(part.id, source, DocumentError(what, hint="save it again, or convert it to text"))

    def _read(self, part: _Part) -> Iterator[Document | Unreadable]:
        blob, kind = part.blob, part.blob.table_kind()
        if kind is None:
            data = blob.read()
            kind = kind_of(data, blob.suffix)
            if kind is TEXT and not blob.query:
                yield Document(part.id, self._text(blob, data), blob.source)
                return
            blob = Blob(blob.source, blob.suffix, None, data, blob.query)
            if kind.name in COMPRESSIONS:
                blob, kind = self._unpacked(blob, kind)
        if blob.query and kind.name != "sqlite":
            raise DocumentError(
                f"{blob.source} is {kind.label}, which no query reads", hint="only SQLite databases have one"
            )
        if reader := _ROW_READERS.get(kind.name):
            yield from reader(blob, part.id, self.fields)
        elif kind is TEXT:
            yield Document(part.id, self._text(blob, blob.read()), blob.source)
        elif kind.name in ARCHIVES:
            from llmx.documents.archives import members  # noqa: PLC0415 -- most runs meet no archive

            packed = members(blob.read(), kind, source=blob.source, budget=self.budget, left_out=self.left_out)
            found = self._inside(part, packed)
            if (first := next(found, None)) is None:
                raise DocumentError(f"{blob.source} holds no file", hint="links and hidden files are not read")
            yield first
            yield from found
        elif kind.name == "xml" and kind_of_suffix(blob.suffix) is TEXT:
            try:
                yield from self._converted(_Part(blob, part.id), kind)
            except DocumentError:  # words between two tags that are no XML
                yield Document(part.id, self._text(blob, blob.read()), blob.source)
        else:
            yield from self._converted(_Part(blob, part.id), kind)

    def _text(self, blob: Blob, data: bytes) -> str:
        """Return the text of a file of plain text, or say what the file is instead."""
        try:
            return without_payloads(decode_text(data, blob.source, encoding=self.fields.encoding))
        except DocumentError as exc:
            claimed, found = kind_of_suffix(blob.suffix), name_of(data)
            if claimed.is_text and not found:
                raise
            what = f"{blob.source} is {found or 'of a format that llmx does not know'}"
            other = "" if claimed.is_text else f", and not {claimed.label} as its name says"
            raise DocumentError(what + other, hint=claimed.advice or exc.hint) from None

    def _unpacked(self, blob: Blob, kind: Kind) -> tuple[Blob, Kind]:
        """Return what is compressed in ``blob``, if anything is: under the same name, and with the suffix below."""
        name = blob.source
        for _ in range(DEPTH):
            if kind.name not in COMPRESSIONS:
                return blob, kind
            from llmx.documents.archives import unpacked  # noqa: PLC0415 -- most runs meet nothing compressed

            data = unpacked(blob.read(), kind, source=blob.source, budget=self.budget)
            name = name.removesuffix(PurePath(name).suffix)
            suffix = PurePath(name).suffix.lower()
            blob, kind = Blob(blob.source, suffix, None, data), kind_of(data, suffix)
        raise DocumentError(f"{blob.source} is compressed more than {DEPTH} times", hint="unpack it first")

    def _converted(self, part: _Part, kind: Kind) -> Iterator[Document | Unreadable]:
        source = part.blob.source
        convert = converter_for(kind, source)
        try:
            found = convert(part.blob.read(), source, self.fields.convert)
        except (DocumentError, OSError):
            raise
        except Exception as exc:
            what = f"{source} is {kind.label}, and damaged: {type(exc).__name__}: {exc}"
            raise DocumentError(what, hint=kind.advice or "save it again") from exc
        date = found.date
        yield Document(
            part.id, found.text, source, date=date.day, date_source=date.source, kind=kind.name, pages=found.pages,
            issues=found.issues, cells=found.cells, elements=found.elements,
        )  # fmt: skip
        self.left_out.update(found.left_out)
        yield from self._inside(part, ((each.name, each.data) for each in found.attachments))

    def _inside(self, part: _Part, inner: Iterable[Member]) -> Iterator[Document | Unreadable]:
        """Yield the documents of the files that lie in ``part``."""
        whole = part.id  # what lies in a file has its whole name as id already
        if "!" not in whole:
            folder, slash, _ = whole.rpartition("/")
            whole = f"{folder}{slash}{PurePath(part.blob.source).name}"
        for member, data in inner:
            shown = printable(member)
            id_, source = f"{whole}!{shown}", f"{part.blob.source}!{shown}"
            if isinstance(data, DocumentError):
                yield Unreadable(id_, source, data)
            elif fault := too_deep(source):
                yield Unreadable(id_, source, fault)
            else:
                yield from self.read(_Part(Blob.of_bytes(data, source), id_))
