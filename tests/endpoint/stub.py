"""What every endpoint of a test has, whatever it answers: it keeps nothing, counts nothing and has no limits."""

from __future__ import annotations

from functools import cached_property
from typing import Self

from llmx.endpoint import Completion, Limiter, Retention, Stats


class StubEndpoint:
    base_url: str | None = None
    retention = Retention(folder=None)

    @cached_property
    def stats(self) -> Stats:
        return Stats()

    def lookup(self, key: str) -> Completion | None:  # noqa: ARG002 - the protocol's
        return None

    def limited(self, limiter: Limiter) -> Self:  # noqa: ARG002 - the protocol's
        return self

    async def count_tokens(self, text: str) -> int | None:  # noqa: ARG002 - the protocol's
        return None

    async def context_length(self) -> int | None:
        return None

    async def sees(self) -> bool:
        return False
