"""Excel workbooks: each sheet with its name, its rows as Markdown rows, the notes on its cells.

A cell says what is in it, not how the sheet happens to show it: dates in ISO form, numbers with all their digits and
without grouping, with the percent sign, the currency or the leading zeros of their format. A formula is its last value.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from llmx.documents.converters import Converted, ConvertOptions
from llmx.documents.converters.lines import SheetRow, SheetTitle, located_text
from llmx.documents.converters.package import Package, open_package
from llmx.documents.converters.sheet import Cell, sheet_lines
from llmx.documents.converters.xlsx_formats import CellFormats
from llmx.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

_M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_A_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_V = f"{_M}v"
_PLACE = re.compile(r"[A-Z]{1,3}")
_PHONETIC = f"{_M}rPh"  # how to read the characters, beside a cell's Japanese text


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:  # noqa: ARG001 -- XML says its encoding
    """Return the sheets of an Excel workbook, one after the other."""
    with open_package(data, name, "an Excel workbook") as package:
        main = package.main_part()
        root = package.xml(main)
        if root is None:
            raise DocumentError(f"{name} is an Excel workbook without sheets", hint="save it again in Excel")
        text, cells = located_text(_lines(package, main, root), name)
        return Converted(text, cells=cells)


def _lines(package: Package, main: str, root: _Element) -> Iterator[str | SheetTitle | SheetRow]:
    related = package.related(main)
    properties = root.find(f"{_M}workbookPr")
    since_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
    formats = CellFormats(package.xml("xl/styles.xml"), since_1904=since_1904)
    strings = _shared_strings(package)
    for sheet in root.iter(f"{_M}sheet"):
        part = related.get(sheet.get(_R_ID, ""), "")
        hidden = " (hidden)" if sheet.get("state", "visible") != "visible" else ""
        name = sheet.get("name", "")
        title = f"[Sheet: {name}{hidden}]"
        lines = list(sheet_lines(title, name, _cells(package, part, strings, formats=formats)))
        beside = [line for line in _beside(package, part) if line]
        if beside:
            lines = [*(lines[:-1] or [title]), *beside, ""]
        yield from lines


def _shared_strings(package: Package) -> list[str]:
    root = package.xml("xl/sharedStrings.xml")
    return [] if root is None else [_text(item) for item in root.iter(f"{_M}si")]


def _text(item: _Element) -> str:
    """Return the text of a string with its formatted runs, without the phonetic hints."""
    return "".join(t.text or "" for t in item.iter(f"{_M}t") if t.getparent().tag != _PHONETIC)


def _cells(package: Package, part: str, strings: list[str], *, formats: CellFormats) -> Iterator[Cell]:
    from lxml.etree import XMLSyntaxError, iterparse  # noqa: PLC0415 -- most documents are no workbooks

    stream = io.BytesIO(package.xml_bytes(part))
    number = 0
    try:
        for _, row in iterparse(stream, tag=f"{_M}row", resolve_entities=False, no_network=True):
            number = _number(row.get("r"), number + 1)
            column = 0
            for cell in row:
                place = _PLACE.match(cell.get("r", ""))
                column = column_number(place[0]) if place else column + 1
                if value := _value(cell, strings, formats):
                    yield Cell(number, column, value)
            _forget(row)
    except XMLSyntaxError as exc:
        if stream.getbuffer().nbytes:
            raise DocumentError(f"{package.name}!{part} is damaged: {exc}", hint="save it again in Excel") from None


def _forget(element: _Element) -> None:
    """Take an element and all before it out of the tree, so that a sheet may be larger than memory."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _number(text: str | None, usual: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else usual


def column_number(letters: str) -> int:
    """Return the number of a column from 1.

    >>> column_number("A"), column_number("Z"), column_number("AA")
    (1, 26, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _value(cell: _Element, strings: list[str], formats: CellFormats) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    value = cell.findtext(_V)
    if not value:  # a formula that nothing has worked out
        formula = cell.findtext(f"{_M}f")
        return f"={formula}" if formula else ""
    if kind == "s":
        return strings[int(value)] if value.isdigit() and int(value) < len(strings) else ""
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    return formats.shown(value, cell.get("s", "")) if kind == "n" else value  # else a formula's text, an error, a date


def _beside(package: Package, part: str) -> Iterator[str]:
    """Yield what hangs on a sheet: the notes on its cells, the words in its text boxes."""
    for target in package.related(part).values():
        if "/comments" in target and (root := package.xml(target)) is not None:
            for comment in root.iter(f"{_M}comment"):
                yield f"[Note on {comment.get('ref', '')}] {' '.join(_text(comment).split())}"
        elif "/drawings/" in target and target.endswith(".xml") and (root := package.xml(target)) is not None:
            words = " ".join(" ".join(each.text or "" for each in root.iter(_A_TEXT)).split())
            yield f"[Text box] {words}" if words else ""
