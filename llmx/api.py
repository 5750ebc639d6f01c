"""The library's face: ``llmx.extract`` and its asynchronous twin."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from pydantic import BaseModel

from llmx.documents import Document, Unreadable, read_documents
from llmx.endpoint import EndpointSettings
from llmx.plan import Extractor, Options
from llmx.record import Record
from llmx.session import answering, open_session

if TYPE_CHECKING:
    from llmx.run import RunOptions

T = TypeVar("T", bound=BaseModel)
Input = str | Path | Document | Mapping[str, Any]

_WINDOW = 64  # records waiting for the caller; beyond that the run waits


@overload
def extract(
    documents: Input | Iterable[Input],
    schema: type[T],
    *,
    model: str = ...,
    endpoint: EndpointSettings | None = ...,
    options: Options | None = ...,
    run: RunOptions | None = ...,
) -> Iterator[Record[T]]: ...
@overload
def extract(
    documents: Input | Iterable[Input],
    schema: str | Path,
    *,
    model: str = ...,
    endpoint: EndpointSettings | None = ...,
    options: Options | None = ...,
    run: RunOptions | None = ...,
) -> Iterator[Record[Any]]: ...
def extract(
    documents: Input | Iterable[Input],
    schema: type[T] | str | Path,
    *,
    model: str = "",
    endpoint: EndpointSettings | None = None,
    options: Options | None = None,
    run: RunOptions | None = None,
) -> Iterator[Record[Any]]:
    """Yield one record per document, in the order of the documents; ``record.data`` is an instance of ``schema``.

    ``documents`` are paths (files, folders, globs), ``Document`` values, or mappings with a text; ``schema`` a Pydantic
    class or a reference as on the command line; ``model`` a name, 'local' for the embedded model. ``endpoint`` says
    where and how to ask (base URL, key, mode, cache, cassettes), ``options`` how to extract, ``run`` how many at once.
    A document that fails is a record with status ``failed``. Raises LlmxError subclasses for what is wrong with the
    call, the schema, the prompt, the key. Works inside a running event loop too: the work is done in a thread.
    """
    out: queue.Queue[Record[Any] | BaseException | None] = queue.Queue(_WINDOW)
    stop = threading.Event()

    def put(item: Record[Any] | BaseException | None) -> None:
        while not stop.is_set():
            try:
                return out.put(item, timeout=0.2)
            except queue.Full:
                continue
        return None

    async def work() -> None:
        stream = aextract(documents, schema, model=model, endpoint=endpoint, options=options, run=run)
        async for record in stream:
            put(record)
            if stop.is_set():
                break

    def thread() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:  # noqa: BLE001 - raised again where the caller is
            put(error)
        else:
            put(None)

    worker = threading.Thread(target=thread, name="llmx-extract", daemon=True)
    worker.start()
    try:
        while (item := out.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        worker.join()


async def aextract(
    documents: Input | Iterable[Input],
    schema: type[T] | str | Path,
    *,
    model: str = "",
    endpoint: EndpointSettings | None = None,
    options: Options | None = None,
    run: RunOptions | None = None,
) -> AsyncIterator[Record[Any]]:
    """The same as ``extract``, for use with ``async for``."""
    from dataclasses import replace  # noqa: PLC0415

    from llmx.run import RunOptions, run_documents  # noqa: PLC0415 - heavy

    settings = endpoint or EndpointSettings()
    if model:
        settings = replace(settings, model=model)
    extractor = Extractor(cast("Any", schema), options or Options())
    records: asyncio.Queue[Record[Any] | None] = asyncio.Queue()
    with answering(settings) as ready:
        async with open_session(extractor, ready) as session:
            job = asyncio.create_task(
                run_documents(
                    _read(documents),
                    session.plan,
                    session.endpoint,
                    options=run or RunOptions(ordered=True),
                    emit=records.put_nowait,
                )
            )
            job.add_done_callback(lambda _: records.put_nowait(None))
            try:
                while (record := await records.get()) is not None:
                    yield record
                if (error := (await job).error) is not None:
                    raise error  # the key, the cassette or the endpoint: what was not done did not fail in silence
            finally:
                job.cancel()


def _read(documents: Input | Iterable[Input]) -> Iterator[Document | Unreadable]:
    """Return the documents; bare strings are paths."""
    if isinstance(documents, str | Path | Document | Mapping):
        documents = [documents]
    return read_documents(documents)
