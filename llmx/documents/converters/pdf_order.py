"""The order of a page's texts where the file draws them in another one than they are read in.

Most files draw a page as it is read, and where they do, columns need no guess. Others draw a form first and what is
filled into it last, or the header after all the rest. So what stands above a text in the same column comes before it,
whenever it is drawn; what stands in another column stays where the file has it.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmx.documents.converters.pdf_cells import TextCell

_MOST_TEXTS = 200  # of a page; one with more is left as it is, because each is compared with every cell

Slots = list[list[TextCell]]
"""The cells before the first text, between two, and after the last."""


def from_above(prose: list[TextCell], between: Slots) -> tuple[list[TextCell], Slots]:
    """Return running texts in reading order, and the other cells in the slots before, between and after them."""
    if len(prose) > _MOST_TEXTS or _is_in_order(prose, between):
        return prose, between
    ordered = _ordered(prose)
    place = {id(text): number for number, text in enumerate(ordered)}
    slots: Slots = [[] for _ in between]
    for number, cells in enumerate(between):
        usual = place[id(prose[number - 1])] + 1 if number else 0
        chosen = [_slot(cell, ordered, usual) for cell in cells]
        moved = [(cell, slot) for cell, slot in zip(cells, chosen, strict=True) if slot != usual]
        for cell, slot in zip(cells, chosen, strict=True):
            with_it = next((there for other, there in moved if _is_level(cell, other)), slot)
            slots[with_it if slot == usual else slot].append(cell)
    return ordered, slots


def _is_in_order(prose: Sequence[TextCell], between: Slots) -> bool:
    """Whether no cell that is drawn later ends above one that is drawn before: true of pages with one column."""
    lowest = float("-inf")
    for number, cells in enumerate(between):
        if any(cell.y1 < lowest for cell in cells):
            return False
        if number < len(prose):
            text = prose[number]
            if text.y1 < lowest or any(cell.y0 > text.y1 for cell in cells):
                return False
            lowest = max(lowest, text.y0)
    return True


def _ordered(prose: Sequence[TextCell]) -> list[TextCell]:
    ordered: list[TextCell] = []
    for text in prose:
        below = (number for number, other in enumerate(ordered) if _is_above(text, other))
        ordered.insert(next(below, len(ordered)), text)
    return ordered


def _slot(cell: TextCell, texts: Sequence[TextCell], usual: int) -> int:
    """Return the slot of a cell: before the first text below it in its column, else after the last one above it."""
    if not any(_shares_column(cell, text) for text in texts):  # such as a page's number
        if all(cell.y0 > text.y1 for text in texts):
            return len(texts)
        return 0 if all(cell.y1 < text.y0 for text in texts) else usual
    first = next((number for number in range(usual) if _is_above(cell, texts[number])), usual)
    if first < usual:
        return first
    later = range(len(texts) - 1, usual - 1, -1)
    return next((number + 1 for number in later if _is_above(texts[number], cell)), usual)


def _is_level(cell: TextCell, other: TextCell) -> bool:
    return cell.y0 < (other.y0 + other.y1) / 2 < cell.y1


def _is_above(cell: TextCell, other: TextCell) -> bool:
    """Whether ``cell`` ends above the first line of ``other``, in the same column."""
    last, first = cell.runs[-1], other.runs[0]
    return (last.y0 + last.y1) / 2 < first.y0 and _shares_column(cell, other)


def _shares_column(cell: TextCell, other: TextCell) -> bool:
    return cell.x0 < other.x1 and other.x0 < cell.x1
