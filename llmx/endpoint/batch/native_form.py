"""How the requests of a provider with a protocol of its own stand in a batch: as its SDK would send them.

The SDK makes the request, and it is held back before it goes out; an answer that a batch brought is put where the SDK
reads one from the network. So a line is what a live run sends, and its answer is read as a live one is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llmx.endpoint.batch.service import BatchLine
from llmx.endpoint.wire import Response

if TYPE_CHECKING:
    from llmx.endpoint.providers.native.wire import NativeWire
    from llmx.request import Request

_MODEL = re.compile(r"/((?:models|tunedModels)/[^/:]+):generateContent$")


class NativeForm:
    """The ``LineForm`` of the provider of ``wire``.

    A batch is for one ``url``: at Google the name of the model, which stands in the path there.
    """

    def __init__(self, wire: NativeWire) -> None:
        self._wire = wire

    async def line(self, request: Request) -> BatchLine | Response:
        """Return the line of ``request``, or the refusal of what the provider does not have."""
        held = await self._wire.held_back(request)
        if isinstance(held, Response):
            return held
        url, body = held
        path = urlsplit(url).path
        model = _MODEL.search(path)
        return BatchLine(request.key, model[1] if model else path, body.decode())

    async def response(self, request: Request, status: int, body: bytes) -> Response:
        """Return the answer as the SDK reads it."""
        return await self._wire.answered(request, status, body)
