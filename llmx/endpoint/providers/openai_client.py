"""The openai client over our own connections, for what is asked of a server beside its answers: models, tokenizers."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
import httpx2
from openai import AsyncOpenAI, OpenAIError

from llmx.endpoint.providers.connections import body_of
from llmx.endpoint.providers.route import NO_KEY, Access
from llmx.endpoint.settings import shown_url
from llmx.errors import ConfigError

_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def open_client(access: Access, session: Callable[[], aiohttp.ClientSession] | None = None) -> AsyncOpenAI:
    """Return the client for ``access``, which sends over ``session``; without one it only knows addresses and headers.

    Raises ConfigError where the base URL cannot be used.
    """
    timeout = httpx2.Timeout(None, connect=access.connect_s)  # AdaptiveTimeout bounds the whole attempt
    http = None
    if session is not None:
        transport = _Transport(session)
        http = httpx2.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, timeout=timeout)
    try:
        return AsyncOpenAI(
            base_url=access.base_url,
            api_key=access.api_key or NO_KEY,
            max_retries=0,
            timeout=timeout,
            http_client=http,
            default_headers=access.headers,
        )
    except (OpenAIError, ValueError) as error:
        raise ConfigError(f"the base URL {shown_url(access.base_url)} cannot be used: {error}") from None


def client_headers(access: Access) -> dict[str, str]:
    """Return the headers that the client sends with every request."""
    client = open_client(access)
    headers = {**client.default_headers, **client.auth_headers}
    return {name: value for name, value in headers.items() if isinstance(value, str)}


class _Transport(httpx2.AsyncBaseTransport):
    """Sends the client's requests over our connections. Raises aiohttp's errors, which the client wraps."""

    def __init__(self, session: Callable[[], aiohttp.ClientSession]) -> None:
        self._session = session

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and return the whole answer; redirects are not followed."""
        sent = self._session().request(
            request.method, str(request.url), headers=list(request.headers.items()), data=await request.aread() or None,
            allow_redirects=False,
        )  # fmt: skip
        async with sent as raw:
            body = await body_of(raw)
        headers = [(name, value) for name, value in raw.headers.items() if name.lower() not in _DECODED]
        return httpx2.Response(raw.status, headers=headers, content=body, request=request)
