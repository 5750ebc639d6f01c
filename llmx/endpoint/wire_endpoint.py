"""The endpoint over a wire: it shares what is in flight, looks into the cache, sends, and counts.

From the outside in: the cache is asked, identical requests in flight are shared, and ``sending.py`` sends within the
limits and again where the wire failed. Below that a cassette records or replays, or a provider answers.
"""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from llmx.endpoint.completion import NEW
from llmx.endpoint.interface import Stats
from llmx.endpoint.quirks import USUAL
from llmx.endpoint.relearning import Relearning
from llmx.endpoint.resolving import ResolvedModel, explained, from_cassette, from_provider
from llmx.endpoint.retention import Retention
from llmx.endpoint.retry import RetryPolicy
from llmx.endpoint.sending import Sender
from llmx.endpoint.sight import Sight
from llmx.errors import CassetteError, ConfigError, RequestError

if TYPE_CHECKING:
    from llmx.endpoint.cache import Answers
    from llmx.endpoint.completion import Completion
    from llmx.endpoint.interface import Limiter
    from llmx.endpoint.settings import EndpointSettings
    from llmx.endpoint.wire import Provider, Wire
    from llmx.request import Request


class WireEndpoint:
    """An ``Endpoint`` over ``wire``. ``provider`` is at the bottom of it, None on a replay.

    ``opening.open_endpoint`` makes one.
    """

    def __init__(
        self,
        wire: Wire,
        settings: EndpointSettings,
        *,
        provider: Provider | None = None,
        cache: Answers | None = None,
        policy: RetryPolicy | None = None,
        limiter: Limiter | None = None,
    ) -> None:
        self.wire = wire
        self.settings = settings
        self.provider = provider
        self.cache = cache
        self.stats = Stats()
        self.sender = Sender(
            wire,
            policy or RetryPolicy(settings.retry_attempts, settings.budget_s),
            self.stats,
            settings.redactor,
            settings.answer_redactor,
            origin="cassette" if settings.replay else "wire",
            api_key_env=settings.variable_to_set,
            limiter=limiter,
        )
        self.relearning = Relearning(settings, remembers=provider is not None)
        self._flights: dict[str, asyncio.Future[Completion | None]] = {}
        self._resolved: ResolvedModel | None = None
        self._sight = Sight(settings, provider)

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

    def limited(self, limiter: Limiter) -> WireEndpoint:
        """Return this endpoint with ``limiter`` deciding when a request may be sent.

        Both share the connections, the cache, the counts and the requests in flight; closing one closes the other.
        """
        limited = copy.copy(self)
        limited.sender = self.sender.limited(limiter)
        return limited

    async def count_tokens(self, text: str) -> int | None:
        """Return the number of tokens in ``text`` by the server's own tokenizer, None where it offers none."""
        return None if self.provider is None else await self.provider.count_tokens(text)

    async def context_length(self) -> int | None:
        """Return how many tokens a request and its answer may have together, None where that is unknown."""
        return None if self.provider is None else await self.provider.context_length()

    async def sees(self) -> bool:
        """Return whether the model sees pictures: as it is known, else by asking it once. Raises AuthError."""
        return await self._sight.verdict(await self.resolve())

    async def resolve(self, known: ResolvedModel | None = None) -> ResolvedModel:
        """Return the model and the mode to make requests with, found out once, by a probe where necessary; or
        ``known``, which the same endpoint in another process has found out.

        Raises ConfigError where no model is named and none can be chosen, CassetteError, and the wire's errors.
        """
        if known is not None:
            self._resolved = known
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
        request = self.relearning.applied(request)
        if (kept := self.lookup(request.key)) is not None:
            self.stats.cache_hits += 1
            self.stats.saved += kept.usage
            return replace(kept, mode=request.mode)
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
            flight.exception()  # retrieved, so that asyncio does not complain when nobody shared
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
        known = USUAL if self._resolved is None else self._resolved.quirks
        try:
            return await self.sender.answer(request)
        except CassetteError:
            recorded = self.relearning.replayed(request, self.sender.policy.recorded, known)
            if recorded is request:
                raise
            return await self.sender.answer(recorded)
        except RequestError as error:
            refusal = error
        try:
            return await self.relearning.answer(request, refusal, self.sender.answer, known=known)
        except RequestError as error:
            raise await explained(error, request.model, provider=self.provider, settings=self.settings) from None

    def _count(self, completion: Completion) -> None:
        if completion.origin == "cassette":
            self.stats.replayed += 1
            self.stats.saved += completion.usage
        elif completion.origin == "collected":
            self.stats.saved += completion.usage
        else:
            self.stats.paid += completion.usage
            if completion.origin == "batch":
                self.stats.batched += completion.usage

    def keep(self, completion: Completion) -> None:
        """Put a valid answer into the cache, if there is one and the answer is complete and new. Never raises."""
        self.relearning.kept(completion)
        if self.cache is not None and completion.complete and completion.origin in NEW:
            self.cache.put(completion)

    def reject(self, completion: Completion) -> None:
        """Count what an answer has cost that is not valid or not complete; it stays out of the cache."""
        self.relearning.rejected(completion)
        if completion.origin in ("wire", "batch", "cassette"):
            self.stats.wasted += completion.usage

    async def aclose(self) -> None:
        """Close the connections and the cache."""
        await self.wire.aclose()
        if self.cache is not None:
            self.cache.close()
