"""Takes documents from the source for the workers, one at a time, and none that the run may not begin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from llmx.run.document_queue import Input

if TYPE_CHECKING:
    from llmx.run.budget import Budget
    from llmx.run.document_queue import DocumentQueue
    from llmx.run.observer import Live
    from llmx.run.options import RunOptions
    from llmx.run.summary import Stopped


class Intake:
    """The documents of ``queue``, as long as the options, the budget and ``too_far_ahead`` allow.

    ``too_far_ahead`` says whether another document has to wait when that many were taken. ``spent`` is called when
    the budget allows no more. ``at_bound`` says that ``max_documents`` were taken, ``exhausted`` that the source has no
    more.
    """

    def __init__(
        self,
        queue: DocumentQueue[Input],
        options: RunOptions,
        live: Live,
        *,
        budget: Budget,
        spent: Callable[[Stopped], None],
        too_far_ahead: Callable[[int], bool],
    ) -> None:
        self.at_bound = self.exhausted = False
        self._queue, self._live, self._budget = queue, live, budget
        self._most, self._spent_all, self._too_far_ahead = options.max_documents, spent, too_far_ahead
        self._taken = self._awaited = 0
        self._closed = False
        self._changed = asyncio.Event()

    def close(self) -> None:
        """Give no more documents; whoever waits for one gets none."""
        self._closed = True
        self._queue.close()
        self._changed.set()

    def wake(self) -> None:
        """Look again whether a document may begin: another one is done."""
        self._changed.set()

    @property
    def left_out(self) -> dict[str, int]:
        """The files that the source met and did not read, by kind."""
        return dict(self._queue.left_out)

    async def take(self) -> tuple[int, Input] | None:
        """Return the next document with its number, None where there is none or none may begin."""
        while self._too_far_ahead(self._taken) and not self._closed:
            await self._change()
        if self._closed or (self._budget.bounded and await self._spent()):
            return None
        if self._most is not None and self._taken >= self._most:
            self.at_bound = True  # not closed: others may be waiting for the document that they were promised
            return None
        self._taken += 1
        self._awaited += 1
        try:
            took = await self._queue.next()
        finally:
            self._awaited -= 1
        if took is None:
            self._taken -= 1
            self.exhausted = True
            self._changed.set()
        elif self._closed:
            return None  # read but not begun: the next run takes it
        return took

    async def _spent(self) -> bool:
        """Whether the budget allows no more. While documents are worked on, wait for what they really take."""
        while (reason := self._budget.spent(self._live.working + self._awaited)) and not self._closed:
            if not self._live.working + self._awaited:
                self._spent_all(reason)
                return True
            await self._change()
        return self._closed

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
