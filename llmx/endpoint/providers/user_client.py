"""Speaks OpenAI's protocol through a client of OpenAI's SDK that the user has opened, sync or async.

For clients that settings cannot describe: with a proxy, certificates or a transport of their own, a token that is
renewed, Azure's versions. It is slower than the straight path. The client's retries are off, and it stays open.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from llmx.endpoint.faults import connect_error
from llmx.endpoint.pictures import drawn
from llmx.endpoint.settings import shown_url
from llmx.endpoint.wire import Response
from llmx.errors import AuthError

if TYPE_CHECKING:
    from llmx.request import Request


class UserClient:
    """A ``Provider`` over ``client``, an ``openai.OpenAI`` or ``openai.AsyncOpenAI``, or one of their kin."""

    def __init__(self, client: Any) -> None:
        self._client = client.with_options(max_retries=0)

    async def send(self, request: Request) -> Response:
        """Return the answer to ``request``, whatever its status. Raises ConnectError where there was none."""
        path = "/chat/completions" if "messages" in request.body else "/responses"
        return await self._call("post", path, body=await drawn(request.body))

    async def models(self) -> list[str]:
        """Return the ids of the models that the server offers, [] where it does not list them."""
        import orjson  # noqa: PLC0415 - only where it is asked

        response = await self._call("get", "/models")
        try:
            return [str(model["id"]) for model in orjson.loads(response.body)["data"]]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return []

    async def count_tokens(self, text: str) -> int | None:  # noqa: ARG002 - the protocol's
        """Return None: OpenAI's protocol has no tokenizer."""
        return None

    async def context_length(self) -> int | None:
        """Return None: OpenAI's protocol does not say it."""
        return None

    async def _call(self, method: str, path: str, **arguments: Any) -> Response:
        import httpx2  # noqa: PLC0415 - heavy
        import openai  # noqa: PLC0415 - heavy

        begin_s = time.perf_counter()
        try:
            raw = await self._sent(method, path, cast_to=httpx2.Response, **arguments)
        except openai.APIStatusError as error:
            raw = error.response
        except openai.APIConnectionError as error:
            raise connect_error(error, shown_url(str(self._client.base_url))) from None
        except openai.OpenAIError as error:
            raise AuthError(f"the client refuses: {error}", hint="Look at how the client is made.") from None
        headers = {name.lower(): value for name, value in raw.headers.items()}
        return Response(raw.status_code, headers, raw.content, round(time.perf_counter() - begin_s, 3))

    async def _sent(self, method: str, path: str, **arguments: Any) -> Any:
        import openai  # noqa: PLC0415 - heavy

        call = getattr(self._client, method)
        if isinstance(self._client, openai.AsyncOpenAI):
            return await call(path, **arguments)
        return await asyncio.to_thread(call, path, **arguments)

    async def aclose(self) -> None:
        """Leave the client open: it is the user's."""
