"""An endpoint around another one: what a subclass does not change is passed on."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from llmx.endpoint.completion import Completion
    from llmx.endpoint.interface import Endpoint, Limiter, Stats
    from llmx.endpoint.retention import Retention
    from llmx.request import Request


class WrappedEndpoint:
    """Does everything as ``inner`` does. A subclass overrides what it is there for, most often ``complete``."""

    def __init__(self, inner: Endpoint) -> None:
        self.inner = inner

    @property
    def stats(self) -> Stats:
        """What the inner endpoint has done so far."""
        return self.inner.stats

    @property
    def base_url(self) -> str | None:
        """The root of the inner endpoint's API."""
        return self.inner.base_url

    @property
    def retention(self) -> Retention:
        """Where the inner endpoint keeps its answers."""
        return self.inner.retention

    def lookup(self, key: str) -> Completion | None:
        """Return the answer that the inner endpoint keeps under ``key``."""
        return self.inner.lookup(key)

    def limited(self, limiter: Limiter) -> Self:
        """Return a copy whose inner endpoint is limited by ``limiter``."""
        limited = copy.copy(self)
        limited.inner = self.inner.limited(limiter)
        return limited

    async def count_tokens(self, text: str) -> int | None:
        """Count by the inner endpoint's tokenizer."""
        return await self.inner.count_tokens(text)

    async def context_length(self) -> int | None:
        """Return the inner endpoint's context length."""
        return await self.inner.context_length()

    async def sees(self) -> bool:
        """Return whether the inner endpoint's model sees pictures."""
        return await self.inner.sees()

    async def complete(self, request: Request) -> Completion:
        """Return the inner endpoint's answer."""
        return await self.inner.complete(request)

    def keep(self, completion: Completion) -> None:
        """Pass on that the answer is valid."""
        self.inner.keep(completion)

    def reject(self, completion: Completion) -> None:
        """Pass on that the answer is not."""
        self.inner.reject(completion)
