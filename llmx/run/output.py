"""The output of a run and the manifest beside it, as one: what is done is in both, and only then is it done.

A ``.jsonl`` output grows line by line under its own name and can be gone on with after any end, even ``kill -9``. A
database that is there can be gone on with, too: records are put into it, and what is done stays. Other formats are
written anew by every run; a resumed run gets what is done from the cache of answers.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from llmx.dataclass import dataclass
from llmx.documents import Document, DocumentStream
from llmx.endpoint.settings import shown_url
from llmx.errors import OutputError
from llmx.remote import remote_name
from llmx.run.batch_check import check_no_batch
from llmx.run.document_queue import Input
from llmx.run.document_selection import DocumentSelection
from llmx.run.finished_records import UpdatedRecord
from llmx.run.input_columns import InputColumns, columns_of_run
from llmx.run.json_lines_file import JsonLinesFile
from llmx.run.manifest import UNSEEN, Manifest, Row, locked, manifest_path, place_of_address
from llmx.run.output_backup import OutputBackup
from llmx.run.run_output import RunOutput
from llmx.run.schema_change import Update
from llmx.sinks import DatabaseUrl, check_format, open_sink
from llmx.sinks.formats import is_database, is_json_lines, target_kind
from llmx.sinks.place import exists_error
from llmx.sinks.writing import output_error

if TYPE_CHECKING:
    from llmx.extraction.session import Session
    from llmx.record import Record
    from llmx.run.observer import Live
    from llmx.run.options import OutputOptions
    from llmx.run.record_update import RecordUpdate
    from llmx.run.summary import Summary
    from llmx.run.unmanaged_output import UnmanagedOutput
    from llmx.sinks.open import Sink


_NEXT = "--resume does what is missing or stale, --overwrite begins anew; or name another file with -o"


def check_output(options: OutputOptions, *, log_file: Path | None = None) -> None:
    """Raise OutputError where the output cannot be written as asked: before anybody is asked or paid."""
    target = options.path
    if target is None or target_kind(target) == "stdout":
        return
    if remote_name(target):
        from llmx.run.remote_output import check_remote_output  # noqa: PLC0415 - most outputs are files here

        check_remote_output(options)
        return
    check_format(target)
    if log_file is not None and os.path.realpath(log_file) == os.path.realpath(str(target)):
        raise OutputError(f"{target} is named for the log, too", hint="Name another file with --log-file.")
    if not isinstance(target, Path) or target_kind(target) != "file":
        return
    target = Path(os.path.realpath(target))  # the manifest is beside the file, not beside a link to it
    if not options.batch:
        check_no_batch(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(error, target) from error
    with locked(target):
        backup = OutputBackup(target)
        backup.keep_or_restore()
        backup.sweep()
    there, manifest = target.exists(), manifest_path(target)
    if there and not (options.resumes or options.overwrite or options.upsert):
        hint = f"{_NEXT}; --upsert puts the records into it" if is_database(target) else _NEXT
        raise OutputError(f"{target} exists already", hint=hint) from exists_error(target)
    if there and options.resumes and not manifest.exists():
        raise OutputError(
            f"{target} cannot be gone on with: its manifest {manifest.name} is missing",
            hint="--overwrite begins anew; answers that the cache holds cost nothing.",
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """``write`` writes a record and returns (at, bytes) of its line; with ``commit_each`` its row is committed at once,
    because nothing else remembers the answer. ``read`` returns the line of a row, where lines can be read.
    """

    write: Callable[[Record[Any]], tuple[int, int]]
    commit_each: bool = False
    read: Callable[[Row], dict[str, Any] | None] | None = None


class Output:
    """A file with a manifest. Made by ``open_output``; ``place`` is where the records go."""

    def __init__(
        self,
        manifest: Manifest,
        selection: DocumentSelection,
        *,
        place: _Place,
        columns: InputColumns | None = None,
    ) -> None:
        self.complete = self.broken = self.at_end = False
        self.left = ""
        self._manifest, self._selection, self.columns = manifest, selection, columns
        self._place = place if columns is None else replace(place, write=columns.writing(place.write))
        self.update = Update()
        self._reasons: dict[str, int] = {}
        self._refused: deque[str] = deque(maxlen=10_000)

    @property
    def changes(self) -> list[str]:
        """What a changed schema makes of the documents that are done, for the user to know."""
        return self._selection.changes

    def begin(self, session: Session, live: Live) -> None:
        """Note in the manifest what runs, for ``llmx report``."""
        self._selection.begin(live)
        plan, base_url = session.plan, session.endpoint.base_url
        facts = {
            "model": plan.model, "mode": plan.mode, "schema": plan.schema.name,
            "base_url": shown_url(base_url) if base_url else "", "began": _now(), "ended": "",
        }  # fmt: skip
        for name, value in facts.items():
            self._manifest.set_fact(name, value)

    def pending(self, documents: Iterable[Input]) -> Iterator[Input]:
        """Yield the documents that are to be done, and count the others as skipped.

        How they are read is noted in the manifest, so that their texts are found again.
        """
        if isinstance(documents, DocumentStream):
            self._manifest.set_fact("fields", orjson.dumps(documents.fields.to_json()).decode())
        pending = self._selection.pending(documents)
        return pending if self.columns is None else self.columns.noticed(pending)

    def update_of(self, document: Document) -> RecordUpdate | None:
        """Return the earlier record of ``document`` where only some fields of it are to be asked for."""
        found = self._selection.earlier(document)
        if found is None or self._place.read is None:
            return None
        from llmx.run.record_update import RecordUpdate  # noqa: PLC0415 - only where the schema has changed

        row, change = found
        earlier = self._place.read(row)
        if earlier is None:
            self.ask_whole(document, "its record is no longer there")
            return None
        return RecordUpdate(earlier, change)

    def ask_whole(self, document: Document, reason: str) -> None:
        """Hear that all of ``document`` is asked for after all, and why."""
        self._selection.ask_whole(document, reason)

    def leave(self, document: Document) -> None:
        """Hear that nothing is done about ``document`` in this run."""
        self._selection.discard(document)

    def emit(self, record: Record[Any]) -> None:
        """Write ``record`` and note it as done. Raises OutputError where it cannot be written.

        Where the fields that a changed schema asks for were not answered, the earlier line stays.
        """
        key, task = self._selection.finish(record)
        self._reasons[task.reason] = self._reasons.get(task.reason, 0) + 1
        if task.earlier is not None and record.status in {"failed", "refused"}:
            self._selection.keep_earlier(key, task)
            self.update = self.update.plus(task.earlier[1], answered=False)
            return
        row = self._selection.row(record, key, task, place=self._place.write(record))
        self._manifest.add(row, at_once=self._place.commit_each)
        if task.earlier is not None and isinstance(record, UpdatedRecord):
            self.update = self.update.plus(task.earlier[1], answered=True)
        if record.status == "failed" and any(issue.code == "endpoint" for issue in record.issues):
            self._refused.append(key)
        else:
            self._refused.clear()

    def end(self, summary: Summary) -> None:
        """Note in the manifest how the run ended.

        Where it was the endpoint that failed, the last documents do not lose one of their tries.
        """
        self.complete = not summary.stopped
        self.at_end = summary.stopped in {"", "max_documents"}
        self.broken = summary.stopped == "output"
        with suppress(OutputError) if self.broken else nullcontext():
            self._note_end(summary)

    def _note_end(self, summary: Summary) -> None:
        self._selection.write_positions()  # the source may not have come to its end
        if summary.stopped == "endpoint":
            self._manifest.commit()
            self._manifest.excuse(self._refused)
        facts = {
            "ended": _now(), "reasons": orjson.dumps(self._reasons).decode(),
            "summary": orjson.dumps(summary.to_json()).decode(),
            "left_out": orjson.dumps(summary.left_out).decode(), "update": orjson.dumps(self.update.to_json()).decode(),
        }  # fmt: skip
        for name, value in facts.items():
            self._manifest.set_fact(name, value)

    def be_complete(self) -> None:
        """Raise where the output is a part, so that it does not replace a whole one."""
        if not self.complete:
            raise _EndedEarlyError

    def keep_left(self, end: _EndedEarlyError) -> None:
        """Say in ``left`` where the sink has put the records of a run that ended early."""
        self.left = "; ".join(getattr(end, "__notes__", ()))


class _EndedEarlyError(Exception):
    """A run was stopped: what was written so far is kept as after a fault."""


@contextmanager
def open_output(output: OutputOptions, session: Session, *, ordered: bool) -> Iterator[RunOutput]:
    """Open an output for a run within the ``with`` block. ``check_output`` comes before.

    Raises OutputError where another run writes it.
    """
    target = output.path
    if isinstance(target, DatabaseUrl):
        with _at_address(target, session, output=output) as made:
            yield made
        return
    if not isinstance(target, Path) or target_kind(target) != "file":
        if output.resumes:  # only a file has a manifest beside it
            hint = "Name one with -o, best a .jsonl file."
            raise OutputError("--resume needs an output that is a file or a database", hint=hint)
        with _unmanaged(output) as plain:
            yield plain
        return
    target = Path(os.path.realpath(target))
    with ExitStack() as stack:
        stack.enter_context(locked(target))
        backup = OutputBackup(target)
        if output.overwrite:
            backup.put()
        opened: list[Output] = []
        stack.callback(lambda: backup.keep_or_restore(complete=any(each.complete for each in opened)))
        manifest = Manifest(manifest_path(target))
        stack.callback(manifest.close)
        if not target.exists():
            manifest.forget()
        manifest.move_positions(UNSEEN)
        if is_database(target) and target.exists():
            managed = _in_place(target, manifest, session, output=output)
        elif is_json_lines(target):
            managed = _json_lines(target, manifest, session, output=output, ordered=ordered)
        else:
            managed = _whole_file(target, manifest, session, output=output)
        opened.append(stack.enter_context(managed))
        yield opened[0]


@contextmanager
def _unmanaged(output: OutputOptions) -> Iterator[UnmanagedOutput]:
    columns = InputColumns(output.keep_columns) if output.keep_columns else None
    with open_sink(output.path, overwrite=output.overwrite, csv_safe=output.csv_safe, kept=columns is not None) as sink:
        emit = partial(_write_rows, sink)
        from llmx.run.unmanaged_output import UnmanagedOutput  # noqa: PLC0415 - most runs write to a file

        yield UnmanagedOutput(emit if columns is None else columns.writing(emit), columns)


@contextmanager
def _at_address(target: DatabaseUrl, session: Session, *, output: OutputOptions) -> Iterator[RunOutput]:
    """Put the records into a database with an address, whose manifest is the user's own, on this machine.

    Of two runs that write there at once only the first has it.
    """
    place = place_of_address(str(target))
    with ExitStack() as stack:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(place))
        except (OSError, OutputError) as error:
            if output.resumes:
                raise OutputError(f"{target} cannot be gone on with: {error}") from error
            yield stack.enter_context(_unmanaged(output))
            return
        manifest = Manifest(manifest_path(place))
        stack.callback(manifest.close)
        manifest.move_positions(UNSEEN)
        yield stack.enter_context(_in_place(target, manifest, session, output=output))


def _forget_gone(manifest: Manifest, there: set[str]) -> None:
    """Forget the documents of which a database that others change has no record any more."""
    for (key,) in manifest.query("select id from documents"):
        if key.partition("\0")[0] not in there:
            manifest.remove(key)


def _write_rows(sink: Sink, record: Record[Any]) -> None:
    for row in record.rows:
        sink.write(row, document=record.id)


def _selection(
    manifest: Manifest, session: Session, output: OutputOptions, *, passes_over: bool, updates: bool = False
) -> DocumentSelection:
    base_urls = [shown_url(url) if (url := model.endpoint.base_url) else "" for model in session.models]
    return DocumentSelection(
        manifest, session.plan, output, passes_over=passes_over, base_urls=base_urls, updates=updates
    )


@contextmanager
def _json_lines(
    target: Path, manifest: Manifest, session: Session, *, output: OutputOptions, ordered: bool
) -> Iterator[Output]:
    lines = JsonLinesFile(target, manifest)
    selection = _selection(manifest, session, output, passes_over=output.resumes, updates=output.resumes)
    columns = columns_of_run(manifest, output, stay=output.resumes)
    repeatable = session.endpoint.retention.repeatable
    made = Output(manifest, selection, place=_Place(lines.write, not repeatable, lines.read), columns=columns)
    try:
        yield made
        if not made.broken:
            lines.tidy(ordered=ordered and made.at_end)
    finally:
        try:
            manifest.commit()
        finally:
            lines.close()


@contextmanager
def _whole_file(target: Path, manifest: Manifest, session: Session, *, output: OutputOptions) -> Iterator[Output]:
    if output.resumes and target.exists() and not session.endpoint.retention.repeatable:
        raise OutputError(
            f"a {target.suffix} output is written anew when it is resumed, for which the cache is needed",
            hint="Leave out --no-cache, or write to a .jsonl file.",
        )
    selection = _selection(manifest, session, output, passes_over=False)
    columns = columns_of_run(manifest, output, stay=False)
    made: Output | None = None
    try:
        with open_sink(target, overwrite=output.resumes, csv_safe=output.csv_safe, kept=columns is not None) as sink:

            def write(record: Record[Any]) -> tuple[int, int]:
                _write_rows(sink, record)
                return -1, 0

            made = Output(manifest, selection, place=_Place(write, commit_each=True), columns=columns)
            yield made
            made.be_complete()
    except _EndedEarlyError as end:
        assert made is not None
        made.keep_left(end)


@contextmanager
def _in_place(
    target: Path | DatabaseUrl, manifest: Manifest, session: Session, *, output: OutputOptions
) -> Iterator[Output]:
    """Put the records into a database: each group before its documents are noted as done."""
    columns = columns_of_run(manifest, output, stay=output.resumes)
    with open_sink(target, upsert=True) as sink:
        if isinstance(target, DatabaseUrl) and output.resumes:
            _forget_gone(manifest, sink.documents())
        selection = _selection(manifest, session, output, passes_over=output.resumes, updates=output.resumes)
        sink.expect(session.plan.schema.record_model)

        def write(record: Record[Any]) -> tuple[int, int]:
            _write_rows(sink, record)
            return -1, 0

        manifest.before_commit = sink.flush
        repeatable = session.endpoint.retention.repeatable
        place = _Place(write, not repeatable, lambda row: sink.read(row.id))
        made = Output(manifest, selection, place=place, columns=columns)
        try:
            yield made
        finally:
            manifest.commit()


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
