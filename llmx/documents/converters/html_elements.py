"""The way back from the text of a page to its elements, worked out only when somebody asks.

The page is read once more for that: one walk tells in which element the words of each line stand, and another one
counts the elements that are asked for among those beside them. Both take time in proportion to the page.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from llmx.documents.converters.html_lines import lines_with_elements, parse_page
from llmx.documents.converters.html_table import CELLS, data_rows
from llmx.span import Span

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # ships no types

_NAME = re.compile(r"[a-z][a-z0-9-]*")  # an XPath can say it without a namespace


@dataclass(frozen=True)
class PageElements:
    """The elements of the page ``markup``, of whose whole text ``kept`` became the text of the document."""

    markup: str = field(repr=False)
    kept: Sequence[Span] = field(repr=False)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the page."""
        return hashlib.sha256(self.markup.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def xpaths(self, spans: Iterable[Span]) -> list[str]:
        """Return for each of ``spans`` the XPath of the innermost element that holds all of its words, or ''."""
        root, parsed = parse_page(self.markup)
        if root is None or not self.markup.endswith(parsed):  # nested too deep: its tags are not the page's own
            return ["" for _ in spans]
        starts, owners = lines_with_elements(root)
        kept = [0, *accumulate(len(span) for span in self.kept)]
        rows, paths = data_rows(root), _Paths()

        def original(offset: int) -> int:
            piece = max(0, min(bisect_right(kept, offset) - 1, len(self.kept) - 1))
            return self.kept[piece].start + offset - kept[piece] if self.kept else offset

        found = list[str]()
        for span in spans:
            first = bisect_right(starts, original(span.start)) - 1
            last = bisect_right(starts, original(max(span.start, span.end - 1))) - 1
            element = None if first < 0 else _common(owners[first], owners[max(first, last)])
            found.append("" if element is None else paths.of(_cell_of(element, rows)))
        return found


def _common(first: HtmlElement, last: HtmlElement) -> HtmlElement:
    """Return the innermost element that both stand in; it holds all that stands between them."""
    if first is last:
        return first
    above = {first, *first.iterancestors()}
    return next(each for each in (last, *last.iterancestors()) if each in above)


def _cell_of(element: HtmlElement, rows: set[HtmlElement]) -> HtmlElement:
    """Return the cell of a table of data in which ``element`` stands, or else ``element`` itself."""
    for each in (element, *element.iterancestors(*CELLS)):
        if each.tag in CELLS and each.getparent() in rows:
            return each
    return element


class _Paths:
    """Makes XPaths. The children of an element are counted once, however many of them are asked for."""

    def __init__(self) -> None:
        self._paths: dict[HtmlElement, str] = {}
        self._steps: dict[HtmlElement, str] = {}

    def of(self, element: HtmlElement) -> str:
        """Return the XPath of ``element`` from the root: ``/html/body/table[2]/tr[3]/td[1]``."""
        way = list["HtmlElement"]()
        above: HtmlElement | None = element
        while above is not None and above not in self._paths:
            way.append(above)
            above = above.getparent()
        path = "" if above is None else self._paths[above]
        for each in reversed(way):
            path = self._paths[each] = f"{path}/{self._step(each)}"
        return path

    def _step(self, element: HtmlElement) -> str:
        parent = element.getparent()
        if parent is None:
            return str(element.tag)
        if element not in self._steps:
            children = [child for child in parent if isinstance(child.tag, str)]
            total, seen = Counter(child.tag for child in children), Counter[str]()
            for number, child in enumerate(children, start=1):
                seen[child.tag] += 1
                if not _NAME.fullmatch(child.tag):
                    self._steps[child] = f"*[{number}]"
                else:
                    self._steps[child] = f"{child.tag}[{seen[child.tag]}]" if total[child.tag] > 1 else child.tag
        return self._steps[element]
