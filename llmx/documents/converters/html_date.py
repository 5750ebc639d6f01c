"""The date of publication in a page's metadata, where the page gives exactly one.

Statements that can only mean the publication come first (Open Graph, schema.org, Highwire, Dublin Core's ``issued``);
where there are none, those that usually mean it (``<meta name="date">``, ``<time>`` in the header of the article).
Statements of one rank that name different days cancel each other: the date is then unknown, and the reason is kept.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from llmx.documents.dateline import full_date
from llmx.documents.dates import DocumentDate
from llmx.types import PartialDate

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped]  # ships no types

Statement = tuple[str, str]
"""What makes the statement, and its words: ('article:published_time', '2024-05-12T08:30:00+08:00')."""

_CERTAIN_META = frozenset({
    "article:published_time", "og:article:published_time", "datepublished", "citation_publication_date",
    "citation_online_date", "dcterms.issued", "dc.date.issued", "parsely-pub-date",
})  # fmt: skip
_USUAL_META = frozenset({
    "date", "pubdate", "publishdate", "publish_date", "publish-date", "publication_date", "dc.date", "dcterms.date",
    "article.published", "og:pubdate", "sailthru.date", "article_date_original", "cxenseparse:recs:publishtime",
})  # fmt: skip
# microformats.org (h-entry, hAtom) and what the themes of WordPress write
_PUBLISHED_CLASSES = frozenset({"dt-published", "published", "entry-date", "post-date", "pubdate"})
_UTC = re.compile(r"T?\s?(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?\s?(?:Z|UTC|GMT|[+-]00:?00)$")
_SAME_DAY_HOURS = range(8, 15)
"""The hours of UTC whose calendar day is the same from UTC-8 (Los Angeles) to UTC+9 (Tokyo)."""


def page_date(root: HtmlElement) -> DocumentDate:
    """Return the date of publication that the page ``root`` states, and which statement says so."""
    for statements in (_certain(root), _usual(root)):
        found = _agreed(list(statements))
        if found.source:
            return found
    return DocumentDate()


def _agreed(statements: list[Statement]) -> DocumentDate:
    """Return the one day that the statements name, or why there is none."""
    days: dict[dt.date, str] = {}
    unsure = ""
    for source, words in statements:
        day = full_date(PartialDate.from_text(words))
        if day is None:
            continue
        if _depends_on_zone(words):
            unsure = f"{source} is {words!r}: which day that is depends on the time zone"
        else:
            days.setdefault(day, source)
    if len(days) > 1:
        stated = ", ".join(f"{source} {day}" for day, source in days.items())
        return DocumentDate(None, f"the page states several dates: {stated}")
    return DocumentDate(*days.popitem()) if days else DocumentDate(None, unsure)


def _depends_on_zone(words: str) -> bool:
    """Whether ``words`` are a time in UTC at which it is another day where many readers are.

    Midnight is not: content systems write it for a date without a time of day.
    """
    found = _UTC.search(words)
    if found is None or int(found["hour"]) in _SAME_DAY_HOURS:
        return False
    return any(int(part or 0) for part in found.groups())


def _certain(root: HtmlElement) -> Iterator[Statement]:
    yield from _meta(root, _CERTAIN_META)
    yield from _json_ld(root)
    for element in root.xpath("//*[@itemprop]"):
        if "datepublished" in element.get("itemprop").lower().split():
            yield "itemprop datePublished", _stated(element)


def _usual(root: HtmlElement) -> Iterator[Statement]:
    yield from _meta(root, _USUAL_META)
    for element in root.iter("time", "abbr", "span"):
        classes = set((element.get("class") or "").lower().split())
        marked = bool(classes & _PUBLISHED_CLASSES) or element.get("pubdate") is not None
        if marked or (element.tag == "time" and _in_article_header(element)):
            yield f"<{element.tag}>", _stated(element)


def _meta(root: HtmlElement, names: frozenset[str]) -> Iterator[Statement]:
    for element in root.iter("meta"):
        name = element.get("property") or element.get("name") or ""
        if name.lower() in names and (content := element.get("content")):
            yield f"<meta> {name}", content


def _stated(element: HtmlElement) -> str:
    """Return the date of an element: its attribute for machines, else its text."""
    words = next((value for name in ("datetime", "content", "title") if (value := element.get(name))), None)
    return words or " ".join(element.text_content().split())


def _in_article_header(element: HtmlElement) -> bool:
    above = [parent.tag for parent in element.iterancestors()]
    return above.count("article") == 1 and "header" in above[: above.index("article")]


def _json_ld(root: HtmlElement) -> Iterator[Statement]:
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() == "application/ld+json":
            for thing in _things(script.text or ""):
                if isinstance(published := thing.get("datePublished"), str):
                    yield "JSON-LD datePublished", published


def _things(text: str) -> Iterator[dict[str, Any]]:
    """Yield the things that a JSON-LD script is about, not those within them, such as a comment with its own date."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    for thing in value if isinstance(value, list) else [value]:
        if isinstance(thing, dict):
            yield thing
            graph = thing.get("@graph")
            yield from (each for each in graph if isinstance(each, dict)) if isinstance(graph, list) else ()
