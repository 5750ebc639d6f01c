"""What a run did, as one frozen value."""

from __future__ import annotations

from dataclasses import field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from llmx.dataclass import dataclass
from llmx.record import Usage
from llmx.run.schema_change import Update

if TYPE_CHECKING:
    from llmx.endpoint import Stats
    from llmx.run.accounts import ModelTotal

Stopped = Literal[
    "", "interrupted", "auth", "cassette", "endpoint", "max_cost", "max_tokens", "max_documents", "output", "batch",
    "cancelled", "processes",
]  # fmt: skip
"""Why a run ended before its source did; '' where it did not."""

_NONE, _NOTHING = Usage(), Update()


@dataclass(frozen=True, slots=True)
class Summary:
    """A finished run.

    ``statuses`` counts the documents of this run by status. ``skipped`` counts those that an earlier run had done;
    ``skipped_not_ok`` of them are not ok. ``paid`` tokens came over the wire in this run, ``saved`` ones from the cache
    or a cassette; ``wasted`` ones were paid for answers that were of no use. ``cost_usd`` is the price of ``paid``,
    where it is known. ``stopped`` says why the run ended early and ``error`` what caused it; ``left`` then says where
    the records so far are, for an output that is written as a whole. ``failures`` are the messages of documents
    without data, each with the number of documents, the most frequent first. ``answered`` counts requests with an
    answer of any status, ``left_out`` the files that were met and not read, by kind. ``models`` has what each model
    did, where there are fallbacks. ``update`` says which documents a changed schema asked for some fields alone.
    ``batched`` tokens of the paid ones came with a batch; ``deferred`` documents wait for one.
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
    answered: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    models: tuple[ModelTotal, ...] = ()
    update: Update = _NOTHING
    batched: Usage = _NONE
    deferred: int = 0

    @property
    def all_ok(self) -> bool:
        """Whether every document is ok, also those of earlier runs, and none is left that should have been done."""
        here = self.stopped in {"", "max_documents"} and self.documents == self.statuses.get("ok", 0)
        return here and not self.skipped_not_ok

    @property
    def unreached(self) -> bool:
        """Whether requests were sent and none was answered, not even by a refusal."""
        return self.requests > 0 and not (self.answered or self.deferred or self.statuses.get("ok", 0))

    @property
    def exit_code(self) -> int:
        """The exit code for the process.

        0 where all is ok, 1 where some documents are not or are missing, 2 for a refused key, a missing recording, an
        output that cannot be written or an endpoint that never answered, 130 where a person stopped it.
        """
        if self.stopped in {"auth", "cassette", "output", "processes"} or (
            self.unreached and self.stopped != "interrupted"
        ):
            return 2
        return 130 if self.stopped == "interrupted" else 0 if self.all_ok else 1

    def with_stats(self, stats: Stats) -> Summary:
        """Return the summary with the counts of ``stats``."""
        return replace(
            self, paid=stats.paid, saved=stats.saved, wasted=stats.wasted, batched=stats.batched, requests=stats.sent,
            retries=stats.retries, rate_limited=stats.statuses.get(429, 0), cache_hits=stats.cache_hits,
            answered=sum(count for status, count in stats.statuses.items() if status),
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain JSON values, without the messages, which may quote a document."""
        update = self.update.to_json()
        several: dict[str, Any] = {"models": [each.to_json() for each in self.models]} if self.models else {}
        if self.batched.total_tokens or self.deferred:
            several |= {"batched": self.batched.to_json(), "deferred": self.deferred}
        return {
            "documents": self.documents, "statuses": dict(self.statuses), "skipped": self.skipped,
            "skipped_not_ok": self.skipped_not_ok,
            "paid": self.paid.to_json(), "saved": self.saved.to_json(), "wasted": self.wasted.to_json(),
            "cost_usd": None if self.cost_usd is None else str(self.cost_usd),
            "requests": self.requests, "retries": self.retries, "rate_limited": self.rate_limited,
            "cache_hits": self.cache_hits, "seconds": round(self.seconds, 3), "stopped": self.stopped,
            "error": "" if self.error is None else str(self.error), "left": self.left,
            "left_out": dict(self.left_out), **several, **({"update": update} if update else {}),
        }  # fmt: skip
