"""What a run did, and the seam by which others look on: progress bars, logs and traces are ``Watch``es."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol

from llmx.record import STATUSES, Record, Usage

if TYPE_CHECKING:
    from llmx.documents import Document, Unreadable
    from llmx.endpoint import Stats

Stopped = Literal[
    "", "interrupted", "auth", "cassette", "endpoint", "max_cost", "max_tokens", "max_documents", "output"
]
"""Why a run ended before its source did; '' where it did not."""

_NONE = Usage()
_MESSAGES = 100  # different ones: messages may name the document, and a corpus may be large


@dataclass(frozen=True, slots=True)
class Summary:
    """A finished run.

    ``statuses`` counts the documents of this run by status, ``skipped`` those that were done before, of which
    ``skipped_not_ok`` are not ok. ``paid`` tokens came over the wire in this run, ``saved`` ones from the cache or a
    cassette, ``wasted`` ones bought answers that were not used; ``cost_usd`` is the price of ``paid``, where known.
    ``stopped`` says why the run ended early, ``error`` what caused it, ``left`` where the records so far are where an
    output could not be finished. ``failures`` are the messages of documents without data, each with the number of
    documents, the most frequent first.
    """

    documents: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    skipped: int = 0
    skipped_not_ok: int = 0
    paid: Usage = _NONE
    saved: Usage = _NONE
    wasted: Usage = _NONE
    cost_usd: Decimal | None = None
    requests: int = 0
    retries: int = 0
    rate_limited: int = 0
    cache_hits: int = 0
    seconds: float = 0.0
    stopped: Stopped = ""
    error: BaseException | None = None
    left: str = ""
    failures: tuple[tuple[str, int], ...] = ()

    @property
    def all_ok(self) -> bool:
        """Whether every document is ok, those done before too, and the source was read as far as was asked."""
        here = self.stopped in {"", "max_documents"} and self.documents == self.statuses.get("ok", 0)
        return here and not self.skipped_not_ok

    @property
    def exit_code(self) -> int:
        """What the process should end with.

        0 where all is ok, 1 where some documents are not or are missing, 2 for a refused key or a missing recording,
        130 where a person stopped it.
        """
        if self.stopped in {"auth", "cassette"}:
            return 2
        return 130 if self.stopped == "interrupted" else 0 if self.all_ok else 1

    def with_stats(self, stats: Stats) -> Summary:
        """Return the same with the endpoint's counts."""
        return replace(
            self, paid=stats.paid, saved=stats.saved, wasted=stats.wasted, requests=stats.sent, retries=stats.retries,
            rate_limited=stats.statuses.get(429, 0), cache_hits=stats.cache_hits,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain JSON values, without the messages, which may quote a document."""
        return {
            "documents": self.documents, "statuses": dict(self.statuses), "skipped": self.skipped,
            "skipped_not_ok": self.skipped_not_ok,
            "paid": self.paid.to_json(), "saved": self.saved.to_json(), "wasted": self.wasted.to_json(),
            "cost_usd": None if self.cost_usd is None else str(self.cost_usd),
            "requests": self.requests, "retries": self.retries, "rate_limited": self.rate_limited,
            "cache_hits": self.cache_hits, "seconds": round(self.seconds, 3), "stopped": self.stopped,
            "error": "" if self.error is None else str(self.error), "left": self.left,
        }  # fmt: skip


@dataclass(slots=True)
class Live:
    """The state of a run while it goes on, for those who look on.

    ``stats`` is the endpoint's, None where it keeps none. ``working`` documents are being worked on, ``in_flight``
    requests are on the wire, of at most ``limit``. ``pause`` says what is waited for, '' for nothing. ``total`` is the
    number of documents where the source knows it.
    """

    stats: Stats | None = None
    model: str = ""
    total: int | None = None
    done: int = 0
    skipped: int = 0
    skipped_not_ok: int = 0
    working: int = 0
    in_flight: int = 0
    limit: int = 0
    pause: str = ""
    statuses: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(STATUSES, 0)))
    failures: Counter[str] = field(default_factory=Counter)
    begin_s: float = field(default_factory=time.monotonic)

    def failed(self, record: Record[Any]) -> None:
        """Count what kept a document from having data, by the first words of the message."""
        said = record.issues[0].message.partition("\n")[0][:200] if record.issues else record.status
        if said in self.failures or len(self.failures) < _MESSAGES:
            self.failures[said] += 1

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.begin_s


class Watch(Protocol):
    """Looks on. Its methods are called from the run itself: they must be quick, and must not raise."""

    def begin(self, live: Live) -> None:
        """Hear that the run begins; ``live`` changes as it goes on."""
        ...

    def started(self, document: Document | Unreadable) -> None:
        """Hear that a document is being worked on."""
        ...

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:
        """Hear what became of it, and how long that took, waiting included."""
        ...

    def note(self, message: str) -> None:
        """Hear what a user should know: a pause, a stop, a warning."""
        ...

    def end(self, summary: Summary) -> None:
        """Hear that the run is over."""
        ...


class Onlooker:
    """A watch that hears everything and does nothing: what others do with one of these is theirs to override."""

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


class Watches(Onlooker):
    """Several watches as one."""

    def __init__(self, *watches: Watch | None) -> None:
        self.watches = [watch for watch in watches if watch is not None]

    def begin(self, live: Live) -> None:
        """Pass it on."""
        for watch in self.watches:
            watch.begin(live)

    def started(self, document: Document | Unreadable) -> None:
        """Pass it on."""
        for watch in self.watches:
            watch.started(document)

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:
        """Pass it on."""
        for watch in self.watches:
            watch.finished(document, record, seconds)

    def note(self, message: str) -> None:
        """Pass it on."""
        for watch in self.watches:
            watch.note(message)

    def end(self, summary: Summary) -> None:
        """Pass it on."""
        for watch in self.watches:
            watch.end(summary)
