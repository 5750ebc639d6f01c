"""Charts of Word and PowerPoint files: their title and axes, and their figures as a table, which nobody sees otherwise.

A chart keeps the figures that it was drawn from beside its looks; the workbook inside it is not opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from llmx.documents.converters.lines import table_lines
from llmx.documents.converters.xlsx_formats import CellFormats

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
"""The element that refers to the part of a chart."""

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FIGURES = (f"{_C}val", f"{_C}yVal")
_NAMES = (f"{_C}cat", f"{_C}xVal")
_MOST_POINTS = 10_000  # of a series


def chart_lines(root: _Element) -> Iterator[str]:
    """Yield the lines of a chart: its title, the titles of its axes, a row for each category."""
    title, series = _words(root.find(f"{_C}chart/{_C}title")), [*root.iter(f"{_C}ser")]
    if title or series:
        yield f"[Chart: {title}]" if title else "[Chart]"
    axes = [words for axis in root.iter(f"{_C}catAx", f"{_C}valAx", f"{_C}dateAx", f"{_C}serAx")
            if (words := _words(axis.find(f"{_C}title")))]  # fmt: skip
    if axes:
        yield " / ".join(axes)
    formats = CellFormats(None)
    groups: dict[tuple[tuple[int, str], ...], list[_Element]] = {}  # series over the same categories are one table
    for each in series:
        groups.setdefault(tuple(_points(each, _NAMES, formats).items()), []).append(each)
    for categories, grouped in groups.items():
        columns = [_points(each, _FIGURES, formats) for each in grouped]
        named = dict(categories)
        head = ["", *(_name(each) for each in grouped)]
        places = sorted({*named, *(place for column in columns for place in column)})
        rows = [[named.get(place, ""), *(column.get(place, "") for column in columns)] for place in places]
        yield from table_lines([head, *rows])


def _name(series: _Element) -> str:
    held = series.find(f"{_C}tx")
    return "" if held is None else " ".join(value.text or "" for value in held.iter(f"{_C}v"))


def _words(title: _Element | None) -> str:
    return "" if title is None else " ".join("".join(each.text or "" for each in title.iter(f"{_A}t")).split())


def _points(series: _Element, tags: tuple[str, str], formats: CellFormats) -> dict[int, str]:
    """Return the figures or the categories of a series by their place; of categories in levels the parts together."""
    held = next((child for child in series if child.tag in tags), None)
    found: dict[int, str] = {}
    if held is None:
        return found
    usual = held.findtext(f".//{_C}formatCode") or ""
    for point in held.iter(f"{_C}pt"):
        place, value = point.get("idx", ""), (point.findtext(f"{_C}v") or "").strip()
        if value and place.isascii() and place.isdigit() and int(place) < _MOST_POINTS:
            shown = formats.formatted(value, point.get("formatCode", usual)) if usual else value
            found[int(place)] = f"{shown} {found[int(place)]}" if int(place) in found else shown
    return found
