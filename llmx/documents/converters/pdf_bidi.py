"""The order in which the words of a line are read where some are written from right to left.

pdfium orders a whole line of mixed scripts at once, with the cells of a table in it, and often wrongly; where the words
stand is certain. This is the part of the Unicode bidirectional algorithm that brings words from their places into their
order. Letters inside a word are pdfium's.
"""

from __future__ import annotations

from itertools import groupby

from llmx.documents.converters.pdf_words import RTL, PdfWord


def reading_order(words: list[PdfWord]) -> list[PdfWord]:
    """Return the words of one line in the order in which they are read.

    Most letters decide the direction of the line; words of the other direction keep theirs among themselves.
    """
    right = [bool(RTL.search(word.text)) for word in words]
    if not any(right):
        return sorted(words, key=lambda word: word.x0)
    to_left = 2 * sum(len(RTL.findall(word.text)) for word in words) > sum(len(word.text) for word in words)
    ordered = sorted(words, key=lambda word: -word.x1 if to_left else word.x0)
    parts = [list(part) for _, part in groupby(ordered, key=lambda word: bool(RTL.search(word.text)) == to_left)]
    return [word for part in parts for word in (part if _follows(part[0], to_left=to_left) else reversed(part))]


def _follows(word: PdfWord, *, to_left: bool) -> bool:
    return bool(RTL.search(word.text)) == to_left
