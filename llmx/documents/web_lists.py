"""The pages that a sitemap or a feed names, in its order: sitemaps.org's XML and texts, RSS, RDF and Atom."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urljoin, urlsplit

from llmx.documents.converters.package import parse_xml
from llmx.documents.decode import decode
from llmx.documents.kind import COMPRESSIONS, kind_of
from llmx.documents.limits import UnpackBudget
from llmx.errors import DocumentError

if TYPE_CHECKING:
    from lxml.etree import _Element  # type: ignore[import-untyped]  # ships no types

MOST_URLS = 100_000
"""The most pages of one list, with all the lists in it."""
_DEPTH = 3  # of lists of sitemaps; the protocol knows one
_OTHER_HOST = "page of another host in a sitemap"
_SPACES = re.compile(r"\s+")

ReadList: TypeAlias = Callable[[str, str], tuple[bytes, str]]
"""Returns the bytes of a list and the URL they came from, given its URL and the host that names it."""


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page that a list names. ``host`` is that of the list, ``day`` the one on which a feed says it was published."""

    url: str
    host: str
    day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class UnreadList:
    """A list that cannot be read, and why."""

    url: str
    error: DocumentError


def listed_pages(
    kind: str, url: str, *, read: ReadList, leave_out: Callable[[str], None]
) -> Iterator[ListedPage | UnreadList]:
    """Yield the pages of the list at ``url``, which is a 'sitemap' or a 'feed'."""
    if kind == "sitemap":
        yield from _sitemap_pages(url, read, leave_out)
        return
    try:
        yield from _feed_pages(url, read)
    except DocumentError as exc:
        yield UnreadList(url, exc)


def _sitemap_pages(url: str, read: ReadList, leave_out: Callable[[str], None]) -> Iterator[ListedPage | UnreadList]:
    """Yield the pages of the sitemap at ``url``, and of those it names.

    A page of another host is left out, unless one of the two hosts is below the other.
    """
    seen, todo = {url}, [(url, "", 0)]
    count = 0
    while todo:
        address, named_by, depth = todo.pop()
        try:
            data, came_from = read(address, named_by)
            pages, lists = _entries(data, address)
        except DocumentError as exc:
            yield UnreadList(address, exc)
            continue
        host = _host(came_from)
        if lists and depth >= _DEPTH:
            yield UnreadList(address, DocumentError(f"{address} lies in more than {_DEPTH} lists of sitemaps", hint=""))
            lists = []
        for each in pages:
            if not _related(_host(each), host):
                leave_out(_OTHER_HOST)
            elif each not in seen:
                seen.add(each)
                count += 1
                if count > MOST_URLS:
                    what = f"{url} names more than {MOST_URLS:,} pages: the rest is not read"
                    yield UnreadList(url, DocumentError(what, hint=""))
                    return
                yield ListedPage(each, host)
        related = [each for each in lists if _related(_host(each), host)]
        todo += [(each, host, depth + 1) for each in reversed(related) if each not in seen]
        seen.update(related)


def _feed_pages(url: str, read: ReadList) -> Iterator[ListedPage]:
    """Yield the pages of the feed at ``url``. Raises DocumentError if it is none, or cannot be read."""
    data, came_from = read(url, "")
    root = parse_xml(_plain(data, url), url)
    if _local(root) not in {"rss", "RDF", "feed"}:
        raise DocumentError(
            f"{url} is no feed, but XML that begins with <{_local(root)}>", hint="name a page without feed:"
        )
    seen = set[str]()
    for entry in root.iter("{*}item", "{*}entry"):
        link = urljoin(came_from, _link(entry))
        if _link(entry) and link not in seen:
            seen.add(link)
            yield ListedPage(link, _host(came_from), _day(entry))


def _entries(data: bytes, url: str) -> tuple[list[str], list[str]]:
    """Return the pages and the further sitemaps that a sitemap names."""
    data = _plain(data, url)
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = [line.strip() for line in decode(data, url).splitlines()]
        pages = [line for line in lines if line.lower().startswith(("http://", "https://"))]
        if not pages:
            raise DocumentError(f"{url} is no sitemap: it has neither XML nor lines of URLs", hint="")
        return pages, []
    root = parse_xml(data, url)
    if _local(root) not in {"urlset", "sitemapindex"}:
        hint = "name a page without sitemap:, and a feed with feed:"
        raise DocumentError(f"{url} is no sitemap, but begins with <{_local(root)}>", hint=hint)
    named = [_SPACES.sub("", each.text or "") for each in root.iterfind("{*}*/{*}loc")]
    return ([], named) if _local(root) == "sitemapindex" else (named, [])


def _plain(data: bytes, url: str) -> bytes:
    """Return the bytes of a list, unpacked where they are compressed."""
    kind = kind_of(data)
    if kind.name not in COMPRESSIONS:
        return data
    from llmx.documents.archives import unpacked  # noqa: PLC0415 -- most lists are plain

    return unpacked(data, kind, source=url, budget=UnpackBudget(url))


def _link(entry: _Element) -> str:
    """Return the address of an entry's page, '' where it names none."""
    for each in entry.iterfind("{*}link"):
        if (href := each.get("href")) and each.get("rel", "alternate") == "alternate":
            return str(href).strip()
        if each.text and each.text.strip():
            return str(each.text).strip()
    guid = entry.find("{*}guid")
    permanent = guid is not None and guid.get("isPermaLink", "true") == "true"
    words = (guid.text or "").strip() if permanent else ""
    return words if words.startswith(("http://", "https://")) else ""


def _day(entry: _Element) -> dt.date | None:
    """Return the day on which an entry was published, None where it does not say so in a form that is certain."""
    said = next((each for name in ("pubDate", "published", "date") if (each := entry.findtext(f"{{*}}{name}"))), "")
    for read in (dt.datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(said.strip()).date()
        except (ValueError, TypeError, OverflowError):
            continue
    return None


def _local(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _related(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
