"""The ZIP packages of office files and books: their parts, unpacked within bounds, and the XML in them.

Nothing is written to disk, no external entity is read and nothing is fetched, whatever a part says.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

from llmx.documents.limits import MIB, UnpackBudget
from llmx.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

_PART_BYTES = 64 * MIB
_PART_RATIO = 20  # XML packs that much better than other files
_HINT = "open it in its program, and save it again"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(main|relationships)")  # ISO's own names of the same things
_RELS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Package:
    """A package that is open. ``name`` is the file's, for messages."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.name, self.parts = name, frozenset(archive.namelist())
        self._archive, self._budget = archive, UnpackBudget(name)

    def read(self, part: str) -> bytes:
        """Return the bytes of a part, none if it is not there."""
        if part not in self.parts:
            return b""
        info = self._archive.getinfo(part)
        if info.flag_bits & 1:
            raise DocumentError(f"{self.name} is encrypted", hint="save it without its password")
        with self._archive.open(info) as stream:
            packed = info.compress_size * _PART_RATIO
            return self._budget.read(stream, f"{self.name}!{part}", packed_bytes=packed, most=_PART_BYTES)

    def xml(self, part: str) -> _Element | None:
        """Return the root of an XML part, None if it is not there."""
        data = self.xml_bytes(part)
        return parse_xml(data, f"{self.name}!{part}") if data else None

    def xml_bytes(self, part: str) -> bytes:
        """Return the bytes of an XML part, with Office's own names where it has those of the ISO standard."""
        return _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", self.read(part))

    def main_part(self) -> str:
        """Return the part that holds the document itself, as Office's packages name it; '' if none does."""
        root = self.xml("_rels/.rels")
        relations = () if root is None else root.iter(_RELS)
        main = (each for each in relations if each.get("Type", "").endswith("/officeDocument"))
        return next((joined("", each.get("Target", "")) for each in main), "")

    def related(self, part: str) -> dict[str, str]:
        """Return the parts that ``part`` refers to, by the ids of the relations; none outside the package."""
        folder, base = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        if root is None:
            return {}
        inside = (each for each in root.iter(_RELS) if each.get("TargetMode") != "External")
        return {each.get("Id", ""): joined(folder, each.get("Target", "")) for each in inside}


def joined(folder: str, target: str) -> str:
    """Return the name of the part to which ``target`` leads from ``folder``."""
    path = unquote(target.partition("#")[0])
    return path.lstrip("/") if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))


def parse_xml(data: bytes, name: str) -> _Element:
    """Return the root element of XML. Entities stay unread. Raises DocumentError if it is damaged."""
    from lxml import etree  # type: ignore[import-untyped]  # noqa: PLC0415  ships no types; most documents need none

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as exc:
        raise DocumentError(f"{name} is damaged: {exc}", hint=_HINT) from None


@contextmanager
def open_package(data: bytes, name: str, label: str) -> Iterator[Package]:
    """Open the package that consists of ``data``. ``label`` says what it should be, as in 'a Word document'.

    Whatever turns out to be damaged in it while it is open is a DocumentError.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield Package(archive, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, LookupError, RuntimeError, OSError) as exc:
        raise DocumentError(f"{name} is {label}, and damaged: {exc}", hint=_HINT) from None
