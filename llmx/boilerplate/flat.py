"""Cleaning a page that somebody has already flattened to text: no tags are left, only lines and their shapes.

Precision goes first: title, dateline and body stay, whatever they look like. A line is dropped where it says what only
pages say (``cues.py``), where it is a menu by its shape, or where it follows the heading of a list of links and looks
like a link itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmx.boilerplate.cleaned import Cleaned
from llmx.boilerplate.cues import breadcrumb, pattern, portrayed, text_size_switch
from llmx.dataclass import dataclass
from llmx.span import Span

# Sizes are in Latin letters; a Chinese, Japanese, Korean or Thai character says as much as three.
_DENSE = re.compile("[\u0e00-\u0eff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_BODY_SIZE = 110  # from here a line with sentences in it is a paragraph
_LINE_SIZE = 240  # no cue line is longer, but for the legal ones
_LEGAL_SIZE = 900
_LINK_SIZE = 160
_MENU_ITEM_SIZE = 24
_LONG_CHARS = 2000  # a longer line is a paragraph, whatever it says
_HEAD_CHARS = 1000  # where as much of a line is larger than all sizes above, the rest of it changes nothing
_SWITCH_CHARS = 200  # where at the end of a line a switch for the letters' size may stand
_SENTENCE_END = re.compile("[.!?。！？؟۔।…][\"'”’»」』）)\\]]*(?=\\s|$)|[。！？]")
_TABLE_ROW = re.compile(r"\|.*\|")  # of a table in Markdown: its header is as short as a menu
_BULLET = re.compile(r"^[\s•·▪●■□◆◇►▶➤→»›>★☆※◎○▲△*\-–—#|]+")
_TAIL = " :：»›>→▸▼…!."
# What makes a line above the article a dateline, whatever else is in it
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\d\s*[年月]|\d{1,2}[./-]\d{1,2}|\d{1,2}:\d\d|[٠-٩]{4}")
_MENU_MARK = re.compile(r"\s*[|｜•·/]\s*|\s{3,}")

# Topics that may stand above the article as well as below it; the others are only looked for once a paragraph is over.
_ANYWHERE = ("cookies", "share", "navigation", "comments", "advertisement", "copyright", "helpful")
_BELOW = ("newsletter", "more", "related_inline", "credit")
_LEGAL = frozenset({"cookies", "copyright", "comments"})


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the page: its span with the line break, its words in plain writing, its size in Latin letters."""

    span: Span
    raw: str
    plain: str
    size: int
    bullet: bool

    @property
    def is_body(self) -> bool:
        """Whether the line is a paragraph: long enough, and with a sentence that ends."""
        return self.size >= _BODY_SIZE and _SENTENCE_END.search(self.raw) is not None

    @property
    def is_link(self) -> bool:
        """Whether the line may be the text of a link: short, no sentence that ends with a full stop."""
        ends = self.raw.rstrip().endswith((".", "。", ":", "：", ";", "；"))
        return self.size <= _LINK_SIZE and not ends and (self.bullet or not self.is_body)


def clean(text: str) -> Cleaned:
    r"""Return ``text`` without the lines that belong to the page and not to the article.

    Lines go whole, with their line break; only a switch for the letters' size is cut out of its line. Reasons: cookies,
    copyright, comments, helpful, share, newsletter, more, navigation, related, advertisement, credit, author, menu.
    Linear in the text. Where nothing but boilerplate is found, everything is kept.

    >>> cleaned = clean("Two firms sign\n\nA and B signed an accord in Oslo.\n\nLeave a Reply\n")
    >>> cleaned.text
    'Two firms sign\n\nA and B signed an accord in Oslo.\n\n'
    """
    lines = list(_lines(text))
    first_body = next((i for i, line in enumerate(lines) if line.is_body), len(lines))
    reasons: dict[int, str] = {}
    for i, line in enumerate(lines):
        reason = _menu(line) or _cue(line, below=i > first_body)
        if reason and not (i < first_body and _DATE.search(line.raw)):
            reasons[i] = reason
    _links_after_headings(lines, reasons, first_body)
    _portraits(lines, reasons, first_body)
    _menus_in_lines(lines, reasons, first_body)
    if all(i in reasons or not line.plain for i, line in enumerate(lines)):
        return Cleaned.whole(text)
    drops = [(line.span, reasons[i]) for i, line in enumerate(lines) if i in reasons]
    tails = [_text_size(line) for i, line in enumerate(lines) if i not in reasons]
    return Cleaned.without(text, sorted(drops + [(tail, "navigation") for tail in tails if tail is not None]))


def _lines(text: str) -> Iterator[_Line]:
    at = 0
    for raw in text.splitlines(keepends=True):
        span = Span(at, at + len(raw))
        at = span.end
        bare = _BULLET.sub("", raw)
        plain = _plain(bare[:_HEAD_CHARS])
        if len(plain) <= _LEGAL_SIZE and len(bare) > _HEAD_CHARS:
            plain = _plain(bare[:_LONG_CHARS])
        size = len(plain) if plain.isascii() else len(plain) + 2 * len(_DENSE.findall(plain))
        yield _Line(span, raw, plain, size, bullet=len(bare.lstrip()) < len(raw.lstrip()))


def _plain(words: str) -> str:
    return " ".join(words.split()).rstrip(_TAIL).casefold().replace("’", "'").replace("‘", "'")


def _cue(line: _Line, *, below: bool) -> str:
    """Return the topic of a line that says what only pages say, '' for any other."""
    for topic in _ANYWHERE + (_BELOW if below else ()):
        limit = _LEGAL_SIZE if topic in _LEGAL else _LINE_SIZE
        if topic == "credit" and re.search(r"\d", line.plain):
            continue  # a caption with a date or a sum
        if 0 < line.size <= limit and pattern(topic).fullmatch(line.plain):
            return "related" if topic == "related_inline" else topic
    return ""


def _menu(line: _Line) -> str:
    """Return 'navigation' for a trail ('Home > News') and 'menu' for short items in one line, '' for any other."""
    if not 0 < line.size <= _LINE_SIZE or line.is_body:
        return ""
    if breadcrumb().fullmatch(line.plain):
        return "navigation"
    items = [item for item in _MENU_MARK.split(line.raw.strip()) if item]
    if _known_items(items) >= max(2, len(items) / 2):
        return "menu"
    short = all(len(item) + 2 * len(_DENSE.findall(item)) <= _MENU_ITEM_SIZE for item in items)
    if _TABLE_ROW.fullmatch(line.raw.strip()):
        return ""
    marks = line.raw.count("|") + line.raw.count("｜")
    # a dateline ('Oslo | Business | 14 March 2024') has figures in it, a menu has not
    return "menu" if len(items) >= 4 and short and marks >= 3 and not re.search(r"\d", line.raw) else ""


def _known_items(items: list[str]) -> int:
    """Return how many of a line's items are what only pages say ('Print', 'Comments (3)', 'Share: Facebook')."""
    known = 0
    for item in items:
        plain = _plain(item.strip("[]()（）")).partition(":")[0].strip()
        known += any(pattern(topic).fullmatch(plain) for topic in ("share", "navigation", "comments", "newsletter"))
    return known


def _links_after_headings(lines: list[_Line], reasons: dict[int, str], first_body: int) -> None:
    """Drop headings such as 'Related articles' below a paragraph, and the lines after them that look like links."""
    i = first_body + 1
    while i < len(lines):
        if i in reasons or not _opens_links(lines[i]):
            i += 1
            continue
        reasons[i] = "related"
        inside = [i]
        i += 1
        while i < len(lines) and (lines[i].is_link or i in reasons) and not _opens_links(lines[i]):
            if lines[i].plain:
                inside.append(i)
            i += 1
        if i < len(lines) and not _opens_links(lines[i]) and len(inside) > 1 and not lines[inside[-1]].bullet:
            inside.pop()  # the last short line before a paragraph may be its heading
        reasons.update(dict.fromkeys((k for k in inside if k not in reasons), "related"))


def _opens_links(line: _Line) -> bool:
    """Whether the line is the heading of a list of links, or such a heading with one link after a colon."""
    if not 0 < line.size <= _LINE_SIZE:
        return False
    if pattern("related").fullmatch(line.plain):
        return True
    heading, colon, _ = line.plain.replace("：", ":").partition(":")
    return bool(colon) and any(pattern(topic).fullmatch(heading.strip()) for topic in ("related", "more"))


def _portraits(lines: list[_Line], reasons: dict[int, str], first_body: int) -> None:
    """Drop the portrait of the page's author below the article: its heading and the one paragraph after it."""
    for i in range(first_body + 1, len(lines)):
        line = lines[i]
        if not 0 < line.size <= _LINE_SIZE:
            continue
        after = next((k for k in range(i + 1, len(lines)) if lines[k].plain), None)
        name = portrayed(line.plain)
        of_name = name and after is not None and lines[after].plain.startswith(name)
        heading, colon, _ = line.plain.partition(":")
        if colon and pattern("author").fullmatch(heading.strip()):
            reasons[i] = "author"
        elif of_name or pattern("author").fullmatch(line.plain):
            reasons[i] = "author"
            if after is not None and not _opens_links(lines[after]):
                reasons.setdefault(after, "author")


def _menus_in_lines(lines: list[_Line], reasons: dict[int, str], first_body: int) -> None:
    """Drop runs of very short lines at the page's edges in which most lines are already known as the page's own."""
    last_body = max((i for i, line in enumerate(lines) if line.is_body and i not in reasons), default=-1)
    run: list[int] = []
    for i, line in enumerate([*lines, None]):
        at_edge = i < first_body or i > last_body
        if line is not None and (not line.plain or (at_edge and line.size <= _MENU_ITEM_SIZE and line.is_link)):
            run += [i] if line.plain else []
            continue
        known = [k for k in run if k in reasons]
        if len(run) >= 4 and 2 * len(known) >= len(run):
            between = range(known[0], known[-1] + 1)
            plain = [k for k in run if k in between and not re.search(r"\d", lines[k].raw)]
            reasons.update(dict.fromkeys((k for k in plain if k not in reasons), "menu"))
        run = []


def _text_size(line: _Line) -> Span | None:
    """Return the place of a switch for the letters' size at the end of a line."""
    raw = line.raw.rstrip("\r\n")
    if ":" not in (end := raw[-_SWITCH_CHARS:]) and "：" not in end:
        return None  # most lines: the pattern is not tried at each of their last characters
    found = text_size_switch().search(raw, max(0, len(raw) - _SWITCH_CHARS))
    return Span(line.span.start + found.start(), line.span.start + found.end()) if found else None
