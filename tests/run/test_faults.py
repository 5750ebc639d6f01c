"""What may go wrong around a run: servers that go and come back, poison, money that runs out, disks that fill up."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import math
import sqlite3
import time
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bench.mock_server import Faults, Mock, http, serving
from llmx.documents import Document
from llmx.endpoint import Completion, Endpoint, Stats, WrappedEndpoint
from llmx.endpoint.cache import Cache
from llmx.endpoint.retry import RetryPolicy
from llmx.errors import BudgetError, ConfigError, EndpointError
from llmx.extraction.session import Session
from llmx.record import Record, Usage
from llmx.request import Request
from llmx.run import NullObserver, RunOptions, estimate, run_documents
from llmx.run.accounts import Account
from llmx.run.budget import Budget, Price
from llmx.run.finished_records import open_records
from tests.run.mocked import asking, into, invoices, lines, mocked, right

MIX = ("429", "500", "reset", "truncated", "badargs", "badtype", "length", "html", "foreign")


class Notes(NullObserver):
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.away = asyncio.Event()

    def note(self, message: str) -> None:
        self.notes.append(message)
        if "is away" in message:
            self.away.set()


@pytest.mark.slow
async def test_of_two_thousand_documents_none_is_lost_or_wrong_when_everything_goes_wrong_at_once() -> None:
    mock = Mock(latency_s=0.01, faults=Faults(0.1, MIX, seed=9, retry_after="0"))
    async with mocked(mock) as setup:
        records, summary = await setup.run(invoices(2000), concurrency=64)
    assert Counter(right(r) for r in records) == {True: 2000}
    assert {r.id for r in records} == {d.id for d in invoices(2000)}
    assert set(mock.kinds) == {*MIX, "ok"}
    assert summary.retries > 100
    assert summary.wasted.total_tokens > 0


async def free_port() -> int:
    async with serving(Mock()) as base_url:
        return int(base_url.split(":")[2].split("/")[0])


class GivesUp(WrappedEndpoint):
    """Tells when the retries of a request are used up."""

    def __init__(self, inner: Endpoint) -> None:
        super().__init__(inner)
        self.gave_up = asyncio.Event()

    async def complete(self, request: Request) -> Completion:
        try:
            return await super().complete(request)
        except EndpointError:
            self.gave_up.set()
            raise


@pytest.mark.slow
@pytest.mark.parametrize("attempts", [8, 3], ids=["within its retries", "longer than its retries last"])
async def test_an_endpoint_that_goes_away_is_waited_for_and_no_document_fails(attempts: int) -> None:
    port, notes, mock, records = await free_port(), Notes(), Mock(latency_s=0.01), list[Record[Any]]()
    async with asking(f"http://127.0.0.1:{port}/v1", policy=RetryPolicy(attempts, chance=lambda: 0.02)) as setup:
        endpoint = GivesUp(setup.endpoint)
        run = setup.new_run(invoices(200), records.append, endpoint=endpoint, observer=notes, concurrency=4)
        async with serving(mock, port):
            job = asyncio.create_task(run.go())
            await mock.until(lambda: mock.kinds["ok"] >= 60)
        await (notes.away if attempts == 8 else endpoint.gave_up).wait()
        async with serving(mock, port):
            summary = await job
    assert Counter(right(r) for r in records) == {True: 200}
    assert summary.stopped == ""
    assert any("is away" in note for note in notes.notes)
    assert any("is back" in note for note in notes.notes)


@pytest.mark.slow
async def test_an_endpoint_that_stays_away_stops_the_run_and_no_document_is_called_failed() -> None:
    port, mock = await free_port(), Mock(latency_s=0.005)
    async with asking(f"http://127.0.0.1:{port}/v1") as setup:
        async with serving(mock, port):
            job = asyncio.create_task(setup.run(invoices(500), concurrency=8, outage_s=1.0))
            await mock.until(lambda: mock.kinds["ok"] >= 40)
        records, summary = await job
    assert summary.stopped == "endpoint"
    assert isinstance(summary.error, EndpointError)
    assert "refused" in str(summary.error)
    assert all(map(right, records))
    assert 40 <= len(records) <= 60


@pytest.mark.slow
async def test_a_name_that_nobody_knows_stops_the_run() -> None:
    async with asking("http://no-such-host.invalid/v1") as setup:
        records, summary = await setup.run(invoices(20), concurrency=4, outage_s=1.0)
    assert (records, summary.stopped) == ([], "endpoint")


@pytest.mark.slow
async def test_a_document_that_breaks_the_server_fails_alone() -> None:
    class Fragile(Mock):
        def reply(self, body: bytes) -> tuple[str, bytes]:
            return ("reset", b"") if b"INV-000007" in body else super().reply(body)

    async with mocked(Fragile(latency_s=0.002)) as setup:
        records, summary = await setup.run(invoices(60), concurrency=8)
    bad = [r for r in records if not right(r)]
    assert [(r.id, r.status, r.issues[0].code) for r in bad] == [("INV-000007", "failed", "endpoint")]
    assert len(records) == 60
    assert summary.stopped == ""
    assert summary.retries == 7


async def test_a_model_that_nobody_offers_stops_the_run_early() -> None:
    class Other(Mock):
        def reply(self, body: bytes) -> tuple[str, bytes]:  # noqa: ARG002 - the mock's
            return "404", http(404, {"error": {"message": "no such model", "code": "model_not_found"}})

    async with mocked(Other()) as setup:
        records, summary = await setup.run(invoices(1000), concurrency=4)
        assert setup.mock.requests < 60
    assert summary.stopped == "endpoint"
    assert all(r.status == "failed" for r in records)


async def test_a_server_that_gets_slower_and_slower_loses_nothing() -> None:
    class Tiring(Mock):
        def delay_s(self, body: bytes) -> float:  # noqa: ARG002 - the mock's
            return self.requests / 1000

    async with mocked(Tiring()) as setup:
        records, _ = await setup.run(invoices(120))
    assert Counter(right(r) for r in records) == {True: 120}


@pytest.mark.slow
async def test_refusals_lower_the_number_in_flight_until_the_server_copes() -> None:
    class Small(Mock):
        def reply(self, body: bytes) -> tuple[str, bytes]:
            if self.in_flight > 12:
                self.kinds["429"] += 1
                return "429", http(429, {"error": {"message": "too many"}}, "retry-after: 0.1\r\n")
            return super().reply(body)

    async with mocked(Small(latency_s=0.03)) as setup:
        records, _ = await setup.run(invoices(500))
        limited = setup.mock.kinds["429"]
    assert Counter(right(r) for r in records) == {True: 500}
    assert limited < 250


async def test_the_tokens_of_a_run_stay_within_their_bound_and_what_is_left_can_be_done_later() -> None:
    async with mocked(Mock(latency_s=0.005)) as setup:
        records, summary = await setup.run(
            invoices(100), concurrency=8, max_tokens_total=20_000, observer=(notes := Notes())
        )
    assert summary.stopped == "max_tokens"
    assert 10_000 < summary.paid.total_tokens <= 20_000
    assert all(map(right, records))
    assert "of 20,000 tokens are spent" in notes.notes[-1]


async def test_a_bound_in_dollars_needs_a_price() -> None:
    async with mocked() as setup:
        with pytest.raises(ConfigError, match=r"that of 'mock' on this machine is not known"):
            await setup.run(invoices(3), max_cost_usd=1.0)


async def test_a_run_ends_before_it_costs_more_than_its_bound() -> None:
    class Hosted(WrappedEndpoint):
        """The mock server, at the address and with the prices of OpenAI."""

        @property
        def base_url(self) -> str:
            return "https://api.openai.com/v1"

    async with mocked(Mock(latency_s=0.002)) as setup:
        plan = replace(setup.plan, resolved=replace(setup.plan.resolved, model="gpt-4o-mini"))
        session, records = Session(plan, Hosted(setup.endpoint)), list[Record[Any]]()
        bounded = RunOptions(max_cost_usd=0.002, concurrency=2)
        summary = await run_documents(invoices(200), session, options=bounded, emit=records.append)
    assert summary.stopped == "max_cost"
    assert isinstance(summary.error, BudgetError)
    assert summary.cost_usd is not None
    assert 0 < summary.cost_usd <= Decimal("0.002")
    assert 0 < len(records) < 200


def test_no_document_is_begun_that_might_pass_the_bound_in_dollars() -> None:
    stats, price = Stats(paid=Usage(5, 5)), Price(1e-6, 4e-6, 1e-7)
    account = Account("m", None, stats, stats.copy())
    budget = Budget([account], max_cost_usd=0.02, max_tokens=math.inf, prices=[price], tokens=3000)
    spent = Usage(10_000, 1_000)
    assert price.of(spent) == pytest.approx(0.014)
    stats.paid += spent
    for _ in range(10):
        budget.add(Record("a", None, "ok", attempts=1))
    assert budget.spent(3) == ""  # 14 + 4 x 1.4 of 20 thousandths
    assert budget.spent(4) == "max_cost"


async def test_the_estimate_counts_requests_tokens_and_what_the_cache_saves(tmp_path: Path) -> None:
    async with mocked(cache=tmp_path) as setup:
        before = await estimate(invoices(10), setup.plan, setup.endpoint)
        _, summary = await setup.run(invoices(4))
        after = await estimate(invoices(10), setup.plan, setup.endpoint)
        assert setup.mock.requests == 4
    assert (before.documents, before.chunks, before.requests, before.cached) == (10, 10, (10, 20), 0)
    assert (after.requests, after.cached) == ((6, 12), 4)
    paid_each = summary.paid.input_tokens / 4
    assert before.input_tokens[0] < 10 * paid_each < before.input_tokens[1]
    assert before.output_tokens[0] < 10 * summary.paid.output_tokens / 4 < before.output_tokens[1]
    assert "estimated" in before.counted
    assert before.cost_usd is None


async def test_the_estimate_of_a_known_model_has_a_price() -> None:
    async with mocked() as setup:
        plan = replace(setup.plan, resolved=replace(setup.plan.resolved, model="gpt-4o-mini"))
        told = await estimate(invoices(10), plan)
    assert told.cost_usd is not None
    assert 0.0001 < told.cost_usd[0] < told.cost_usd[1] < 0.1
    assert Decimal(str(told.cost_usd[1])) > 0


async def test_a_cache_whose_disk_is_full_is_done_without_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    counts = []
    async with serving(Mock()) as base_url:
        for room in (0, 1000):  # pages; then somebody makes room, and answers are kept again
            _bound(tmp_path, room)
            caplog.clear()
            async with asking(base_url, cache=tmp_path) as setup:
                with caplog.at_level(logging.WARNING, logger="llmx.cache"):
                    records, _ = await setup.run(invoices(20), concurrency=4)
                assert all(map(right, records))
                assert setup.endpoint.cache is not None
                counts.append((setup.endpoint.cache.count() - 1, "disk is full" in caplog.text, len(caplog.records)))
    (kept, *full), (all_kept, *more) = counts
    assert kept < 20
    assert full == [True, 1]
    assert (all_kept, *more) == (20, False, 0)


def _bound(folder: Path, room: int) -> None:
    """Let the cache's database grow by ``room`` pages: SQLite's own limit raises what it raises on a full disk."""
    store = Cache(folder / "answers")
    store.put(Completion("x", "stop", key="0" * 64))  # there is a database, then
    store.close()
    with contextlib.closing(sqlite3.connect(folder / "answers" / "cache.db", isolation_level=None)) as db:
        pages = db.execute("pragma page_count").fetchone()[0]
        db.execute("replace into Settings values ('sqlite_max_page_count', ?)", (pages + room,))


async def test_two_runs_share_one_cache_without_harm(tmp_path: Path) -> None:
    async with mocked(Mock(latency_s=0.002), cache=tmp_path) as one, asking(one.base_url, cache=tmp_path) as two:
        (first, _), (second, _) = await asyncio.gather(
            one.run(invoices(100), concurrency=8), two.run(invoices(100), concurrency=8)
        )
    assert all(map(right, first + second))
    assert 100 <= one.mock.requests <= 200


@pytest.mark.parametrize("step_s", [86_400, -86_400], ids=["forwards", "backwards"])
async def test_a_clock_that_jumps_changes_nothing(step_s: int, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = itertools.count(1_800_000_000, step_s)
    monkeypatch.setattr(
        time, "time", lambda: float(next(moments))
    )  # the wall clock, not ours: waits use a monotonic one
    mock = Mock(faults=Faults(0.2, ("429", "500"), seed=2, retry_after="0.01"))
    async with mocked(mock) as setup:
        records, _ = await setup.run(invoices(60), concurrency=8, rpm=60_000)
    assert len(records) == 60
    assert all(map(right, records))


async def test_the_log_has_a_line_a_document_and_no_text_of_it(tmp_path: Path) -> None:
    log = tmp_path / "log" / "run.jsonl"
    async with mocked(api_key="sk-very-secret-key-123456") as setup:
        for text in (False, True):
            await into(setup, tmp_path / "o.jsonl", invoices(3), log_file=log, log_text=text, overwrite=True)
    told = lines(log)
    assert [line["event"] for line in told] == ["begin", *["document"] * 3, "end"] * 2
    assert all(len(line["keys"]) == 1 and line["status"] == "ok" for line in told[1:4])
    assert "Halvorsen" not in "".join(log.read_text().splitlines()[:5])
    assert "Halvorsen" in told[6]["text"]
    assert "secret" not in log.read_text()


async def test_spans_follow_the_conventions_and_hold_no_text() -> None:
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from llmx.run.telemetry import traced

    exporter, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with mocked() as setup:
        session = Session(setup.plan, traced(setup.endpoint, setup.plan, tracer=provider.get_tracer("test")))
        summary = await run_documents(invoices(2), session, options=RunOptions(), emit=lambda _: None)
    assert summary.requests == 2
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == ["chat mock"] * 2
    attributes = dict(spans[0].attributes or {})
    assert attributes["gen_ai.request.model"] == "mock"
    assert attributes["gen_ai.operation.name"] == "chat"
    assert attributes["gen_ai.usage.output_tokens"] != 0
    assert {dict(span.attributes or {})["llmx.document"] for span in spans} == {"INV-000001", "INV-000002"}
    assert not any("Halvorsen" in str(value) for value in attributes.values())


async def test_a_traced_run_finds_the_finished_records_of_an_earlier_one(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.sdk.trace")
    async with mocked(cache=tmp_path / "cache") as setup:
        for _ in range(2):
            summary = await into(setup, tmp_path / "o.jsonl", invoices(3), trace=True, overwrite=True)
        store = open_records(tmp_path / "cache", limit_bytes=2**20)
        assert store.count() == 3
        store.close()
    assert (summary.documents, summary.cache_hits, setup.mock.requests) == (3, 3, 3)


@pytest.mark.slow
async def test_the_progress_line_says_how_far_how_fast_and_what_is_in_the_way() -> None:
    import io

    from rich.console import Console

    from llmx.run import run_progress

    out = io.StringIO()
    watch = run_progress(console=Console(file=out, force_terminal=True, width=200))
    mock = Mock(latency_s=0.1, faults=Faults(0.2, ("429",), seed=1, retry_after="0"))
    async with mocked(mock, policy=RetryPolicy(chance=lambda: 0.01)) as setup:
        await setup.run(invoices(40), concurrency=4, observer=watch)
    said = out.getvalue()
    assert "documents" in said
    assert "/s" in said
    assert "4 in flight of" in said or "3 in flight of" in said
    assert "429s" in said
    assert "tokens" in said


def test_a_document_is_a_value_that_can_be_sent_elsewhere() -> None:
    import pickle

    from bench.invoices import Invoice
    from llmx.extraction.plan import Extractor

    assert pickle.loads(pickle.dumps(Extractor(Invoice))).schema is Invoice
    assert pickle.loads(pickle.dumps(Document("a", "b"))) == Document("a", "b")
