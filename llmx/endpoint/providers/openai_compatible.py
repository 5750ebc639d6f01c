"""Speaks OpenAI's protocol over HTTP: the only module that sends questions to a server.

They take a straight path: over aiohttp, to the address and with the headers that the openai client would use, because
the client's import takes most of a second and its typed request costs more than everything else that happens to a
request. What else is asked of a server (its models and the like) goes through the openai client, over the same
connections. Repeating what failed is ``retry.py``'s business, bounding an attempt ``adaptive_timeout.py``'s.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import orjson

from llmx.endpoint.faults import connect_error
from llmx.endpoint.pictures import drawn
from llmx.endpoint.providers.route import Access, Route, route_of
from llmx.endpoint.redact import FORMS_ONLY
from llmx.endpoint.settings import shown_url
from llmx.endpoint.wire import Response
from llmx.errors import ConfigError, ConnectError, LlmxError, ServerError

if TYPE_CHECKING:
    import aiohttp
    import httpx2
    from openai import AsyncOpenAI

    from llmx.request import Request

_GET_S = 30.0  # lists of models and the like need no model to think
_ECHO = "x-client-request-id"


class OpenAICompatible:
    """A ``Wire`` and a ``Server``: an API that speaks OpenAI's protocol.

    Connections are opened at the first request, the openai client when it is first needed.
    """

    def __init__(self, access: Access) -> None:
        self.access = access
        self._client: AsyncOpenAI | None = None
        self._session: aiohttp.ClientSession | None = None
        self._route: Route | None = None

    @property
    def base_url(self) -> str | None:
        """The root of the API, None for OpenAI's own."""
        return self.access.base_url

    async def send(self, request: Request) -> Response:
        """Return the answer to ``request``, whatever its status. Raises ConnectError where there was none.

        Raises ServerError where the answer says that it belongs to another request (an ``X-Client-Request-Id`` that is
        not ours): mixed-up answers have been seen behind proxies.
        """
        import aiohttp  # noqa: PLC0415 - heavy

        from llmx.endpoint.providers.connections import body_of  # noqa: PLC0415 - heavy

        session, route = self._connected(), self._routed()
        url = route.url if "messages" in request.body else route.responses_url
        echo = request.key[:32]
        # not sorted: servers generate in the order of the schema's properties
        content = orjson.dumps(await drawn(request.body))
        begin_s = time.perf_counter()
        try:
            headers = {**route.headers, "X-Client-Request-Id": echo}
            # a redirect would take the document and the key to an address that the user did not name
            sent = session.post(url, data=content, headers=headers, allow_redirects=False)
            async with sent as raw:
                body = await body_of(raw)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise connect_error(error, shown_url(str(url))) from None
        except ValueError as error:
            why = FORMS_ONLY.text(str(error))
            raise ConfigError(f"the request to {shown_url(str(url))} cannot be sent: {why}") from None
        seconds = round(time.perf_counter() - begin_s, 3)
        told = {name.lower(): value for name, value in raw.headers.items()}
        if told.get(_ECHO, echo) != echo:
            raise ServerError("the answer belongs to another request (its X-Client-Request-Id differs)", status=200)
        return Response(raw.status, told, body, seconds)

    async def post(self, path: str, body: dict[str, Any]) -> Response:
        """Post ``body`` as JSON to ``path`` below the base URL, or to a whole URL."""
        headers = {"Content-Type": "application/json"}
        return await self._call("post", path, headers=headers, content=orjson.dumps(body))

    async def get(self, path: str) -> Response:
        """Get ``path`` below the base URL, or a whole URL."""
        try:
            async with asyncio.timeout(_GET_S):
                return await self._call("get", path, headers={})
        except TimeoutError:
            raise ConnectError(f"no answer to GET {path} after {_GET_S:.0f} s") from None

    async def _call(self, method: str, path: str, *, headers: dict[str, str], **arguments: Any) -> Response:
        import httpx2  # noqa: PLC0415 - heavy
        import openai  # noqa: PLC0415 - heavy

        from llmx.endpoint.providers.openai_client import open_client, request_headers  # noqa: PLC0415 - heavy

        self._client = client = self._client or open_client(self.access, self._connected)
        options = {"headers": {**headers, **request_headers(self.access)}}
        begin_s = time.perf_counter()
        try:
            raw: httpx2.Response = await getattr(client, method)(
                path, cast_to=httpx2.Response, options=options, **arguments
            )
        except openai.APIStatusError as error:
            raw = error.response
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, LlmxError):  # what body_of does not read, and a key that is not there
                raise error.__cause__ from None
            raise connect_error(error, shown_url(self.base_url or str(client.base_url))) from None
        except openai.OpenAIError as error:
            raise ConfigError(f"the openai client refuses: {FORMS_ONLY.text(str(error))}") from None
        told = {name.lower(): value for name, value in raw.headers.items()}
        return Response(raw.status_code, told, raw.content, round(time.perf_counter() - begin_s, 3))

    async def models(self) -> list[str]:
        """Return the ids of the models that the server offers, [] where it does not list them."""
        response = await self.get("/models")
        if response.status != 200:
            return []
        try:
            listed = orjson.loads(response.body)["data"]
            return [str(model["id"]) for model in listed]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return []

    async def count_tokens(self, text: str) -> int | None:
        """Return the number of tokens in ``text`` by the server's own tokenizer, None where it offers none."""
        from llmx.endpoint.providers.server_facts import count_tokens  # noqa: PLC0415 - only where it is asked

        return await count_tokens(self, text)

    async def context_length(self) -> int | None:
        """Return how many tokens a request and its answer may have together, None where that is unknown."""
        from llmx.endpoint.providers.server_facts import context_length  # noqa: PLC0415 - only where it is asked

        return await context_length(self)

    def _routed(self) -> Route:
        self._route = self._route or route_of(self.access)
        return self._route

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            from llmx.endpoint.providers.connections import connected  # noqa: PLC0415 - heavy

            self._session = connected(str(self._routed().url), connect_s=self.access.connect_s)
        return self._session

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client, self._route = self._client, None, None
        session, self._session = self._session, None
        if client is not None:
            await client.close()
        if session is not None:
            await session.close()
            await asyncio.sleep(0)  # lets the transports see the end
