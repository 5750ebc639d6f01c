"""XML: a line for each element that says something, with its name, as deep as it stands.

    Invoice
      ID: 123
      PayableAmount (currencyID: EUR): 119.00

Names are those without their namespace. A file that is written into an element (base64) is a document of its own.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from llmx.documents.converters import Attachment, Converted, ConvertOptions
from llmx.documents.converters.lines import joined_text
from llmx.documents.converters.package import parse_xml
from llmx.documents.decode import decode

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{60,}(?:\s*[A-Za-z0-9+/]+)*={0,2}\s*")
_FILE_CHARS = 256  # a shorter one is a key or a checksum
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_INDENT, _MOST_INDENT = "  ", 20


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:
    """Return what the elements of an XML file say."""
    if options.encoding:
        data = _DECLARATION.sub("", decode(data, name, encoding=options.encoding)).encode()
    files: list[Attachment] = []
    return Converted(joined_text(_lines(parse_xml(data, name), 0, files), name), attachments=tuple(files))


def _lines(element: _Element, depth: int, files: list[Attachment]) -> Iterator[str]:
    children = [child for child in element if isinstance(child.tag, str)]
    words = " ".join((element.text or "").split())
    indent = _INDENT * min(depth, _MOST_INDENT)
    if children and (words or any((child.tail or "").strip() for child in element)):  # words with marks in them
        yield f"{indent}{_label(element)}: {' '.join(' '.join(element.itertext()).split())}"
        return
    if not children and len(words) > _FILE_CHARS and (file := _file(element)):
        files.append(file)
        words = f"[file {file.name}]"
    if words or children or element.attrib:
        yield f"{indent}{_label(element)}{': ' if words else ''}{words}"
    for child in children:
        yield from _lines(child, depth + 1, files)


def _label(element: _Element) -> str:
    said = [f"{_local(key)}: {value}" for key, value in element.attrib.items() if not key.startswith(_INSTANCE)]
    return f"{_local(element.tag)} ({', '.join(said)})" if said else _local(element.tag)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _file(element: _Element) -> Attachment | None:
    """Return the file that is written into ``element``, None if it holds words."""
    text = (element.text or "").strip()
    if not _BASE64.fullmatch(text):
        return None
    try:
        data = base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return None
    named = (value for key, value in element.attrib.items() if _local(key).lower() in {"filename", "name"} and value)
    return Attachment(next(named, _local(element.tag)), data)
