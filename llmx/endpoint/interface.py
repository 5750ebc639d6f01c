"""What the rest of llmx knows of an endpoint: the protocol that it fulfils, who limits it, and what it counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import field, fields, replace
from typing import TYPE_CHECKING, Protocol

from llmx.dataclass import dataclass
from llmx.record import Usage

if TYPE_CHECKING:
    from llmx.endpoint.completion import Completion
    from llmx.endpoint.retention import Retention
    from llmx.endpoint.wire import Response
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
        """Return how many tokens a request and its answer may have together, None where that is unknown."""
        ...

    async def sees(self) -> bool:
        """Return whether the model sees pictures; it may be asked once, by a tiny one."""
        ...

    async def complete(self, request: Request) -> Completion:
        """Return the answer to ``request``, valid or not; call ``keep`` or ``reject`` next."""
        ...

    def keep(self, completion: Completion) -> None:
        """Keep a valid answer, so that the same request gets it again. Never raises."""
        ...

    def reject(self, completion: Completion) -> None:
        """Count the tokens of an answer that is not valid or not complete as wasted. Never raises."""
        ...


class Limiter(Protocol):
    """Decides when a request may be sent. A run brings one; without it every request goes at once."""

    async def acquire(self, tokens: int) -> None:
        """Wait until a request of about ``tokens`` tokens may be sent."""
        ...

    def release(self, tokens: int, outcome: Response | BaseException) -> None:
        """Note how the request ended: the answer with its headers and seconds, or what was raised."""
        ...


@dataclass(slots=True)
class Stats:
    """What an endpoint did so far.

    ``paid`` tokens came over the wire, ``wasted`` ones of them bought an answer that was not valid or not complete,
    ``batched`` ones came with a batch; ``saved`` ones came from the cache or a cassette. ``statuses`` counts every
    answer by its HTTP status, 0 where there was none. ``waited_s`` is time between retries, ``shared`` counts requests
    that another one in flight answered.
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
    batched: Usage = field(default_factory=Usage)

    def copy(self) -> Stats:
        """Return the counts as they are now."""
        return replace(self, statuses=Counter(self.statuses))

    def __add__(self, other: Stats) -> Stats:
        return Stats(
            self.asked + other.asked, self.sent + other.sent, self.retries + other.retries,
            self.shared + other.shared, self.cache_hits + other.cache_hits, self.replayed + other.replayed,
            self.waited_s + other.waited_s, self.paid + other.paid, self.saved + other.saved,
            self.wasted + other.wasted, self.statuses + other.statuses, self.batched + other.batched,
        )  # fmt: skip

    def add(self, more: Stats) -> None:
        """Count what another process has done, too: whoever holds these counts sees it."""
        both = self + more
        for each in fields(self):
            setattr(self, each.name, getattr(both, each.name))

    def since(self, before: Stats) -> Stats:
        """Return what was counted after ``before``, a copy made earlier."""
        return Stats(
            self.asked - before.asked, self.sent - before.sent, self.retries - before.retries,
            self.shared - before.shared, self.cache_hits - before.cache_hits, self.replayed - before.replayed,
            self.waited_s - before.waited_s, self.paid - before.paid, self.saved - before.saved,
            self.wasted - before.wasted, self.statuses - before.statuses, self.batched - before.batched,
        )  # fmt: skip
