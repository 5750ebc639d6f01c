"""Hands the records of a run on: each as soon as it is done, or in the order of the documents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from llmx.dataclass import dataclass
from llmx.documents import Document, Unreadable
from llmx.errors import OutputError
from llmx.record import Record

if TYPE_CHECKING:
    from llmx.run.observer import Live, RunObserver

Emit = Callable[[Record[Any]], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Done:
    """A document with its record, and the seconds it took, waiting included."""

    document: Document | Unreadable
    record: Record[Any]
    seconds: float


class Delivery:
    """Passes records to ``emit`` and tells ``observer``. With ``ordered`` a record waits for those before it.

    ``unwritable`` hears of the OutputError that ``emit`` raises. From then on records go nowhere: their answers are in
    the cache. A reader of a pipe that went away is raised, because nobody waits for what is on the wire.
    """

    def __init__(
        self, emit: Emit, observer: RunObserver, live: Live, *, ordered: bool, unwritable: Callable[[OutputError], None]
    ) -> None:
        self.next_number = 0
        self._emit, self._observer, self._live, self._ordered = emit, observer, live, ordered
        self._unwritable = unwritable
        self._broken = False
        self._held: dict[int, Done | None] = {}
        self._busy = False

    async def add(self, number: int, done: Done) -> None:
        """Hand on the record of document ``number``, and those that waited for it."""
        if not self._ordered:
            await self._hand_on(done)
            return
        self._held[number] = done
        await self._hand_on_held()

    async def pass_over(self, number: int) -> None:
        """Hear that document ``number`` gets no record in this run, so that those behind it do not wait for one."""
        if self._ordered:
            self._held[number] = None
            await self._hand_on_held()

    async def _hand_on_held(self) -> None:
        """Hand on what waited and whose turn it is."""
        if self._busy:
            return
        self._busy = True
        while self.next_number in self._held:
            ready = self._held.pop(self.next_number)
            self.next_number += 1
            if ready is not None:
                await self._hand_on(ready)
        self._busy = False

    async def flush(self) -> None:
        """Hand on the records behind a document that was dropped: they are done and paid for."""
        for number in sorted(self._held):
            if (done := self._held.pop(number)) is not None:
                await self._hand_on(done)

    async def _hand_on(self, done: Done) -> None:
        if self._broken:
            return
        try:
            waited = self._emit(done.record)
            if waited is not None:
                await waited
        except OutputError as error:
            if isinstance(error.__cause__, BrokenPipeError):
                raise
            self._broken = True
            self._unwritable(error)
            return
        self._live.add(done.record)
        self._observer.finished(done.document, done.record, done.seconds)
