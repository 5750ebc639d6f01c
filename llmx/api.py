"""The library's face: ``llmx.extract`` and its asynchronous twin."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from pydantic import BaseModel

from llmx.documents import Document, Input, Unreadable, read_documents
from llmx.endpoint import EndpointSettings
from llmx.extraction.plan import Extractor, Options
from llmx.extraction.session import answering, open_session
from llmx.record import Record

if TYPE_CHECKING:
    from llmx.run import RunOptions

T = TypeVar("T", bound=BaseModel)

_WINDOW = 64  # records waiting for the caller; beyond that the run waits
_LOOK_S = 0.01  # how often it looks whether there is room again


@overload
def extract(
    documents: Input | Iterable[Input],
    schema: type[T],
    *,
    model: str = ...,
    endpoint: EndpointSettings | None = ...,
    options: Options | None = ...,
    run: RunOptions | None = ...,
) -> Generator[Record[T], None, None]: ...
@overload
def extract(
    documents: Input | Iterable[Input],
    schema: str | Path,
    *,
    model: str = ...,
    endpoint: EndpointSettings | None = ...,
    options: Options | None = ...,
    run: RunOptions | None = ...,
) -> Generator[Record[Any], None, None]: ...
def extract(
    documents: Input | Iterable[Input],
    schema: type[T] | str | Path,
    *,
    model: str = "",
    endpoint: EndpointSettings | None = None,
    options: Options | None = None,
    run: RunOptions | None = None,
) -> Generator[Record[Any], None, None]:
    """Yield one record per document, in the order of the documents; ``record.data`` is an instance of ``schema``.

    ``documents`` are paths (files, folders, globs), ``Document`` values, or mappings with a text; ``schema`` a Pydantic
    class or a reference as on the command line; ``model`` a name, 'local' for the embedded model. ``endpoint`` says
    where and how to ask (base URL, key, mode, cache, cassettes), ``options`` how to extract, ``run`` how many at once.
    A document that fails is a record with status ``failed``. Raises LlmxError subclasses for what is wrong with the
    call, the schema, the prompt, the key. Works inside a running event loop too: the work is done in a thread.
    """
    handover = _Handover(aextract(documents, schema, model=model, endpoint=endpoint, options=options, run=run))
    worker = threading.Thread(target=handover.work, name="llmx-extract", daemon=True)
    worker.start()
    try:
        while (item := handover.out.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        handover.leave()
        worker.join()


class _Handover:
    """Carries records from a loop in a thread to the caller. Answers are read, too, while the caller is slow."""

    def __init__(self, stream: AsyncGenerator[Record[Any], None]) -> None:
        self.out: queue.Queue[Record[Any] | BaseException | None] = queue.Queue(_WINDOW)
        self._stream = stream
        self._left = threading.Event()
        self._let_go: Callable[[], object] = lambda: None

    def work(self) -> None:
        """Run the loop to its end."""
        with suppress(asyncio.CancelledError):
            asyncio.run(self._work())

    def leave(self) -> None:
        """Let go of everything: what is on the wire is not waited for, since nobody would get it."""
        self._left.set()
        with suppress(RuntimeError):  # the loop has come to its end
            self._let_go()

    async def _work(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._let_go = lambda: loop.call_soon_threadsafe(task.cancel)
        try:
            async for record in self._stream:
                await self._put(record)
                if self._left.is_set():
                    break
        except Exception as error:  # noqa: BLE001 - raised again where the caller is
            await self._put(error)
        else:
            await self._put(None)
        finally:
            await self._stream.aclose()

    async def _put(self, item: Record[Any] | BaseException | None) -> None:
        while not self._left.is_set():
            try:
                return self.out.put_nowait(item)
            except queue.Full:
                await asyncio.sleep(_LOOK_S)
        return None


async def aextract(
    documents: Input | Iterable[Input],
    schema: type[T] | str | Path,
    *,
    model: str = "",
    endpoint: EndpointSettings | None = None,
    options: Options | None = None,
    run: RunOptions | None = None,
) -> AsyncGenerator[Record[Any], None]:
    """The same as ``extract``, for use with ``async for``."""
    from dataclasses import replace  # noqa: PLC0415

    from llmx.run import RunOptions, run_documents  # noqa: PLC0415 - heavy

    settings = endpoint or EndpointSettings()
    if model:
        settings = replace(settings, model=model)
    extractor = Extractor(cast("Any", schema), options or Options())
    records: asyncio.Queue[Record[Any]] = asyncio.Queue(_WINDOW)
    with answering(settings) as ready:
        async with open_session(extractor, ready) as session:
            job = asyncio.create_task(
                run_documents(_read(documents), session, options=run or RunOptions(), emit=records.put)
            )  # fmt: skip
            try:
                async for record in _until_done(records, job):
                    yield record
                if (error := (await job).error) is not None:
                    raise error  # the key, the cassette or the endpoint: what was not done did not fail in silence
            finally:
                job.cancel()
                await asyncio.gather(job, return_exceptions=True)


async def _until_done(records: asyncio.Queue[Record[Any]], job: asyncio.Task[Any]) -> AsyncGenerator[Record[Any], None]:
    """Yield the records as they come, until ``job`` brings no more."""
    while not (job.done() and records.empty()):
        if records.empty():
            coming = asyncio.ensure_future(records.get())
            try:
                await asyncio.wait({coming, job}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                there = coming.done() or not coming.cancel()
            if there:
                yield coming.result()
        else:
            yield records.get_nowait()


def _read(documents: Input | Iterable[Input]) -> Iterator[Document | Unreadable]:
    """Return the documents; bare strings are paths."""
    if isinstance(documents, str | Path | Document | Unreadable | Mapping):
        documents = [documents]
    return read_documents(documents)
