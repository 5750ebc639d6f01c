"""A bound on the time that a PDF takes: a few kilobytes can keep pdfium busy for years, and nothing can interrupt it.

Files are read in a thread, which is left behind if one takes too long. pdfium is busy for good then, in this process;
files that come later are read in processes of their own, which can be killed.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar, cast

from llmx.documents.converters import ConvertOptions
from llmx.errors import DocumentError

if TYPE_CHECKING:
    from llmx.documents.converters.pdf import ReadPdf, Scans

T = TypeVar("T")
_BYTES_PER_S = 500_000  # a file may take a second more for each of these
_CHILD = "llmx.documents.converters.pdf_child"
_busy = threading.Event()  # set once pdfium does not come back


def is_busy() -> bool:
    """Whether pdfium works on a file for good, so that nobody else in this process can use it."""
    return _busy.is_set()


def limit_s(data: bytes, options: ConvertOptions) -> float:
    """Return the seconds that a file may take."""
    return options.limit_s + len(data) / _BYTES_PER_S


def in_time(work: Callable[[], T], name: str, seconds: float) -> T:
    """Return what ``work`` returns, or raise what it raises; DocumentError if it takes longer than ``seconds``."""
    job = _Job(work)
    _worker.put(job)
    if not job.done.wait(seconds):
        _busy.set()
        _keep_library()
        raise _too_long(name, seconds)
    if job.fault is not None:
        raise job.fault
    return cast("T", job.result)


class _Job:
    """Something to do, and what came of it."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.work = work
        self.done = threading.Event()
        self.result: object = None
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.work()
        except BaseException as fault:  # noqa: BLE001 -- it is raised again where it is waited for
            self.fault = fault
        self.done.set()


class _Worker:
    """One thread for all files: memory of a new one for each would be touched for the first time again and again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def put(self, job: _Job) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():  # none yet, or this is a fork of its process
                self._jobs = SimpleQueue()
                self._thread = threading.Thread(target=self._work, args=(self._jobs,), name="llmx-pdf", daemon=True)
                self._thread.start()
            self._jobs.put(job)

    @staticmethod
    def _work(jobs: SimpleQueue[_Job]) -> None:
        while True:
            jobs.get().run()


_worker = _Worker()


def in_child(data: bytes, name: str, options: ConvertOptions, *, scans: Scans) -> ReadPdf:
    """Return what ``pdf.read_pdf`` returns, made in another process."""
    seconds = limit_s(data, options)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(  # noqa: S603 -- this very Python
            [sys.executable, "-m", _CHILD], input=pickle.dumps((data, name, options, dict(scans))), capture_output=True,
            timeout=seconds + 5, check=False, env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _too_long(name, seconds) from None
    if done.returncode:
        raise DocumentError(
            f"{name} is a damaged PDF: pdfium gave up on it", hint="print it to a new PDF with a viewer"
        )
    answer = pickle.loads(done.stdout)  # noqa: S301 -- by our own code
    if isinstance(answer, DocumentError):
        raise answer
    return cast("ReadPdf", answer)


def _keep_library() -> None:
    """Let pypdfium2 not close the library when this process ends: somebody is at work in it."""
    with suppress(ImportError):  # where it is called otherwise, the process may end with a crash, after all is done
        from pypdfium2._library_scope import destroy_lib  # noqa: PLC0415 -- only then

        atexit.unregister(destroy_lib)


def _too_long(name: str, seconds: float) -> DocumentError:
    hint = "it may be made to do harm; print it to a new PDF with a viewer"
    return DocumentError(f"{name} takes longer than {seconds:.0f} s to read", hint=hint)
