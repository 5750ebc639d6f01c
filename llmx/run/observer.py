"""The seam for whoever looks on while a run goes on: progress bars, logs and outputs are ``RunObserver``s."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import field
from typing import TYPE_CHECKING, Any, Protocol

from llmx.dataclass import dataclass
from llmx.endpoint import Stats
from llmx.record import STATUSES, Record, fatal_issue

if TYPE_CHECKING:
    from llmx.documents import Document, Unreadable
    from llmx.run.accounts import Account
    from llmx.run.summary import Summary

EVERY_S = 0.2
"""How often a progress is told: on a terminal each takes some 2 ms."""

Expected = Callable[[], int | None]
"""Returns how many documents there will be, None where nobody knows. It is called in a thread: it may take a while."""

_LOG = logging.getLogger("llmx.run")
_MOST_MESSAGES = 100  # different ones: messages may name the document, and a corpus may be large


@dataclass(slots=True)
class Live:
    """The state of a run while it goes on.

    ``accounts`` has one for each model, () before the run has any. ``working`` documents are being worked on;
    ``in_flight`` requests are on the wire, of at most ``limit``. ``pause`` says what requests are waiting for, '' for
    nothing. ``expected`` is the number of documents that the source will give, None where nobody knows.
    """

    accounts: tuple[Account, ...] = ()
    done: int = 0
    skipped: int = 0
    skipped_not_ok: int = 0
    working: int = 0
    in_flight: int = 0
    limit: int = 0
    pause: str = ""
    expected: int | None = None
    statuses: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(STATUSES, 0)))
    failures: Counter[str] = field(default_factory=Counter)
    begin_s: float = field(default_factory=time.monotonic)

    def add(self, record: Record[Any]) -> None:
        """Count the record of a document that is done."""
        self.done += 1
        self.statuses[record.status] += 1
        if record.status not in {"ok", "partial"}:
            self._add_failure(record)

    def _add_failure(self, record: Record[Any]) -> None:
        """Count why a document has no data, by the first words of the message."""
        issue = fatal_issue(record.issues)
        message: str = record.status
        if issue is not None:
            told = f"{issue.path}: {issue.message}".removeprefix(": ").split("\n")
            message = "\n".join(line[:200] for line in told[:2])  # the second line says what to do
        if message in self.failures or len(self.failures) < _MOST_MESSAGES:
            self.failures[message] += 1

    @property
    def stats(self) -> Stats | None:
        """What the endpoints have done, all together; None before the run has one."""
        return sum((account.stats for account in self.accounts), Stats()) if self.accounts else None

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.begin_s


class RunObserver(Protocol):
    """Looks on. The run itself calls these methods: they must be quick, and must not raise."""

    def begin(self, live: Live) -> None:
        """Hear that the run begins; ``live`` changes as it goes on."""
        ...

    def started(self, document: Document | Unreadable) -> None:
        """Hear that work on a document begins."""
        ...

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:
        """Hear what became of a document, and how many seconds that took, waiting included."""
        ...

    def note(self, message: str) -> None:
        """Hear what a user should know: a pause, a stop, a warning."""
        ...

    def end(self, summary: Summary) -> None:
        """Hear that the run is over."""
        ...


def expect(live: Live, expected: Expected) -> None:
    """Have ``expected`` say how many documents there will be, beside the run."""

    def ask() -> None:
        live.expected = expected()

    threading.Thread(target=ask, name="llmx-expected", daemon=True).start()


class NullObserver:
    """An observer that does nothing. Subclass it and override what matters."""

    def begin(self, live: Live) -> None:
        """Do nothing."""

    def started(self, document: Document | Unreadable) -> None:
        """Do nothing."""

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:
        """Do nothing."""

    def note(self, message: str) -> None:
        """Do nothing."""

    def end(self, summary: Summary) -> None:
        """Do nothing."""


class LogNotes(NullObserver):
    """Passes what a user should know on to Python's logging, as warnings of ``llmx.run``."""

    def note(self, message: str) -> None:
        """Log it."""
        _LOG.warning("%s", message)


class ProgressCalls(NullObserver):
    """Calls ``on_progress`` with the state of the run, as documents end, and at its end; at most every ``EVERY_S``."""

    def __init__(self, on_progress: Callable[[Live], object], expected: Expected) -> None:
        self._call, self._expected, self._live, self._called_s = on_progress, expected, Live(), -math.inf

    def begin(self, live: Live) -> None:
        """Take the state, which changes as the run goes on."""
        self._live = live
        expect(live, self._expected)

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:  # noqa: ARG002 - an observer's
        """Call, if it is time."""
        if (now_s := time.monotonic()) - self._called_s >= EVERY_S:
            self._called_s = now_s
            self._call(self._live)

    def end(self, summary: Summary) -> None:  # noqa: ARG002 - an observer's
        """Call once more."""
        self._call(self._live)


class RunObservers(NullObserver):
    """Several observers as one; each None is left out."""

    def __init__(self, *observers: RunObserver | None) -> None:
        self.observers = [observer for observer in observers if observer is not None]

    def begin(self, live: Live) -> None:
        """Pass it on."""
        for observer in self.observers:
            observer.begin(live)

    def started(self, document: Document | Unreadable) -> None:
        """Pass it on."""
        for observer in self.observers:
            observer.started(document)

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:
        """Pass it on."""
        for observer in self.observers:
            observer.finished(document, record, seconds)

    def note(self, message: str) -> None:
        """Pass it on."""
        for observer in self.observers:
            observer.note(message)

    def end(self, summary: Summary) -> None:
        """Pass it on."""
        for observer in self.observers:
            observer.end(summary)
