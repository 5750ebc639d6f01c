"""The text of a document from its parts: paragraphs, and tables as Markdown rows.

    | Item | Price |
    | Bolt | 1.20 |

A cell keeps its place in the row even if it is empty, and stays on one line whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from llmx.documents.limits import TEXT_CHARS
from llmx.errors import DocumentError

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff\u00ad]")


def row_line(cells: Sequence[str]) -> str:
    """Return a row of a table: ``| a | b |``, '' where no cell has words.

    >>> row_line(["a", "", "b  c"])
    '| a |  | b c |'
    """
    flat = [" ".join(cell.split()) for cell in cells]
    return f"| {' | '.join(flat)} |" if any(flat) else ""


def table_lines(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table, all with the same number of cells; rows without words are left out."""
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    width = max((len(row) for row in kept), default=0)
    return [row_line([*row, *[""] * (width - len(row))]) for row in kept]


def joined_text(lines: Iterable[str], name: str) -> str:
    """Return the text of ``lines``, with never more than one empty line between two.

    Raises DocumentError if there are no words, or more than any document has.
    """
    kept: list[str] = []
    chars = 0
    for line in lines:
        clean = _UNSEEN.sub("", line).rstrip()
        if clean or (kept and kept[-1]):
            kept.append(clean)
            chars += len(clean) + 1
        if chars > TEXT_CHARS:
            raise DocumentError(f"{name} has more than {TEXT_CHARS:,} characters", hint="cut it into several documents")
    if not kept:
        raise DocumentError(f"{name} is empty: it holds no words", hint="what stands in its pictures is not read")
    return "\n".join(kept).rstrip() + "\n"
