"""The numbers of lists and headings in an OpenDocument text, which stand in its styles and not in its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmx.documents.converters.docx_lists import written_number

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_LEVELS = 10
_FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_BULLET = "- "


class OdfNumbers:
    """Counts the lists and headings of one document, paragraph by paragraph."""

    def __init__(self, *roots: _Element | None) -> None:
        styles = [root for root in roots if root is not None]
        self._styles = {
            each.get(f"{_STYLE}name", ""): _levels(each) for root in styles for each in root.iter(f"{_TEXT}list-style")
        }
        outlines = [each for root in styles for each in root.iter(f"{_TEXT}outline-style")]
        self._outline = _levels(outlines[0]) if outlines else {}
        self._counts: dict[str, list[int]] = {}

    def heading(self, heading: _Element) -> str:
        """Return the number before a heading, '' if it has none."""
        level = number_of(heading.get(f"{_TEXT}outline-level"), 1)
        if heading.get(f"{_TEXT}is-list-header") == "true":
            return ""
        return self._label(self._outline, "", level, start=heading.get(f"{_TEXT}start-value"))

    def begin(self, style: str, level: int, *, goes_on: bool) -> None:
        """Begin a list of ``style``; ``goes_on`` says that it counts on where the last one of that style ended."""
        if not goes_on and 0 < level <= _LEVELS:
            self._counts.setdefault(f"list {style}", [0] * _LEVELS)[level - 1 :] = [0] * (_LEVELS - level + 1)

    def item(self, style: str, level: int, *, start: str | None) -> str:
        """Return what stands before an item of a list: '3.2 ', '- '."""
        levels = self._styles.get(style)
        return self._label(levels, f"list {style}", level, start=start) if levels else _BULLET

    def _label(self, levels: dict[int, _Element], key: str, level: int, *, start: str | None) -> str:
        if level not in levels or not 0 < level <= _LEVELS:
            return _BULLET if key else ""
        style = levels[level]
        if style.tag in {f"{_TEXT}list-level-style-bullet", f"{_TEXT}list-level-style-image"}:
            return _BULLET
        counts = self._counts.setdefault(key, [0] * _LEVELS)
        first = number_of(style.get(f"{_TEXT}start-value"), 1)
        counts[level - 1] = number_of(start, counts[level - 1] + 1 if counts[level - 1] else first)
        counts[level:] = [0] * (_LEVELS - level)
        shown = min(number_of(style.get(f"{_TEXT}display-levels"), 1), level)
        numbers = [
            _number(levels[each], counts[each - 1]) for each in range(level - shown + 1, level + 1) if each in levels
        ]
        if not numbers[-1:] or not numbers[-1]:
            return ""
        prefix, suffix = style.get(f"{_STYLE}num-prefix", ""), style.get(f"{_STYLE}num-suffix", "")
        return f"{prefix}{'.'.join(filter(None, numbers))}{suffix}".strip() + " "


def _levels(style: _Element) -> dict[int, _Element]:
    return {number_of(each.get(f"{_TEXT}level"), 0): each for each in style if isinstance(each.tag, str)}


def _number(style: _Element, count: int) -> str:
    form = style.get(f"{_STYLE}num-format", "")
    return written_number(count or 1, _FORMS.get(form, "decimal")) if form else ""


def number_of(text: str | None, usual: int) -> int:
    """Return the whole number that ``text`` is, else ``usual``."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else usual
