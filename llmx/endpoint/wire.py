"""The wire: one request out, one answer back, whatever its status.

``Wire`` is the seam that cassettes and tests replace. ``OpenAIWire`` is the only place that speaks HTTP. Questions take
a straight path: to the address and with the headers that the openai client would use (a test holds them together), over
aiohttp, because the client's import takes most of a second and its typed request costs more than all else that happens
to a request here. What else is asked of a server (lists of models and the like) goes through the openai client, over
the same connections. Repeating what failed is ``retry.py``'s, and so are the time-outs of a whole attempt.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import orjson

from llmx.endpoint.settings import shown_url
from llmx.errors import ConfigError, ConnectError, ServerError

if TYPE_CHECKING:
    import aiohttp
    import httpx2
    from openai import AsyncOpenAI
    from yarl import URL

    from llmx.request import Request

CONNECT_S = 10.0
"""How long a TCP and TLS handshake may take: ten round trips of a bad mobile line."""

_GET_S = 30.0  # lists of models and the like need no model to think
_OPENAI = "https://api.openai.com/v1"
_NO_KEY = "none"  # local servers want no key, the openai client wants one
_ECHO = "x-client-request-id"


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it came: ``headers`` with lower-case names, ``body`` unpacked, ``seconds`` to the millisecond."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Route:
    """The straight path of the questions: where to, with which headers."""

    url: URL
    headers: dict[str, str]


@runtime_checkable
class Wire(Protocol):
    """Something that answers requests."""

    async def send(self, request: Request) -> Response:
        """Return the answer, whatever its status. Raises ConnectError where there was none."""
        ...

    def recorded(self, request: Request) -> int | None:
        """Return how many answers to ``request`` there are, None where that is open (every wire but a replay)."""
        ...

    def prepare(self) -> None:
        """Load what sending needs, so that its time is not counted as the server's."""
        ...

    async def aclose(self) -> None:
        """Free what it holds."""
        ...


class OpenAIWire:
    """Speaks to an OpenAI-compatible server.

    ``base_url`` is the API's root, usually ending in ``/v1``; None takes the openai client's default. ``api_key`` may
    be None for servers that want none. ``headers`` are sent along with every request. Connections are made at the first
    request, the openai client when it is first needed.
    """

    def __init__(
        self,
        base_url: str | None,
        *,
        api_key: str | None = None,
        headers: dict[str, str] | None = None,
        connect_s: float = CONNECT_S,
    ) -> None:
        self.base_url = base_url
        self._api_key = api_key
        self._headers = headers or {}
        self._connect_s = connect_s
        self._client: AsyncOpenAI | None = None
        self._session: aiohttp.ClientSession | None = None
        self._route: Route | None = None

    async def send(self, request: Request) -> Response:
        """Return the answer to ``request``, whatever its status. Raises ConnectError where there was none.

        Raises ServerError where the answer says that it belongs to another request (an ``X-Client-Request-Id`` that is
        not ours): mixed-up answers have been seen behind proxies.
        """
        import aiohttp  # noqa: PLC0415 - heavy

        route = self._route or self._straight()
        echo = request.key[:32]
        # not sorted: servers generate in the order of the schema's properties
        content = orjson.dumps(request.body)
        begin_s = time.perf_counter()
        try:
            sent = self._connected().post(
                route.url, data=content, headers={**route.headers, "X-Client-Request-Id": echo}
            )
            async with sent as raw:
                body = await raw.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise connect_error(error, shown_url(str(route.url))) from None
        except ValueError as error:
            raise ConfigError(f"the request to {shown_url(str(route.url))} cannot be sent: {error}") from None
        seconds = round(time.perf_counter() - begin_s, 3)
        headers = {name.lower(): value for name, value in raw.headers.items()}
        if headers.get(_ECHO, echo) != echo:
            raise ServerError("the answer belongs to another request (its X-Client-Request-Id differs)", status=200)
        return Response(raw.status, headers, body, seconds)

    async def post(self, path: str, body: dict[str, Any]) -> Response:
        """Post ``body`` as JSON to ``path`` below the base URL (or to a whole URL)."""
        headers = {"Content-Type": "application/json"}
        return await self._call("post", path, {"content": orjson.dumps(body), "options": {"headers": headers}})

    async def get(self, path: str) -> Response:
        """Get ``path`` below the base URL (or a whole URL)."""
        try:
            async with asyncio.timeout(_GET_S):
                return await self._call("get", path, {})
        except TimeoutError:
            raise ConnectError(f"no answer to GET {path} after {_GET_S:.0f} s") from None

    async def _call(self, method: str, path: str, arguments: dict[str, Any]) -> Response:
        import httpx2  # noqa: PLC0415 - heavy
        import openai  # noqa: PLC0415 - heavy

        client = self._open()
        begin_s = time.perf_counter()
        try:
            raw: httpx2.Response = await getattr(client, method)(path, cast_to=httpx2.Response, **arguments)
        except openai.APIStatusError as error:
            raw = error.response
        except openai.APIConnectionError as error:
            raise connect_error(error, shown_url(self.base_url or str(client.base_url))) from None
        except openai.OpenAIError as error:
            raise ConfigError(f"the openai client refuses: {error}") from None
        headers = {name.lower(): value for name, value in raw.headers.items()}
        return Response(raw.status_code, headers, raw.content, round(time.perf_counter() - begin_s, 3))

    def recorded(self, request: Request) -> None:
        """It is open how often a server answers."""

    def prepare(self) -> None:
        """Import aiohttp and make the connections, which takes 0.2 s: not to be counted as the server's time."""
        self._connected()

    def _open(self) -> AsyncOpenAI:
        if self._client is not None:
            return self._client
        from httpx2 import AsyncClient, Timeout  # noqa: PLC0415 - heavy
        from openai import AsyncOpenAI, OpenAIError  # noqa: PLC0415 - heavy

        from llmx.endpoint.transport import Transport  # noqa: PLC0415 - heavy

        timeout = Timeout(None, connect=self._connect_s)  # the whole attempt is timed by retry.py
        http = AsyncClient(
            transport=Transport(self._connected), trust_env=False, follow_redirects=True, timeout=timeout
        )
        try:
            self._client = AsyncOpenAI(
                base_url=self.base_url,
                api_key=self._api_key or _NO_KEY,
                max_retries=0,
                timeout=timeout,
                http_client=http,
                default_headers=self._headers,
            )
        except (OpenAIError, ValueError) as error:
            raise ConfigError(f"the base URL {shown_url(self.base_url)} cannot be used: {error}") from None
        return self._client

    def _straight(self) -> Route:
        """Find out where to and as whom, once: as the openai client does, whose import takes most of a second."""
        from yarl import URL  # noqa: PLC0415 - heavy

        base, _, query = (self.base_url or os.environ.get("OPENAI_BASE_URL") or _OPENAI).partition("?")
        url = URL(f"{base.rstrip('/')}/chat/completions" + (f"?{query}" if query else ""))
        if url.scheme not in {"http", "https"} or not url.host:
            raise ConfigError(
                f"the base URL {shown_url(self.base_url)} cannot be used", hint="It begins with http(s)://"
            )
        headers = {"Accept": "application/json", **self._own_headers(), "Content-Type": "application/json"}
        if url.user is not None:  # a server behind a password in the URL: the connections say it
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        self._route = Route(url, headers)
        return self._route

    def _own_headers(self) -> dict[str, str]:
        if os.environ.get("OPENAI_CUSTOM_HEADERS"):  # the client knows how these are written
            client = self._open()
            told = {**client.default_headers, **client.auth_headers}
            return {name: value for name, value in told.items() if isinstance(value, str)}
        named = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
        told = {name: os.environ.get(variable, "") for name, variable in named.items()}
        told = {"User-Agent": "llmx", **told, **self._headers, "Authorization": f"Bearer {self._api_key or _NO_KEY}"}
        return {name: value for name, value in told.items() if value}

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            from llmx.endpoint.connections import connected  # noqa: PLC0415 - heavy

            route = self._route or self._straight()
            self._session = connected(str(route.url), connect_s=self._connect_s)
        return self._session

    async def models(self) -> list[str]:
        """Return the ids of the models that the endpoint offers, [] where it does not tell."""
        response = await self.get("/models")
        if response.status != 200:
            return []
        try:
            listed = orjson.loads(response.body)["data"]
            return [str(model["id"]) for model in listed]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return []

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client, self._route = self._client, None, None
        session, self._session = self._session, None
        if client is not None:
            await client.close()
        if session is not None:
            await session.close()
            await asyncio.sleep(0)  # lets the transports see the end


def connect_error(error: BaseException, where: str) -> ConnectError:
    """Return the ConnectError for what the client raised: the cause in words, and what to do about it."""
    names: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(names) < 8:
        names.append(f"{type(cause).__name__} {cause}")
        cause = cause.__cause__ or cause.__context__
    told = " ".join(names).lower()
    for words, what, hint in _CAUSES:
        if any(word in told for word in words):
            return ConnectError(f"{where}: {what}", hint=hint)
    return ConnectError(
        f"{where}: no answer ({names[-1].strip()[:200]})", hint="Is the server up, and the base URL right?"
    )


# The first match wins, so the special come first. The words are the operating system's, aiohttp's and httpx's.
_CAUSES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("name or service not known", "getaddrinfo", "nodename nor servname", "name resolution", "clientconnectordns"),
        "the host's name is not known",
        "Check the spelling of --base-url, and that the network is up.",
    ),
    (
        ("refused", "connect call failed"),
        "nothing listens there (connection refused)",
        "Start the server, or set another --base-url. `llmx serve` starts the embedded model.",
    ),
    (
        ("certificate", "sslerror", "wrong_version_number", "ssl handshake"),
        "the TLS connection failed",
        "Check http:// or https:// in --base-url, and the certificates.",
    ),
    (
        ("reset", "disconnected", "closed", "broken pipe", "payload", "readerror"),
        "the server closed the connection before it had answered",
        "It may have been restarted, or a proxy in between gave up.",
    ),
    (("timeout", "timed out"), "timed out", "The server is slow or hangs; see --timeout."),
)
