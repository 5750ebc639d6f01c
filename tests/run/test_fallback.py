"""A run with fallbacks: costs, limits, outages, cassettes and Ctrl-C over several models on real loopback servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from llmx.documents import Document
from llmx.endpoint import EndpointSettings, ResolvedModel
from llmx.endpoint.wire import Response
from llmx.errors import ConfigError, ConnectError, OutageError
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import Session, answering, open_session
from llmx.record import Record, Usage
from llmx.run import OutputOptions, RunOptions, Summary, run_documents, run_report, run_status, run_to_output
from llmx.run.circuit_breaker import IN_A_ROW
from llmx.run.document_queue import DocumentQueue
from llmx.run.limiter import LimiterEvents, current_document
from llmx.run.limiters import RunLimiters
from llmx.run.observer import NullObserver
from llmx.run.runner import Run
from tests.extraction.scripted import Scripted, plan_for
from tests.fault_server import FaultServer, Received, Step, answer, status

COUNT = 6


class Note(BaseModel):
    """A note."""

    name: str


def documents(count: int = COUNT) -> list[Document]:
    return [Document(f"d{n}", f"Name: Ada {n}") for n in range(count)]


def right(request: Received) -> Step:
    text = request.body["messages"][-1]["content"]
    return answer(json.dumps({"name": text.partition("Name: ")[2].partition("\n")[0]}))


def refusing(*numbers: int) -> Callable[[Received], Step]:
    """A script that refuses the documents with these numbers, and answers the others."""

    def script(request: Received) -> Step:
        asked = request.body["messages"][-1]["content"]
        if any(f"Ada {number}\n" in asked for number in numbers):
            return answer(None, refusal="I would rather not")
        return right(request)

    return script


def settings(first: FaultServer, second: FaultServer, **more: Any) -> EndpointSettings:
    """A model called small on ``first`` with the fallback large on ``second``."""
    here: dict[str, Any] = {"mode": "json_schema", "api_key": "none"}
    after = EndpointSettings("large", second.base_url, **here)
    usual = {"cache": False, "retry_attempts": 1, **here, **more}
    return EndpointSettings("small", first.base_url, fallbacks=(after,), **usual)


async def ran(
    how: EndpointSettings, target: Path | None = None, *, count: int = COUNT, **options: Any
) -> tuple[list[Record[Any]], Summary]:
    records: list[Record[Any]] = []
    run = RunOptions(**options)
    async with open_session(Extractor(Note, Options(passes=1)), how) as session:
        if target is None:
            return records, await run_documents(documents(count), session, options=run, emit=records.append)
        return records, await run_to_output(documents(count), session, output=OutputOptions(target), options=run)


async def test_the_summary_the_manifest_and_each_record_say_which_model_answered(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    async with FaultServer(refusing(2, 4)) as first, FaultServer(right) as second:
        _, summary = await ran(settings(first, second), target)
    assert (summary.statuses, summary.exit_code) == ({"ok": COUNT}, 0)
    each = [(total.model, total.requests, total.paid) for total in summary.models]
    assert each == [("small", 6, Usage(60, 30, 24)), ("large", 2, Usage(20, 10, 8))]
    assert summary.paid == Usage(80, 40, 32)
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert [line["model"] for line in lines] == ["small", "small", "large", "small", "large", "small"]
    found = run_status(target)
    told = [(cost.model, cost.answered, cost.requests, cost.usage) for cost in found.models]
    assert told == [("small", 4, 6, Usage(60, 30, 24)), ("large", 2, 2, Usage(20, 10, 8))]
    assert found.by_fallback == (("d2", "large"), ("d4", "large"))
    assert [row["model"] for row in found.to_json()["models"]] == ["small", "large"]


async def test_a_replay_gives_the_same_bytes(tmp_path: Path) -> None:
    tape, one, two = tmp_path / "tape", tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    async with FaultServer(refusing(1)) as first, FaultServer(right) as second:
        await ran(settings(first, second, record=tape), one)
    again = EndpointSettings("small", replay=tape, cache=False, fallbacks=(EndpointSettings("large"),))
    _, summary = await ran(again, two)
    assert two.read_bytes() == one.read_bytes()
    assert summary.statuses == {"ok": COUNT}


async def test_a_replay_of_a_run_that_needed_no_fallback_may_name_it(tmp_path: Path) -> None:
    async with FaultServer(right) as first, FaultServer(right) as second:
        await ran(settings(first, second, record=tmp_path / "tape"))
    again = EndpointSettings("small", replay=tmp_path / "tape", fallbacks=(EndpointSettings("large"),))
    assert (await ran(again))[1].statuses == {"ok": COUNT}


async def test_a_replay_finds_the_name_under_which_the_embedded_model_was_recorded(tmp_path: Path) -> None:
    async with FaultServer(refusing(1)) as first, FaultServer(right) as second:
        recorded, _ = await ran(settings(first, second, record=tmp_path / "tape"))
    again = EndpointSettings("local", replay=tmp_path / "tape", fallbacks=(EndpointSettings("large"),))
    with answering(again) as ready:
        replayed, _ = await ran(ready)
    assert [record.to_json() for record in replayed] == [record.to_json() for record in recorded]


async def test_finished_records_keep_who_answered(tmp_path: Path) -> None:
    async with FaultServer(refusing(3)) as first, FaultServer(right) as second:
        how = settings(first, second, cache=True, cache_dir=tmp_path / "cache")
        await ran(how, tmp_path / "one.jsonl")
        asked = len(first.received) + len(second.received)
        await ran(how, tmp_path / "two.jsonl")
        assert len(first.received) + len(second.received) == asked
        await ran(replace(how, fallbacks=()), tmp_path / "three.jsonl")
    assert (tmp_path / "two.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()
    assert run_status(tmp_path / "two.jsonl").by_fallback == (("d3", "large"),)
    alone = [json.loads(line)["status"] for line in (tmp_path / "three.jsonl").read_text().splitlines()]
    assert alone[3] == "refused"  # without the fallback, its answer is not taken


@pytest.mark.slow
async def test_while_an_endpoint_is_away_its_documents_go_to_the_next_one_at_once() -> None:
    async with FaultServer([status(503)]) as first, FaultServer(right) as second:
        records, summary = await ran(settings(first, second, retry_attempts=3, retry_s=5), count=60, concurrency=4)
        assert len(first.received) < 40  # the circuit is open after eight failures in a row
    assert (summary.statuses, summary.stopped) == ({"ok": 60}, "")
    assert {record.model for record in records} == {"large"}
    away = [record for record in records if "it was away" in record.issues[0].message]
    assert len(away) > 30


async def test_a_run_begins_though_its_first_model_is_away(caplog: pytest.LogCaptureFixture) -> None:
    async with FaultServer(right) as second:
        how = EndpointSettings("small", "http://127.0.0.1:9/v1", cache=False, retry_attempts=1, api_key="none")
        how = replace(how, fallbacks=(EndpointSettings("large", second.base_url, mode="json_schema", api_key="none"),))
        records, _ = await ran(how)
    assert {record.model for record in records} == {"large"}
    assert "goes on without small" in caplog.text


async def test_a_model_that_refuses_every_request_does_not_end_the_run_while_another_answers() -> None:
    async with FaultServer([status(400, "no such thing")]) as first, FaultServer(right) as second:
        _, summary = await ran(settings(first, second), count=40)
    assert (summary.statuses, summary.stopped) == ({"ok": 40}, "")


async def test_a_fallback_whose_price_is_unknown_cannot_be_bounded_in_dollars() -> None:
    async with FaultServer(right) as first, FaultServer(right) as second:
        with pytest.raises(ConfigError, match="'small' on this machine"):
            await ran(settings(first, second), max_cost_usd=1.0)


class Placed(Scripted):
    """Stands at an address, and is never asked."""

    def __init__(self, base_url: str | None) -> None:
        super().__init__([])
        self.base_url = base_url


def test_a_bound_holds_over_all_models_each_at_its_own_price() -> None:
    from llmx.endpoint import Stats
    from llmx.run.accounts import Account, cost_usd
    from llmx.run.budget import Budget, Price

    small, large = Stats(), Stats()
    accounts = [Account("gpt-4o-mini", None, small, small.copy()), Account("gpt-4o", None, large, large.copy())]
    prices = [Price(1e-6, 1e-6, 1e-6), Price(1e-4, 1e-4, 1e-4)]
    budget = Budget(accounts, max_cost_usd=1.0, max_tokens=float("inf"), prices=prices, tokens=10)
    small.paid += Usage(1000, 0)
    budget.add(Record("a", None, "ok", attempts=1, usage=Usage(1000, 0)))
    assert budget.spent(0) == ""
    large.paid += Usage(9000, 0)
    assert budget.spent(0) == "max_cost"
    total = cost_usd(accounts)
    assert total is not None
    assert total > Decimal("0.02")  # 9,000 tokens of the large model alone
    accounts.append(Account("nobody-knows", "http://127.0.0.1/v1", Stats(paid=Usage(1, 1)), Stats()))
    assert cost_usd(accounts) is None


class Timed:
    def __init__(self) -> None:
        self.lost: list[BaseException | None] = []
        self.notes: list[str] = []
        self.events = LimiterEvents(on_outage=self.lost.append, note=self.notes.append)

    def limiters(self, *urls: str) -> RunLimiters:
        first, *after = (Session(plan_for(Note), Placed(url)) for url in urls)
        return RunLimiters(replace(first, fallbacks=tuple(after)), RunOptions(concurrency=20), self.events)


async def fail(limiters: RunLimiters, number: int) -> None:
    """Fail as often as it takes for an endpoint to count as away."""
    limiter = limiters.limiter(number)
    for n in range(IN_A_ROW):
        current_document.set(f"d{n}")
        await limiter.acquire(1)
        limiter.release(1, ConnectError("refused"))


async def test_a_run_that_is_stopped_asks_no_model_any_more_and_keeps_what_comes() -> None:
    go_on = asyncio.Event()
    records: list[Record[Any]] = []
    async with (
        FaultServer(refusing(*range(40))) as first,
        FaultServer(lambda r: replace(right(r), until=go_on)) as second,
    ):
        async with open_session(Extractor(Note, Options(passes=1)), settings(first, second)) as session:
            run = Run(
                DocumentQueue(documents(40)), session, options=RunOptions(concurrency=2), emit=records.append,
                observer=NullObserver(),
            )  # fmt: skip
            going = asyncio.create_task(run.go())
            await asyncio.wait_for(second.arrived.wait(), 20)
            run.stop("interrupted")
            sent = len(first.received) + len(second.received)
            go_on.set()
            summary = await asyncio.wait_for(going, 20)
        assert len(first.received) + len(second.received) <= sent + 4  # what was on its way
    assert (summary.stopped, summary.exit_code) == ("interrupted", 130)
    assert 0 < len(records) == summary.statuses["ok"] <= 4


async def test_the_tokens_of_all_models_count_for_the_bound() -> None:
    async with FaultServer(refusing(*range(150))) as first, FaultServer(right) as second:
        records, summary = await ran(settings(first, second), count=150, max_tokens_total=3000)
    assert summary.stopped == "max_tokens"
    assert summary.paid.total_tokens <= 3000  # 15 of each model for a document
    assert 0 < len(records) <= 100


async def test_limits_are_those_of_each_endpoint() -> None:
    limiters = Timed().limiters("http://a", "http://b", "http://a")
    assert limiters.limiter(0) is limiters.limiter(2)
    assert limiters.limiter(0) is not limiters.limiter(1)


async def test_providers_without_a_base_url_are_endpoints_of_their_own() -> None:
    first = Session(replace(plan_for(Note), resolved=ResolvedModel("gpt-4o", "tools", "given")), Placed(None))
    after = Session(replace(first.plan, resolved=ResolvedModel("anthropic/claude-x", "tools", "given")), Placed(None))
    limiters = RunLimiters(replace(first, fallbacks=(after,)), RunOptions(), Timed().events)
    assert limiters.limiter(0) is not limiters.limiter(1)


async def test_nobody_waits_for_an_endpoint_that_is_away_while_there_is_another() -> None:
    timed = Timed()
    limiters = timed.limiters("http://a", "http://b")
    first, second = limiters.limiter(0), limiters.limiter(1)
    await fail(limiters, 0)
    with pytest.raises(OutageError):
        await first.acquire(1)
    await second.acquire(1)
    second.release(1, Response(200, {}, b"{}"))
    assert not limiters.away
    assert "asking the next model" in timed.notes[0]
    assert limiters.limit == second.limit


async def test_where_every_endpoint_is_away_the_run_waits() -> None:
    limiters = Timed().limiters("http://a", "http://b")
    await fail(limiters, 0)
    await fail(limiters, 1)
    waiting = asyncio.create_task(limiters.limiter(0).acquire(1))
    await asyncio.sleep(0)
    assert not waiting.done()
    assert limiters.away
    waiting.cancel()


async def test_the_report_sums_the_costs_of_the_models(tmp_path: Path) -> None:
    async with FaultServer(refusing(2)) as first, FaultServer(right) as second:
        await ran(settings(first, second), tmp_path / "out.jsonl")
    report = run_report(tmp_path / "out.jsonl")
    assert report.cost_usd is None  # both are on this machine
    assert report.to_json()["by_fallback"] == [{"id": "d2", "model": "large"}]
