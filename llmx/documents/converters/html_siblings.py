"""Lines that stand amid the article's own and belong to it, though trafilatura left them out.

It drops short items, cards of few words and whatever has links. Where the article is known, its place in the page tells
more than a line's length: a list, a card or a paragraph among those that it kept is part of it. What the page calls a
menu, a form or a hint at other pages stays out, and so do lists of which most items are links.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING

from llmx.documents.converters.html_lines import Line

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # ships no types

_CONTAINER_SHARE = 0.9  # of the article's characters; a few lines of it are found elsewhere by chance
_FEWEST_CARDS = 3
_CARD_CHARS = 400  # more is a column or a section of the page
_CARD_SHARE = 10  # the article has one in so many of all cards, and two at least
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_LISTS = {"ul", "ol", "dl", "table"}
_OTHER_TAGS = {"nav", "footer", "aside", "form", "dialog", "menu", "button", "select", "figcaption"}
_OTHER_ROLES = {
    "navigation", "contentinfo", "complementary", "search", "dialog", "alert", "menu", "menubar", "toolbar",
    "alertdialog", "tablist",
}  # fmt: skip
# classes that themes and content systems give to what stands about an article
_OTHER_CLASSES = re.compile(
    r"(?<![a-z])(nav|menu|footer|cookie|consent|gdpr|newsletter|subscri|sign-?up|paywall|comment|disqus|ads?\b|advert"
    r"|(responses|reply|replies|messages?|meta|more|next|prev|toc|pager|pagination)\b|sponsor|banner|pop-?up|modal"
    r"|overlay|toolbar|rating|skip|caption|author|byline|login|search|(mw-)?edit|noprint|catlinks|outbrain|taboola)"
    r"|navbar|navigation|breadcrumb|related|recommend|teaser|promo|share|sharing|social|sidebar|widget|\btags?\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Block:
    """What an element of the page holds: its lines, and how many characters of them the article has."""

    lines: list[int] = field(default_factory=list)
    chars: int = 0
    kept: int = 0


def siblings(lines: Sequence[Line], kept: set[int]) -> set[int]:
    """Return which lines that are not ``kept`` belong to the article, for they stand among its own."""
    if not kept or len(kept) == len(lines):
        return set()
    blocks = _blocks(lines, kept)
    container = _container(blocks, sum(len(lines[i].text) for i in kept))
    if container is None:
        return set()
    ways = {i: way for i in blocks[container].lines if (way := _way(lines[i], container, blocks)) is not None}
    page = _Page(lines, kept, blocks, ways)
    found = _of_lists(page) | _of_cards(page)
    return found | _between(page, kept | found)


@dataclass(frozen=True, slots=True)
class _Page:
    """The lines and blocks of a page; ``ways`` has the elements from a line of the article's container up to that."""

    lines: Sequence[Line]
    kept: set[int]
    blocks: dict[HtmlElement, _Block]
    ways: dict[int, list[HtmlElement]]


def _blocks(lines: Sequence[Line], kept: set[int]) -> dict[HtmlElement, _Block]:
    blocks = defaultdict["HtmlElement", _Block](_Block)
    for i, line in enumerate(lines):
        if line.element is None:
            continue
        for element in (line.element, *line.element.iterancestors()):
            block = blocks[element]
            block.lines.append(i)
            if i in kept or not line.linked:
                block.chars += len(line.text)
                block.kept += len(line.text) * (i in kept)
    return blocks


def _container(blocks: dict[HtmlElement, _Block], size: int) -> HtmlElement | None:
    """Return the innermost element that holds the article, or the whole table, list or ``<main>`` about it."""
    holders = (element for element, block in blocks.items() if block.kept >= _CONTAINER_SHARE * size)
    found = max(holders, key=lambda element: sum(1 for _ in element.iterancestors()), default=None)
    if found is None:
        return None
    up = [found, *found.iterancestors()]
    outer = [element.getparent() for element in up if element.tag in _LISTS and not _lays_out(element)]
    if outer and outer[-1] is not None:
        found = outer[-1]
    return next((each for each in up if each.tag in {"article", "main"} or each.get("role") == "main"), found)


def _way(line: Line, container: HtmlElement, blocks: dict[HtmlElement, _Block]) -> list[HtmlElement] | None:
    """Return the elements from a line up to the article's container, None if one of them is no part of an article."""
    way = list["HtmlElement"]()
    element = line.element
    while element is not None and element is not container:
        if _is_other(element, blocks[element]):
            return None
        way.append(element)
        element = element.getparent()
    return None if line.menu else way


def _is_other(element: HtmlElement, block: _Block) -> bool:
    """Whether an element is no part of an article; a class says so of one that trafilatura left out for the most."""
    called = f"{element.get('class') or ''} {element.get('id') or ''}"
    return (
        element.tag in _OTHER_TAGS
        or element.get("role") in _OTHER_ROLES
        or (called != " " and 2 * block.kept < block.chars and _OTHER_CLASSES.search(called) is not None)
    )


def _lays_out(element: HtmlElement) -> bool:
    """Whether a table or list has parts of a page in it."""
    return next(element.iter("h1", "h2", "h3", "h4", "h5", "h6", "nav", "form", "article"), None) is not None


def _of_lists(page: _Page) -> set[int]:
    """Return the lines of lists and tables that begin behind a line of the article or stand amid it.

    An inner list belongs to the outer one; the rows about an inner table do, too.
    """
    first, last = min(page.kept), max(page.kept)
    outermost = dict.fromkeys(
        element
        for way in page.ways.values()
        if (element := next((each for each in reversed(way) if each.tag in _LISTS), None)) is not None
    )
    found = set[int]()
    for element in outermost:
        block = page.blocks[element]
        links = sum(page.lines[i].linked for i in block.lines)
        amid = block.lines[0] - 1 in page.kept or block.kept or first < block.lines[0] < last
        if amid and 2 * links < len(block.lines) and not _lays_out(element):
            found |= page.ways.keys() & block.lines
    return found - page.kept


def _of_cards(page: _Page) -> set[int]:
    """Return the lines of cards, such as those of a team, of which the article has others of the same make."""
    cards = defaultdict[tuple[str, ...], dict["HtmlElement", None]](dict)
    for way in page.ways.values():
        for at, element in enumerate(way):
            if element.get("class") and 0 < page.blocks[element].chars <= _CARD_CHARS:
                cards[tuple(map(_make, way[at : at + 3]))][element] = None
    found = set[int]()
    for alike in cards.values():
        whole = [each for each in alike if 2 * page.blocks[each].kept >= page.blocks[each].chars]
        if len(alike) < _FEWEST_CARDS or len(whole) < max(2, len(alike) / _CARD_SHARE):
            continue
        tags = {page.lines[i].tag for each in whole for i in page.blocks[each].lines}
        for each in alike:
            inside = page.blocks[each].lines
            if {page.lines[i].tag for i in inside} <= tags:
                found |= {i for i in page.ways.keys() & inside if _says_something(page.lines[i])}
    return found - page.kept


def _make(element: HtmlElement) -> str:
    return f"{element.tag} {element.get('class') or ''}"


def _says_something(line: Line) -> bool:
    """Whether a line of a card is more than a link: a name leads to a page of its own, an address to a mail."""
    return not line.linked or line.element.tag in _HEADINGS or "@" in line.text


def _between(page: _Page, kept: set[int]) -> set[int]:
    """Return the lines between two of the article that stand beside such lines, and preformatted text there.

    Where one of them is a link, the others may be its heading, and all stay out.
    """
    found = set[int]()
    for is_kept, run in groupby(range(min(kept), max(kept)), kept.__contains__):
        if is_kept:
            continue
        gap = {i: page.lines[i].tag == "pre" for i in run}
        beside = {i for i, is_pre in gap.items() if _is_beside(page, i, 4 if is_pre else 2)}
        found |= beside if all(is_pre or i in beside for i, is_pre in gap.items()) else {i for i in beside if gap[i]}
    return found


def _is_beside(page: _Page, i: int, height: int) -> bool:
    """Whether one of the innermost ``height`` elements about a line has others of the article in it."""
    if page.lines[i].linked or i not in page.ways:
        return False
    element = page.lines[i].element
    return any(page.blocks[each].kept > 0 for each in (element, *islice(element.iterancestors(), height - 1)))
