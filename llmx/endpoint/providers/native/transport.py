"""Carries an SDK's HTTP over our own connections, and remembers of each exchange what the SDK does not hand on.

httpx's and httpx2's clients take a transport; this one sends with aiohttp, as the straight path does, so that proxies,
certificates and many requests in flight behave the same, and adds the user's headers. Status, headers and body of the
answer are kept for the request that is being sent, because an SDK gives a completion without its headers, and an error
in a class of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from llmx.endpoint.providers.connections import body_of, connected
from llmx.errors import RequestError

if TYPE_CHECKING:
    import httpx2

_FAILURES = (aiohttp.ClientError, OSError, TimeoutError, RequestError)  # the last for an answer without an end
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(slots=True)
class Sent:
    """What came back for the request that is being sent.

    ``status`` 0 stands for nothing; ``failure`` is why no answer came, ``url`` whom the SDK asked. ``instead`` takes
    the place of the network: it is given the URL and the body, and returns the status and the body of an answer.
    """

    url: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: Exception | None = None
    instead: Callable[[str, bytes], tuple[int, bytes]] | None = None

    def answered(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Remember an answer."""
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers.items()}


SENDING: ContextVar[Sent | None] = ContextVar("llmx_sending", default=None)
"""The exchange that is under way in this task, None outside of one."""


class Carrier:
    """Sends over our connections, which are opened at the first request; ``headers`` go with every one."""

    def __init__(self, headers: Mapping[str, str], *, connect_s: float = 10.0) -> None:
        self._headers = dict(headers)
        self._connect_s = connect_s
        self._session: aiohttp.ClientSession | None = None

    async def exchange(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes) -> Sent:
        """Return the whole answer. Redirects are not followed, time is bounded further up.

        Raises what aiohttp raises, and remembers it.
        """
        sent = SENDING.get() or Sent()
        sent.url = url
        if sent.instead is not None:
            status, body = sent.instead(url, content)
            sent.answered(status, {"content-type": "application/json"}, body)
            return sent
        self._session = self._session or connected(url, connect_s=self._connect_s)
        theirs = {name.lower() for name in self._headers}
        kept = [(name, value) for name, value in headers.items() if name.lower() not in theirs]
        try:
            async with self._session.request(
                method, url, headers=[*kept, *self._headers.items()], data=content or None, allow_redirects=False
            ) as raw:
                body = await body_of(raw)
        except _FAILURES as error:
            sent.failure = error
            raise
        sent.answered(raw.status, raw.headers, body)
        return sent

    async def aclose(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


class Transport(Carrier):
    """The transport of a client of ``library``, httpx or httpx2."""

    def __init__(self, library: ModuleType, headers: Mapping[str, str], *, connect_s: float = 10.0) -> None:
        super().__init__(headers, connect_s=connect_s)
        self._library = library

    async def handle_async_request(self, request: httpx2.Request) -> Any:
        """Return the answer to one request."""
        try:
            content = await request.aread()
            sent = await self.exchange(request.method, str(request.url), headers=request.headers, content=content)
        except _FAILURES as error:
            raise self._library.ConnectError(str(error), request=request) from error
        headers = [(name, value) for name, value in sent.headers.items() if name not in _DECODED]
        return self._library.Response(sent.status, headers=headers, content=sent.body, request=request)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
