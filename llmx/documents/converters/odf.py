"""OpenDocument files: texts, spreadsheets and presentations as LibreOffice writes them.

Deleted text of tracked changes stays out. Cells say what is shown in them, dates in ISO form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from llmx.documents.converters import Converted, ConvertOptions
from llmx.documents.converters.lines import SheetRow, SheetTitle, located_text, table_lines
from llmx.documents.converters.package import Package, open_package
from llmx.documents.converters.sheet import Cell, sheet_lines
from llmx.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _TABLE, _OFFICE, _DRAW = (_NS % each for each in ("text", "table", "office", "drawing"))
_STYLE, _PRESENTATION = _NS % "style", _NS % "presentation"
_UNSEEN = frozenset({
    f"{_TEXT}tracked-changes", f"{_OFFICE}forms", f"{_TEXT}sequence-decls", f"{_OFFICE}event-listeners",
    f"{_TEXT}page-number", f"{_TEXT}page-count",
})  # fmt: skip
_P = (f"{_TEXT}p", f"{_TEXT}h")
_MARKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_ASIDE = frozenset({f"{_TEXT}note", f"{_OFFICE}annotation", f"{_DRAW}text-box"})
_MOST_REPEATED = 1_000
_MOST_COLUMNS = 20_000


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:  # noqa: ARG001 -- XML says its encoding
    """Return the text of an OpenDocument file."""
    with open_package(data, name, "an OpenDocument file") as package:
        if b"manifest:encryption-data" in package.read("META-INF/manifest.xml"):
            raise DocumentError(f"{name} is encrypted", hint="save it without its password")
        root = package.xml("content.xml")
        body = None if root is None else root.find(f"{_OFFICE}body")
        if body is None:
            raise DocumentError(f"{name} is an OpenDocument file without content", hint="save it again in LibreOffice")
        text, cells = located_text(_lines(package, body), name)
        return Converted(text, cells=cells if len(cells) else None)


def _lines(package: Package, body: _Element) -> Iterator[str | SheetTitle | SheetRow]:
    styles = package.xml("styles.xml")
    yield from _edges(styles, "header")
    for part in body:
        if part.tag == f"{_OFFICE}spreadsheet":
            for sheet in part.iter(f"{_TABLE}table"):
                sheet_name = sheet.get(f"{_TABLE}name", "")
                yield from sheet_lines(f"[Sheet: {sheet_name}]", sheet_name, _cells(sheet))
        elif part.tag == f"{_OFFICE}presentation":
            for number, page in enumerate(part.iter(f"{_DRAW}page"), start=1):
                yield from _titled(f"[Slide {number}]", _slide(page))
        else:
            yield from _blocks(part)
    yield from _edges(styles, "footer")


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    kept = list(lines)
    if any(kept):
        yield from [title, *kept, ""]


def _edges(styles: _Element | None, tag: str) -> Iterator[str]:
    """Yield the headers or footers of the pages, the same ones once."""
    seen = set[str]()
    for edge in () if styles is None else styles.iter(f"{_STYLE}{tag}"):
        lines = list(_blocks(edge))
        if any(lines) and (text := "\n".join(lines)) not in seen:
            seen.add(text)
            yield from ["", *lines, ""]


def _blocks(element: _Element) -> Iterator[str]:
    for child in element:
        if child.tag in _P:
            yield from _paragraph(child)
        elif child.tag == f"{_TABLE}table":
            yield from ["", *table_lines(_row(row) for row in _own(child, "table-row")), ""]
        elif child.tag == f"{_TEXT}list-item":
            yield from (f"- {line}" if not number else line for number, line in enumerate(_blocks(child)))
        elif child.tag not in _UNSEEN:
            yield from _blocks(child)


def _paragraph(paragraph: _Element) -> Iterator[str]:
    asides: list[_Element] = []
    text = "".join(_words(paragraph, asides))
    heading = paragraph.tag == f"{_TEXT}h"
    if text.strip():
        yield from ["", text, ""] if heading else [text]
    for aside in asides:
        if aside.tag == f"{_TEXT}note":
            yield f"[Note {aside.findtext(f'{_TEXT}note-citation') or ''}] {_flat(aside.find(f'{_TEXT}note-body'))}"
        elif aside.tag == f"{_OFFICE}annotation":
            yield f"[Comment] {_flat(aside)}"
        else:
            yield from _blocks(aside)


def _words(element: _Element, asides: list[_Element]) -> Iterator[str]:
    """Yield the words of a paragraph; notes, comments and text boxes in it go to ``asides``."""
    yield element.text or ""
    for child in element:
        if child.tag in _ASIDE:
            asides.append(child)
            citation = child.findtext(f"{_TEXT}note-citation")
            yield f"[{citation}]" if citation else ""
        elif child.tag == f"{_TEXT}s":
            yield " " * min(_count(child, f"{_TEXT}c"), _MOST_REPEATED)
        elif child.tag in _MARKS:
            yield _MARKS[child.tag]
        elif child.tag not in _UNSEEN:
            yield from _words(child, asides)
        yield child.tail or ""


def _flat(element: _Element | None) -> str:
    return "" if element is None else " ".join(" ".join(_blocks(element)).split())


def _row(row: _Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
            covered = cell.tag != f"{_TABLE}table-cell"
            cells += ["" if covered else _flat(cell)] * min(_count(cell, f"{_TABLE}number-columns-repeated"), 100)
    return cells


def _own(table: _Element, tag: str) -> Iterator[_Element]:
    """Yield the rows of a table, those in groups and headers too, but none of a table inside."""
    for child in table:
        if child.tag == f"{_TABLE}{tag}":
            yield child
        elif child.tag.startswith(f"{_TABLE}table-"):
            yield from _own(child, tag)


def _cells(sheet: _Element) -> Iterator[Cell]:
    """Yield the cells of a sheet that hold words. What is repeated is so to the end of the sheet, if it is empty."""
    number = 0
    for row in _own(sheet, "table-row"):
        column, cells = 0, list[Cell]()
        for cell in row:
            repeated = _count(cell, f"{_TABLE}number-columns-repeated")
            if words := _value(cell):
                times = range(min(repeated, _MOST_REPEATED))
                cells += [Cell(number + 1, min(column + each + 1, _MOST_COLUMNS), words) for each in times]
            column += repeated
        repeated = _count(row, f"{_TABLE}number-rows-repeated")
        for each in range(min(repeated, _MOST_REPEATED) if cells else 0):
            yield from (cell._replace(row=number + each + 1) for cell in cells)
        number += repeated


def _value(cell: _Element) -> str:
    date: str | None = cell.get(f"{_OFFICE}date-value")
    if date:
        return date.removesuffix("T00:00:00").replace("T", " ")
    return _flat(cell)


def _count(element: _Element, name: str) -> int:
    times = element.get(name, "1")
    return int(times) if times.isascii() and times.isdigit() and len(times) < 9 else 1


def _slide(page: _Element) -> Iterator[str]:
    notes: list[_Element] = []
    for child in page:
        if child.tag == f"{_PRESENTATION}notes":
            notes.append(child)
        else:
            yield from _blocks(child)
    said = [line for each in notes for line in _blocks(each)]
    if any(said):
        yield from ["[Notes]", *said]
