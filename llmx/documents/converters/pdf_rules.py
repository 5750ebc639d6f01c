"""The lines that are drawn on a PDF's page, and the cells of tables that they rule.

Only level and upright lines count: thin paths, and the edges of rectangles that are stroked. Between two lines across,
the lines down part the cells; where no line across parts a cell from the one above, both are one. Coordinates are those
of the page as it is shown. Which words stand in which cell, and what rows they make, is ``pdf_ruled``'s.
"""

from __future__ import annotations

import ctypes
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import pypdfium2.raw as pdfium

if TYPE_CHECKING:
    from llmx.documents.converters.pdf_words import Rectangle, ToShown

_THIN, _LEAST = 3.0, 6.0  # points: how thick a line is at most, and how long at least
_NEAR = 2.5  # points: lines so close are one, and ends so close to a line touch it
_SEGMENTS = (4, 5)  # of a rectangle
_FEWEST_PATHS, _FEWEST_BANDS = 2, 2  # two rectangles side by side are the smallest table
# a page that draws more is a drawing, and no table
_MOST_OBJECTS, _MOST_LINES, _MOST_CELLS = 20_000, 3_000, 30_000
_Pointer = ctypes.c_void_p


def _plain(function: object, *arguments: type) -> ctypes._FuncPointer:
    """Return a function of pdfium that takes plain numbers for pointers: half of a call's time is in the wrapping."""
    address = ctypes.cast(function, _Pointer).value or 0  # type: ignore[arg-type]  # pypdfium2 does not type it
    return ctypes.CFUNCTYPE(*arguments)(address)


_object = _plain(pdfium.FPDFPage_GetObject, _Pointer, _Pointer, ctypes.c_int)
_type = _plain(pdfium.FPDFPageObj_GetType, ctypes.c_int, _Pointer)
_segments = _plain(pdfium.FPDFPath_CountSegments, ctypes.c_int, _Pointer)
_bounds = _plain(pdfium.FPDFPageObj_GetBounds, ctypes.c_int, _Pointer, _Pointer, _Pointer, _Pointer, _Pointer)


@dataclass(slots=True)
class Stroke:
    """A line across or down: where it stands, from where to where it reaches."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Band:
    """The room between two lines across: its cells from left to right, by number, with the edges between them.

    ``grid`` is the same number for bands that follow each other and have the same columns, or some of them.
    """

    top: float
    bottom: float
    edges: tuple[float, ...]
    cells: tuple[int, ...]
    grid: int


@dataclass(frozen=True, slots=True)
class RuledTable:
    """One ruled table: its bands from the top, where they begin, and the cells' boxes, which may reach over several."""

    box: Rectangle
    bands: tuple[Band, ...]
    cells: tuple[Rectangle, ...]

    tops: tuple[float, ...]

    def cell_at(self, x: float, y: float) -> int:
        """Return the number of the cell at a place, -1 for none."""
        number = bisect_right(self.tops, y) - 1
        if number < 0:
            return -1
        band = self.bands[number]
        edges = band.edges
        if y >= band.bottom or not edges[0] <= x < edges[-1]:
            return -1
        return band.cells[bisect_right(edges, x) - 1]


def ruled_tables(page: pdfium.FPDF_PAGE, to_shown: ToShown) -> tuple[RuledTable, ...]:
    """Return the ruled tables of ``page``; each has two cells side by side at least."""
    across, down = list[Stroke](), list[Stroke]()
    for x0, y0, x1, y1 in _lines(page, to_shown):
        if y1 - y0 <= _THIN:
            across.append(Stroke((y0 + y1) / 2, x0, x1))
        else:
            down.append(Stroke((x0 + x1) / 2, y0, y1))
    if len(across) < 2 or not down or len(across) + len(down) > _MOST_LINES:
        return ()
    return tuple(tables_of(across, down))


def _lines(page: pdfium.FPDF_PAGE, to_shown: ToShown) -> Iterator[Rectangle]:
    """Yield the boxes of the lines on a page."""
    count = pdfium.FPDFPage_CountObjects(page)
    if count > _MOST_OBJECTS:
        return
    handle = ctypes.cast(page, _Pointer).value
    objects = [_object(handle, number) for number in range(count)]
    paths = [each for each in objects if _type(each) == pdfium.FPDF_PAGEOBJ_PATH]
    if len(paths) < _FEWEST_PATHS:
        return
    sides = (ctypes.c_float * (4 * len(paths)))()
    address = ctypes.addressof(sides)
    for path in paths:
        _bounds(path, address, address + 4, address + 8, address + 12)
        address += 16
    values = iter(memoryview(sides).cast("B").cast("f").tolist())
    for path, left, bottom, right, top in zip(paths, values, values, values, values, strict=True):
        wide, high = right - left, top - bottom
        if wide <= _THIN or high <= _THIN:
            if wide >= _LEAST or high >= _LEAST:
                yield to_shown(left, top, right, bottom)
        elif _is_frame(path):
            x0, y0, x1, y1 = to_shown(left, top, right, bottom)
            yield from ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))


def _is_frame(path: int) -> bool:
    """Whether a path is a rectangle whose edges are drawn."""
    if _segments(path) not in _SEGMENTS:
        return False
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    handle = ctypes.cast(path, pdfium.FPDF_PAGEOBJECT)
    return bool(pdfium.FPDFPath_GetDrawMode(handle, fill, stroke)) and bool(stroke.value)


def _joined(strokes: list[Stroke]) -> list[Stroke]:
    """Return the lines, those that go on in one another as one, in the order of their places."""
    strokes.sort(key=lambda stroke: stroke.at)
    found: list[Stroke] = []
    group: list[Stroke] = []
    for stroke in strokes:
        if group and stroke.at - group[0].at > _NEAR:
            found += _merged(group)
            group = []
        group.append(stroke)
    return found + _merged(group)


def _merged(group: list[Stroke]) -> list[Stroke]:
    found: list[Stroke] = []
    for stroke in sorted(group, key=lambda stroke: stroke.start):
        if found and stroke.start <= found[-1].end + _NEAR:
            found[-1].end = max(found[-1].end, stroke.end)
        else:
            found.append(Stroke(group[0].at, stroke.start, stroke.end))
    return found


def tables_of(across: list[Stroke], down: list[Stroke]) -> Iterator[RuledTable]:
    """Yield the tables that lines rule: lines that touch each other are of one table."""
    across, down = _joined(across), _joined(down)
    for lines, sides in _touching(across, down):
        if len(lines) > 1 and len(lines) * len(sides) <= _MOST_CELLS and (table := _table(lines, sides)) is not None:
            yield table


def _touching(across: list[Stroke], down: list[Stroke]) -> Iterator[tuple[list[Stroke], list[Stroke]]]:
    """Yield the lines across and down of each table."""
    owner = list(range(len(across) + len(down)))

    def root(number: int) -> int:
        while owner[number] != number:
            owner[number] = number = owner[owner[number]]
        return number

    ats = [stroke.at for stroke in across]
    for number, side in enumerate(down, len(across)):
        for other in range(bisect_left(ats, side.start - _NEAR), bisect_right(ats, side.end + _NEAR)):
            if across[other].start - _NEAR <= side.at <= across[other].end + _NEAR:
                owner[root(other)] = root(number)
    found: dict[int, tuple[list[Stroke], list[Stroke]]] = {}
    for number, stroke in enumerate((*across, *down)):
        found.setdefault(root(number), ([], []))[number >= len(across)].append(stroke)
    return iter(found.values())


def _table(across: list[Stroke], down: list[Stroke]) -> RuledTable | None:
    bands, cells = list[Band](), list[list[float]]()
    above: dict[tuple[float, float], int] = {}
    grid, columns = -1, set[float]()
    rows = [list(group) for _, group in groupby(across, key=lambda stroke: stroke.at)]
    for upper, lower in pairwise(rows):
        top, bottom = upper[0].at, lower[0].at
        edges, now = _edges(down, upper, lower), dict[tuple[float, float], int]()
        for x0, x1 in pairwise(edges):
            number = above.get((x0, x1), -1)
            if number < 0 or any(line.start <= (x0 + x1) / 2 <= line.end for line in upper):
                number = len(cells)
                cells.append([x0, top, x1, bottom])
            cells[number][3] = bottom
            now[x0, x1] = number
        above = now
        if not now:
            continue
        inner = set(edges[1:-1])
        if grid < 0 or not (inner <= columns or columns <= inner):
            grid, columns = grid + 1, inner
        columns |= inner
        bands.append(Band(top, bottom, tuple(edges), tuple(now.values()), grid))
    if len(bands) < _FEWEST_BANDS or not any(len(band.cells) > 1 for band in bands):
        return None
    left, right = min(band.edges[0] for band in bands), max(band.edges[-1] for band in bands)
    boxes = tuple((x0, y0, x1, y1) for x0, y0, x1, y1 in cells)
    return RuledTable(
        (left, bands[0].top, right, bands[-1].bottom), tuple(bands), boxes, tuple(band.top for band in bands)
    )


def _edges(down: list[Stroke], upper: list[Stroke], lower: list[Stroke]) -> list[float]:
    """Return where the cells between two lines across begin and end, from the left.

    A table may be open at its sides: there its cells reach as far as the lines across do.
    """
    top, bottom = upper[0].at, lower[0].at
    middle = (top + bottom) / 2
    edges = sorted({side.at for side in down if side.start - _NEAR <= middle <= side.end + _NEAR})
    if edges:
        left = max(min(line.start for line in upper), min(line.start for line in lower))
        right = min(max(line.end for line in upper), max(line.end for line in lower))
        if left < edges[0] - _LEAST:
            edges.insert(0, left)
        if right > edges[-1] + _LEAST:
            edges.append(right)
    return edges
