"""Sends one request until it is answered: within the limits, again where the wire failed, and counting all of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from llmx.dataclass import dataclass
from llmx.endpoint.completion import Completion
from llmx.endpoint.faults import check
from llmx.endpoint.pictures import picture_tokens
from llmx.endpoint.retry import RetryPolicy, with_retries
from llmx.errors import EndpointError

if TYPE_CHECKING:
    from llmx.endpoint.completion import Origin
    from llmx.endpoint.interface import Limiter, Stats
    from llmx.endpoint.redact import Redactor
    from llmx.endpoint.wire import Response, Wire
    from llmx.request import Request


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends over ``wire`` by ``policy``, where ``limiter`` lets it, and counts in ``stats``.

    ``origin`` is what the answers are marked with. ``redactor`` takes secrets out of messages, ``answers``
    out of answers; ``api_key_env`` is for the messages, too.
    """

    wire: Wire
    policy: RetryPolicy
    stats: Stats
    redactor: Redactor
    answers: Redactor
    origin: Origin = "wire"
    api_key_env: str = ""
    limiter: Limiter | None = None

    def limited(self, limiter: Limiter) -> Sender:
        """Return a sender that asks ``limiter``; all else is shared."""
        return replace(self, limiter=limiter)

    async def answer(self, request: Request) -> Completion:
        """Return the answer to ``request``. Raises EndpointError when it is refused or the retries are used up."""

        async def attempt(number: int) -> Completion:
            try:
                response = await self._send(request)
                return Completion.from_body(
                    self.answers.body(response.body), request.mode, key=request.key, seconds=response.seconds,
                    attempts=number, origin=response.origin or self.origin,
                )  # fmt: skip
            except EndpointError as error:  # it may quote the address or the body
                error.message, error.hint = self.redactor.text(error.message), self.redactor.text(error.hint)
                error.args = (error.message,)
                raise

        return await with_retries(attempt, self.policy, request=request, on_retry=self._retried)

    def _retried(self, _: BaseException, wait_s: float) -> None:
        self.stats.retries += 1
        self.stats.waited_s += 0.0 if self.origin == "cassette" else wait_s

    async def _send(self, request: Request) -> Response:
        """Send once, within the limits, and raise what the status means."""
        tokens = estimated_tokens(request) if self.limiter else 0
        if self.limiter:
            await self.limiter.acquire(tokens)
        outcome: Response | BaseException | None = None
        self.stats.sent += 1
        try:
            outcome = await self.wire.send(request)
        except BaseException as error:
            outcome = error
            if isinstance(error, EndpointError):
                self.stats.statuses[0] += 1
            raise
        finally:
            if self.limiter and outcome is not None:
                self.limiter.release(tokens, outcome)
        await _others_first()
        self.stats.statuses[outcome.status] += 1
        check(outcome, api_key_env=self.api_key_env, redactor=self.redactor)
        return outcome


async def _others_first() -> None:
    """Let those who may send now go first: reading an answer takes longer than sending a question.

    A cancellation in this turn is put off to the next wait, so that the answer, which is paid for, is kept before.
    """
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        assert task is not None
        task.uncancel()
        task.cancel()


def estimated_tokens(request: Request) -> int:
    """Return about how many tokens a request will take, for limits a minute.

    A quarter of its characters, which is right for English and low for other scripts, and the answer's limit.
    """
    chars = sum(len(str(message.get("content") or "")) for message in request.messages)
    return chars // 4 + picture_tokens(request) + request.max_output_tokens
