"""A run over a provider's batch API: the same records for half the price, within a day instead of minutes.

It goes in rounds. A round is a run like any other, over an endpoint that answers what batches have brought: a document
whose answers are there gets its record, and one that needs more is left, its requests noted. Then these are submitted,
and once a batch has ended the next round begins, in this process or another day in another one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from llmx.endpoint.batch.state import IN_FLIGHT, BatchState
from llmx.endpoint.batch.transfer import cancel, fetch, submit
from llmx.endpoint.batch.wire import OPENED, BatchWire, OpenedDocument, answering_over
from llmx.errors import AwaitsBatchError, BudgetError
from llmx.extraction.preparation import first_requests
from llmx.extraction.session import Session
from llmx.request import Request
from llmx.run.accounts import open_accounts
from llmx.run.batch_budget import BatchBudget
from llmx.run.cost_estimate import answer_tokens
from llmx.run.dollars import sum_usd
from llmx.run.options import BatchOptions, OutputOptions, RunOptions
from llmx.run.output_run import run_to_output
from llmx.run.summary import Summary
from llmx.sinks.formats import is_json_lines

if TYPE_CHECKING:
    from llmx.documents import Document
    from llmx.endpoint import WireEndpoint
    from llmx.endpoint.batch.service import BatchService
    from llmx.endpoint.batch.wire import LineForm
    from llmx.extraction.plan import Plan
    from llmx.run.document_queue import Input
    from llmx.run.observer import RunObserver

LIKELY_ANSWERS = 2.5
"""Most answers are at most so many times as long as the expected one: what a bound on the cost leaves free for them."""

_ENDS = frozenset({"interrupted", "auth", "cassette", "endpoint", "output"})
"""Reasons to stop after which nothing more is submitted."""


@dataclass(frozen=True, slots=True)
class BatchJob:
    """What a batch run does: how requests stand in the batches of ``service``, and the options.

    ``service`` is None where files are exported and imported by hand.
    """

    state: BatchState
    form: LineForm
    service: BatchService | None
    output: OutputOptions
    options: RunOptions
    batch: BatchOptions

    @property
    def cancelled(self) -> bool:
        """Whether what is under way is all that is to come."""
        return bool(self.state.fact("cancelled"))


async def run_batch(
    read: Callable[[], Iterable[Input]],
    endpoint: WireEndpoint,
    plan: Plan,
    *,
    job: BatchJob,
    observer: RunObserver | None = None,
) -> Summary:
    """Go on with ``job`` as far as it goes now, and return what was done; the state is removed at its end.

    ``read`` gives the documents, from their beginning each time. Raises what ``run_to_output`` raises, and
    EndpointError where the batch API does not answer: what was noted stays, and nothing is submitted twice.
    """
    return await _Rounds(read, endpoint, plan, job=job, observer=observer).go()


class _Rounds:
    def __init__(
        self,
        read: Callable[[], Iterable[Input]],
        endpoint: WireEndpoint,
        plan: Plan,
        *,
        job: BatchJob,
        observer: RunObserver | None,
    ) -> None:
        self._read, self._endpoint, self._plan = read, endpoint, plan
        self._job, self._state, self._observer = job, job.state, observer
        self._told: list[str] = []
        [account] = open_accounts(Session(plan, endpoint))
        self._budget = BatchBudget(job.options, account, job.state)

    async def go(self) -> Summary:
        total: Summary | None = None
        news = not self._state.fact("rounds") or self._job.service is None
        while True:
            refused = False
            if self._job.service is not None:
                if self._job.cancelled and self._state.batches("planned"):
                    await cancel(self._state, self._job.service)
                fetched = await fetch(self._state, self._job.service)
                if self._job.cancelled:
                    self._state.forget_waiting()
                news, refused = news or fetched.collected > 0, bool(fetched.refused)
                self._tell(fetched.refused)
            if news or self._state.waiting() or not self._under_way():
                total = joined(total, await self._round())
                news = False
                if total.stopped in _ENDS:
                    return total
                if not self._state.waiting() and not self._under_way():
                    self._state.remove()
                    return self._ended(total)
            if not refused:
                await self._submit()
            if refused or not self._job.batch.wait:
                return self._left(total)
            await asyncio.sleep(0 if await self._some_ended() else self._job.batch.poll_s)

    async def _round(self) -> Summary:
        state, job = self._state, self._job
        number = int(state.fact("rounds", 0))
        left = state.fact("left", job.options.max_documents)
        if left == 0:
            return Summary(stopped="max_documents")
        self._budget.begin()
        most = int(answer_tokens(self._plan) * LIKELY_ANSWERS)
        live = self._endpoint.wire if job.batch.follow_ups == "live" and not job.cancelled else None
        wire = BatchWire(
            state, job.form, self._endpoint.stats, live=live, answer_tokens=most,
            bound=self._budget,
        )  # fmt: skip
        endpoint = answering_over(self._endpoint, wire)
        options = replace(job.options, max_documents=left, max_cost_usd=None, max_tokens_total=None)
        try:
            summary = await run_to_output(
                self._read(), Session(self._plan, endpoint), output=self._output(number),
                options=options, observer=self._observer, opener=_Opener(endpoint, wire, state),
            )  # fmt: skip
        finally:
            state.commit()
            self._budget.note_live()
        if summary.documents and isinstance(job.output.path, Path) and is_json_lines(job.output.path):
            state.set_fact("begun", True)
        if left is not None:
            state.set_fact("left", left - summary.documents)
        state.set_fact("rounds", number + 1)
        if self._budget.reached and summary.stopped == "batch":
            return replace(summary, stopped=self._budget.reached, error=self._budget.error())
        return summary

    def _output(self, number: int) -> OutputOptions:
        """Return how round ``number`` writes: as was asked, and later ones go on with that.

        An output that was there is replaced once the new one holds something; until then each round begins it anew.
        """
        asked = replace(self._job.output, batch=True)
        if number == 0 or (asked.overwrite and not self._state.fact("begun")):
            return asked
        return replace(asked, resume=True, retry_failed=False, overwrite=False)

    async def _submit(self) -> None:
        if self._job.service is not None and self._job.batch.submits and not self._job.cancelled:
            await submit(self._state, self._job.service)

    async def _some_ended(self) -> bool:
        """Whether a batch has ended, or none is under way: there is something to do at once."""
        assert self._job.service is not None
        flying = self._state.batches("in progress")
        for batch in flying:
            if (await self._job.service.status(batch.id)).phase != "in progress":
                return True
        return not flying and not self._state.batches("planned")

    def _under_way(self) -> bool:
        return bool(self._state.batches(*IN_FLIGHT, "exported"))

    def _ended(self, total: Summary) -> Summary:
        if total.stopped != "batch":
            return total
        return replace(total, stopped="cancelled" if total.deferred else "")

    def _left(self, total: Summary | None) -> Summary:
        told = replace(total or Summary(), stopped=total.stopped if total and total.stopped else "batch")
        if self._told:
            return replace(told, error=BudgetError("; ".join(self._told)))
        return told

    def _tell(self, refused: Iterable[str]) -> None:
        self._told += refused
        for message in refused:
            if self._observer is not None:
                self._observer.note(f"refused: {message}")


class _Opener:
    """Looks whether the requests that open a document are answered, and notes those that are not."""

    def __init__(self, endpoint: WireEndpoint, wire: BatchWire, state: BatchState) -> None:
        self._endpoint, self._wire, self._state = endpoint, wire, state

    async def open(self, document: Document, plan: Plan) -> None:
        """Return where all of them are answered. Raises AwaitsBatchError."""
        OPENED.set(None)
        keys, waits = list[str](), False
        for request in opening_requests(document, plan):
            sent = self._endpoint.relearning.applied(request)
            keys.append(sent.key)
            if self._endpoint.lookup(sent.key) is None and self._state.answer(sent.key) is None:
                waits = await self._wire.note(sent) is None or waits
        OPENED.set(OpenedDocument(frozenset(keys)))
        if waits:
            raise AwaitsBatchError("the first answers come with a batch")


def opening_requests(document: Document, plan: Plan) -> Iterable[Request]:
    """Yield all requests that an extraction of ``document`` sends whatever is answered to them."""
    for _, request in first_requests(document, plan):
        for sample in range(plan.options.samples):
            yield replace(request, sample=sample) if sample else request


def joined(first: Summary | None, later: Summary) -> Summary:
    """Return two rounds as one run; what the later one says of its end counts."""
    if first is None:
        return later
    costs = [each.cost_usd for each in (first, later) if each.paid.total_tokens]
    return replace(
        later, documents=first.documents + later.documents,
        statuses=dict(Counter(first.statuses) + Counter(later.statuses)),
        skipped=first.skipped, skipped_not_ok=first.skipped_not_ok,
        paid=first.paid + later.paid, saved=first.saved, wasted=first.wasted + later.wasted,
        batched=first.batched + later.batched, cost_usd=sum_usd(costs) if costs else None,
        requests=first.requests + later.requests, retries=first.retries + later.retries,
        rate_limited=first.rate_limited + later.rate_limited, cache_hits=first.cache_hits,
        seconds=first.seconds + later.seconds, answered=first.answered + later.answered,
        failures=first.failures + later.failures,
    )  # fmt: skip
