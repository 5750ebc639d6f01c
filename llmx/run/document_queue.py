"""Takes documents from a source, one at a time, without holding up the answers that arrive meanwhile.

Reading a file takes less time than handing it to a thread, so the source is asked directly. While it is slow (a pipe, a
page over the network), a thread waits for the next document. Before the first one has come nobody knows, so a thread
waits for that too.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

from llmx.documents import Document, Unreadable

T = TypeVar("T")
Input = Document | Unreadable

SLOW_S = 0.02
"""A source that takes longer than this for a document is asked in a thread, which costs a two-hundredth of it, until it
takes less than half as long."""


class DocumentQueue(Generic[T]):
    """Documents with their numbers, from 0. ``next`` may be awaited by several at once; each gets another one.

    ``left_out`` counts the files that the source met and did not read, by kind. ``clock`` tells how long the source
    takes; tests bring their own.
    """

    def __init__(
        self,
        source: Iterable[T],
        *,
        left_out: Mapping[str, int] = MappingProxyType({}),
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.left_out = left_out
        self._source: Iterator[T] = iter(source)
        self._clock = clock
        self._turn = asyncio.Lock()
        self._slow = True  # until the first document has come quickly: a terminal or a pipe may have none for hours
        self._number = 0
        self._ended = False
        self._awaited: asyncio.Future[list[T]] | None = None

    def close(self) -> None:
        """End it: whoever waits for a document gets none."""
        self._ended = True
        if self._awaited is not None and not self._awaited.done():
            self._awaited.set_result([])

    async def next(self) -> tuple[int, T] | None:
        """Return the next document, None when there are no more. Raises what the source raises."""
        if self._slow or self._turn.locked():
            async with self._turn:
                return await self._from_thread() if self._slow else self._direct()
        return self._direct()

    def _direct(self) -> tuple[int, T] | None:
        if self._ended:
            return None
        begin_s = self._clock()
        try:
            document = next(self._source)
        except StopIteration:
            self._ended = True
            return None
        self._slow = self._clock() - begin_s > SLOW_S
        return self._numbered(document)

    async def _from_thread(self) -> tuple[int, T] | None:
        """Ask in a daemon thread: a read that never ends must not keep the process alive."""
        if self._ended:
            return None
        loop = asyncio.get_running_loop()
        self._awaited = done = loop.create_future()

        def deliver(documents: list[T], error: BaseException | None, seconds: float) -> None:
            self._slow = seconds > SLOW_S / 2
            if not done.done():
                if error is None:
                    done.set_result(documents)
                else:
                    done.set_exception(error)

        def ask() -> None:
            documents: list[T] = []
            error: BaseException | None = None
            begin_s = self._clock()  # here and not in the loop, which may be busy when the document comes
            try:
                documents = list(itertools.islice(self._source, 1))
            except BaseException as raised:  # noqa: BLE001 - raised again where it is awaited
                error = raised
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(deliver, documents, error, self._clock() - begin_s)

        threading.Thread(target=ask, name="llmx-documents", daemon=True).start()
        documents = await done
        if not documents:
            self._ended = True
            return None
        return self._numbered(documents[0])

    def _numbered(self, document: T) -> tuple[int, T]:
        number, self._number = self._number, self._number + 1
        return number, document
