"""Turns the bytes of a file into documents, by its kind: a text, the rows of a table, what a converter makes of it."""

from __future__ import annotations

from collections.abc import Iterator

from llmx.documents.blob import Blob
from llmx.documents.converters import ConvertOptions, converter_for
from llmx.documents.decode import decode
from llmx.documents.document import Document, Unreadable
from llmx.documents.kind import TEXT, Kind, kind_of
from llmx.documents.rows import RowFields, read_csv, read_jsonl
from llmx.errors import DocumentError, UsageError


def documents_in(blob: Blob, id_: str, fields: RowFields) -> Iterator[Document | Unreadable]:
    """Yield the documents of a file. What cannot be read is ``Unreadable``, with a message that names its kind.

    ``id_`` is the id of the document, or the prefix of the ids of rows.
    """
    try:
        yield from _documents_in(blob, id_, fields)
    except DocumentError as exc:
        yield Unreadable(id_, blob.source, exc)
    except UsageError as exc:  # one table without the column does not stop the other files of a folder
        yield Unreadable(id_, blob.source, DocumentError(exc.message, hint=exc.hint))
    except OSError as exc:
        yield Unreadable(id_, blob.source, DocumentError(f"cannot read {blob.source}: {exc.strerror or exc}"))


def _documents_in(blob: Blob, id_: str, fields: RowFields) -> Iterator[Document | Unreadable]:
    if table := blob.table_kind():
        yield from (read_jsonl if table.name == "jsonl" else read_csv)(blob, id_, fields)
        return
    data = blob.read()
    kind = kind_of(data, blob.suffix)
    if kind is TEXT or kind.name in _READ_AS_TEXT:
        yield Document(id_, decode(data, blob.source, encoding=fields.encoding), blob.source)
    else:
        yield _converted(blob, data, kind, id_=id_, fields=fields)


_READ_AS_TEXT = frozenset({"json", "xml", "eml"})


def _converted(blob: Blob, data: bytes, kind: Kind, *, id_: str, fields: RowFields) -> Document:
    convert = converter_for(kind, blob.source)
    found = convert(data, blob.source, ConvertOptions(fields.encoding))
    return Document(id_, found.text, blob.source, date=found.date.day, date_source=found.date.source)
