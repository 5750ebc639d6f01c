"""The wire of a batch run: it answers what a batch has brought, and notes what is to go out with the next.

A request whose answer is there gets it, as if it had just come. Any other is written down, and AwaitsBatchError ends
the work on its document for now. A follow-up may go out at once instead, where the run says so: it is one that is asked
after the requests that open a document were answered.
"""

from __future__ import annotations

import copy
import math
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import orjson

from llmx.endpoint.batch.lines import url_of
from llmx.endpoint.batch.service import BatchLine
from llmx.endpoint.wire import Response
from llmx.errors import AwaitsBatchError
from llmx.record import Usage

if TYPE_CHECKING:
    from llmx.endpoint.batch.requests import KeptAnswer
    from llmx.endpoint.batch.state import BatchState
    from llmx.endpoint.interface import Stats
    from llmx.endpoint.wire import Wire
    from llmx.endpoint.wire_endpoint import WireEndpoint
    from llmx.request import Request

_CHARS_PER_TOKEN = 3.0  # a guess on the safe side, as the run's budget makes it


_LOST = 424
"""Failed Dependency: what a request gets whose lines were lost too often."""


@dataclass(slots=True)
class OpenedDocument:
    """What is known of the document that is being worked on.

    ``keys`` are those of the requests that open it. ``refused`` says that the last answer was a refusal: what follows
    says the same in other terms, and is no follow-up.
    """

    keys: frozenset[str] = frozenset()
    refused: bool = field(default=False)


OPENED: ContextVar[OpenedDocument | None] = ContextVar("llmx_opened_document", default=None)
"""The document that the current task works on, None where its opening requests are not known."""


class Bound(Protocol):
    """A bound on what a batch run takes."""

    def affords(self, likely: Usage, *, live: bool) -> bool:
        """Return whether a request may go out that is likely to take so many tokens, at once or with a batch."""
        ...

    def reserve(self, likely: Usage) -> None:
        """Hear that a request was noted that is likely to take so many tokens."""
        ...

    def used(self, usage: Usage) -> None:
        """Hear that an answer is used, and from now on counted as paid, which took so many."""
        ...


class LineForm(Protocol):
    """How a provider's requests stand in a batch, and what its answers mean."""

    async def line(self, request: Request) -> BatchLine | Response:
        """Return the line of ``request``, or the refusal of what the provider does not have."""
        ...

    async def response(self, request: Request, status: int, body: bytes) -> Response:
        """Return the answer to ``request`` as it would have come over the wire."""
        ...


class OpenAIForm:
    """The ``LineForm`` of OpenAI's protocol: lines and answers are what the wire has."""

    async def line(self, request: Request) -> BatchLine:
        """Return the line of ``request``."""
        # not sorted: servers generate in the order of the schema's properties
        return BatchLine(request.key, url_of(request.body), orjson.dumps(request.body).decode())

    async def response(self, request: Request, status: int, body: bytes) -> Response:  # noqa: ARG002 - the protocol's
        """Return the answer."""
        return Response(status, {}, body)


def answering_over(endpoint: WireEndpoint, wire: Wire) -> WireEndpoint:
    """Return ``endpoint`` with ``wire`` in place of its own; cache, counts and requests in flight are shared."""
    changed = copy.copy(endpoint)
    changed.wire = wire
    changed.sender = replace(endpoint.sender, wire=wire)
    return changed


class BatchWire:
    """A ``Wire`` over ``state``. ``live`` takes follow-ups, None where they go with a batch, too.

    ``answer_tokens`` is what an answer is likely to take at most. Where ``bound`` does not afford a request, its
    document is left. ``stats`` are the endpoint's.
    """

    def __init__(
        self,
        state: BatchState,
        form: LineForm,
        stats: Stats,
        *,
        live: Wire | None,
        bound: Bound,
        answer_tokens: int,
    ) -> None:
        self._state, self._form, self._stats, self._live = state, form, stats, live
        self._bound, self._answer_tokens = bound, answer_tokens

    async def send(self, request: Request) -> Response:
        """Return the answer that came for ``request``. Raises AwaitsBatchError where none has come yet."""
        kept = self._state.answer(request.key)
        opened = OPENED.get()
        if kept is not None:
            response = await self._kept(request, kept)
            if opened is not None:
                opened.refused = response.status != 200
            return response
        follow_up = opened is not None and request.key not in opened.keys and not opened.refused
        if self._live is not None and follow_up and not self._state.knows(request.key):
            if self._bound.affords(self._likely(request, len(orjson.dumps(request.body))), live=True):
                return await self._live.send(request)
            raise self._left("the budget allows no follow-up")
        if (refusal := await self.note(request)) is not None:
            if opened is not None:
                opened.refused = True
            return refusal
        raise self._left("the answer comes with a batch")

    def _left(self, why: str) -> AwaitsBatchError:
        self._stats.sent -= 1  # nothing went out
        return AwaitsBatchError(why)

    async def note(self, request: Request) -> Response | None:
        """Write ``request`` down for the next batch, where that may be; return the refusal of what there is not."""
        if self._state.knows(request.key):
            return None
        line = await self._form.line(request)
        if isinstance(line, Response):
            return line
        likely = self._likely(request, len(line.body))
        if self._bound.affords(likely, live=False) and self._state.note(line, likely):
            self._bound.reserve(likely)
        return None

    def _likely(self, request: Request, chars: int) -> Usage:
        most = request.max_output_tokens or self._answer_tokens
        return Usage(math.ceil(chars / _CHARS_PER_TOKEN), min(self._answer_tokens, most))

    async def _kept(self, request: Request, kept: KeptAnswer) -> Response:
        if not kept.status:
            told = {"error": {"message": f"no batch brought an answer: {kept.message}"}}
            return Response(_LOST, {}, orjson.dumps(told))
        response = await self._form.response(request, kept.status, kept.body)
        if response.status != 200:
            return response
        if kept.used:
            return Response(response.status, response.headers, response.body, origin="collected")
        self._state.mark_used(request.key)
        self._bound.used(kept.usage)
        return Response(response.status, response.headers, response.body, origin="batch")

    async def aclose(self) -> None:
        """Write down what was noted; the wire below belongs to the endpoint."""
        self._state.commit()
