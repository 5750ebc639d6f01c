"""HTML to text: the whole page as lines, and which of them are the article.

A document's text is what a reader of the page sees; proofs point into that text, not into the markup. trafilatura
finds the article's lines. Title, date and byline, which it sometimes takes for boilerplate, stay with the article, and
so do all rows of a table or list most of which it found, and the lists, cards and paragraphs amid it
(``html_siblings``). The other lines keep their places as ``dropped``, so that a caller can still show or mark them.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from llmx.boilerplate import Cleaned, clean
from llmx.documents.converters.html_lines import Line, normal, page_lines, parse_page
from llmx.documents.converters.html_siblings import siblings
from llmx.span import Span

_SHORT_CHARS = 40  # a shorter line must be a whole line of the article, for 'Home' may stand in any sentence
_LEAST_CHARS = 250  # an article shorter than this, and than half of its page, was not found
_MANY_ITEMS = 4  # of a list amid the article; fewer links between two paragraphs are hints at other pages
_ITEM_CHARS = 60  # on average; longer ones are the headings of other articles
_HEAD_LINES = 6  # between the title and the first paragraph: kicker, date, byline
_HEAD_CHARS = 160


def page_text(markup: str) -> str:
    """Return all the text that a reader of the page sees: one line for each block, an empty line between paragraphs.

    The result is '' if there is none. White space inside a block becomes one blank, as in a browser; a tab separates
    the cells of a table.
    """
    return "".join(line.text for line in page_lines(parse_page(markup)[0]))


def main_text(markup: str) -> Cleaned:
    """Return the article of a page: ``text`` for reading, ``kept`` and ``dropped`` as spans of ``page_text(markup)``.

    If trafilatura finds no article, the shape of its lines decides what of the page is boilerplate.
    """
    root, markup = parse_page(markup)
    lines = list(page_lines(root))
    whole = "".join(line.text for line in lines)
    article = _article(markup)
    found = len(article) >= min(_LEAST_CHARS, len(whole) / 2)
    every, menus = set(range(len(lines))), _menus(lines)
    kept = ((_kept(lines, article) if found else every) - menus) or every
    if found:
        kept = (_with_head(lines, kept | siblings(lines, kept)) - menus) or kept
    drops, at = list[tuple[Span, str]](), 0
    for i, line in enumerate(lines):
        span = Span(at, at + len(line.text))
        at = span.end
        if i not in kept:
            drops.append((span, "page"))
    # trafilatura leaves a comment form or a share button in, now and then
    article_lines = Cleaned.without(whole, drops)
    drops += [(article_lines.to_original(span), reason) for span, reason in clean(article_lines.text).dropped]
    return Cleaned.without(whole, sorted(drops))


def _article(markup: str) -> str:
    import trafilatura  # noqa: PLC0415  loads for a second, and most documents are no HTML

    return trafilatura.extract(markup, include_comments=False, include_tables=True) or ""


def _menus(lines: list[Line]) -> set[int]:
    """Return which lines are menus: those in a ``<nav>``, and lists and tables of bare links above the heading."""
    heading = next((i for i, line in enumerate(lines) if line.tag == "h1"), 0)
    words = {line.group for line in lines if not line.linked}
    return {i for i, line in enumerate(lines) if line.menu or (i < heading and line.group and line.group not in words)}


def _kept(lines: list[Line], article: str) -> set[int]:
    """Return which lines stand in the article."""
    whole_lines = {normal(line) for line in article.splitlines()}
    running = normal(article)
    spaced = f" {running} "
    kept = {
        i
        for i, line in enumerate(lines)
        if line.normal in whole_lines
        or (len(line.normal) >= _SHORT_CHARS and line.normal in running)
        or _is_row(line, whole_lines, spaced)
    }
    # a short line among the article's own, such as one line of an address
    inside = range(min(kept, default=0), max(kept, default=0))
    kept |= {i for i in inside if lines[i].normal in running and {i - 1, i + 1} & kept}
    sizes = Counter(line.group for line in lines)
    found = Counter(lines[i].group for i in kept)
    kept |= {i for i, line in enumerate(lines) if line.group and 2 * found[line.group] >= sizes[line.group]}
    return kept | _lists_between(lines, kept, sizes)


def _lists_between(lines: list[Line], kept: set[int], sizes: Counter[int]) -> set[int]:
    """Return the lines of lists amid the article: trafilatura takes a list of many links for a menu.

    They follow a line of the article that ends in a colon, or a paragraph of it follows them; their items are short,
    and the page does not call them a hint at other pages.
    """
    last = max((i for i in kept if not lines[i].group), default=0)
    groups = defaultdict[int, list[int]](list)
    for i, line in enumerate(lines):
        if line.group:
            groups[line.group].append(i)
    return {
        i
        for group, items in groups.items()
        if sizes[group] >= _MANY_ITEMS
        and items[0] - 1 in kept
        and (items[-1] < last or lines[items[0] - 1].text.rstrip().endswith((":", "：")))
        and not any(lines[i].teaser for i in items)
        and sum(len(lines[i].text) for i in items) <= _ITEM_CHARS * len(items)
        for i in items
    }


def _is_row(line: Line, whole_lines: set[str], running: str) -> bool:
    """Whether the line is a row, or one of preformatted text, that the article has cell by cell or amid a line."""
    cells = [cell for each in line.text.split("\t") if (cell := normal(each))]
    if len(cells) > 1 and all(cell in whole_lines for cell in cells):
        return True
    return (len(cells) > 1 or line.tag == "pre") and f" {line.normal} " in running


def _with_head(lines: list[Line], kept: set[int]) -> set[int]:
    """Add the title and the few short lines between it and the article."""
    first = min(kept, default=0)
    title = next((i for i in range(first, -1, -1) if lines[i].tag in {"h1", "title"}), None) if lines else None
    if title is None:
        return kept
    head = [i for i in range(title, first) if lines[i].text.strip()]
    if len(head) > _HEAD_LINES:
        return kept | {title}
    return kept | {i for i in head if len(lines[i].text) <= _HEAD_CHARS or i == title}
