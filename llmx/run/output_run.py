"""A run into an output: documents in, a file with its manifest out; and what such a run would still have to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from llmx.collector import collector_at_rest
from llmx.documents import DocumentStream
from llmx.remote import remote_name
from llmx.run.budget import Budget
from llmx.run.document_queue import DocumentQueue, Input
from llmx.run.document_selection import DocumentSelection
from llmx.run.finished_records import finished_records
from llmx.run.logfile import opened_log
from llmx.run.manifest import SUFFIX, Manifest, manifest_path, place_of_address
from llmx.run.observer import Live, NullObserver, RunObserver, RunObservers
from llmx.run.output import check_output, open_output
from llmx.run.record_maker import EarlierRecords, Opener
from llmx.run.run_output import RunOutput
from llmx.run.runner import Run
from llmx.run.summary import Summary
from llmx.sinks import DatabaseUrl, check_columns
from llmx.sinks.formats import keeps_records

if TYPE_CHECKING:
    from llmx.extraction.plan import Plan
    from llmx.extraction.session import Session
    from llmx.run.options import OutputOptions, RunOptions


async def run_to_output(
    documents: Iterable[Input],
    session: Session,
    *,
    output: OutputOptions,
    options: RunOptions,
    observer: RunObserver | None = None,
    opener: Opener | None = None,
) -> Summary:
    """Extract from ``documents`` into ``output``, with a manifest beside it where it is a file; return what was done.

    ``opener`` says which documents may be worked on, in a batch run.

    Raises OutputError where the output cannot be written as asked, is being written by another run, or was changed
    since; and what ``run_documents`` raises.
    """
    check_output(output, log_file=options.log_file)
    if remote_name(output.path):
        from llmx.run.remote_output import staged_output  # noqa: PLC0415 - most outputs are files here

        async with staged_output(output) as local:
            return await run_to_output(documents, session, output=local, options=options, observer=observer)
    check_columns(output.path, session.plan.schema.record_model)
    if options.processes != 1:
        from llmx.run.processes.maker import process_count  # noqa: PLC0415 - only where they are asked for

        process_count(options, session)
    Budget.of(options, session)  # what it refuses is refused before anything is written
    with ExitStack() as stack:
        log, metrics = stack.enter_context(opened_log(options)), stack.enter_context(options.opened_metrics())
        opened = stack.enter_context(open_output(output, session, ordered=options.ordered))
        left_out = documents.left_out if isinstance(documents, DocumentStream) else {}
        observers = RunObservers(
            _OutputObserver(opened, session), observer, log, metrics, options.progress_of(documents)
        )
        run = Run(
            DocumentQueue(opened.pending(documents), left_out=left_out), session, options=options, emit=opened.emit,
            observer=observers,
            earlier=EarlierRecords(stack.enter_context(finished_records(session)), opened, opener),
        )  # fmt: skip
        for change in opened.changes:
            observers.note(change)
        stack.enter_context(collector_at_rest())
        summary = await run.go()
        for told in () if opened.columns is None else opened.columns.notes():
            observers.note(told)
    return replace(summary, left=opened.left, update=opened.update)


class _OutputObserver(NullObserver):
    """Tells an output when its run begins and ends."""

    def __init__(self, output: RunOutput, session: Session) -> None:
        self._output, self._session = output, session

    def begin(self, live: Live) -> None:
        """Pass it on."""
        self._output.begin(self._session, live)

    def end(self, summary: Summary) -> None:
        """Pass it on."""
        self._output.end(summary)


def left_to_do(
    documents: Iterable[Input],
    plan: Plan,
    *,
    output: OutputOptions,
    options: RunOptions,
    note: Callable[[str], None] = lambda _: None,
) -> Iterator[Input]:
    """Yield the documents that a run into ``output`` would do. Writes nothing: it looks at a copy of the manifest.

    ``note`` hears what the user should know, such as what a changed schema asks for.
    """
    with ExitStack() as stack:
        if output.resumes and (name := remote_name(output.path)):
            from llmx.run.remote_output import StagedOutput  # noqa: PLC0415 - most outputs are files here

            staged = StagedOutput(name, Path(stack.enter_context(TemporaryDirectory())))
            staged.fetch()
            output = replace(output, path=staged.local)
        named = output.path
        at_address = isinstance(named, DatabaseUrl)
        target = Path(os.path.realpath(named)) if isinstance(named, Path) else None
        target = place_of_address(str(named)) if at_address else target
        if output.resumes and target is not None and manifest_path(target).exists():
            folder = Path(stack.enter_context(TemporaryDirectory()))
            for end in (SUFFIX, f"{SUFFIX}-wal"):
                if (path := target.with_name(target.name + end)).exists():
                    shutil.copy(path, folder / f"copy{end}")
            manifest = Manifest(folder / f"copy{SUFFIX}")
            stack.callback(manifest.close)
            selection = DocumentSelection(
                manifest, plan, output, passes_over=True, updates=at_address or keeps_records(target)
            )
            for change in selection.changes:
                note(change)
            documents = _pending(selection, documents)
        yield from islice(documents, options.max_documents)


def _pending(selection: DocumentSelection, documents: Iterable[Input]) -> Iterator[Input]:
    for document in selection.pending(documents):
        selection.discard(document)
        yield document
