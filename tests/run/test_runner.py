"""Documents in, records out: as many at once as allowed, none lost, whatever goes wrong."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any, Self

import pytest

from bench.mock_server import Faults, Mock
from llmx.documents import Document, Unreadable
from llmx.endpoint import Completion, Limiter, WireEndpoint, WrappedEndpoint
from llmx.endpoint.adaptive_timeout import AdaptiveTimeout
from llmx.errors import AuthError, DocumentError
from llmx.extraction.session import Session
from llmx.record import Issue, Record
from llmx.request import Request
from llmx.run import NullObserver, RunOptions, run_documents
from llmx.run.limiter import RunLimiter
from llmx.run.observer import Live
from tests.run.mocked import SOON, invoices, mocked, right


async def test_every_document_becomes_its_own_record() -> None:
    async with mocked() as setup:
        records, summary = await setup.run(invoices(50), concurrency=8)
    assert len(records) == 50
    assert all(map(right, records))
    assert {r.id for r in records} == {d.id for d in invoices(50)}
    assert (summary.documents, summary.statuses, summary.stopped) == (50, {"ok": 50}, "")
    assert summary.all_ok
    assert summary.requests == 50


async def test_a_second_run_on_one_endpoint_has_limits_counts_and_bounds_of_its_own() -> None:
    async with mocked(Mock(latency_s=0.02)) as setup:
        _, first = await setup.run(invoices(20), concurrency=2)
        setup.mock.reset()
        _, second = await setup.run(
            invoices(20, first=20), concurrency=6, max_tokens_total=first.paid.total_tokens + 9_000
        )
        assert setup.mock.most_in_flight == 6
    assert (second.documents, second.stopped) == (20, "")
    assert (first.requests, second.requests) == (20, 20)
    assert second.paid.total_tokens == pytest.approx(first.paid.total_tokens, rel=0.1)


async def test_no_more_requests_are_in_flight_than_allowed_and_that_many_are() -> None:
    async with mocked(Mock(latency_s=0.02)) as setup:
        await setup.run(invoices(60), concurrency=6)
        assert setup.mock.most_in_flight == 6


async def test_workers_that_are_done_together_do_not_all_leave_when_the_level_falls() -> None:
    class Together(WrappedEndpoint):
        answered = 0
        gate = asyncio.Event()

        def limited(self, limiter: Limiter) -> Self:
            assert isinstance(limiter, RunLimiter)
            self.level = limiter.level
            return super().limited(limiter)

        async def complete(self, request: Request) -> Completion:
            completion = await super().complete(request)
            self.answered += 1
            if self.answered == 16:
                self.level.limit = 1
                self.gate.set()
            await self.gate.wait()
            return completion

        def keep(self, completion: Completion) -> None:
            self.inner.keep(completion)

        def reject(self, completion: Completion) -> None:
            self.inner.reject(completion)

    records: list[Record[Any]] = []
    async with mocked() as setup:
        await run_documents(
            invoices(60),
            Session(setup.plan, Together(setup.endpoint)),
            options=RunOptions(concurrency=8),
            emit=records.append,
        )
    assert len(records) == 60
    assert all(map(right, records))


async def test_with_ordered_records_come_in_the_order_of_the_source() -> None:
    class Uneven(Mock):
        def delay_s(self, body: bytes) -> float:  # noqa: ARG002 - the mock's
            return 0.001 + (self.requests * 7 % 5) / 100

    async with mocked(Uneven()) as setup:
        records, _ = await setup.run(invoices(80), concurrency=16, ordered=True)
        assert [r.id for r in records] == [d.id for d in invoices(80)]
        records, _ = await setup.run(invoices(80), concurrency=16, ordered=False)
        assert [r.id for r in records] != [d.id for d in invoices(80)]


@pytest.mark.slow
@pytest.mark.parametrize("ordered", [False, True])
async def test_the_source_is_read_only_as_far_ahead_as_needed(ordered: bool) -> None:
    read = 0
    most = 0

    def source() -> Iterator[Document]:
        nonlocal read
        for document in invoices(600):
            read += 1
            yield document

    async with mocked(Mock(latency_s=0.001)) as setup:
        done = 0

        def emit(_: Record[Any]) -> None:
            nonlocal done, most
            done += 1
            most = max(most, read - done)

        await run_documents(source(), setup.session, options=RunOptions(concurrency=4, ordered=ordered), emit=emit)
    assert done == 600
    assert most <= (16 * 8 if ordered else 8)


async def test_an_unreadable_document_is_a_failed_record_in_its_place() -> None:
    bad = Unreadable("broken", "broken.txt", DocumentError("broken.txt is not UTF-8"))
    async with mocked() as setup:
        records, summary = await setup.run([*invoices(1), bad, *invoices(1, first=1)], ordered=True)
    assert [r.status for r in records] == ["ok", "failed", "ok"]
    assert (records[1].id, records[1].source, records[1].issues[0].code) == ("broken", "broken.txt", "unreadable")
    assert summary.statuses == {"ok": 2, "failed": 1}
    assert not summary.all_ok


async def test_an_error_inside_is_that_documents_own() -> None:
    class Buggy(WrappedEndpoint):
        async def complete(self, request: Request) -> Completion:
            if "INV-000002" in request.body["messages"][-1]["content"]:
                raise ZeroDivisionError("a bug")
            return await super().complete(request)

    records: list[Record[Any]] = []
    async with mocked() as setup:
        session = Session(setup.plan, Buggy(setup.endpoint))
        await run_documents(invoices(3), session, options=RunOptions(), emit=records.append)
    assert [r.status for r in records] == ["ok", "failed", "ok"]
    assert records[1].issues[0].code == "internal"
    assert "ZeroDivisionError: a bug" in records[1].issues[0].message


ADAPTED = Issue("adapted", "", "the answer was read in another form")
UNPROVEN = Issue("unproven", "/a", "no words say it")
FATAL = [
    ([ADAPTED, Issue("invalid_value", "/total", "Field required")], "/total: Field required"),
    ([UNPROVEN, Issue("unreadable", "/b", "x"), Issue("check_failed", "/c", "does not add up")], "/c: does not add up"),
    ([UNPROVEN, Issue("unproven", "", "policy fail")], "policy fail"),
    ([ADAPTED, Issue("endpoint", "", "500: down\n  a hint")], "500: down\n  a hint"),
    ([ADAPTED, UNPROVEN], ADAPTED.message),
]


@pytest.mark.parametrize(("issues", "told"), FATAL, ids=["value", "check", "policy", "endpoint", "none is fatal"])
def test_the_message_that_is_counted_is_the_one_that_cost_the_record(issues: list[Issue], told: str) -> None:
    live = Live()
    live.add(Record("a", None, "invalid", issues=tuple(issues)))
    assert list(live.failures) == [told]


async def test_what_the_sink_raises_ends_the_run_and_leaves_nothing_behind() -> None:
    def emit(record: Record[Any]) -> None:
        raise OSError("the disk is full")

    async with mocked() as setup:
        with pytest.raises(OSError, match="the disk is full"):
            await run_documents(invoices(20), setup.session, options=RunOptions(), emit=emit)
    assert len(asyncio.all_tasks()) == 1


async def test_a_sink_that_is_slow_slows_the_run() -> None:
    emitted, read, gate, both_wait = 0, 0, asyncio.Event(), asyncio.Event()

    def source() -> Iterator[Document]:
        nonlocal read
        for document in invoices(30):
            read += 1
            yield document

    async def emit(record: Record[Any]) -> None:
        nonlocal emitted
        emitted += 1
        if emitted == 2:
            both_wait.set()
        await gate.wait()

    async with mocked() as setup:
        job = asyncio.create_task(setup.new_run(source(), emit, concurrency=2, ordered=False).go())
        await both_wait.wait()
        assert (emitted, read) == (2, 2)  # both workers wait for the sink
        gate.set()
        await job
    assert emitted == 30


async def test_a_refused_key_stops_the_run_says_so_and_keeps_what_is_done() -> None:
    class Expiring(Mock):
        def reply(self, body: bytes) -> tuple[str, bytes]:
            if self.requests > 20:
                from bench.mock_server import http

                return "401", http(401, {"error": {"message": "the key has expired", "code": "invalid_api_key"}})
            return super().reply(body)

    async with mocked(Expiring(latency_s=0.005)) as setup:
        records, summary = await setup.run(invoices(200), concurrency=4)
    assert summary.stopped == "auth"
    assert isinstance(summary.error, AuthError)
    assert "expired" in str(summary.error)
    assert summary.exit_code == 2
    assert 10 <= len(records) <= 24
    assert all(map(right, records))
    assert setup.mock.requests < 40


async def test_a_bound_on_documents_stops_the_run_there() -> None:
    async with mocked() as setup:
        records, summary = await setup.run(invoices(100), concurrency=8, max_documents=17)
    assert (len(records), summary.stopped) == (17, "max_documents")
    assert summary.exit_code == 0


async def test_a_bound_on_documents_holds_with_a_slow_source_too() -> None:
    records: list[Record[Any]] = []
    async with mocked() as setup:
        await setup.new_run(invoices(40), records.append, slow=True, concurrency=8, max_documents=17).go()
    assert len(records) == 17


async def test_identical_documents_in_flight_are_asked_once() -> None:
    one = next(invoices(1))
    copies = [Document(f"copy-{i}", one.text) for i in range(10)]
    async with mocked(Mock(latency_s=0.05)) as setup:
        records, _ = await setup.run(copies, concurrency=10)
        assert setup.mock.requests == 1
    assert len(records) == 10
    assert len({r.id for r in records}) == 10


async def test_a_source_that_is_slow_does_not_hold_up_answers() -> None:
    answered = threading.Event()

    def source() -> Iterator[Document]:
        yield from invoices(2)
        assert answered.wait(60)  # were the loop held up, no answer could come
        yield from invoices(2, first=2)

    class Hears(NullObserver):
        def finished(self, document: Any, record: Record[Any], seconds: float) -> None:  # noqa: ARG002 - an observer's
            if record.id == "INV-000002":
                answered.set()

    records: list[Record[Any]] = []
    async with mocked() as setup:
        await setup.new_run(source(), records.append, slow=True, concurrency=4, observer=Hears()).go()
    assert len(records) == 4


async def test_a_source_that_waits_for_ever_does_not_keep_the_run_from_stopping() -> None:
    never = threading.Event()

    def source() -> Iterator[Document]:
        yield from invoices(5)
        never.wait()

    records: list[Record[Any]] = []

    def emit(record: Record[Any]) -> None:
        records.append(record)
        if len(records) == 5:
            run.stop("interrupted")

    async with mocked() as setup:
        run = setup.new_run(source(), emit, slow=True, concurrency=2)
        summary = await run.go()
    never.set()
    assert summary.stopped == "interrupted"
    assert len(records) == 5


FAULTS = ["429", "500", "reset", "truncated", "badargs", "badtype", "length", "html", "foreign"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAULTS)
async def test_no_document_is_lost_to_a_fault_that_one_in_ten_requests_meets(kind: str) -> None:
    mock = Mock(latency_s=0.002, faults=Faults(0.1, (kind,), seed=7, retry_after="0"))
    async with mocked(mock) as setup:
        records, summary = await setup.run(invoices(500), concurrency=64)
    wrong = [r for r in records if not right(r)]
    assert len(records) == 500
    assert [(r.id, r.status, r.issues) for r in wrong] == []
    assert mock.kinds[kind] >= 40
    assert summary.all_ok


@pytest.mark.slow
async def test_hung_requests_are_given_up_and_asked_again() -> None:
    mock, records = Mock(latency_s=0.002, faults=Faults(0.02, ("hang", "drip"), seed=3)), list[Record[Any]]()
    async with mocked(mock) as setup:
        provider = setup.endpoint.provider
        assert provider is not None
        wire = AdaptiveTimeout(provider, 60, floor_s=0.3)  # it is seconds usually
        endpoint = WireEndpoint(wire, setup.endpoint.settings, provider=provider, policy=SOON)
        await setup.new_run(invoices(300), records.append, endpoint=endpoint, concurrency=32).go()
    assert Counter(map(right, records)) == {True: 300}
    assert mock.kinds["hang"] + mock.kinds["drip"] >= 2
