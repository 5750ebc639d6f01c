"""Word documents: headers, paragraphs with list numbers, tables, charts, text boxes, footnotes, comments, footers.

What a reader does not see stays out: deleted text of tracked changes, hidden text, the codes of fields. Macros,
embedded objects and pictures are not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from llmx.documents.converters import Converted, ConvertOptions
from llmx.documents.converters.chart import CHART, chart_lines
from llmx.documents.converters.docx_lists import ListNumbers
from llmx.documents.converters.lines import joined_text, table_lines
from llmx.documents.converters.package import Package, open_package
from llmx.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_UNSEEN = frozenset(f"{_W}{tag}" for tag in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "tblPr", "sdtPr"))
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # says again what its Choice says
_P, _TABLE, _TICK = f"{_W}p", f"{_W}tbl", f"{_W}checkBox"
_BOXES = frozenset({f"{_W}txbxContent", CHART})
_MARKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": "\t"}
_NOTES = (("footnote", "word/footnotes.xml", "Footnote"), ("endnote", "word/endnotes.xml", "Endnote"))


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:  # noqa: ARG001 -- XML says its encoding
    """Return the text of a Word document."""
    with open_package(data, name, "a Word document") as package:
        main = package.main_part()
        root = package.xml(main)
        if root is None:
            raise DocumentError(f"{name} is a Word document without its text", hint="save it again in Word")
        return Converted(joined_text(_lines(package, main, root), name))


def _lines(package: Package, main: str, root: _Element) -> Iterator[str]:
    related = package.related(main)
    charts = {each: package.xml(part) for each, part in related.items() if "/charts/" in part and "/chart" in part}
    words = _Words(ListNumbers(package.xml("word/numbering.xml"), package.xml("word/styles.xml")), charts)
    yield from words.edges(_edges(package, main, root, tag="headerReference"))
    yield from words.blocks(root)
    for tag, part, label in _NOTES:
        notes = package.xml(part)
        for note in () if notes is None else notes.iter(f"{_W}{tag}"):
            if note.get(f"{_W}type", "normal") == "normal":
                yield f"[{label} {note.get(f'{_W}id')}] {words.flat(note)}"
    comments = package.xml("word/comments.xml")
    for comment in () if comments is None else comments.iter(f"{_W}comment"):
        yield f"[Comment by {comment.get(f'{_W}author', '')}] {words.flat(comment)}"
    yield ""
    yield from words.edges(_edges(package, main, root, tag="footerReference"))


def _edges(package: Package, main: str, root: _Element, *, tag: str) -> Iterator[_Element]:
    """Yield the headers or the footers of the sections; each part once."""
    related = package.related(main)
    parts = dict.fromkeys(related.get(each.get(_R_ID, ""), "") for each in root.iter(f"{_W}{tag}"))
    return (edge for part in parts if (edge := package.xml(part)) is not None)


class _Words:
    """Reads the words out of Word's elements."""

    def __init__(self, numbers: ListNumbers, charts: Mapping[str, _Element | None]) -> None:
        self._numbers, self._charts = numbers, charts

    def edges(self, edges: Iterable[_Element]) -> Iterator[str]:
        """Yield the lines of headers or footers, the same ones once."""
        seen = set[str]()
        for edge in edges:
            lines = list(self.blocks(edge))
            if any(lines) and (text := "\n".join(lines)) not in seen:
                seen.add(text)
                yield from [*lines, ""]

    def blocks(self, element: _Element) -> Iterator[str]:
        """Yield the lines of the paragraphs and tables in ``element``."""
        for child in element:
            if child.tag == _P:
                yield from self._paragraph(child)
            elif child.tag == _TABLE:
                yield from ["", *table_lines(self._row(row) for row in _own(child, "tr")), ""]
            elif child.tag not in _UNSEEN and child.tag != _FALLBACK:  # a content control, a custom element, the body
                yield from self.blocks(child)

    def flat(self, element: _Element) -> str:
        """Return the words of ``element`` in one line."""
        return " ".join(" ".join(self.blocks(element)).split())

    def _paragraph(self, paragraph: _Element) -> Iterator[str]:
        boxes: list[_Element] = []
        text = "".join(_runs(paragraph, boxes))
        if text.strip():
            heading = self._numbers.is_heading(paragraph)
            if heading:
                yield ""
            yield self._numbers.label(paragraph) + text
            if heading:
                yield ""
        for box in boxes:
            if box.tag != CHART:
                yield from self.blocks(box)
            elif (chart := self._charts.get(box.get(_R_ID, ""))) is not None:
                yield from chart_lines(chart)

    def _row(self, row: _Element) -> list[str]:
        cells: list[str] = []
        for cell in _own(row, "tc"):
            properties = cell.find(f"{_W}tcPr")
            merged = None if properties is None else properties.find(f"{_W}vMerge")
            goes_on = merged is not None and merged.get(f"{_W}val", "continue") == "continue"
            span = None if properties is None else properties.find(f"{_W}gridSpan")
            wide = int(span.get(f"{_W}val", "1")) if span is not None else 1
            cells += ["" if goes_on else self.flat(cell), *[""] * (min(wide, 100) - 1)]
        return cells


def _own(element: _Element, tag: str) -> Iterator[_Element]:
    """Yield the rows of a table, or the cells of a row, those in content controls too, but none of a table inside."""
    for child in element:
        if child.tag == f"{_W}{tag}":
            yield child
        elif child.tag in {f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins"}:
            yield from _own(child, tag)


def _runs(element: _Element, boxes: list[_Element]) -> Iterable[str]:
    """Yield the words of a paragraph; text boxes and charts that hang on it go to ``boxes``."""
    for child in element:
        tag = child.tag
        if tag == f"{_W}t":
            yield child.text or ""
        elif tag in _MARKS:
            yield "" if child.get(f"{_W}type") in {"page", "column"} else _MARKS[tag]
        elif tag in _BOXES:
            boxes.append(child)
        elif tag == _TICK:
            yield _ticked(child)
        elif tag in {f"{_W}footnoteReference", f"{_W}endnoteReference"}:
            yield f"[{child.get(f'{_W}id')}]"
        elif tag not in _UNSEEN and tag != _FALLBACK and not _is_hidden(child):
            yield from _runs(child, boxes)


def _ticked(box: _Element) -> str:
    """Return the sign for a box of a form that is ticked, or is not."""
    state = box.find(f"{_W}checked")
    state = box.find(f"{_W}default") if state is None else state
    return "☐" if state is None or state.get(f"{_W}val", "1") in {"0", "false"} else "☒"


def _is_hidden(run: _Element) -> bool:
    hidden = run.find(f"{_W}rPr/{_W}vanish")
    return hidden is not None and hidden.get(f"{_W}val", "1") not in {"0", "false"}
