"""The lines of a page as a reader sees them: one for each block, and one for each row of a table.

A row's cells are parted by tabs, whatever blocks stand in them. A cell without words keeps its place, and one that
spans several columns or rows keeps them all, so that every cell stands in its column. A table that only lays out the
page (with headings, tables or menus in its cells) has no rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmx.documents.converters.html_depth import flattened
from llmx.documents.converters.html_table import CELLS, data_rows, gaps
from llmx.locating.normal import NormalForm

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # ships no types

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_UNSEEN = {"script", "style", "noscript", "template", "head", "svg", "iframe", "object", "textarea", "select"}
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "input", "ins", "kbd", "label", "mark", "picture", "q", "rb", "rp", "rt", "ruby", "s", "samp", "small",
    "source", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
_OWN_LINES = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "figure", "article"}
_GROUPS = {"table", "ul", "ol", "dl", "pre"}
# classes that themes and content systems give to links to other pages
_TEASER = re.compile(
    r"\b(related|recommend|teaser|promo|share|sharing|social|breadcrumb|sidebar|tags?\b|widget)", re.IGNORECASE
)
_MENUS = {"navigation", "menu", "menubar", "toolbar", "tablist"}  # roles
_PAGES = {"html", "body", "main", "article"}  # a class such as has-sidebar says what they hold, not what they are
_CELL, _ROW_CELL = "\0", "\1"  # neither stands in a page: where a cell begins, where one of a row begins


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the page's text with its line breaks, the tag of its block, and its normal form for comparison.

    ``group`` numbers the table or list that it stands in, 0 for none; ``menu`` says that it stands in a ``<nav>`` or
    the like, ``linked`` that all its words are links, and ``teaser`` that the page's author calls it a hint at other
    pages. ``element`` is the block that its first words stand in.
    """

    text: str
    tag: str
    normal: str
    group: int = 0
    menu: bool = False
    linked: bool = False
    teaser: bool = False
    element: Any = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class _Walk:
    """Where in the page the walk is: at the beginning of ``element``, or behind its end."""

    rows: set[HtmlElement]
    gaps: dict[HtmlElement, int]
    element: Any = None
    begins: bool = False
    unseen: int = 0
    menus: int = 0
    teasers: int = 0
    row: int = 0
    pre: int = 0
    links: int = 0

    def enter(self, element: HtmlElement, tag: str, step: int) -> None:
        self.unseen += step * (tag in _UNSEEN or element.get("hidden") is not None)
        self.menus += step * (tag == "nav" or element.get("role") in _MENUS)
        self.teasers += step * (
            tag == "aside"
            or (tag not in _PAGES and _TEASER.search(element.get("class") or element.get("id") or "") is not None)
        )
        self.row += step * (tag == "tr" and element in self.rows)
        self.pre += step * (tag == "pre")
        self.links += step * (tag == "a")

    def border(self, element: HtmlElement, tag: str, *, start: bool) -> str | None:
        """What a tag does to the line: cells are parted, inline tags go on, everything else (None) ends it."""
        if tag in _INLINE:
            return ""
        if tag in CELLS and self.row:
            return _ROW_CELL * (1 + self.gaps.get(element, 0)) if start else " "
        if tag in CELLS:
            return _CELL
        return " " if self.row and tag != "tr" else None


def page_lines(root: HtmlElement | None) -> Iterator[Line]:
    """Yield the lines that a reader sees, in order; the page's title first where it has no heading of its own."""
    if root is None:
        return
    if title := _title_of(root):
        yield Line(title + "\n\n", "title", normal(title))
    parts, linked, owner = list[str](), True, None
    for tag, words, group, walk in _pieces(root):
        if words is not None:
            parts.append(words)
            if owner is None and words.strip(" \t\r\n\0\1"):
                owner = walk.element if walk.begins else walk.element.getparent()
            linked = linked and (walk.links > 0 or not words.strip(" \t\r\n|·•\0\1"))
            continue
        text = _line("".join(parts))
        if text:
            yield Line(
                text + _end_of(tag), tag, normal(text), group=group, menu=walk.menus > 0, linked=linked,
                teaser=walk.teasers > 0, element=_block(owner),
            )  # fmt: skip
        parts.clear()
        linked, owner = True, None


def _block(element: HtmlElement | None) -> HtmlElement | None:
    while element is not None and element.tag in _INLINE:
        element = element.getparent()
    return element


def lines_with_elements(root: HtmlElement) -> tuple[list[int], list[HtmlElement]]:
    """Return where in the text of ``page_lines`` the words of an element begin, in order, and which element that is."""
    starts, owners, waiting = list[int](), list[Any](), list[tuple[str, Any]]()
    at = 0
    if title := _title_of(root):
        starts, owners, at = [0], [root.find(".//title")], len(title) + 2
    for tag, words, _, walk in _pieces(root):
        if words is not None:
            waiting.append((words, walk.element if walk.begins else walk.element.getparent()))
            continue
        if text := _line("".join(words for words, _ in waiting)):
            within = 0
            for part, owner in waiting:
                if tokens := part.strip(_CELL + _ROW_CELL).split():
                    within = _next_word(text, within)
                    starts.append(at + within)
                    owners.append(owner)
                    for token in tokens:
                        within = _next_word(text, within) + len(token)
            at += len(text) + len(_end_of(tag))
        waiting.clear()
    return starts, owners


def _title_of(root: HtmlElement) -> str:
    """Return the page's title where it has no heading of its own, else ''."""
    return " ".join((root.findtext(".//title") or "").split()) if root.find(".//h1") is None else ""


def _next_word(text: str, at: int) -> int:
    while text[at].isspace():
        at += 1
    return at


def normal(line: str) -> str:
    """Return the form in which a line of the page and one of the article are compared."""
    return NormalForm(line.replace("|", " ").replace("\t", " ")).value.strip(" -*#'·")


def parse_page(markup: str) -> tuple[HtmlElement | None, str]:
    """Return the root of a page, None if there is nothing in it, and its markup, flattened if it nests too deep."""
    from lxml import html  # type: ignore[import-untyped]  # noqa: PLC0415  ships no types; most documents are no HTML
    from lxml.etree import ParserError  # type: ignore[import-untyped]  # noqa: PLC0415  as above

    markup = _DECLARATION.sub("", markup)
    parser = html.HTMLParser()
    try:
        root = html.document_fromstring(markup, parser=parser)
        if any("depth" in error.message for error in parser.error_log):
            markup = flattened(markup)
            root = html.document_fromstring(markup)
    except ParserError:
        return None, markup
    return root, markup


def _end_of(tag: str) -> str:
    return "\n\n" if tag in _OWN_LINES else "\n"


def _line(words: str) -> str:
    """Return the words of a line with its cells parted by tabs."""
    cells = [" ".join(part.split()) for part in re.split(f"[{_CELL}{_ROW_CELL}]", words)]
    if _ROW_CELL in words:
        return "\t".join(cells if cells[0] else cells[1:]).rstrip()
    return "\t".join(cell for cell in cells if cell)


def _pieces(root: HtmlElement) -> Iterator[tuple[str, str | None, int, _Walk]]:
    """Yield the words of the page and, with None for words, the tag of each block that ends there or that begins.

    With each come the number of its table or list, and where the walk is.
    """
    from lxml.etree import iterwalk  # noqa: PLC0415  most documents are no HTML

    walk, groups, count = _Walk(data_rows(root), gaps(root)), [0], 0
    for event, element in iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        start = event == "start"
        walk.element, walk.begins = element, start
        if start:
            walk.enter(element, tag, 1)
        if tag and not walk.unseen:
            yield tag, walk.border(element, tag, start=start), groups[-1], walk
        if start and tag in _GROUPS:
            count += 1
            groups.append(count)
        if event == "end":
            walk.enter(element, tag, -1)
            if tag in _GROUPS:
                groups.pop()
        if not walk.unseen:
            words = (element.text if start else element.tail) or ""
            for i, part in enumerate(words.split("\n") if walk.pre and not walk.row else [words]):
                if i:
                    yield "pre", None, groups[-1], walk
                yield tag, part, groups[-1], walk
