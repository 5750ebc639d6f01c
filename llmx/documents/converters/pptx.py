"""PowerPoint presentations: each slide with its number, its texts in reading order, its tables, charts and notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from llmx.documents.converters import Converted, ConvertOptions
from llmx.documents.converters.chart import CHART, chart_lines
from llmx.documents.converters.lines import joined_text, table_lines
from llmx.documents.converters.package import Package, open_package
from llmx.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SHAPES = frozenset({f"{_P}sp", f"{_P}graphicFrame", f"{_P}grpSp", f"{_P}cxnSp", f"{_P}pic"})
_PAGE_NUMBER = frozenset({"sldNum", "sldImg"})  # placeholders that hold nothing that anybody wrote


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:  # noqa: ARG001 -- XML says its encoding
    """Return the slides of a presentation, one after the other."""
    with open_package(data, name, "a PowerPoint presentation") as package:
        main = package.main_part()
        root = package.xml(main)
        if root is None:
            raise DocumentError(f"{name} is a PowerPoint presentation without slides", hint="save it again")
        return Converted(joined_text(_lines(package, main, root), name))


def _lines(package: Package, main: str, root: _Element) -> Iterator[str]:
    related = package.related(main)
    for number, slide_id in enumerate(root.iter(f"{_P}sldId"), start=1):
        part = related.get(slide_id.get(f"{_R}id", ""), "")
        slide = package.xml(part)
        if slide is None:
            continue
        hidden = " (hidden)" if slide.get("show", "1") in {"0", "false"} else ""
        lines = list(_slide(package, part, slide))
        if any(lines):
            yield from [f"[Slide {number}{hidden}]", *lines, ""]


def _slide(package: Package, part: str, slide: _Element) -> Iterator[str]:
    beside = package.related(part)
    yield from _shapes(slide, package, beside)
    for target in beside.values():
        notes = package.xml(target) if "/notesSlides/" in target else None
        said = [] if notes is None else list(_shapes(notes, package, {}))
        if any(said):
            yield from ["[Notes]", *said]
        if "/comments/" in target and (comments := package.xml(target)) is not None:
            for comment in comments.iter("{*}cm"):
                words = " ".join(part.strip() for part in comment.itertext() if part.strip())
                yield f"[Comment] {words}"


def _shapes(element: _Element, package: Package, beside: dict[str, str]) -> Iterator[str]:
    """Yield the lines of the shapes in ``element``, those from top to bottom first that are placed so."""
    tree = element if element.tag == f"{_P}grpSp" else element.find(f".//{_P}spTree")
    shapes = [] if tree is None else [each for each in _unwrapped(tree) if each.tag in _SHAPES]
    for shape in sorted(shapes, key=_place):
        if shape.tag == f"{_P}grpSp":
            yield from _shapes(shape, package, beside)
            continue
        kind = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
        if kind is not None and kind.get("type") in _PAGE_NUMBER:
            continue
        for table in shape.iter(f"{_A}tbl"):
            yield from table_lines(_row(row) for row in table.iter(f"{_A}tr"))
        for body in (*shape.iter(f"{_P}txBody"), *shape.iter(f"{_P}txbx")):
            yield from _paragraphs(body)
        yield from _diagram(shape, package, beside)
        for chart in shape.iter(CHART):
            data = package.xml(beside.get(chart.get(f"{_R}id", ""), ""))
            yield from () if data is None else chart_lines(data)


def _unwrapped(tree: _Element) -> Iterator[_Element]:
    for child in tree:
        if child.tag in _SHAPES:
            yield child
        elif child.tag != _FALLBACK and isinstance(child.tag, str) and "markup-compatibility" in child.tag:
            yield from (shape for choice in child if choice.tag != _FALLBACK for shape in choice)


def _place(shape: _Element) -> int:
    """Return how far from the top a shape stands; one that has its place from the layout comes first."""
    offset = next(shape.iter(f"{_A}off"), None)
    place = "" if offset is None else offset.get("y", "")
    return int(place) if place.lstrip("-").isdigit() and len(place) < 16 else -1


def _diagram(shape: _Element, package: Package, beside: dict[str, str]) -> Iterator[str]:
    """Yield the words of a diagram (SmartArt), which stand in a part of their own."""
    for ids in shape.iter(f"{_DIAGRAM}relIds"):
        data = package.xml(beside.get(ids.get(f"{_R}dm", ""), ""))
        if data is not None:
            yield from _paragraphs(data)


def _row(row: _Element) -> list[str]:
    return [" ".join(_paragraphs(cell)) for cell in row.iter(f"{_A}tc")]


def _paragraphs(body: _Element) -> Iterable[str]:
    for paragraph in body.iter(f"{_A}p"):
        parts = paragraph.iter(f"{_A}t", f"{_A}br")
        words = "".join("\n" if part.tag == f"{_A}br" else part.text or "" for part in parts)
        if words.strip():
            yield words
