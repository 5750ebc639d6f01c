"""Makes records in worker processes, in the place of ``RecordMaker``; what only the parent can do it does itself."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from llmx.documents import Document, Unreadable
from llmx.errors import ConfigError
from llmx.record import Issue, Record
from llmx.run.processes.child import WorkerSetup
from llmx.run.processes.crossing import unpacked_record
from llmx.run.processes.pool import PoolEvents, PoolPlan, ProcessPool
from llmx.run.processes.spans import span_maker
from llmx.run.provenance import Provenance
from llmx.run.record_maker import Maker, RecordMaker, failed_record

if TYPE_CHECKING:
    from llmx.extraction.session import Session
    from llmx.run.limiter import RunLimiter
    from llmx.run.options import RunOptions

PLACES = 16
"""Documents that a process has at once, those included that wait for an answer."""


class ProcessMaker:
    """Has records made in processes.

    ``local`` makes those of documents of which an earlier record has all fields but some, and of those that cannot be
    handed over, such as one with the pages of a file that is open here. ``waits`` is as in ``RecordMaker``.
    """

    def __init__(self, local: RecordMaker, pool: ProcessPool, session: Session, *, waits: Callable[[], bool]) -> None:
        self._local, self._pool, self._plan, self._waits = local, pool, session.plan, waits

    async def make(self, document: Document | Unreadable) -> Record[Any] | None:
        """Return the record of ``document``; None where the run stops and there is none."""
        if isinstance(document, Unreadable) or self._local.updates(document):
            return await self._local.make(document)
        pickled = _pickled(document)
        if pickled is None:
            return await self._local.make(document)
        while True:
            packed = await self._pool.packed(pickled)
            if packed is None:
                return None
            if isinstance(packed, int):
                return failed_record(document, self._plan, Issue("worker_lost", "", _lost(packed)))
            record = unpacked_record(document, packed, self._plan)
            if not (self._waits() and any(issue.code == "endpoint" for issue in record.issues)):
                return record

    @property
    def places(self) -> int:
        """Enough for every process to have the next document while it works on one."""
        return PLACES * self._pool.plan.count

    def let_go(self) -> None:
        """Send no more requests."""
        self._pool.let_go()

    async def aclose(self) -> None:
        """End the processes."""
        await self._pool.aclose()


def over_processes(
    local: RecordMaker,
    session: Session,
    options: RunOptions,
    *,
    limiter: Callable[[int], RunLimiter],
    events: PoolEvents,
) -> Maker:
    """Return what makes the records of a run of ``session`` in as many processes as ``options`` say.

    ``local`` where that is one. Raises ConfigError as ``process_count`` does.
    """
    count = process_count(options, session)
    if count == 1 or session.origin is None:
        return local
    stats = tuple(each.endpoint.stats for each in session.models)
    made_with = tuple(Provenance.of(each.plan) for each in session.models)
    spans = span_maker() if options.trace else None
    plan = PoolPlan(count, WorkerSetup(session.origin, options.trace), made_with, limiter, stats, spans)
    return ProcessMaker(local, ProcessPool(plan, events), session, waits=events.waits)


def process_count(options: RunOptions, session: Session) -> int:
    """Return how many processes work on the documents of a run.

    Raises ConfigError where there can be only one: then it is named what stands in the way.
    """
    if options.processes == 1:
        return 1
    why = _refused(session, several=options.processes != "auto")
    if why:
        raise ConfigError(f"--processes {options.processes}: {why}", hint="Leave it out: one process does the work.")
    if options.processes != "auto":
        return options.processes
    assert session.origin is not None
    if any(settings.embedded for settings, _ in session.origin.models):
        return 1  # the model takes all cores
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _refused(session: Session, *, several: bool) -> str:
    """Return what stands in the way of several processes, '' for nothing."""
    if sys.platform == "win32":
        return "several processes share a socket, which Windows has not"
    if session.origin is None:
        return "the session was put together by hand, and no other process can open it"
    schema = session.origin.extractor.schema
    if isinstance(schema, type) and schema.__module__ == "__main__":
        return f"the class {schema.__name__} is the script's own: other processes import it from a module"
    asked = [settings for settings, _ in session.origin.models]
    ways = {
        "--record writes one recording, by one process": any(each.record is not None for each in asked),
        "a client of yours stays in its process": any(each.sdk is not None for each in asked),
        "the embedded model takes all cores by itself": several and any(each.embedded for each in asked),
    }
    if barred := next((why for why, holds in ways.items() if holds), ""):
        return barred
    try:
        pickle.dumps(session.origin)
    except (pickle.PicklingError, TypeError, ValueError, AttributeError) as error:
        return f"the extraction cannot be handed to another process: {error}"
    return ""


def _pickled(document: Document) -> bytes | None:
    """Return ``document`` as it crosses, None where it cannot."""
    try:
        return pickle.dumps(document, protocol=5)
    except (pickle.PicklingError, TypeError, ValueError, AttributeError):
        return None


def _lost(count: int) -> str:
    return f"{count} worker processes ended while they worked on it, the last one on nothing else"
