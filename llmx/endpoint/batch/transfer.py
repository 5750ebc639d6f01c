"""Submits what is planned, looks how batches are, and fetches what has come.

A process may be killed between any two steps. A batch whose submission was not confirmed is looked for before it is
submitted again; answers that were fetched twice count once.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmx.endpoint.batch.lines import read_line
from llmx.errors import ConfigError, EndpointError, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmx.endpoint.batch.service import BatchService, BatchStatus, LineAnswer
    from llmx.endpoint.batch.state import Batch, BatchState

_LOG = logging.getLogger("llmx.batch")
_UNSURE = (
    "one of the batches may have been submitted before: another of as many lines is under way, and whether that is it "
    "shows once it has ended"
)
_AT_ONCE = 512  # answers that are written down together


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of the batches that were looked at: how many were collected, and why others were refused."""

    collected: int = 0
    refused: tuple[str, ...] = ()


async def submit(state: BatchState, service: BatchService) -> int:
    """Put what waits into batches and submit these; return how many were submitted or found to have been.

    Raises EndpointError: what was not submitted is the next time.
    """
    before = {batch.number for batch in state.batches("planned")}
    count = 0
    for batch in state.plan(service.limits):
        planned = state.planned(batch)
        # one of an earlier process may have gone out, without its answer having come
        batch_id = await service.find(planned) if batch.number in before else ""
        if batch_id is None:
            _LOG.warning("%s", _UNSURE)
            continue
        if not batch_id:
            batch_id = await service.submit(planned, state.lines(batch))
        state.set_phase(batch, "in progress", batch_id=batch_id)
        count += 1
    return count


async def look(state: BatchState, service: BatchService) -> list[tuple[Batch, BatchStatus]]:
    """Return how the batches are that are under way, and note it."""
    found: list[tuple[Batch, BatchStatus]] = []
    for batch in state.batches("in progress"):
        status = await service.status(batch.id)
        state.set_phase(batch, batch.phase, told=f"{status.told}, {status.done} of {batch.lines} done")
        found.append((batch, status))
    return found


async def fetch(state: BatchState, service: BatchService) -> Fetched:
    """Fetch the answers of the batches that have ended, and note those that were refused."""
    collected, refused = 0, list[str]()
    for batch, status in await look(state, service):
        if status.phase == "failed":
            state.close_batch(batch, "failed", message=status.message)
            refused.append(f"batch {batch.id}: {status.message}")
        elif status.phase == "ended":
            await _collect(state, service, batch)
            collected += 1
    return Fetched(collected, tuple(refused))


async def _collect(state: BatchState, service: BatchService, batch: Batch) -> None:
    strange, some = 0, list["LineAnswer"]()
    async for answer in service.answers(batch.id):
        some.append(answer)
        if len(some) >= _AT_ONCE:
            strange += state.keep(batch, some)
            some = []
    strange += state.keep(batch, some)
    if strange:
        _LOG.warning("batch %s has %d answers to no request that waits for one: left out", batch.id, strange)
    state.close_batch(batch, "collected")
    try:
        await service.discard(batch.id)
    except EndpointError as error:
        _LOG.warning("what was uploaded for batch %s could not be removed: %s", batch.id, error.message)


async def cancel(state: BatchState, service: BatchService) -> int:
    """Cancel the batches that are under way; return how many were.

    One that has ended meanwhile is left to be collected.
    """
    count = 0
    for batch in state.batches("planned"):
        batch_id = await service.find(state.planned(batch))
        if batch_id is None:
            _LOG.warning("%s", _UNSURE)
            continue
        state.set_phase(batch, "in progress" if batch_id else "planned", batch_id=batch_id)
        if not batch_id:
            state.close_batch(batch, "failed", message="cancelled before it was submitted")
    for batch, status in await look(state, service):
        if status.phase == "in progress":
            try:
                await service.cancel(batch.id)
            except RequestError as error:
                _LOG.warning("batch %s could not be cancelled: %s", batch.id, error.message)
                continue
            count += 1
    return count


def import_answers(state: BatchState, lines: Iterable[bytes]) -> int:
    """Take the answers in ``lines`` of a file that a server was given by hand; return how many belong to requests here.

    Raises ConfigError where none does.
    """
    exported = state.batches("exported")
    before = state.counts()["answered"]
    strange = state.keep(None, _read(lines))
    for batch in exported:
        if not state.lines(batch):
            state.close_batch(batch, "collected")
    taken = state.counts()["answered"] - before
    if not taken:
        hint = "Import the output file of the server that was given this run's export."
        raise ConfigError(f"the file has no answer to a request of this run ({strange} to others)", hint=hint)
    if strange:
        _LOG.warning("%d answers in the file belong to no request that waits for one: left out", strange)
    return taken


def _read(lines: Iterable[bytes]) -> Iterator[LineAnswer]:
    for line in lines:
        if line.strip() and (answer := read_line(line)) is not None:
            yield answer
