"""The limiters of a run: one for each endpoint, since limits, load and outages are an endpoint's own.

Models at one endpoint share its limiter. While an endpoint is away, its documents go to the next model at once, as long
as another endpoint is there; only where all are away does the run wait, and at last stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from llmx.endpoint.providers.native.registry import native_provider
from llmx.run.limiter import LimiterEvents, RunLimiter
from llmx.run.telemetry import traced

if TYPE_CHECKING:
    from llmx.extraction.session import Session
    from llmx.run.options import RunOptions


class RunLimiters:
    """One limiter for each endpoint of ``session``, in the order in which they are asked."""

    def __init__(self, session: Session, options: RunOptions, events: LimiterEvents) -> None:
        self._lost = events.on_outage
        self._limiters: dict[str, RunLimiter] = {}
        self._places = [_place(model) for model in session.models]
        for where in self._places:
            if where not in self._limiters:
                own = replace(events, on_outage=self._on_outage, elsewhere=self._elsewhere(where))
                self._limiters[where] = RunLimiter.of(options, own)
        self._all = tuple(self._limiters.values())
        self._only = self._all[0] if len(self._all) == 1 else None  # most runs; these are asked for every document

    def limiter(self, number: int) -> RunLimiter:
        """Return the limiter of model ``number``."""
        return self._limiters[self._places[number]]

    def limited(self, session: Session, *, trace: bool) -> Session:
        """Return ``session`` with endpoints that obey their limiters and, with ``trace``, tell of each answer."""
        first, *after = (self._limited(model, number, trace=trace) for number, model in enumerate(session.models))
        return replace(first, fallbacks=tuple(after))

    @property
    def limit(self) -> int:
        """How many requests may be in flight to the first endpoint that is not away."""
        first = self._only or next((each for each in self._all if not each.breaker.open), self._all[0])
        return first.limit

    @property
    def in_flight(self) -> int:
        """How many requests are in flight, to all endpoints together."""
        return self._only.in_flight if self._only else sum(each.in_flight for each in self._all)

    @property
    def pause(self) -> str:
        """What requests are waiting for, other than a place in flight; '' for nothing."""
        return self._only.pause if self._only else next((each.pause for each in self._all if each.pause), "")

    @property
    def away(self) -> bool:
        """Whether every endpoint is away."""
        return self._only.breaker.open if self._only else all(each.breaker.open for each in self._all)

    def close_to(self, tasks: Iterable[asyncio.Task[object]]) -> None:
        """Send nothing more for ``tasks``."""
        for each in self._all:
            each.close_to(tasks)

    def _limited(self, model: Session, number: int, *, trace: bool) -> Session:
        endpoint = traced(model.endpoint, model.plan) if trace else model.endpoint
        return replace(model, endpoint=endpoint.limited(self.limiter(number)))

    def _elsewhere(self, where: str) -> Callable[[], bool]:
        """Return a function that says whether another endpoint than ``where`` may be asked now."""
        return lambda: any(not each.away for place, each in self._limiters.items() if place != where)

    def _on_outage(self, error: BaseException | None) -> None:
        if all(each.breaker.open or each.breaker.refuses_all for each in self._all):
            self._lost(error)


def _place(model: Session) -> str:
    """Return what tells the endpoint of ``model`` from others: its address, or the provider that has one of its own."""
    where = model.endpoint.base_url
    native = native_provider(model.plan.model, where)
    return where or ("" if native is None else native.prefix)
