"""The output of a run and the manifest beside it, as one: what is done is in both, and only then is it done.

A ``.jsonl`` output grows line by line under its own name and can be gone on with after any end, even ``kill -9``. Other
formats are written anew by every run; there a resumed run gets what is done from the cache of answers.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from llmx.documents import Document, Unreadable
from llmx.errors import OutputError, UsageError
from llmx.run.aside import Aside
from llmx.run.finished import FinishedRecord
from llmx.run.manifest import SUFFIX, Made, Manifest, Row, Task, locked, row_of, text_hash
from llmx.sinks import check_format, open_sink
from llmx.sinks.place import exists_error
from llmx.sinks.writing import dump, output_error

if TYPE_CHECKING:
    from llmx.extraction.plan import Plan
    from llmx.record import Record
    from llmx.run.options import RunOptions
    from llmx.run.summary import Live

Input = Document | Unreadable
LINES = frozenset({".jsonl", ".ndjson"})
MOST_TRIES = 3
"""Runs in which a document may fail before resuming leaves it alone; --retry-failed tries it again all the same."""

_UNSEEN = 10**12  # added to the places of documents that this run has not met yet


def check_output(target: Path | None, options: RunOptions) -> None:
    """Raise OutputError where ``target`` cannot be written as asked: before anybody is asked or paid."""
    if target is None or str(target) == "-":
        return
    check_format(target)
    if options.log_file is not None and os.path.realpath(options.log_file) == os.path.realpath(target):
        raise OutputError(f"{target} is named for the log, too", hint="Name another file with --log-file.")
    if not _has_manifest(target):
        return
    target = Path(os.path.realpath(target))  # the manifest is beside the file, not beside a link to it
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(error, target) from error
    with locked(target):
        Aside(target).settle()
        Aside(target).sweep()
    there, known = target.exists(), _manifest_path(target).exists()
    if there and not (options.resume or options.overwrite):
        raise OutputError(f"{target} exists already", hint=_NEXT) from exists_error(target)
    if there and options.resume and not known:
        raise OutputError(
            f"{target} cannot be gone on with: its manifest {_manifest_path(target).name} is missing",
            hint="--overwrite begins anew; answers that the cache holds cost nothing.",
        )


_NEXT = "--resume does what is missing or stale, --overwrite begins anew; or name another file with -o"


def _has_manifest(target: Path | None) -> bool:
    """Whether ``target`` is a file; standard output, folders and pipes have no manifest beside them."""
    return (
        target is not None and str(target) != "-" and bool(target.suffix) and (target.is_file() or not target.exists())
    )


def _manifest_path(target: Path) -> Path:
    return target.with_name(target.name + SUFFIX)


class Output:
    """Where the records of a run go. Made by ``open_output``.

    ``pending`` wraps the source, so that what is done is left out; ``emit`` writes a record. ``whys`` counts why
    documents were done: new, changed text (schema, prompt, model, options), failed before. ``left`` says where the
    records are of a run that was stopped, and whose format is written as a whole.
    """

    def __init__(
        self, manifest: Manifest, plan: Plan, options: RunOptions, *, write: Callable[[Record[Any]], tuple[int, int]]
    ) -> None:
        self.manifest, self.options = manifest, options
        self.made = Made.by(plan)
        self.plan_number = manifest.plan_number(self.made)
        self.skipping = False
        self.at_once = True
        self.whys: dict[str, int] = {}
        self.live: Live | None = None
        self._write = write
        self._plans: dict[int, str] = {}
        self.complete = False
        self.left = ""
        self._working: dict[str, Task] = {}
        self._passed: list[tuple[int, str]] = []
        self._refused: deque[str] = deque(maxlen=10_000)
        self._known = bool(manifest.query("select 1 from documents limit 1"))
        self._unreadable = {key for (key,) in manifest.query("select id from documents where instr(id, char(0))")}

    def pending(self, documents: Iterable[Input]) -> Iterator[Input]:
        """Yield the documents that are to be done, and count the others as skipped."""
        for position, document in enumerate(documents):
            key = _key(document)
            hashed = text_hash(document)
            row = self.manifest.row(key) if self._known else None
            why = self._why(document, hashed, row)
            if not why:
                self._pass(position, key, ok=row is not None and row.status == "ok")
                continue
            if key in self._working:
                hint = "Give each an id of its own; read_documents sees to it."
                raise UsageError(f"two documents have the id {document.id!r}", hint=hint)
            tries = row.tries if row is not None and why == "failed before" else 0
            self._working[key] = Task(hashed, position, tries, why)
            yield document
        self._settle_positions()

    def _why(self, document: Input, hashed: str, row: Row | None) -> str:
        """Return why ``document`` is to be done, '' where it is not."""
        if self._unreadable and isinstance(document, Document):
            self._readable_now(f"{document.id}\0{document.source}")
        if row is None:
            return "new"
        if row.hash != hashed:
            return "changed text"
        if row.plan != self.plan_number and (difference := self._difference(row.plan)):
            return difference
        if row.status == "failed" and (row.tries < MOST_TRIES or self.options.retry_failed):
            return "failed before"
        if row.status != "ok" and self.options.retry_failed:
            return "failed before"
        return "" if self.skipping else "done before, written anew"

    def _readable_now(self, key: str) -> None:
        if key in self._unreadable:
            self._unreadable.discard(key)
            self.manifest.remove(key)

    def _difference(self, number: int) -> str:
        if number not in self._plans:
            self._plans[number] = self.made.difference(self.manifest.plan(number))
        return self._plans[number]

    def _pass(self, position: int, key: str, *, ok: bool) -> None:
        self._passed.append((position, key))
        if self.live is not None:
            self.live.skipped += 1
            self.live.skipped_not_ok += not ok
        if len(self._passed) >= 1000:
            self._settle_positions()

    def _settle_positions(self) -> None:
        if self._passed:
            self.manifest.set_positions(self._passed)
            self._passed.clear()

    def emit(self, record: Record[Any]) -> None:
        """Write ``record`` and take it down as done. Raises OutputError where it cannot be written."""
        key = _record_key(record)
        task = self._working.pop(key)
        place = self._write(record)
        self.manifest.add(row_of(record, key, task, plan=self.plan_number, place=place), at_once=self.at_once)
        self.whys[task.why] = self.whys.get(task.why, 0) + 1
        if record.status == "failed" and any(issue.code == "endpoint" for issue in record.issues):
            self._refused.append(key)
        else:
            self._refused.clear()

    def discard(self, document: Input) -> None:
        """Hear that nothing is done about a document that was ``pending``."""
        self._working.pop(_key(document), None)

    def excuse(self) -> None:
        """Do not count it as a try of theirs that the last documents failed: it was the endpoint that did."""
        self.manifest.commit()
        self.manifest.excuse(self._refused)

    # what it hears as a watch
    def begin(self, live: Live) -> None:
        """Know whom to tell of documents that are skipped."""
        self.live = live
        live.skipped = live.skipped_not_ok = 0


class Lines:
    """A ``.jsonl`` file that grows. Every line is handed to the operating system before its row is committed."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path, self.manifest = path, manifest
        self.scratch = path.with_name(f".{path.name}.sorting")
        self._settle_move()
        end = self._end() if path.exists() else 0
        try:
            self.file: BinaryIO = path.open("r+b" if path.exists() else "w+b", buffering=0)
            self.file.truncate(end)
            self.file.seek(end)
        except OSError as error:
            raise output_error(error, path) from error
        self.at = end
        if not end:
            manifest.lose_lines(0)

    def write(self, record: Record[Any]) -> tuple[int, int]:
        """Append the line of ``record``; return where it stands and its length in bytes."""
        line = (record.line if isinstance(record, FinishedRecord) else dump(record.to_json())) + b"\n"
        at = self.at
        try:
            written = self.file.write(line)
            while written < len(line):  # a signal, or a disk that is nearly full
                written += self.file.write(line[written:])
        except OSError as error:
            with suppress(OSError):
                self.file.truncate(at)
            raise output_error(error, self.path) from error
        self.at += len(line)
        return at, len(line)

    def _end(self) -> int:
        """Return where the last line ends that the manifest knows; what follows was not finished."""
        size = self.path.stat().st_size
        self.manifest.lose_lines(size)
        rows = self.manifest.query("select id, at, bytes from documents where at >= 0 order by at desc limit 1")
        rows += self.manifest.query("select id, at, bytes from documents where at >= 0 order by at limit 1")
        with self.path.open("rb") as file:
            for key, at, length in rows:
                file.seek(at)
                line = file.read(length)
                if not line.endswith(b"\n") or b"\n" in line[:-1] or dump(key.partition("\0")[0]) not in line:
                    raise OutputError(
                        f"{self.path} was changed since it was written: the line of {key!r} is not at byte {at:,}",
                        hint="--overwrite begins anew; answers that the cache holds cost nothing.",
                    )
        return int(rows[0][1] + rows[0][2]) if rows else 0

    def tidy(self, *, ordered: bool) -> None:
        """Write the file anew where it holds lines that later ones replaced, or, if ``ordered``, lines out of order."""
        self.manifest.commit()
        total = int(self.manifest.query("select coalesce(sum(bytes), 0) from documents where at >= 0")[0][0])
        if total == self.at and not (ordered and self._out_of_order()):
            return
        self.manifest.plan_move(self._sorted_lines("position, at" if ordered else "at"))
        self.scratch.replace(self.path)
        self.manifest.finish_move()
        self.file.close()
        self.at = self.path.stat().st_size

    def _sorted_lines(self, order: str) -> Iterator[tuple[str, int, int]]:
        """Write the lines to the scratch file, one at a time; yield where each of them stands there."""
        at = 0
        with self.path.open("rb") as source, self.scratch.open("wb") as target:
            for row in self.manifest.rows(order):
                source.seek(row.at)
                target.write(source.read(row.bytes))
                yield row.id, at, row.bytes
                at += row.bytes
            target.flush()
            os.fsync(target.fileno())

    def _out_of_order(self) -> bool:
        places = (row.at for row in self.manifest.rows("position, at") if row.at >= 0)
        return any(now < before for before, now in pairwise(places))

    def _settle_move(self) -> None:
        """End what a killed ``tidy`` began: the file was moved, or it was not."""
        if self.manifest.moving():
            if self.scratch.exists():
                self.manifest.drop_move()
            else:
                self.manifest.finish_move()
        self.scratch.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file."""
        self.file.close()


@contextmanager
def open_output(target: Path | None, plan: Plan, options: RunOptions, *, cached: bool) -> Iterator[Output | Bare]:
    """Open ``target`` for a run within the ``with`` block; ``cached`` says that answers are kept in a cache.

    ``check_output`` comes before. Raises OutputError where another run writes it.
    """
    if not _has_manifest(target):
        if options.resume:
            raise OutputError("--resume needs an output that is a file", hint="Name one with -o, best a .jsonl file.")
        with open_sink(target, overwrite=options.overwrite) as sink:
            yield Bare(sink.write)
        return
    assert target is not None
    target = Path(os.path.realpath(target))
    with ExitStack() as stack:
        stack.enter_context(locked(target))
        aside = Aside(target)
        if options.overwrite:
            aside.put()
        opened: list[Output] = []
        stack.callback(lambda: aside.settle(complete=any(output.complete for output in opened)))
        manifest = Manifest(_manifest_path(target))
        stack.callback(manifest.close)
        if not target.exists():
            manifest.forget()
        manifest.move_positions(_UNSEEN)
        if target.suffix.lower() in LINES:
            outputs = _to_lines(target, manifest, plan, options=options, cached=cached)
        else:
            outputs = _to_sink(target, manifest, plan, options=options, cached=cached)
        with outputs as output:
            opened.append(output)
            yield output


@contextmanager
def _to_lines(target: Path, manifest: Manifest, plan: Plan, *, options: RunOptions, cached: bool) -> Iterator[Output]:
    lines = Lines(target, manifest)
    output = Output(manifest, plan, options, write=lines.write)
    output.skipping = options.resume
    output.at_once = not cached
    try:
        yield output
        lines.tidy(ordered=options.ordered and output.complete)
    finally:
        manifest.commit()
        lines.close()


@contextmanager
def _to_sink(target: Path, manifest: Manifest, plan: Plan, *, options: RunOptions, cached: bool) -> Iterator[Output]:
    if options.resume and target.exists() and not cached:
        raise OutputError(
            f"a {target.suffix} output is written anew when it is resumed, for which the cache is needed",
            hint="Leave out --no-cache, or write to a .jsonl file.",
        )
    try:
        with open_sink(target, overwrite=options.resume) as sink:

            def write(record: Record[Any]) -> tuple[int, int]:
                sink.write(record)
                return -1, 0

            output = Output(manifest, plan, options, write=write)
            yield output
            _be_complete(output)
    except _EndedEarlyError as end:
        output.left = "; ".join(getattr(end, "__notes__", ()))


class _EndedEarlyError(Exception):
    """A run was stopped: what was written so far is kept as after a fault."""


def _be_complete(output: Output) -> None:
    """Raise where ``output`` is a part, so that it does not replace a whole one."""
    if not output.complete:
        raise _EndedEarlyError


class Bare:
    """An output without a manifest: standard output, a folder, a pipe."""

    manifest: None

    def __init__(self, emit: Callable[[Record[Any]], None]) -> None:
        self.emit = emit
        self.whys: dict[str, int] = {}
        self.manifest = None
        self.complete = False
        self.left = ""

    def pending(self, documents: Iterable[Input]) -> Iterable[Input]:
        """Return all of them."""
        return documents

    def begin(self, live: Live) -> None:
        """Nothing is skipped."""


def _key(document: Input) -> str:
    """Return under what a document is known. One that cannot be read may bear the id of one that can."""
    return f"{document.id}\0{document.source}" if isinstance(document, Unreadable) else document.id


def _record_key(record: Record[Any]) -> str:
    unreadable = record.status == "failed" and any(issue.code == "unreadable" for issue in record.issues)
    return f"{record.id}\0{record.source}" if unreadable else record.id
