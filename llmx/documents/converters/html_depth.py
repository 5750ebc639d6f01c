"""Pages that nest deeper than the parser goes: tags beyond a depth become line breaks, so that no text is lost.

libxml2 stops reading at a depth of 256. Only such pages come here. Wrappers (``div``, ``span``) give way first, so that
tables and lists inside hundreds of them keep their form.
"""

from __future__ import annotations

import re
from collections import Counter

# Comments and scripts are stepped over; where one never ends, it is the rest of the page.
_TAG = re.compile(
    r"<!--(?:.*?-->|.*)|<(?P<raw>script|style)\b(?:.*?(?=</(?P=raw))|.*)|<(?P<close>/?)(?P<name>[a-z][a-z0-9]*)",
    re.IGNORECASE | re.DOTALL,
)
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source", "wbr",
})  # fmt: skip
_BLOCKS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption", "ul",
    "ol", "li", "dl", "dt", "dd", "pre", "div", "section", "article", "main", "center", "blockquote", "form",
    "fieldset",
})  # fmt: skip
_WRAPPERS = frozenset({
    "div", "section", "article", "main", "center", "blockquote", "form", "fieldset", "span", "font", "b", "i", "em",
    "u", "strong", "big", "small", "a",
})  # fmt: skip
_WRAPPER_DEPTH = 50
_MOST_DEPTH = 200


def flattened(markup: str) -> str:
    """Return ``markup`` with its deepest tags renamed to ``br`` or ``img``, which hold nothing; linear in it."""
    depth, renamed = 0, Counter[str]()

    def tag(found: re.Match[str]) -> str:
        nonlocal depth
        name = (found["name"] or "").lower()
        if not name or name in _VOID:
            return found[0]
        void = "<br" if name in _BLOCKS else "<img"
        if found["close"]:
            if renamed[name]:
                renamed[name] -= 1
                return void
            depth = max(0, depth - 1)
            return found[0]
        if depth >= (_WRAPPER_DEPTH if name in _WRAPPERS else _MOST_DEPTH):
            renamed[name] += 1
            return void
        depth += 1
        return found[0]

    return _TAG.sub(tag, markup)
