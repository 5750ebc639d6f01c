"""The plain layout of a page: its lines from top to bottom as they stand, words in their places by blanks.

Nothing is put together: neither the lines of a cell nor the columns of a page. That is for forms and drawings which no
rule for tables fits, and for models that read the picture of a page in its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from llmx.documents.converters.pdf_bidi import reading_order
from llmx.documents.converters.pdf_cells import Segment, runs_of
from llmx.documents.converters.pdf_layout import Line, Tables
from llmx.documents.converters.pdf_words import RTL, PdfWord

_SAME_LINE = 0.5  # runs are on one line if they share half of the lower one's height
_PARAGRAPH = 0.8  # an empty line stands where so much of a line is free
_MOST_BLANKS = 200


def plain_lines(words: list[PdfWord], tables: Tables) -> Iterator[Line]:  # noqa: ARG001 -- it stays as drawn
    """Yield the lines of words that stand level, a blank for the breadth of a letter between what stands apart."""
    rtl = bool(RTL.search("".join([word.text for word in words])))
    runs = runs_of(words, rtl=rtl)
    left = min(run.x0 for run in runs)
    letter = max(median((run.x1 - run.x0) / max(len(run.text), 1) for run in runs), 1.0)
    below: float | None = None
    for row in _lines(runs):
        top, height = min(run.y0 for run in row), min(run.height for run in row)
        if below is not None and top - below > _PARAGRAPH * height:
            yield []
        below = max(run.y1 for run in row)
        yield _placed(row, left, letter) if not _to_left(row, rtl=rtl) else _from_right(row, letter)


def _lines(runs: list[Segment]) -> Iterator[list[Segment]]:
    """Yield the runs that stand on one line, from the top."""
    row: list[Segment] = []
    top = bottom = 0.0
    for run in sorted(runs, key=lambda run: (run.y0 + run.y1) / 2):
        shared = min(bottom, run.y1) - max(top, run.y0)
        if row and shared >= _SAME_LINE * min(bottom - top, run.height):
            row.append(run)
            continue
        if row:
            yield row
        row, top, bottom = [run], run.y0, run.y1
    if row:
        yield row


def _to_left(row: list[Segment], *, rtl: bool) -> bool:
    if not rtl:
        return False
    letters = "".join(run.text for run in row)
    return 2 * len(RTL.findall(letters)) > sum(letter.isalpha() for letter in letters)


def _placed(row: list[Segment], left: float, letter: float) -> Line:
    line, column = Line(), 0
    for run in sorted(row, key=lambda run: run.x0):
        place = round((run.x0 - left) / letter)
        blanks = max(place - column, 2 if column else 0)
        if blanks:
            line.append(" " * min(blanks, _MOST_BLANKS))
        for number, word in enumerate(run.words):
            line += (" ", word) if number else (word,)
        column += blanks + len(run.text)
    return line


def _from_right(row: list[Segment], letter: float) -> Line:
    """Return a line that reads from right to left: its words in reading order, blanks for what is free between them."""
    line, last = Line(), None
    for word in reading_order([word for run in row for word in run.words]):
        if last is not None:
            free = max(last.x0 - word.x1, word.x0 - last.x1)
            line.append(" " * min(max(round(free / letter), 1), _MOST_BLANKS))
        line.append(word)
        last = word
    return line
