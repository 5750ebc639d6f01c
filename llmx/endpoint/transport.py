"""The openai client over our connections, for what is asked of a server besides its answers: models, tokenizers."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
import httpx2

_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class Transport(httpx2.AsyncBaseTransport):
    """Sends what the openai client sends over our connections. Raises aiohttp's errors: the client wraps them."""

    def __init__(self, session: Callable[[], aiohttp.ClientSession]) -> None:
        self._session = session

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and return the whole answer; redirects are the client's."""
        sent = self._session().request(
            request.method, str(request.url), headers=list(request.headers.items()), data=await request.aread() or None,
            allow_redirects=False,
        )  # fmt: skip
        async with sent as raw:
            body = await raw.read()
        headers = [(name, value) for name, value in raw.headers.items() if name.lower() not in _DECODED]
        return httpx2.Response(raw.status, headers=headers, content=body, request=request)
