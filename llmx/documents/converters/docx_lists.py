"""The numbers of lists and headings in a Word document, which stand in its styles and not in its text.

"3.2 Termination" is a paragraph "Termination" on the second level of a list; who quotes it, quotes the number.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = f"{_W}val"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_MOST = 100_000  # a number beyond that is none of a list
_LEVELS = 9


class ListNumbers:
    """Counts the lists of one document, paragraph by paragraph."""

    def __init__(self, numbering: _Element | None, styles: _Element | None) -> None:
        self._levels: dict[str, dict[int, _Element]] = {}
        self._styles = {} if styles is None else {each.get(f"{_W}styleId"): each for each in styles.iter(f"{_W}style")}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        if numbering is not None:
            self._read(numbering)

    def _read(self, numbering: _Element) -> None:
        abstract = {
            each.get(f"{_W}abstractNumId"): {_number(level.get(f"{_W}ilvl")): level for level in each.iter(f"{_W}lvl")}
            for each in numbering.iter(f"{_W}abstractNum")
        }
        for each in numbering.iter(f"{_W}num"):
            refers = each.find(f"{_W}abstractNumId")
            self._levels[each.get(f"{_W}numId", "")] = abstract.get("" if refers is None else refers.get(_VAL), {})

    def is_heading(self, paragraph: _Element) -> bool:
        """Whether the paragraph has the style of a heading or a title."""
        style = self._styles.get(_value(paragraph, "pPr", "pStyle"))
        return style is not None and bool(re.match(r"heading|title", _value(style, "name"), re.IGNORECASE))

    def label(self, paragraph: _Element) -> str:
        """Return what stands before the paragraph ('3.2 ', '- '), '' if it is not part of a list."""
        list_id, level = self._place(paragraph)
        levels = self._levels.get(list_id, {})
        if level not in levels:
            return ""
        counts = self._counts[list_id]
        counts[level] = counts.get(level, _number(_value(levels[level], "start"), 1) - 1) + 1
        for deeper in [each for each in counts if each > level]:
            del counts[deeper]
        return _label(levels, level, counts)

    def _place(self, paragraph: _Element) -> tuple[str, int]:
        """Return the list of a paragraph and the level in it, from itself or the styles that it is based on."""
        list_id, level = _value(paragraph, "pPr", "numPr", "numId"), _value(paragraph, "pPr", "numPr", "ilvl")
        style, steps = self._styles.get(_value(paragraph, "pPr", "pStyle")), 0
        while not list_id and style is not None and steps < _LEVELS:
            list_id = _value(style, "pPr", "numPr", "numId")
            level = level or _value(style, "pPr", "numPr", "ilvl")
            style, steps = self._styles.get(_value(style, "basedOn")), steps + 1
        return list_id, _number(level)


def _label(levels: dict[int, _Element], level: int, counts: dict[int, int]) -> str:
    form = _value(levels[level], "numFmt")
    if form == "bullet":
        return "- "
    if form == "none":
        return ""

    def count(found: re.Match[str]) -> str:
        number = int(found[1]) - 1
        if number not in levels:
            return ""
        at = counts.get(number, _number(_value(levels[number], "start"), 1))
        return written_number(at, _value(levels[number], "numFmt"))

    label = re.sub(r"%([1-9])", count, _value(levels[level], "lvlText"))
    return f"{label} " if label else ""


def written_number(number: int, form: str) -> str:
    """Return the number of a list in a form of Word's: decimal, lowerLetter, upperRoman, and others as decimal."""
    if not 0 < number < _MOST:
        return str(number)
    if form in {"lowerLetter", "upperLetter"}:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if form in {"lowerRoman", "upperRoman"}:
        roman = ""
        for value, letters in _ROMAN:
            roman, number = roman + letters * (number // value), number % value
        return roman.upper() if form == "upperRoman" else roman
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _value(element: _Element, *path: str) -> str:
    """Return the value of the element to which ``path`` leads, '' if there is none."""
    found = element.find("/".join(f"{_W}{tag}" for tag in path))
    return "" if found is None else found.get(_VAL, "")


def _number(text: str | None, usual: int = 0) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else usual
