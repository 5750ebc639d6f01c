"""The library's face: ``extract`` gives records, ``aextract`` gives them asynchronously, ``extract_to`` writes them."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack, cast, overload

from pydantic import BaseModel

from llmx.documents import Document, DocumentStream, Input, RowFields, Unreadable, read_documents
from llmx.endpoint import EndpointSettings
from llmx.errors import did_you_mean
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.redaction import redacted
from llmx.extraction.session import answering, open_session
from llmx.record import Record
from llmx.records import Records, RecordStream, arrow_of, frame_documents

if TYPE_CHECKING:
    from llmx.run import OutputOptions, RunOptions, Summary

T = TypeVar("T", bound=BaseModel)

_WINDOW = 64  # records waiting for the caller; beyond that the run waits
_LOOK_S = 0.01  # how often it looks whether there is room again


class Asked(TypedDict, total=False):
    """Who is asked, as ``extract`` and its kin take it.

    ``model`` is a name, or 'local' for the embedded model. ``endpoint`` says where and how to ask (base URL, key, mode,
    cache, cassettes, fallbacks). ``client`` is a client of instructor, sync or async: its model, address, key, headers,
    mode and default arguments hold, and ``endpoint`` says the rest.
    """

    model: str
    endpoint: EndpointSettings | None
    client: Any


class FrameAsked(Asked, total=False):
    """What ``extract_frame`` takes besides."""

    options: Options | None
    run: RunOptions | None


@overload
def extract(
    documents: Input | Iterable[Input],
    schema: type[T],
    *,
    options: Options | None = ...,
    run: RunOptions | None = ...,
    **asked: Unpack[Asked],
) -> RecordStream[T]: ...
@overload
def extract(
    documents: Input | Iterable[Input],
    schema: type[Sequence[T]],
    *,
    options: Options | None = ...,
    run: RunOptions | None = ...,
    **asked: Unpack[Asked],
) -> RecordStream[T]: ...
@overload
def extract(
    documents: Input | Iterable[Input],
    schema: str | Path,
    *,
    options: Options | None = ...,
    run: RunOptions | None = ...,
    **asked: Unpack[Asked],
) -> RecordStream[Any]: ...
def extract(
    documents: Input | Iterable[Input],
    schema: type[T | Sequence[T]] | str | Path,
    *,
    options: Options | None = None,
    run: RunOptions | None = None,
    **asked: Unpack[Asked],
) -> Generator[Record[Any], None, None]:
    """Yield one record per document, in the order of the documents; ``record.data`` is an instance of ``schema``.
    ``to_pandas``, ``to_polars`` and ``to_arrow`` of what is returned make a table of them.

    With a list for a schema (``list[Invoice]``) a document may hold several records: each is yielded by itself, with
    the id ``DOCUMENT#1``, ``DOCUMENT#2`` …, and its data is one element. A document that holds none is one record
    without data, under its own id.

    ``documents`` are paths (files, folders, globs), bytes, open files, ``Document`` values, or mappings with a
    text. ``schema`` is a Pydantic class or a reference as on the command line. Who is asked: ``model`` is a name,
    or 'local' for the embedded model; ``endpoint`` says where and how to ask (base URL, key, mode, cache,
    cassettes, fallbacks); ``client`` is a client of instructor, sync or async, whose model, address, key, headers,
    mode and default arguments hold. ``options`` say how to extract, ``run`` how many requests to send at once,
    which bounds to keep, and whether the order matters (``ordered=False`` yields each record as soon as it is
    done).

    A document that fails is a record with status ``failed``. Raises LlmxError subclasses for what is wrong with the
    call, the schema, the prompt or the key; and after the records so far, BudgetError where a bound on cost or tokens
    is reached and EndpointError where the endpoint stays away. Works inside a running event loop too: a thread does the
    work, so ``run`` must not ask for ``signals``.
    """
    _check_names(asked)
    return RecordStream(_handed_over(aextract(documents, schema, options=options, run=run, **asked)))


def extract_frame(
    frame: Any,
    schema: type[T | Sequence[T]] | str | Path,
    *,
    text: str = "text",
    id: str = "id",  # noqa: A002 - the column's name, as in a row
    date: str | None = None,
    **how: Unpack[FrameAsked],
) -> Records[T]:
    """Return the records of the rows of ``frame``, a data frame of pandas, polars, pyarrow or another that is Arrow.

    ``text``, ``id`` and ``date`` name the columns with the text of each row, its id (without one, the number of the
    row, from 0) and its date. ``to_pandas`` and its kin of what is returned give the rows with their own columns as
    they were, and those of the data beside them. The other arguments are those of ``extract``.

    Raises UsageError where a column is missing, and otherwise what ``extract`` raises.
    """
    _check_names(how)
    table = arrow_of(frame)
    columns = RowFields(text=text, id=id, date=date)
    return Records(extract(frame_documents(table, columns), cast("Any", schema), **how), beside=table)


def _handed_over(stream: AsyncGenerator[Record[Any], None]) -> Generator[Record[Any], None, None]:
    """Yield the records of a run in a thread."""
    handover = _Handover(stream)
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
    schema: type[T | Sequence[T]] | str | Path,
    *,
    options: Options | None = None,
    run: RunOptions | None = None,
    **asked: Unpack[Asked],
) -> AsyncGenerator[Record[Any], None]:
    """The same as ``extract``, for use with ``async for``; in the main thread ``run`` may ask for ``signals``."""
    from llmx.run import LogNotes, RunOptions, run_documents  # noqa: PLC0415 - heavy

    _check_names(asked)
    settings, chosen = _settled(options or Options(), **asked)
    extractor = Extractor(cast("Any", schema), chosen)
    records: asyncio.Queue[Record[Any]] = asyncio.Queue(_WINDOW)

    async def put(record: Record[Any]) -> None:
        for row in record.rows:
            await records.put(row)

    with answering(settings) as ready:
        how = (run or RunOptions()).suited_to(ready, asked=settings)
        source = redacted(_read(documents, exclude=[] if how.log_file is None else [how.log_file]), settings)
        async with open_session(extractor, ready) as session:
            job = asyncio.create_task(run_documents(source, session, options=how, emit=put, observer=LogNotes()))
            try:
                async for record in _until_done(records, job):
                    yield record
                if (error := (await job).error) is not None:
                    raise error  # the documents that were not done did not fail in silence
            finally:
                job.cancel()
                await asyncio.gather(job, return_exceptions=True)


def extract_to(
    output: str | Path | OutputOptions,
    documents: Input | Iterable[Input],
    schema: type[BaseModel | Sequence[Any]] | str | Path,
    *,
    options: Options | None = None,
    run: RunOptions | None = None,
    **asked: Unpack[Asked],
) -> Summary:
    """Write one record per document to ``output`` and return a summary, as ``llmx extract -o`` does.

    ``output`` is a path whose suffix says the format, the address of a database (``postgresql://…``), or
    ``OutputOptions`` that also say what to do about a file that exists: ``resume``, ``retry_failed``, ``overwrite`` or
    ``upsert``. A file gets a manifest beside it, so that a later call can go
    on with it. The other arguments are those of ``extract``.

    Raises OutputError where the output exists or cannot be written, and otherwise what ``extract`` raises; records that
    are done are in the output then. Inside a running event loop a thread does the work, so ``run`` must not ask for
    ``signals`` there.
    """
    from llmx.run import OutputOptions  # noqa: PLC0415 - heavy
    from llmx.sinks import output_target  # noqa: PLC0415

    _check_names(asked)
    destination = output if isinstance(output, OutputOptions) else OutputOptions(output_target(output))
    settings, chosen = _settled(options or Options(), **asked)
    extractor = Extractor(cast("Any", schema), chosen)
    written = [destination.path, run.log_file if run else None]
    source = redacted(_read(documents, exclude=[path for path in written if isinstance(path, Path)]), settings)
    summary = _ran(_extracted_to(destination, source, extractor, settings=settings, run=run))
    if summary.error is not None:
        raise summary.error
    return summary


def _check_names(given: Mapping[str, object]) -> None:
    """Raise TypeError for an argument that there is not, and say which object takes it."""
    known = FrameAsked.__annotations__
    if not (unknown := sorted(given.keys() - known.keys())):
        return
    from llmx.run import RunOptions  # noqa: PLC0415 - heavy

    takers = {"endpoint": EndpointSettings, "options": Options, "run": RunOptions}
    homes = [f"give {role}=llmx.{taker.__name__}({unknown[0]}=…)" for role, taker in takers.items()
             if any(field.name == unknown[0] for field in fields(taker))]  # fmt: skip
    hint = homes[0] if homes else did_you_mean(unknown[0], known).strip()
    raise TypeError(f"there is no argument {unknown[0]!r}" + (f": {hint}" if hint else ""))


def _settled(
    options: Options, *, model: str = "", endpoint: EndpointSettings | None = None, client: Any = None
) -> tuple[EndpointSettings, Options]:
    """Return the endpoint that is asked, and ``options`` with what a client has as defaults beside its endpoint's."""
    settings = endpoint or EndpointSettings()
    if client is None:
        return (replace(settings, model=model) if model else settings), options
    from llmx.endpoint.instructor_client import client_settings  # noqa: PLC0415 - only where it is used

    made = client_settings(client, settings, model=model)
    usual = Options()
    defaults = {name: value for name, value in made.options.items() if getattr(options, name) == getattr(usual, name)}
    return made.endpoint, replace(options, **defaults)


async def _extracted_to(
    output: OutputOptions,
    documents: Iterator[Document | Unreadable],
    extractor: Extractor,
    *,
    settings: EndpointSettings,
    run: RunOptions | None,
) -> Summary:
    from llmx.run import LogNotes, RunOptions, check_output, run_to_output  # noqa: PLC0415 - heavy

    options = run or RunOptions()
    check_output(output, log_file=options.log_file)
    with answering(settings) as ready:
        async with open_session(extractor, ready) as session:
            options = options.suited_to(ready, asked=settings)
            return await run_to_output(documents, session, output=output, options=options, observer=LogNotes())


def _ran(job: Coroutine[Any, Any, Summary]) -> Summary:
    """Run ``job`` to its end on a loop of its own, in a thread of its own where a loop is running already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(job)
    with ThreadPoolExecutor(1, thread_name_prefix="llmx-extract") as pool:
        return pool.submit(asyncio.run, job).result()


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


def _read(documents: Input | Iterable[Input], exclude: Sequence[Path] = ()) -> DocumentStream:
    """Return the documents, without the files of ``exclude``; bare strings are paths."""
    return read_documents(documents, exclude=exclude)
