"""The seam to a provider's batch API: submit requests, ask how they are, fetch the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Phase = Literal["in progress", "ended", "failed"]
"""Where a batch is: 'ended' has answers to fetch, perhaps not for all its lines; 'failed' was refused as a whole."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What one batch may hold."""

    lines: int
    bytes: int


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One request of a batch: ``key`` is its custom id, ``url`` what it is for, ``body`` its JSON text."""

    key: str
    url: str
    body: str


@dataclass(frozen=True, slots=True)
class PlannedBatch:
    """A batch that is to be submitted: ``tag`` is its name, by which one that was submitted is found again.

    ``planned_s`` (Unix time) is when it was written down: one that was submitted is not older. ``known`` are the ids of
    batches that are others, ``keys`` the custom ids of its lines.
    """

    tag: str
    url: str
    lines: int
    planned_s: float
    known: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """How a batch is.

    ``told`` is the provider's own word for it, ``done`` and ``failed`` count its lines so far; ``message`` says why the
    batch was refused.
    """

    phase: Phase
    told: str
    done: int = 0
    failed: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What became of one line: ``body`` came with ``status``; status 0 says that nothing came, and ``message`` why.

    ``lost`` says that the line may be asked again: it expired, was cancelled, or failed for a moment.
    """

    key: str
    status: int
    body: dict[str, Any] | None = None
    message: str = ""
    lost: bool = False


class BatchService(Protocol):
    """A provider's batch API. What it raises are EndpointErrors."""

    @property
    def limits(self) -> BatchLimits:
        """What one batch may hold."""
        ...

    async def submit(self, batch: PlannedBatch, lines: Sequence[BatchLine]) -> str:
        """Submit ``lines`` and return the id of the batch. Sends once: what is lost on the way is found by ``find``."""
        ...

    async def find(self, batch: PlannedBatch) -> str | None:
        """Return the id of ``batch`` where it was submitted, '' where the provider knows none such.

        None says that one under way may be it, and that this cannot be told before it has ended.
        """
        ...

    async def status(self, batch_id: str) -> BatchStatus:
        """Return how the batch is."""
        ...

    def answers(self, batch_id: str) -> AsyncIterator[LineAnswer]:
        """Yield what became of the lines of a batch that has ended, in any order."""
        ...

    async def cancel(self, batch_id: str) -> None:
        """Stop the batch; what was answered before can still be fetched."""
        ...

    async def discard(self, batch_id: str) -> None:
        """Remove what was uploaded for a batch whose answers were fetched, where that is possible."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
