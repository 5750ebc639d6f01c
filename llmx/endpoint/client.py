"""The endpoint: what the extractor sends its requests to.

From the outside in: requests that are in flight already are shared, the cache is asked, the limiter is waited for,
failures of the wire are repeated, and under that a cassette records or replays, or the wire sends. Each is a module of
its own and may be absent; this one only puts them together and counts.
"""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from llmx.endpoint.completion import Completion
from llmx.endpoint.faults import check
from llmx.endpoint.resolving import ResolvedModel, explained, from_cassette, from_provider
from llmx.endpoint.retention import Retention
from llmx.endpoint.retry import RetryPolicy, with_retries
from llmx.errors import ConfigError, EndpointError, RequestError
from llmx.record import Usage

if TYPE_CHECKING:
    from llmx.endpoint.cache import Cache
    from llmx.endpoint.settings import EndpointSettings
    from llmx.endpoint.wire import Provider, Response, Wire
    from llmx.request import Request


class Endpoint(Protocol):
    """Answers requests with completions. ``WrappedEndpoint`` is where to start for one that changes another."""

    @property
    def stats(self) -> Stats:
        """What the endpoint has done so far."""
        ...

    @property
    def base_url(self) -> str | None:
        """The root of its API, None for OpenAI's own."""
        ...

    @property
    def retention(self) -> Retention:
        """Where its answers are kept, so that nobody pays for them twice."""
        ...

    def lookup(self, key: str) -> Completion | None:
        """Return the answer kept for the request with ``key``, None where there is none. Sends nothing."""
        ...

    def limited(self, limiter: Limiter) -> Endpoint:
        """Return this endpoint with ``limiter`` deciding when a request may be sent; all else is shared."""
        ...

    async def count_tokens(self, text: str) -> int | None:
        """Return the number of tokens in ``text`` by the server's own tokenizer, None where it offers none."""
        ...

    async def context_length(self) -> int | None:
        """Return how many tokens a request and its answer may have together, None where the server does not tell."""
        ...

    async def complete(self, request: Request) -> Completion:
        """Return the answer to ``request``, whatever it is worth; ``keep`` or ``reject`` it next."""
        ...

    def keep(self, completion: Completion) -> None:
        """Hear that an answer is valid: it may be given again to the same request. Never raises."""
        ...

    def reject(self, completion: Completion) -> None:
        """Hear that an answer is not valid or not complete, so that what it cost is wasted. Never raises."""
        ...


class Limiter(Protocol):
    """Decides when a request may be sent. A run brings one; without it every request goes at once."""

    async def acquire(self, tokens: int) -> None:
        """Wait until a request of about ``tokens`` tokens may be sent."""
        ...

    def release(self, tokens: int, outcome: Response | BaseException) -> None:
        """Hear how the request ended: the answer with its headers and seconds, or what was raised."""
        ...


@dataclass(slots=True)
class Stats:
    """What an endpoint did so far.

    ``paid`` tokens came over the wire, ``wasted`` ones of them bought an answer that was not valid or not complete,
    ``saved`` ones came from the cache or a cassette. ``statuses`` counts every answer by its HTTP status, 0 where there
    was none. ``waited_s`` is time between retries, ``shared`` counts requests that another one in flight answered.
    """

    asked: int = 0
    sent: int = 0
    retries: int = 0
    shared: int = 0
    cache_hits: int = 0
    replayed: int = 0
    waited_s: float = 0.0
    paid: Usage = field(default_factory=Usage)
    saved: Usage = field(default_factory=Usage)
    wasted: Usage = field(default_factory=Usage)
    statuses: Counter[int] = field(default_factory=Counter)


class OpenAIEndpoint:
    """An endpoint over ``wire``. ``provider`` is at the bottom of it, None on a replay; ``stats`` counts.

    Made by ``opening.open_endpoint``.
    """

    def __init__(
        self,
        wire: Wire,
        settings: EndpointSettings,
        *,
        provider: Provider | None = None,
        cache: Cache | None = None,
        policy: RetryPolicy | None = None,
        limiter: Limiter | None = None,
    ) -> None:
        self.wire = wire
        self.settings = settings
        self.provider = provider
        self.cache = cache
        self.limiter = limiter
        self.stats = Stats()
        self._redactor = settings.redactor
        self._policy = policy or RetryPolicy(settings.retry_attempts, settings.budget_s)
        self._flights: dict[str, asyncio.Future[Completion | None]] = {}
        self._resolved: ResolvedModel | None = None

    @property
    def base_url(self) -> str | None:
        """The root of its API, None for OpenAI's own."""
        return self.settings.base_url

    @property
    def retention(self) -> Retention:
        """Where its answers are kept: the cache folder, and the cassette of a replay."""
        return Retention.of(self.settings, self.wire)

    def lookup(self, key: str) -> Completion | None:
        """Return the cached answer to the request with ``key``; None where there is none, or all are asked anew."""
        anew = self.settings.refresh or self.settings.record is not None
        return None if self.cache is None or anew else self.cache.get(key)

    def limited(self, limiter: Limiter) -> OpenAIEndpoint:
        """Return this endpoint with ``limiter`` deciding when a request may be sent.

        Both share the connections, the cache, the counts and the requests in flight; closing one closes the other.
        """
        limited = copy.copy(self)
        limited.limiter = limiter
        return limited

    async def count_tokens(self, text: str) -> int | None:
        """Return the number of tokens in ``text`` by the server's own tokenizer, None where it offers none."""
        return None if self.provider is None else await self.provider.count_tokens(text)

    async def context_length(self) -> int | None:
        """Return how many tokens a request and its answer may have together, None where the server does not tell."""
        return None if self.provider is None else await self.provider.context_length()

    async def resolve(self) -> ResolvedModel:
        """Return the model and the mode to make requests with; found out once, by a probe where it must be.

        Raises ConfigError where no model is named and none can be chosen, CassetteError, and the wire's errors.
        """
        if self._resolved is None:
            if self.settings.replay:
                self._resolved = from_cassette(self.settings, self.settings.replay)
            elif self.provider is not None:
                self._resolved = await from_provider(self.provider, self.settings)
            else:
                raise ConfigError("an endpoint without a provider needs --model and --mode")
        return self._resolved

    async def complete(self, request: Request) -> Completion:
        """Return the answer to ``request``: from the cache where it is there, else over the wire, with retries.

        Identical requests in flight are sent once. The caller validates the answer and then calls ``keep`` or
        ``reject``. Raises EndpointError: AuthError, RequestError, or the last of RateLimitError, ServerError,
        ConnectError when the retries are used up; CassetteError on a replay that has no such exchange.
        """
        self.stats.asked += 1
        if (kept := self.lookup(request.key)) is not None:
            self.stats.cache_hits += 1
            self.stats.saved += kept.usage
            return kept
        while (flight := self._flights.get(request.key)) is not None:
            shared = await asyncio.shield(flight)
            if shared is not None:
                self.stats.shared += 1
                return replace(shared, origin="shared")
        return await self._single_flight(request)

    async def _single_flight(self, request: Request) -> Completion:
        """Answer for everybody who asks the same meanwhile. Were this cancelled, the next of them takes over."""
        flight: asyncio.Future[Completion | None] = asyncio.get_running_loop().create_future()
        self._flights[request.key] = flight
        try:
            completion = await self._answer(request)
        except Exception as error:
            flight.set_exception(error)
            flight.exception()  # looked at, so that asyncio does not complain when nobody shared
            raise
        except BaseException:
            flight.set_result(None)
            raise
        else:
            self._count(completion)
            flight.set_result(completion)
            return completion
        finally:
            del self._flights[request.key]

    async def _answer(self, request: Request) -> Completion:
        def on_retry(_: BaseException, wait_s: float) -> None:
            self.stats.retries += 1
            self.stats.waited_s += 0.0 if self.settings.replay else wait_s

        async def attempt(number: int) -> Completion:
            response = await self._send(request)
            return Completion.from_body(
                response.body,
                request.mode,
                key=request.key,
                seconds=response.seconds,
                attempts=number,
                origin="cassette" if self.settings.replay else "wire",
            )

        try:
            return await with_retries(attempt, self._policy, request=request, on_retry=on_retry)
        except RequestError as error:
            raise await explained(error, request.model, provider=self.provider, settings=self.settings) from None

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
        check(outcome, api_key_env=self.settings.api_key_env, redactor=self._redactor)
        return outcome

    def _count(self, completion: Completion) -> None:
        if completion.origin == "cassette":
            self.stats.replayed += 1
            self.stats.saved += completion.usage
        else:
            self.stats.paid += completion.usage

    def keep(self, completion: Completion) -> None:
        """Put a valid answer into the cache, if there is one and the answer is complete and new. Never raises."""
        if self.cache is not None and completion.complete and completion.origin == "wire":
            self.cache.put(completion)

    def reject(self, completion: Completion) -> None:
        """Count what an answer has cost that is not valid or not complete; it stays out of the cache."""
        if completion.origin in ("wire", "cassette"):
            self.stats.wasted += completion.usage

    async def aclose(self) -> None:
        """Close the connections and the cache."""
        await self.wire.aclose()
        if self.cache is not None:
            self.cache.close()


async def _others_first() -> None:
    """Let whoever may send now go first: to read an answer takes longer than to send a question.

    A cancellation that falls into this turn is put off to the next wait: the answer is paid for, and is kept before.
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
    chars = sum(len(str(message.get("content") or "")) for message in request.body.get("messages", ()))
    return chars // 4 + request.max_output_tokens
