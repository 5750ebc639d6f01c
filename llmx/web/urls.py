"""What a URL may look like that is fetched: a plain one, which every program reads in the same way.

Whatever two programs might understand differently (backslashes, numbers instead of addresses, a user before the host)
is refused, not repaired: the guard then checks the host that is connected to.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from llmx.errors import DocumentError

if TYPE_CHECKING:
    from httpx2 import URL

PORTS = frozenset({80, 443, 8080, 8443})
"""The ports that any host may be fetched from. Behind others there may be anything but web servers."""

_MOST_CHARS = 4096
_IS_URL = re.compile(r"https?://", re.IGNORECASE)
_REMOTE = re.compile(r"(?:(?P<list>sitemap|feed):)?https?:", re.IGNORECASE)
_UNPLAIN = re.compile(r"[\x00-\x20\x7f-\x9f\\\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_DOTTED = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?[1-9]?\d|10\d)\.){3}(?:25[0-5]|2[0-4]\d|1?[1-9]?\d|10\d)", re.ASCII)
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)", re.ASCII | re.IGNORECASE)
_HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)
_INNER = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")
_PLAIN = "write the whole address, as in https://example.org/page"


def is_url(name: str) -> bool:
    """Whether ``name`` names a web page, or a list of them: ``https://…``, ``sitemap:https://…``, ``feed:https://…``."""
    return _REMOTE.match(name) is not None


def list_of(name: str) -> tuple[str, str]:
    """Return the kind of list that ``name`` is ('sitemap', 'feed', or '' for a page), and its URL."""
    found = _REMOTE.match(name)
    kind = (found["list"] or "").lower() if found else ""
    return kind, name[len(kind) + 1 :] if kind else name


def shown_url(url: str) -> str:
    """Return ``url`` as messages, records and files may show it: without the user and the password that stand in it.

    >>> shown_url("https://me:secret@example.org/a?b=c#d")
    'https://example.org/a?b=c'
    """
    scheme, slashes, rest = _UNPLAIN.sub("", url).partition("#")[0].partition("://")
    authority, sign, path = re.match(r"([^/?]*)([/?]?)(.*)", rest, re.DOTALL).groups() if slashes else ("", "", "")  # type: ignore[union-attr]  # matches always
    return f"{scheme}://{authority.rpartition('@')[2]}{sign}{path}" if slashes else scheme.rpartition("@")[2]


def checked_url(text: str) -> URL:
    """Return ``text`` as a URL without its fragment. Raises DocumentError, with what is wrong, if it is not plain."""
    import httpx2  # noqa: PLC0415 - heavy, and most runs fetch nothing

    shown = shown_url(text)[:200]
    if len(text) > _MOST_CHARS:
        raise DocumentError(f"{shown}… has more than {_MOST_CHARS:,} characters", hint="no page has such an address")
    if not _IS_URL.match(text):
        raise DocumentError(f"{shown} is no address of a web page", hint="only http:// and https:// are fetched")
    if _UNPLAIN.search(text):
        raise DocumentError(f"{shown} has blanks, backslashes or unseen characters in it", hint=_PLAIN)
    try:
        url = httpx2.URL(text.partition("#")[0])
        host = url.raw_host.decode("ascii")
        port = url.port
    except (httpx2.InvalidURL, UnicodeError, ValueError) as exc:
        raise DocumentError(f"{shown} is no URL: {exc}", hint=_PLAIN) from None
    if url.userinfo or "@" in text.partition("://")[2].partition("/")[0].partition("?")[0]:
        raise DocumentError(f"{shown} has a user or a password in it, which is not sent on", hint="leave them out")
    if why := _odd(host, text):
        raise DocumentError(f"{shown}: {why}", hint=_PLAIN)
    if port is not None and not 0 < port < 65536:
        raise DocumentError(f"{shown}: there is no port {port}", hint=_PLAIN)
    return url


def host_of(url: URL) -> str:
    """Return the host of ``url`` as it is looked up: in ASCII, an IPv6 address without its brackets."""
    return url.raw_host.decode("ascii")


def port_of(url: URL) -> int:
    """Return the port that ``url`` is fetched from."""
    return url.port or (443 if url.scheme == "https" else 80)


def is_inner_name(host: str) -> bool:
    """Whether ``host`` is a name that only this machine or its network knows."""
    name = host.rstrip(".").lower()
    return name == "localhost" or "." not in name or name.endswith(_INNER)


def document_id(url: str) -> str:
    """Return the id of the document at ``url``: the URL, without ``https://`` where it begins so.

    >>> document_id("https://example.org/news/"), document_id("http://example.org/")
    ('example.org/news/', 'http://example.org')
    """
    scheme, _, rest = url.partition("://")
    rest = rest.removesuffix("/") if rest.count("/") == 1 else rest
    return rest if scheme.lower() == "https" else f"{scheme.lower()}://{rest}"


def _odd(host: str, text: str) -> str:
    """Return what is wrong with a host, '' for a name or an address in its usual form."""
    if ":" in host:
        return "an address with a zone" if "%" in host or "%25" in text else ""
    written = unicodedata.normalize("NFKC", host).rstrip(".").lower()
    if not written or not _HOST.fullmatch(written):
        return "it names no host" if not host else f"'{host}' is no name of a host"
    last = written.rpartition(".")[2]
    if _NUMBER.fullmatch(last) and not (_DOTTED.fullmatch(written) and written == host and host in text):
        return f"'{host}' is a number where an address has four of them in decimal form"
    return ""
