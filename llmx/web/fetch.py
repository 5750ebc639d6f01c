"""Fetches one page after another: what is allowed, slowly, and from the cache where it can."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from llmx.errors import DocumentError
from llmx.web.connection import Guard, Resolve, resolve
from llmx.web.options import DELAY_S, WebOptions
from llmx.web.page_cache import PageCache, WebPage
from llmx.web.robots import MOST_BYTES, PRODUCT, Robots
from llmx.web.transfer import Transfer, TransferError, WebAnswer
from llmx.web.urls import checked_url, host_of, port_of, shown_url

if TYPE_CHECKING:
    from httpx2 import URL

_MOST_REDIRECTS = 8
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_ATTEMPTS = 3
_LONGEST_WAIT_S = 60.0
_LONGEST_FRESH_S = 86_400.0
_HINTS = {
    401: "it wants a login: download it, and name the file",
    403: "the server refuses it: download it, and name the file",
    404: "there is nothing at this address",
    410: "it was taken away",
    429: "the server was asked too often: try again later, with a longer --url-delay",
}


class Fetcher:
    """Fetches pages as ``options`` allow. ``resolved``, ``sleep`` and ``clock`` are passed in by tests."""

    def __init__(
        self,
        options: WebOptions,
        *,
        resolved: Resolve = resolve,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options, self._guard = options, Guard(options, resolved)
        self._transfer = Transfer(options, self._guard)
        self._cache = PageCache(options.cache) if options.cache else None
        self._robots = Robots(self._read_robots)
        self._sleep, self._clock = sleep, clock
        self._next_at: dict[str, float] = {}
        own = f"{PRODUCT}/{_version()}"
        self._headers = {
            "User-Agent": f"{options.user_agent} {own}" if options.user_agent else own,
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Encoding": "gzip",
        }

    def get(self, address: str, *, named_by: str = "") -> WebPage:
        """Return the page at ``address``; its ``url`` is the one to which redirects led.

        ``named_by`` is the host of the list that names it. Raises DocumentError, which names the URL and the reason,
        where it may not be fetched or cannot be.
        """
        url = checked_url(address)
        for _ in range(_MOST_REDIRECTS + 1):
            self._guard.check(host_of(url), port_of(url), named_by=named_by)
            delay = self._robots.delay_s(url)
            found = self._page(url, delay)
            if isinstance(found, WebPage):
                return found
            named_by, url = host_of(url), found
        raise DocumentError(f"{shown_url(address)} leads on and on, through {_MOST_REDIRECTS} redirects", hint="")

    def close(self) -> None:
        """Close the connections."""
        self._transfer.close()

    def _page(self, url: URL, delay_s: float) -> WebPage | URL:
        """Return the page at ``url``, or where it leads to."""
        kept = self._cache.get(str(url)) if self._cache else None
        if kept is not None and kept.fresh_until > time.time():
            return kept
        asked = dict(self._headers)
        if kept is not None and kept.etag:
            asked["If-None-Match"] = kept.etag
        if kept is not None and kept.modified:
            asked["If-Modified-Since"] = kept.modified
        answer = self._answer(url, asked, delay_s)
        if answer.status == HTTPStatus.NOT_MODIFIED and kept is not None:
            kept = replace(kept, fetched_at=_now(), fresh_until=_fresh_until(answer))
            return self._keep(kept, answer)
        if answer.status in _REDIRECTS and (location := answer.headers.get("location")):
            return _target(url, location)
        if answer.status != HTTPStatus.OK:
            raise _refused(url, answer.status)
        digest = hashlib.sha256(answer.data).hexdigest()
        page = WebPage(
            str(url), answer.data, _now(), digest, answer.media_type, answer.charset, answer.headers.get("etag", ""),
            answer.headers.get("last-modified", ""), _fresh_until(answer),
        )  # fmt: skip
        return self._keep(page, answer)

    def _keep(self, page: WebPage, answer: WebAnswer) -> WebPage:
        if self._cache is not None and "no-store" in answer.headers.get("cache-control", "").lower():
            self._cache.forget(page.url)
        elif self._cache is not None:
            self._cache.put(page)
        return page

    def _answer(self, url: URL, headers: dict[str, str], delay_s: float, *, most_bytes: int | None = None) -> WebAnswer:
        """Return the server's answer, after a few attempts where it fails in a way that passes."""
        fault = ""
        for attempt in range(1, _ATTEMPTS + 1):
            self._wait_turn(url, delay_s)
            wait = 2.0 ** (attempt - 1)
            try:
                answer = self._transfer.get(url, headers, most_bytes=most_bytes or self._options.max_bytes)
            except TransferError as exc:
                fault = str(exc)
            else:
                if answer.status not in _PASSING or attempt == _ATTEMPTS:
                    return answer
                wait = max(wait, _retry_after(answer))
                if wait > _LONGEST_WAIT_S:
                    return answer
            if attempt < _ATTEMPTS:
                self._sleep(wait)
        raise DocumentError(f"{shown_url(str(url))} cannot be fetched: {fault}", hint="try again later")

    def _wait_turn(self, url: URL, delay_s: float) -> None:
        """Wait until the host may be asked again."""
        given = self._options.delay_s
        usual = 0.0 if self._guard.is_private(host_of(url), port_of(url)) else DELAY_S
        pause = max(delay_s, usual if given is None else given)
        now, at = self._clock(), self._next_at.get(host_of(url), 0.0)
        if at > now:
            self._sleep(at - now)
        self._next_at[host_of(url)] = max(now, at) + pause

    def _read_robots(self, url: URL) -> str:
        """Return the robots.txt at ``url``, '' where there is none."""
        named_by = ""
        for _ in range(_MOST_REDIRECTS + 1):
            self._guard.check(host_of(url), port_of(url), named_by=named_by)
            answer = self._answer(url, self._headers, 0.0, most_bytes=16 * MOST_BYTES)
            if answer.status in _REDIRECTS and (location := answer.headers.get("location")):
                named_by, url = host_of(url), _target(url, location)
                continue
            if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise _refused(url, answer.status)
            return answer.data[:MOST_BYTES].decode("utf-8", "replace")  # that of another status is empty
        return ""


def _target(url: URL, location: str) -> URL:
    """Return where a redirect leads. Raises DocumentError for an address that nobody may be led to."""
    import httpx2  # noqa: PLC0415 - loaded already

    try:
        return checked_url(str(url.join(location)))
    except (httpx2.InvalidURL, ValueError, UnicodeError):
        raise DocumentError(f"{shown_url(str(url))} leads to what is no URL", hint="") from None
    except DocumentError as exc:
        raise DocumentError(f"{shown_url(str(url))} leads on, but {exc.message}", hint=exc.hint) from None


def _refused(url: URL, status: int) -> DocumentError:
    try:
        phrase = f" {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    hint = _HINTS.get(status, "try again later" if status in _PASSING else "")
    return DocumentError(f"{shown_url(str(url))} cannot be fetched: HTTP {status}{phrase}", hint=hint)


def _retry_after(answer: WebAnswer) -> float:
    """Return how many seconds the server wants to be left alone."""
    said = answer.headers.get("retry-after", "")
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time()) if said else 0.0
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _fresh_until(answer: WebAnswer) -> float:
    """Return until when the server says that the page stays as it is, in seconds since 1970; a day at most."""
    for part in answer.headers.get("cache-control", "").lower().split(","):
        name, _, value = part.strip().partition("=")
        if name in {"no-cache", "no-store"}:
            return 0.0
        if name == "max-age" and value.strip('"').isascii() and value.strip('"').isdigit():
            return time.time() + min(float(value.strip('"')[:9]), _LONGEST_FRESH_S)
    return 0.0


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _version() -> str:
    try:
        return version("llmx-extract")
    except PackageNotFoundError:
        return "0"
