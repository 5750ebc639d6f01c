"""The run that stays open in a process of an engine: one session and one limiter for all batches that come to it.

A run of its own for each batch would begin its limits, its level of concurrency and its budget anew each time.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmx.documents import Document, Unreadable
from llmx.endpoint import Stats
from llmx.errors import BudgetError, ConfigError, LlmxError, UsageError
from llmx.extraction.session import answering, open_session
from llmx.run import LogNotes, RunOptions
from llmx.run.document_queue import DocumentQueue, Input
from llmx.run.runner import Run

if TYPE_CHECKING:
    from llmx.endpoint import EndpointSettings
    from llmx.extraction.plan import Extractor
    from llmx.record import Record

_CLOSE_S = 10.0
_SOURCE = "row "


class DocumentFeed(DocumentQueue[Input]):
    """Documents as they are put in, until it is closed. All of it is touched from one event loop only."""

    def __init__(self) -> None:
        super().__init__(())
        self._waiting: asyncio.Queue[Input | None] = asyncio.Queue()

    def put(self, document: Input) -> None:
        """Add a document."""
        self._waiting.put_nowait(document)

    def close(self) -> None:
        """End it: once those before are taken, whoever waits for a document gets none."""
        self._waiting.put_nowait(None)

    async def next(self) -> tuple[int, Input] | None:
        """Return the next document, None when there are no more."""
        document = await self._waiting.get()
        if document is None:
            self._waiting.put_nowait(None)  # for whoever else waits
            return None
        return self._numbered(document)


class ProcessRun:
    """A run in a thread of its own. ``submit`` may be called from any thread; ``error`` says why the run has ended."""

    def __init__(self, extractor: Extractor, settings: EndpointSettings, options: RunOptions) -> None:
        self.error: BaseException | None = None
        self._extractor, self._settings, self._options = extractor, settings, options
        self._feed = DocumentFeed()
        self._opened: Future[asyncio.AbstractEventLoop] = Future()
        self._awaited: dict[str, Future[Record[Any]]] = {}
        self._number = 0
        self._stats: list[Stats] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="llmx-engine", daemon=True)
        self._thread.start()

    @property
    def stats(self) -> Stats:
        """What all models of the run have done so far."""
        return sum((each.copy() for each in self._stats), Stats())

    @property
    def replaceable(self) -> bool:
        """Whether another run may take its place: not where a budget is spent, which is the process's."""
        return self.error is not None and not isinstance(self.error, BudgetError)

    def submit(self, documents: Sequence[Document | Unreadable]) -> list[Future[Record[Any]]]:
        """Return the records to be of ``documents``. Raises what opening the session raised, and ``error``."""
        loop = self._opened.result()
        futures: list[Future[Record[Any]]] = [Future() for _ in documents]
        with self._lock:
            if self.error is not None:
                raise self.error
            loop.call_soon_threadsafe(self._put, documents, futures)
        return futures

    def close(self) -> None:
        """End the run once the documents in it are done, and wait for that, though not for ever."""
        with suppress(LlmxError), self._lock:
            loop = self._opened.result(timeout=_CLOSE_S)
            if self.error is None:
                loop.call_soon_threadsafe(self._feed.close)
        self._thread.join(_CLOSE_S)

    def _put(self, documents: Sequence[Document | Unreadable], futures: Sequence[Future[Record[Any]]]) -> None:
        for document, future in zip(documents, futures, strict=True):
            source = f"{_SOURCE}{self._number}"  # the ids are the user's, and need not differ
            self._number += 1
            self._awaited[source] = future
            self._feed.put(replace(document, source=source))

    def _emit(self, record: Record[Any]) -> None:
        future = self._awaited.pop(record.source or "")
        future.set_result(replace(record, source=None))

    def _work(self) -> None:
        try:
            asyncio.run(self._go())
        except BaseException as error:  # noqa: BLE001 - raised again where the caller is
            self.error = self.error or error
            if not self._opened.done():
                self._opened.set_exception(error)
            self._fail_awaited()

    async def _go(self) -> None:
        with answering(self._settings) as ready:
            options = replace(self._options, ordered=False).suited_to(ready, asked=self._settings)
            async with open_session(self._extractor, ready) as session:
                self._stats = [each.endpoint.stats for each in session.models]
                self._opened.set_result(asyncio.get_running_loop())
                error: BaseException | None = None
                try:
                    run = Run(self._feed, session, options=options, emit=self._emit, observer=LogNotes())
                    error = (await run.go()).error
                except Exception as raised:  # noqa: BLE001 - raised again where the caller is
                    error = raised
                with self._lock:
                    self.error = error or UsageError("the extractor was closed while it had rows to do")
                await asyncio.sleep(0)  # what was submitted before is awaited now
                self._fail_awaited()

    def _fail_awaited(self) -> None:
        for future in self._awaited.values():
            future.set_exception(self.error)
        self._awaited.clear()


_RUNS: dict[tuple[int, str], ProcessRun] = {}
"""The open runs, by the process, which may be a fork of one with runs of its own, and the extractor."""

_RUNS_LOCK = threading.Lock()


def process_run(token: str, opened: Callable[[], ProcessRun]) -> ProcessRun:
    """Return the run of the extractor ``token`` in this process; ``opened`` makes one where there is none."""
    key = (os.getpid(), token)
    with _RUNS_LOCK:
        found = _RUNS.get(key)
        if found is None or found.replaceable:
            found = _RUNS[key] = opened()
        return found


def close_run(token: str) -> None:
    """End the run of the extractor ``token`` in this process, if there is one."""
    with _RUNS_LOCK:
        found = _RUNS.pop((os.getpid(), token), None)
    if found is not None:
        found.close()


@atexit.register
def _close_all() -> None:
    for process, token in list(_RUNS):
        if process == os.getpid():
            close_run(token)


def share_of(options: RunOptions, workers: int) -> RunOptions:
    """Return the share of each of ``workers`` in the bounds of ``options``; numbers are rounded down.

    Raises ConfigError where a share would be less than 1, and for options that a batch in an engine cannot have.
    """
    without = {
        "signals": options.signals, "log_file": options.log_file, "max_documents": options.max_documents,
        "on_progress": options.on_progress, "processes": options.processes != 1, "metrics": options.metrics,
    }  # fmt: skip
    if refused := [name for name, value in without.items() if value]:
        hint = "The engine has these: its own log and progress, and a limit on the rows."
        raise ConfigError(f"RunOptions.{refused[0]} is not for batches of an engine", hint=hint)
    bounds = {"rpm": options.rpm, "tpm": options.tpm, "max_tokens_total": options.max_tokens_total}
    if options.concurrency != "auto":
        bounds["concurrency"] = options.concurrency
    shares = {name: None if value is None else value // workers for name, value in bounds.items()}
    if short := [name for name, share in shares.items() if share == 0]:
        what = f"RunOptions.{short[0]} of {bounds[short[0]]} leaves less than 1 for each of {workers} workers"
        raise ConfigError(what, hint="Have fewer workers.")
    cost = None if options.max_cost_usd is None else options.max_cost_usd / workers
    return replace(options, max_cost_usd=cost, **shares)  # type: ignore[arg-type] # names of its fields
