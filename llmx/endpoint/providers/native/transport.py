"""Carries an SDK's HTTP over our own connections, and remembers of each exchange what the SDK does not hand on.

httpx's and httpx2's clients take a transport; this one sends with aiohttp, as the straight path does, so that proxies,
certificates and many requests in flight behave the same, and adds the user's headers. Status, headers and body of the
answer are kept for the request that is being sent, because an SDK gives a completion without its headers, and an error
in a class of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from llmx.endpoint.providers.connections import connected

if TYPE_CHECKING:
    import httpx2

_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(slots=True)
class Sent:
    """What came back for the request that is being sent.

    ``status`` 0 stands for nothing; ``failure`` is why no answer came, ``url`` whom the SDK asked.
    """

    url: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: Exception | None = None

    def answered(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Remember an answer."""
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers.items()}


SENDING: ContextVar[Sent | None] = ContextVar("llmx_sending", default=None)
"""The exchange that is under way in this task, None outside of one."""


class Transport:
    """The transport of a client of ``library``, httpx or httpx2. ``headers`` go with every request.

    Connections are opened at the first request.
    """

    def __init__(self, library: ModuleType, headers: Mapping[str, str], *, connect_s: float = 10.0) -> None:
        self._library = library
        self._headers = dict(headers)
        self._connect_s = connect_s
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> Any:
        """Send one request and return the whole answer. Redirects are not followed, time is bounded further up."""
        sent = SENDING.get() or Sent()
        sent.url = url = str(request.url)
        self._session = self._session or connected(url, connect_s=self._connect_s)
        request.headers.update(self._headers)
        content = await request.aread()
        try:
            async with self._session.request(
                request.method, url, headers=list(request.headers.items()), data=content or None, allow_redirects=False
            ) as raw:
                body = await raw.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            sent.failure = error
            raise self._library.ConnectError(str(error), request=request) from error
        sent.answered(raw.status, raw.headers, body)
        headers = [(name, value) for name, value in raw.headers.items() if name.lower() not in _DECODED]
        return self._library.Response(raw.status, headers=headers, content=body, request=request)

    async def aclose(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
