"""HTML to text: the whole page as lines, and which of them are the article.

A document's text is what a reader of the page sees; proofs point into that text, not into the markup. trafilatura
finds the article's lines. Title, date and byline, which it sometimes takes for boilerplate, stay with the article. The
other lines keep their places as ``dropped``, so that a caller can still show or mark them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmx.boilerplate import Cleaned, clean
from llmx.locating.normal import NormalForm
from llmx.span import Span

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
_SHORT_CHARS = 40  # a shorter line must be a whole line of the article, for 'Home' may stand in any sentence
_LEAST_CHARS = 250  # an article shorter than this, and than half of its page, was not found
_HEAD_LINES = 6  # between the title and the first paragraph: kicker, date, byline
_HEAD_CHARS = 160


def page_text(markup: str) -> str:
    """Return all the text that a reader of the page sees: one line for each block, an empty line between paragraphs.

    The result is '' if there is none. White space inside a block becomes one blank, as in a browser; a tab separates
    the cells of a table.
    """
    return "".join(line.text for line in _lines(markup))


def main_text(markup: str) -> Cleaned:
    """Return the article of a page: ``text`` for reading, ``kept`` and ``dropped`` as spans of ``page_text(markup)``.

    If trafilatura finds no article, the shape of its lines decides what of the page is boilerplate.
    """
    lines = list(_lines(markup))
    whole = "".join(line.text for line in lines)
    article = _article(markup)
    if len(article) < min(_LEAST_CHARS, len(whole) / 2):
        return clean(whole)
    kept = _with_head(lines, _kept(lines, article))
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


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the page's text with its line breaks, the tag of its block, and its normal form for comparison."""

    text: str
    tag: str
    normal: str


def _article(markup: str) -> str:
    import trafilatura  # noqa: PLC0415  loads for a second, and most documents are no HTML

    return trafilatura.extract(markup, include_comments=False, include_tables=True) or ""


def _kept(lines: list[_Line], article: str) -> set[int]:
    """Return which lines stand in the article."""
    whole_lines = {_normal(line) for line in article.splitlines()}
    running = _normal(article)
    kept = {
        i
        for i, line in enumerate(lines)
        if line.normal in whole_lines or (len(line.normal) >= _SHORT_CHARS and line.normal in running)
    }
    # a short line among the article's own, such as one cell or one line of an address
    inside = range(min(kept, default=0), max(kept, default=0))
    return kept | {i for i in inside if lines[i].normal in running and {i - 1, i + 1} & kept}


def _with_head(lines: list[_Line], kept: set[int]) -> set[int]:
    """Add the title and the few short lines between it and the article."""
    first = min(kept, default=0)
    title = next((i for i in range(first, -1, -1) if lines[i].tag in {"h1", "title"}), None) if lines else None
    if title is None:
        return kept
    head = [i for i in range(title, first) if lines[i].text.strip()]
    if len(head) > _HEAD_LINES:
        return kept | {title}
    return kept | {i for i in head if len(lines[i].text) <= _HEAD_CHARS or i == title}


def _normal(line: str) -> str:
    return NormalForm(line.replace("|", " ").replace("\t", " ")).value.strip(" -*#'·")


def _lines(markup: str) -> Iterator[_Line]:
    """Yield the lines that a reader sees, in order; the page's title first where it has no heading of its own."""
    root = parse_page(markup)
    if root is None:
        return
    if root.find(".//h1") is None and (title := " ".join((root.findtext(".//title") or "").split())):
        yield _Line(title + "\n\n", "title", _normal(title))
    parts: list[str] = []
    for tag, words in _pieces(root):
        if words is not None:
            parts.append(words)
            continue
        text = "\t".join(cell for cell in (" ".join(part.split()) for part in "".join(parts).split("\0")) if cell)
        parts.clear()
        if text:
            yield _Line(text + ("\n\n" if tag in _OWN_LINES else "\n"), tag, _normal(text))


def parse_page(markup: str) -> HtmlElement | None:
    """Return the root of a page, None if there is nothing in it."""
    from lxml import html  # type: ignore[import-untyped]  # noqa: PLC0415  ships no types; most documents are no HTML
    from lxml.etree import ParserError  # type: ignore[import-untyped]  # noqa: PLC0415  as above

    try:
        return html.document_fromstring(_DECLARATION.sub("", markup))
    except ParserError:
        return None


def _pieces(root: HtmlElement) -> Iterator[tuple[str, str | None]]:
    """Yield the words of the page and, with None for words, the tag of each block that ends there or that begins."""
    from lxml.etree import iterwalk  # noqa: PLC0415  most documents are no HTML

    unseen = 0
    for event, element in iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = element.tag if isinstance(element.tag, str) else ""
        hidden = tag in _UNSEEN or element.get("hidden") is not None
        if event == "start":
            unseen += hidden
            if not unseen:
                yield from _border(tag)
                yield tag, element.text or ""
            continue
        if event == "end":
            if not unseen:
                yield from _border(tag)
            unseen -= hidden
        if not unseen:
            yield tag, element.tail or ""


def _border(tag: str) -> Iterator[tuple[str, str | None]]:
    """What a tag does to the line: cells are parted, inline tags go on, everything else ends it."""
    if tag in {"td", "th"}:
        yield tag, "\0"
    elif tag not in _INLINE:
        yield tag, None
