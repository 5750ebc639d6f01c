"""Reads the rows of JSONL and CSV files as documents, one at a time, so that a file may be larger than memory.

A broken row is one unreadable document under its own number; reading goes on with the next row.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, field
from typing import Any

import orjson

from llmx.dataclass import dataclass
from llmx.documents.blob import Blob
from llmx.documents.converters import ConvertOptions
from llmx.documents.dates import NO_DATE, DocumentDate, field_date
from llmx.documents.decode import Codec, check_text, codec_of, decode, undecodable, without_payloads
from llmx.documents.document import Document, Unreadable
from llmx.errors import DocumentError, UsageError, did_you_mean

URL = "url"
"""The kind of a document whose text is the URL of another one."""
_FIELD_CHARS = (
    1 << 26
)  # csv's own limit of 131,072 is less than a long article; without any, a lost quote eats the file
_HEAD_BYTES = 4096
_BLOCK_BYTES = 1 << 16
_DELIMITERS = (",", ";", "\t", "|")
_LINES = re.compile(r"\s*\{[^\n]*\}[ \t]*\r?\n\s*\{")  # an object on a line of its own, and another
_SEPARATOR = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)  # Excel's own first line, which names the delimiter


@dataclass(frozen=True, slots=True)
class RowFields:
    """The fields of a row that hold its text, its id and its date; and how files are read that are no rows.

    Each row must have the fields that the user named, and one with the text. The field ``id`` is optional as long as
    the user did not name another. With ``urls`` the text of a row is the URL of its document.
    """

    text: str = "text"
    id: str = "id"
    date: str | None = None
    encoding: str | None = None
    convert: ConvertOptions = field(default_factory=ConvertOptions)
    urls: bool = False

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> RowFields:
        """Return the fields that ``to_json`` wrote down. Raises TypeError for anything else."""
        convert = ConvertOptions(**value.get("convert", {}))
        return cls(**{**value, "convert": convert})

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values, without a password."""
        told = asdict(self)
        del told["convert"]["password"]
        return told

    @property
    def needs_id(self) -> bool:
        """Whether each row must have the id field, because the user named it."""
        return self.id != "id"

    @property
    def required(self) -> frozenset[str]:
        """The columns that a table must have."""
        return frozenset({self.text, *([self.id] if self.needs_id else []), *([self.date] if self.date else [])})


@dataclass(frozen=True, slots=True)
class _Line:
    """A decoded line; ``number`` counts from 1. With an ``error``, ``text`` has surrogates for the bad bytes."""

    number: int
    text: str
    error: DocumentError | None = None


def read_jsonl(blob: Blob, prefix: str, fields: RowFields) -> Iterator[Document | Unreadable]:
    """Yield a document for each line that is not blank. Its id is that of the id field, or ``prefix:line``."""
    with blob.open() as stream:
        for line in _lines(stream, blob, fields.encoding):
            if not line.text.strip():
                continue
            source, fallback = f"{blob.source}:{line.number}", f"{prefix}:{line.number}"
            try:
                if line.error:
                    raise line.error
                yield row_document(_parse(line, source), fields, source=source, fallback=fallback)
            except DocumentError as exc:
                yield Unreadable(fallback, source, exc)


def read_json(blob: Blob, prefix: str, fields: RowFields) -> Iterator[Document | Unreadable]:
    """Yield the documents of a JSON file: one for each object or text of a list, or of lines; else it is one text.

    A row's id is that of the id field, or ``prefix:number`` from 1.
    """
    text = decode(blob.read(), blob.source, encoding=fields.encoding)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as exc:
        if not _LINES.match(text):
            what = f"{blob.source}, line {exc.lineno}, column {exc.colno}: not JSON: {exc.msg}"
            raise DocumentError(what, hint="name it .txt to have it read as a text") from None
        yield from read_jsonl(blob, prefix, fields)
        return
    if not isinstance(value, list) or not value or not all(isinstance(item, dict | str) for item in value):
        yield Document(prefix, without_payloads(text, bare=True), blob.source)
        return
    for number, item in enumerate(value, start=1):
        source, fallback = f"{blob.source}:{number}", f"{prefix}:{number}"
        row = {fields.text: item} if isinstance(item, str) else item
        yield row_document(row, fields, source=source, fallback=fallback)


def read_csv(blob: Blob, prefix: str, fields: RowFields) -> Iterator[Document | Unreadable]:
    """Yield a document for each row that is not blank. Its id is that of the id column, or ``prefix:row`` from 1.

    A tab separates the columns of a .tsv; in a .csv it is the one of comma, semicolon, tab and bar that yields the
    columns named in ``fields``. Raises UsageError if none does.
    """
    table = _Table(blob, fields)
    with blob.open() as stream:
        for number, (line, row) in enumerate(table.rows(stream), start=1):
            source, fallback = f"{blob.source}:{line}", f"{prefix}:{number}"
            try:
                if isinstance(row, DocumentError):
                    raise row
                yield row_document(table.named(row, source), fields, source=source, fallback=fallback)
            except DocumentError as exc:
                yield Unreadable(fallback, source, exc)


def check_columns(blob: Blob, fields: RowFields) -> None:
    """Raise UsageError if the CSV file lacks one of the columns named in ``fields``."""
    _Table(blob, fields)


def row_document(
    row: Mapping[str, Any], fields: RowFields, *, source: str | None, fallback: str
) -> Document | Unreadable:
    """Return the document in ``row``, or why it cannot be read. ``meta`` gets every field but the text and the id."""
    place, id_ = source or "the row", fallback
    try:
        id_ = _row_id(row, fields, place=place) or fallback
        text = _row_text(row, fields, place=place)
        date = _row_date(row, fields, place=place)
    except DocumentError as exc:
        return Unreadable(id_, source, exc)
    meta = {key: value for key, value in row.items() if key not in {fields.text, fields.id}}
    return Document(id_, text, source, meta, date.day, date.source, kind=URL if fields.urls else "text")


def _row_text(row: Mapping[str, Any], fields: RowFields, *, place: str) -> str:
    if fields.text not in row:
        hint = "--text-field names the one with the text"
        raise DocumentError(f"{place} has no field '{fields.text}'; it has {_list(row)}", hint=hint)
    text = row[fields.text]
    if not isinstance(text, str):
        kind = "null" if text is None else type(text).__name__
        raise DocumentError(f"{place}: the field '{fields.text}' is not a string but {kind}")
    check_text(text, f"{place}: the field '{fields.text}'")
    return text


def _row_date(row: Mapping[str, Any], fields: RowFields, *, place: str) -> DocumentDate:
    if fields.date is None:
        return NO_DATE
    if fields.date not in row:
        hint = "--date-field names the one with the date; null and the empty text are no date"
        raise DocumentError(f"{place} has no field '{fields.date}'; it has {_list(row)}", hint=hint)
    return field_date(row[fields.date], fields.date)


def _row_id(row: Mapping[str, Any], fields: RowFields, *, place: str) -> str:
    value = row.get(fields.id)
    if isinstance(value, bool | float | dict | list):
        raise DocumentError(f"{place}: the field '{fields.id}' is no id: ids are strings or whole numbers")
    if value is None or value == "":
        if fields.needs_id:
            raise DocumentError(f"{place} has no '{fields.id}'; it has {_list(row)}", hint="--id-field names the field")
        return ""
    return str(value)


def _list(row: Mapping[str, Any]) -> str:
    names = [str(name) for name in row]
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "") if names else "none"


def _parse(line: _Line, source: str) -> dict[str, Any]:
    try:
        row = orjson.loads(line.text)
    except orjson.JSONDecodeError as exc:
        raise DocumentError(
            f"{source}, column {exc.colno}: not JSON: {exc.msg}", hint="each line is one object"
        ) from None
    if not isinstance(row, dict):
        raise DocumentError(f"{source}: not a JSON object but {type(row).__name__}", hint="each line is one object")
    return row


def _lines(stream: io.BufferedReader, blob: Blob, encoding: str | None) -> Iterator[_Line]:
    """Yield the lines of a file, decoded one by one. They end in LF, or in CR where the file begins without any LF."""
    head = stream.peek(_HEAD_BYTES)[:_HEAD_BYTES]
    codec = codec_of(head, encoding=encoding)
    stream.read(codec.skip)
    old = b"\r" in head and b"\n" not in head
    if codec.name.startswith(("utf-16", "utf-32")):
        yield from _wide_lines(stream, blob, codec, newline="\r" if old else "\n")
        return
    # in every other encoding the bytes 0x0A and 0x0D are line ends and nothing else
    offset = codec.skip
    for number, raw in enumerate(_lines_ending_in_cr(stream) if old else stream, start=1):
        try:
            yield _Line(number, raw.decode(codec.name))
        except UnicodeDecodeError as exc:
            error = undecodable(raw, exc, name=f"{blob.source}:{number}")
            error.message += f", which is offset {offset + exc.start:,} of the file"
            yield _Line(number, raw.decode(codec.name, "surrogateescape"), error)
        offset += len(raw)


def _lines_ending_in_cr(stream: io.BufferedReader) -> Iterator[bytes]:
    """Yield the lines of a file as old Macs wrote them, and as Excel still does for "CSV (Macintosh)"."""
    rest = b""
    while block := stream.read(_BLOCK_BYTES):
        *lines, rest = (rest + block).split(b"\r")
        for line in lines:
            yield line + b"\n"
    if rest:
        yield rest


def _wide_lines(stream: io.BufferedReader, blob: Blob, codec: Codec, *, newline: str) -> Iterator[_Line]:
    """Yield the lines of UTF-16 or UTF-32, up to the first fault: after it, nothing tells where a character begins."""
    number = 0
    text = io.TextIOWrapper(stream, codec.name, newline=newline)
    try:
        for number, line in enumerate(text, start=1):
            yield _Line(number, line)
    except UnicodeDecodeError as exc:
        message = f"{blob.source} is not {codec.name} after line {number}: {exc.reason}; the rest of it is lost"
        yield _Line(number + 1, "\udc80", DocumentError(message, hint="save the file again, as UTF-8"))


class _Table:
    """A CSV file: its header, its delimiter and its rows."""

    def __init__(self, blob: Blob, fields: RowFields) -> None:
        csv.field_size_limit(max(csv.field_size_limit(), _FIELD_CHARS))
        self.blob, self.fields = blob, fields
        self.separator_line = self._names_delimiter()
        self.header, self.delimiter = self._find_header()

    def rows(self, stream: io.BufferedReader) -> Iterator[tuple[int, list[str] | DocumentError]]:
        """Yield each row under the header: the number of its first line, and its cells or what is wrong with it."""
        faults: list[DocumentError] = []
        reader = csv.reader(self._texts(stream, faults), delimiter=self.delimiter, strict=True)
        next(reader)
        if self.separator_line:
            next(reader)
        while True:
            line = reader.line_num + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as exc:
                hint = 'a quote inside a quoted cell is written twice: ""'
                yield line, DocumentError(f"{self.blob.source}:{line}: not CSV: {exc}", hint=hint)
            else:
                if faults or any(row):
                    yield line, faults[0] if faults else row
            faults.clear()

    def named(self, row: list[str], source: str) -> dict[str, str]:
        """Return the row's cells by column."""
        if len(row) > len(self.header):
            raise DocumentError(
                f"{source} has {len(row)} cells, but there are {len(self.header)} columns",
                hint="a cell with the delimiter in it is written in quotes",
            )
        return dict(zip(self.header, row, strict=False))

    def _texts(self, stream: io.BufferedReader, faults: list[DocumentError]) -> Iterator[str]:
        for line in _lines(stream, self.blob, self.fields.encoding):
            if line.error:
                faults.append(line.error)
            yield line.text

    def _names_delimiter(self) -> str:
        """Return the delimiter that a first line such as ``sep=;`` names, '' where there is no such line."""
        with self.blob.open() as stream:
            found = _SEPARATOR.fullmatch(next(self._texts(stream, []), ""))
        return found.group(1) if found else ""

    def _read_header(self, delimiter: str) -> list[str]:
        with self.blob.open() as stream:
            reader = csv.reader(self._texts(stream, []), delimiter=delimiter)
            try:
                if self.separator_line:
                    next(reader)
                return next(reader, [])
            except csv.Error as error:
                raise DocumentError(f"{self.blob.source}: its first line is not CSV: {error}") from None

    def _find_header(self) -> tuple[list[str], str]:
        """Return the header, and the delimiter that yields the columns named in ``fields``."""
        delimiters = ("\t",) if self.blob.suffix == ".tsv" else _DELIMITERS
        if self.separator_line:
            delimiters = (self.separator_line,)
        wanted = self.fields.required
        most: list[str] = []
        for delimiter in delimiters:
            header = self._read_header(delimiter)
            if wanted <= set(header):
                return header, delimiter
            most = max(most, header, key=len)
        if not any(most):
            raise DocumentError(
                f"{self.blob.source} has no header line", hint="the first line of a CSV file names its columns"
            )
        missing = " and ".join(f"'{name}'" for name in sorted(wanted - set(most)))
        meant = "".join(did_you_mean(name, most) for name in sorted(wanted - set(most)))
        raise UsageError(
            f"{self.blob.source} has no column {missing}; its columns are {', '.join(most)}",
            hint=_likely(wanted - set(most), most)
            or meant + "--text-field, --id-field and --date-field name the columns",
        )


def _likely(missing: frozenset[str], header: list[str]) -> str:
    """Return advice where a column has the name that is missing, but for its case and the blanks around it."""
    for name in missing:
        for column in header:
            if column.strip().lower() == name.lower():
                return f"its column {column!r} differs in case or blanks: give it by --text-field or --id-field"
    return ""
