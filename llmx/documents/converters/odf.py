"""OpenDocument files: texts, spreadsheets and presentations as LibreOffice writes them.

Deleted text of tracked changes stays out. Cells say what is shown in them, dates in ISO form. Tables and charts that
are objects of their own stand where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from llmx.documents.converters import Converted, ConvertOptions
from llmx.documents.converters.lines import SheetRow, SheetTitle, located_text, table_lines
from llmx.documents.converters.odf_lists import OdfNumbers
from llmx.documents.converters.package import Package, open_package
from llmx.documents.converters.sheet import Cell, sheet_lines
from llmx.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

_NS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _TABLE, _OFFICE, _DRAW = (_NS % each for each in ("text", "table", "office", "drawing"))
_STYLE, _PRESENTATION, _CHART = _NS % "style", _NS % "presentation", _NS % "chart"
_XLINK = "{http://www.w3.org/1999/xlink}"
_UNSEEN = frozenset({
    f"{_TEXT}tracked-changes", f"{_OFFICE}forms", f"{_TEXT}sequence-decls", f"{_OFFICE}event-listeners",
    f"{_TEXT}page-number", f"{_TEXT}page-count",
})  # fmt: skip
_P = (f"{_TEXT}p", f"{_TEXT}h")
_MARKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_ASIDE = frozenset({f"{_TEXT}note", f"{_OFFICE}annotation", f"{_DRAW}text-box"})
_MOST_REPEATED = 1_000
_MOST_COLUMNS = 20_000
_MOST_OBJECTS = 100


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:  # noqa: ARG001 -- XML says its encoding
    """Return the text of an OpenDocument file."""
    with open_package(data, name, "an OpenDocument file") as package:
        if b"manifest:encryption-data" in package.read("META-INF/manifest.xml"):
            raise DocumentError(f"{name} is encrypted", hint="save it without its password")
        root = package.xml("content.xml")
        body = None if root is None else root.find(f"{_OFFICE}body")
        if body is None:
            raise DocumentError(f"{name} is an OpenDocument file without content", hint="save it again in LibreOffice")
        _open_objects(package, body)
        text, cells = located_text(_lines(package, root, body), name)
        return Converted(text, cells=cells if len(cells) else None)


def _open_objects(package: Package, body: _Element) -> None:
    """Put the tables of embedded objects where they are shown; charts keep their figures in one."""
    if body.find(f"{_OFFICE}spreadsheet") is not None:  # a chart shows cells of its sheets
        return
    for shown in [*body.iter(f"{_DRAW}object")][:_MOST_OBJECTS]:
        name = shown.get(f"{_XLINK}href", "").removeprefix("./")
        held = package.xml(f"{name}/content.xml") if name else None
        inner = None if held is None else held.find(f"{_OFFICE}body")
        if inner is not None:
            shown.tag = f"{_DRAW}text-box"
            shown.extend([*inner.iter(f"{_CHART}title", f"{_TABLE}table")])


def _lines(package: Package, root: _Element, body: _Element) -> Iterator[str | SheetTitle | SheetRow]:
    styles = package.xml("styles.xml")
    words = _Words(OdfNumbers(styles, root))
    edges = None if body.find(f"{_OFFICE}spreadsheet") is not None else styles  # those of sheets are made for printers
    yield from _edges(words, edges, "header")
    for part in body:
        if part.tag == f"{_OFFICE}spreadsheet":
            for sheet in part.iter(f"{_TABLE}table"):
                sheet_name = sheet.get(f"{_TABLE}name", "")
                yield from sheet_lines(f"[Sheet: {sheet_name}]", sheet_name, _cells(words, sheet))
        elif part.tag == f"{_OFFICE}presentation":
            for number, page in enumerate(part.iter(f"{_DRAW}page"), start=1):
                yield from _titled(f"[Slide {number}]", _slide(words, page))
        else:
            yield from words.blocks(part)
    yield from _edges(words, edges, "footer")


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    kept = list(lines)
    if any(kept):
        yield from [title, *kept, ""]


def _edges(words: _Words, styles: _Element | None, tag: str) -> Iterator[str]:
    """Yield the headers or footers of the pages, the same ones once."""
    seen = set[str]()
    for edge in () if styles is None else styles.iter(f"{_STYLE}{tag}"):
        lines = list(words.blocks(edge))
        if any(lines) and (text := "\n".join(lines)) not in seen:
            seen.add(text)
            yield from ["", *lines, ""]


class _Words:
    """Reads the words out of the elements of one document."""

    def __init__(self, numbers: OdfNumbers) -> None:
        self._numbers = numbers
        self._lists: list[str] = []  # the styles of the lists around a paragraph

    def blocks(self, element: _Element) -> Iterator[str]:
        """Yield the lines of the paragraphs, lists and tables in ``element``."""
        for child in element:
            if child.tag in _P:
                yield from self._paragraph(child)
            elif child.tag == f"{_TABLE}table":
                yield from ["", *table_lines(self._row(row) for row in _own(child, "table-row")), ""]
            elif child.tag == f"{_TEXT}list":
                yield from self._list(child)
            elif child.tag == f"{_TEXT}list-item":
                yield from self._item(child)
            elif child.tag not in _UNSEEN:
                yield from self.blocks(child)

    def flat(self, element: _Element | None) -> str:
        """Return the words of ``element`` in one line."""
        return "" if element is None else " ".join(" ".join(self.blocks(element)).split())

    def _list(self, element: _Element) -> Iterator[str]:
        outer = self._lists[-1] if self._lists else ""
        self._lists.append(element.get(f"{_TEXT}style-name", outer))
        goes_on = element.get(f"{_TEXT}continue-numbering") == "true" or f"{_TEXT}continue-list" in element.attrib
        self._numbers.begin(self._lists[-1], len(self._lists), goes_on=goes_on)
        yield from self.blocks(element)
        self._lists.pop()

    def _item(self, item: _Element) -> Iterator[str]:
        lists, first = self._lists, next(iter(item), None)
        if first is None or first.tag == f"{_TEXT}list" or not lists:  # a list in a list has no number of its own
            yield from self.blocks(item)
            return
        heading = first.tag == f"{_TEXT}h"  # counted as a heading
        start = item.get(f"{_TEXT}start-value")
        label = "" if heading else self._numbers.item(lists[-1], len(lists), start=start)
        for number, line in enumerate(self.blocks(item)):
            yield line if number else f"{label}{line}"

    def _paragraph(self, paragraph: _Element) -> Iterator[str]:
        asides: list[_Element] = []
        text = "".join(_words(paragraph, asides))
        heading = paragraph.tag == f"{_TEXT}h"
        if text.strip():
            yield from ["", self._numbers.heading(paragraph) + text, ""] if heading else [text]
        for aside in asides:
            if aside.tag == f"{_TEXT}note":
                said = self.flat(aside.find(f"{_TEXT}note-body"))
                yield f"[Note {aside.findtext(f'{_TEXT}note-citation') or ''}] {said}"
            elif aside.tag == f"{_OFFICE}annotation":
                yield f"[Comment] {self.flat(aside)}"
            else:
                yield from self.blocks(aside)

    def _row(self, row: _Element) -> list[str]:
        cells: list[str] = []
        for cell in row:
            if cell.tag in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
                words = self.flat(cell) if cell.tag == f"{_TABLE}table-cell" else ""
                repeated = _count(cell, f"{_TABLE}number-columns-repeated")
                cells += [words] * min(repeated, 100 if words or cell.getnext() is not None else 1)  # else to the end
        return cells


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


def _own(table: _Element, tag: str) -> Iterator[_Element]:
    """Yield the rows of a table, those in groups and headers too, but none of a table inside."""
    for child in table:
        if child.tag == f"{_TABLE}{tag}":
            yield child
        elif child.tag.startswith(f"{_TABLE}table-"):
            yield from _own(child, tag)


def _cells(words_of: _Words, sheet: _Element) -> Iterator[Cell]:
    """Yield the cells of a sheet that hold words. What is repeated is so to the end of the sheet, if it is empty."""
    number = 0
    for row in _own(sheet, "table-row"):
        column, cells = 0, list[Cell]()
        for cell in row:
            repeated = _count(cell, f"{_TABLE}number-columns-repeated")
            if words := _value(words_of, cell):
                times = range(min(repeated, _MOST_REPEATED))
                cells += [Cell(number + 1, min(column + each + 1, _MOST_COLUMNS), words) for each in times]
            column += repeated
        repeated = _count(row, f"{_TABLE}number-rows-repeated")
        for each in range(min(repeated, _MOST_REPEATED) if cells else 0):
            yield from (cell._replace(row=number + each + 1) for cell in cells)
        number += repeated


def _value(words: _Words, cell: _Element) -> str:
    date: str | None = cell.get(f"{_OFFICE}date-value")
    if date:
        return date.removesuffix("T00:00:00").replace("T", " ")
    return words.flat(cell)


def _count(element: _Element, name: str) -> int:
    times = element.get(name, "1")
    return int(times) if times.isascii() and times.isdigit() and len(times) < 9 else 1


def _slide(words: _Words, page: _Element) -> Iterator[str]:
    notes: list[_Element] = []
    for child in page:
        if child.tag == f"{_PRESENTATION}notes":
            notes.append(child)
        else:
            yield from words.blocks(child)
    said = [line for each in notes for line in words.blocks(each)]
    if any(said):
        yield from ["[Notes]", *said]
