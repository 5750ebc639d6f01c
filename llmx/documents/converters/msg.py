"""Outlook messages (.msg): their headers and their text, as of other mails; attachments are documents of their own.

A message is an OLE file with one stream a property ([MS-OXMSG]). A text that is there in RTF alone is not read.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
from collections.abc import Iterator

import olefile

from llmx.documents.converters import Attachment, Converted, ConvertOptions
from llmx.documents.converters.html_lines import page_lines, parse_page
from llmx.documents.converters.lines import joined_text
from llmx.documents.dates import DocumentDate
from llmx.documents.limits import MEMBER_BYTES
from llmx.errors import DocumentError

# [MS-OXPROPS]: the numbers of the properties
_SUBJECT, _BODY, _HTML, _SENDER, _ADDRESS, _SMTP = "0037", "1000", "1013", "0C1A", "0C1F", "5D01"
_TO, _CC, _DATA, _LONG_NAME, _NAME, _SENT = "0E04", "0E03", "3701", "3707", "3704", 0x0039
_HEADER_BYTES = {True: 32, False: 24}  # of the fixed properties: in a message that is a file, in one in another
_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
_ATTACHMENT = "__attach_version1.0_"
_MOST_DEPTH = 10
_INNER = "__substg1.0_3701000D"


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:  # noqa: ARG001 -- the format says its encoding
    """Return a message's headers and text."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            message = _Storage(file, ())
            files = tuple(_attachments(message))
            names = ", ".join(each.name for each in files)
            lines = [*_lines(message), f"Attachments: {names}" if names else ""]
            sent = message.sent()
            date = DocumentDate(sent.date(), "the time at which it was sent") if sent else DocumentDate()
            return Converted(joined_text(lines, name), date, files)
    except (olefile.OleFileError, struct.error, OSError, ValueError) as exc:
        raise DocumentError(f"{name} is an Outlook message, and damaged: {exc}", hint="save it as .eml") from None


def _lines(message: _Storage) -> Iterator[str]:
    """Yield the headers, an empty line and the text; then those of the messages that are attached."""
    address, sent = message.text(_SMTP) or message.text(_ADDRESS), message.sent()
    yield f"From: {message.text(_SENDER)} <{address}>" if "@" in address else f"From: {message.text(_SENDER)}"
    fields = {"To": message.text(_TO), "Cc": message.text(_CC), "Date": f"{sent:%Y-%m-%d %H:%M} UTC" if sent else ""}
    yield from (f"{key}: {value}" for key, value in fields.items() if value.strip())
    yield from [f"Subject: {message.text(_SUBJECT)}", ""]
    body = message.text(_BODY)
    if not body.strip() and (markup := message.read(f"{_HTML}0102").decode("utf-8", "replace") or message.text(_HTML)):
        root, _ = parse_page(markup)
        body = "".join(line.text for line in page_lines(root))
    yield from [*body.splitlines(), ""]
    for each in message.attached():
        if inner := each.inner():
            yield from ["[Attached message]", *_lines(inner)]


def _attachments(message: _Storage) -> Iterator[Attachment]:
    """Yield the files that are attached to a message, and to those attached to it."""
    for number, each in enumerate(message.attached(), start=1):
        if inner := each.inner():
            yield from _attachments(inner)
        elif data := each.read(f"{_DATA}0102"):
            yield Attachment(each.text(_LONG_NAME) or each.text(_NAME) or f"part {number}", data)


class _Storage:
    """A message or an attachment in an OLE file, at the ``place`` that the names of the storages above make."""

    def __init__(self, file: olefile.OleFileIO, place: tuple[str, ...]) -> None:
        self._file, self._place = file, place

    def attached(self) -> list[_Storage]:
        """Return the attachments of a message, none where messages lie in messages out of all bounds."""
        depth = len(self._place)
        entries = self._file.listdir(streams=False, storages=True) if depth < _MOST_DEPTH else []
        names = {entry[depth] for entry in entries if len(entry) > depth and tuple(entry[:depth]) == self._place}
        return [_Storage(self._file, (*self._place, name)) for name in sorted(names) if name.startswith(_ATTACHMENT)]

    def inner(self) -> _Storage | None:
        """Return the message that an attachment holds, None if it holds a file."""
        place = (*self._place, _INNER)
        return _Storage(self._file, place) if self._file.exists([*place]) else None

    def text(self, property_id: str) -> str:
        """Return a text of the message or attachment, '' if it has none."""
        wide = self.read(f"{property_id}001F")
        if wide:
            return wide.decode("utf-16-le", "replace").strip("\0")
        return self.read(f"{property_id}001E").decode("cp1252", "replace").strip("\0")

    def read(self, stream: str) -> bytes:
        """Return the bytes of a property, none if it is not there or larger than any file may be."""
        path = [*self._place, f"__substg1.0_{stream}"]
        if not self._file.exists(path) or self._file.get_size(path) > MEMBER_BYTES:
            return b""
        data: bytes = self._file.openstream(path).read()
        return data

    def sent(self) -> dt.datetime | None:
        """Return the moment at which the message was sent, from its properties of a fixed size."""
        path = [*self._place, "__properties_version1.0"]
        data: bytes = self._file.openstream(path).read() if self._file.exists(path) else b""
        for at in range(_HEADER_BYTES[not self._place], len(data) - 15, 16):
            tag, _, value = struct.unpack_from("<IIq", data, at)
            if tag >> 16 == _SENT and 0 < value < 1 << 62:
                return _EPOCH + dt.timedelta(microseconds=value // 10)
        return None
