"""The openai client over our own connections, for what is asked of a server beside its answers: models, tokenizers."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import cast
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import httpx2
from openai import AsyncOpenAI, Omit, OpenAIError

from llmx.endpoint.providers.connections import body_of
from llmx.endpoint.providers.route import NO_KEY, OPENAI, Access, key_headers
from llmx.endpoint.settings import shown_url
from llmx.errors import ConfigError

_Origin = tuple[str, str | None, int]
_AUTHORIZATION = "Authorization"
_ANYWHERE = frozenset({"accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"})
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def open_client(access: Access, session: Callable[[], aiohttp.ClientSession] | None = None) -> AsyncOpenAI:
    """Return the client for ``access``, which sends over ``session``; without one it only knows addresses and headers.

    Raises ConfigError where the base URL cannot be used.
    """
    timeout = httpx2.Timeout(None, connect=access.connect_s)  # AdaptiveTimeout bounds the whole attempt
    http = None
    if session is not None:
        transport = _Transport(session, _origin(access.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI))
        http = httpx2.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, timeout=timeout)
    base_url, _, query = (access.base_url or "").partition("?")
    try:
        return AsyncOpenAI(
            base_url=base_url or None,
            api_key=access.api_key or NO_KEY,
            max_retries=0,
            timeout=timeout,
            http_client=http,
            default_headers=_default_headers(access),
            default_query=dict(parse_qsl(query, keep_blank_values=True)) or None,
        )
    except (OpenAIError, ValueError) as error:
        raise ConfigError(f"the base URL {shown_url(access.base_url)} cannot be used: {error}") from None


def client_headers(access: Access) -> dict[str, str]:
    """Return the headers that the client sends with every request."""
    client = open_client(access)
    headers = {**client.auth_headers, **client.default_headers}  # in the client's order: a given authorization counts
    return {name: value for name, value in headers.items() if isinstance(value, str)}


def _default_headers(access: Access) -> Mapping[str, str]:
    """Return the user's headers, the one with the key where that is no bearer, and what is not to be sent."""
    left_out = dict.fromkeys(_of_the_environment(), Omit()) if access.foreign else {}
    key = key_headers(access) if access.key_header else {}
    given = {_AUTHORIZATION if name.lower() == "authorization" else name: text for name, text in access.headers.items()}
    # the client takes Omit for a header that is not to be sent, which its types do not say of default headers
    return cast("Mapping[str, str]", {**left_out, **key, **given})


def request_headers(access: Access) -> dict[str, Omit]:
    """Return what a single request leaves out: the bearer, where another header carries the key."""
    bearer = not access.key_header or any(name.lower() == "authorization" for name in access.headers)
    return {} if bearer else {_AUTHORIZATION: Omit()}


def _of_the_environment() -> list[str]:
    """Return the names of the headers that the environment sets for OpenAI."""
    lines = os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")
    custom = [line.partition(":")[0].strip() for line in lines if ":" in line]
    return ["OpenAI-Organization", "OpenAI-Project", *custom]


def _origin(url: str) -> _Origin:
    """Return the origin of ``url`` (RFC 6454)."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


class _Transport(httpx2.AsyncBaseTransport):
    """Sends the client's requests over our connections. Raises aiohttp's errors, which the client wraps."""

    def __init__(self, session: Callable[[], aiohttp.ClientSession], origin: _Origin) -> None:
        self._session, self._own = session, origin

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and return the whole answer; redirects are not followed.

        To another origin than that of the base URL neither the key nor any header of the user's goes.
        """
        url, headers = str(request.url), list(request.headers.items())
        if _origin(url) != self._own:
            headers = [(name, value) for name, value in headers if name.lower() in _ANYWHERE]
        sent = self._session().request(
            request.method, url, headers=headers, data=await request.aread() or None, allow_redirects=False
        )
        async with sent as raw:
            body = await body_of(raw)
        headers = [(name, value) for name, value in raw.headers.items() if name.lower() not in _DECODED]
        return httpx2.Response(raw.status, headers=headers, content=body, request=request)
