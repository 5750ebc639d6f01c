"""A run over several processes: the records of one process, one limiter for all of them, and no loss when one ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import pickle
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import llmx
from bench.invoices import Invoice
from bench.mock_server import Mock, serving
from llmx.documents import Document
from llmx.endpoint import EndpointSettings
from llmx.errors import ConfigError, ConnectError
from llmx.extraction.plan import Extractor
from llmx.extraction.session import Session, open_session
from llmx.run import OutputOptions, RunOptions, Summary, run_to_output
from llmx.run.processes.channel import Channel
from llmx.run.processes.child import TOLD_AT_ONCE, Child, WorkerSetup
from llmx.run.processes.maker import process_count
from llmx.run.processes.spans import CrossingTracer, span_maker
from tests.run.mocked import invoices, lines
from tests.run.test_metrics import checked as samples
from tests.run.tracing import exported

POISON = """
import os
from bench.invoices import Invoice

class Deadly(Invoice):
    def model_post_init(self, _):
        if self.invoice_no == "INV-000003":
            os._exit(7)
"""


class KillsAWorker(Mock):
    """Kills a worker process when thirty requests have come."""

    killed = 0

    def reply(self, body: bytes) -> tuple[str, bytes]:
        if self.requests >= 30 and not self.killed:
            self.killed = min(worker_processes())
            os.kill(self.killed, signal.SIGKILL)
        return super().reply(body)


def worker_processes() -> list[int]:
    """The worker processes that this process has started, by what the system tells of them."""
    children = [
        int(pid) for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()
    ]
    return [pid for pid in children if b"processes.child" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@contextlib.asynccontextmanager
async def opened(base_url: str, folder: Path, *, schema: Any = Invoice, **more: Any) -> AsyncIterator[Session]:
    settings = EndpointSettings(
        model="mock", base_url=base_url, mode="json_schema", cache_dir=folder / "cache", api_key="k", **more
    )
    async with open_session(Extractor(schema), settings) as session:
        yield session


async def ran(session: Session, target: Path, documents: Any, **options: Any) -> Summary:
    return await run_to_output(documents, session, output=OutputOptions(target), options=RunOptions(**options))


def described(path: Path) -> list[dict[str, Any]]:
    """The records without the seconds, which are no two runs' the same."""
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines(path)]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the test finds the worker processes in /proc")
async def test_a_process_that_is_killed_in_mid_run_loses_no_record_and_doubles_none(tmp_path: Path) -> None:
    mock = KillsAWorker(latency_s=0.02)
    async with serving(mock) as base_url:
        async with opened(base_url, tmp_path / "two") as session:
            asked: dict[str, Any] = {"processes": 2, "concurrency": 8, "metrics": str(tmp_path / "llmx.prom")}
            two = await ran(session, tmp_path / "two.jsonl", invoices(90), **asked)
        sent, at_once = mock.requests, mock.most_in_flight
        async with opened(base_url, tmp_path / "one") as session:
            one = await ran(session, tmp_path / "one.jsonl", invoices(90), concurrency=8)
    assert mock.killed
    assert two.statuses == one.statuses == {"ok": 90}
    assert described(tmp_path / "two.jsonl") == described(tmp_path / "one.jsonl")
    assert at_once <= 8  # one limiter for both
    assert sent <= 90 + 8  # what was on the wire is asked again, and nothing else
    assert not worker_processes()
    told = samples((tmp_path / "llmx.prom").read_text())
    assert told['llmx_documents_total{status="ok"}'] == 90
    answered = told['llmx_requests_total{model="mock",status="200"}']
    assert 90 <= answered + told['llmx_cache_hits_total{model="mock"}'] <= sent
    assert two.paid.input_tokens == told['llmx_tokens_total{model="mock",kind="input"}']


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_document_that_ends_every_process_is_a_failed_record_and_the_others_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deadly.py").write_text(POISON)
    monkeypatch.chdir(tmp_path)
    spans = exported()
    async with serving(Mock()) as base_url, opened(base_url, tmp_path, schema="deadly.py:Deadly") as session:
        summary = await ran(session, tmp_path / "out.jsonl", invoices(8), processes=2, concurrency=2, trace=True)
    records = lines(tmp_path / "out.jsonl")
    assert summary.statuses == {"ok": 7, "failed": 1}
    assert [record["status"] for record in records] == ["ok", "ok", "failed", *["ok"] * 5]
    assert records[2]["issues"][0]["code"] == "worker_lost"
    traced = {str((span.attributes or {})["llmx.document"]) for span in spans.get_finished_spans()}
    assert traced >= {record["id"] for record in records if record["status"] == "ok"}


def test_a_span_crosses_with_its_times_and_its_error_into_the_trace_of_the_run() -> None:
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer, sent = provider.get_tracer("test"), list[Any]()
    crossing = CrossingTracer(sent.append)
    with crossing.start_as_current_span("chat mock", attributes={"gen_ai.request.model": "mock"}) as span:
        span.set_attribute("llmx.document", "1")
    with (
        pytest.raises(ConnectError),
        crossing.start_as_current_span("chat mock", attributes={}),
    ):
        raise ConnectError("nobody answers")
    with tracer.start_as_current_span("the run") as run:
        make = span_maker(tracer)
    for kind, facts in pickle.loads(pickle.dumps(sent)):
        assert kind == "span"
        make(facts)
    whole, failed = exporter.get_finished_spans()[1:]
    assert (whole.name, dict(whole.attributes or {})) == (
        "chat mock", {"gen_ai.request.model": "mock", "llmx.document": "1"},
    )  # fmt: skip
    assert (whole.start_time, whole.end_time) == sent[0][1][2:4]
    assert {each.parent.span_id if each.parent else 0 for each in (whole, failed)} == {run.get_span_context().span_id}
    assert (failed.status.status_code.name, failed.events[0].name) == ("ERROR", "exception")
    assert "nobody answers" in str(failed.status.description)


async def test_what_cannot_go_over_several_processes_is_refused_by_name(tmp_path: Path) -> None:
    async with serving(Mock()) as base_url, opened(base_url, tmp_path) as session:
        two = RunOptions(processes=2)
        assert session.origin is not None
        [(settings, resolved)] = session.origin.models
        for changed, named in (
            (replace(settings, record=tmp_path), "--record"),
            (replace(settings, sdk=object()), "client"),
            (replace(settings, embedded=True), "embedded model"),
        ):
            origin = replace(session.origin, models=((changed, resolved),))
            with pytest.raises(ConfigError, match=f"--processes 2: .*{named}"):
                process_count(two, replace(session, origin=origin))
        with pytest.raises(ConfigError, match="put together by hand"):
            process_count(two, replace(session, origin=None))
        embedded = replace(session.origin, models=((replace(settings, embedded=True), resolved),))
        assert process_count(RunOptions(processes="auto"), replace(session, origin=embedded)) == 1
    with pytest.raises(ConfigError, match="written to an output"):
        list(llmx.extract([Document(text="a")], Invoice, endpoint=settings, run=two))
    for wrong in (0, "two"):
        with pytest.raises(ConfigError, match="--processes"):
            RunOptions(processes=wrong)  # type: ignore[arg-type] # on purpose


async def test_records_go_back_a_few_at_a_time_however_many_are_ready_at_once(tmp_path: Path) -> None:
    """A process that told of its records at the end of a turn only would then wait for the next documents."""
    ours, theirs = socket.socketpair()
    got: list[tuple[Any, ...]] = []
    news = asyncio.Event()

    def received(message: tuple[Any, ...]) -> None:
        got.append(message)
        if message[0] == "acquire":
            channel.send(("turn", message[1], "go"))
        news.set()

    async def until(count: int) -> None:
        while sum(message[0] == "done" for message in got) < count:
            news.clear()
            await news.wait()

    async with serving(Mock()) as base_url, opened(base_url, tmp_path) as session:
        channel = await Channel.over(ours, received, lambda: None)
        assert session.origin is not None
        channel.send(("setup", WorkerSetup(session.origin)))
        child = asyncio.create_task(Child().serve(theirs))
        for count in (30, 60):  # the second time the records are there
            for number, document in enumerate(invoices(30)):
                channel.send(("document", count + number, pickle.dumps(document)))
            await until(count)
        channel.close()
        await child
    gc.unfreeze()  # what the process of a child would have kept
    kinds = [message[0] for message in got if message[0] in {"spent", "done"}]
    groups = "".join("." if kind == "done" else "|" for kind in kinds).split("|")[1:]
    assert sum(map(len, groups)) == 60
    assert max(map(len, groups)) == TOLD_AT_ONCE


async def test_messages_arrive_whole_and_in_order_and_an_end_is_told() -> None:
    here, there = socket.socketpair()
    got: list[tuple[Any, ...]] = []
    ended = asyncio.Event()
    one = await Channel.over(here, got.append, lambda: None)
    other = await Channel.over(there, got.append, ended.set)
    sent = [("document", number, b"x" * 200_000) for number in range(5)] + [("turn", 1, "go")]
    for message in sent:
        one.send(message)
    one.close()
    await ended.wait()
    other.close()
    assert got == sent
