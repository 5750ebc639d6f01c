"""A batch run makes the records of a live run, whatever becomes of its lines, and pays for each request once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint import Completion, WrappedEndpoint
from llmx.endpoint.batch.file import state_path
from llmx.endpoint.batch.openai_batches import OpenAIBatches
from llmx.endpoint.batch.service import BatchLimits
from llmx.endpoint.batch.state import BatchState
from llmx.endpoint.batch.wire import OpenAIForm
from llmx.endpoint.providers.route import Access
from llmx.errors import AwaitsBatchError, OutputError
from llmx.request import Request
from llmx.run import OutputOptions, RunOptions, Summary
from llmx.run.batch_run import BatchJob, run_batch
from llmx.run.options import BatchOptions
from llmx.run.telemetry import traced
from tests.endpoint.asking import ask
from tests.endpoint.batch.batch_server import BatchServer, Json, Lines, answered, expired, refused, serving_batches
from tests.run.mocked import Setup, asking, into, invoices, lines


async def batch(
    setup: Setup, target: Path, count: int = 6, *, read: Callable[[], Any] | None = None, most: int = 50_000,
    output: dict[str, Any] | None = None, options: dict[str, Any] | None = None, **how: Any,
) -> Summary:  # fmt: skip
    """A batch run into ``target``, as far as it goes now; by default it waits for its end."""
    service = OpenAIBatches(Access(setup.base_url, "sk-test"), limits=BatchLimits(most, 10**6))
    state = BatchState(state_path(target))
    job = BatchJob(
        state, OpenAIForm(), service, OutputOptions(target, **(output or {})), RunOptions(**(options or {})),
        BatchOptions(**{"wait": True, "poll_s": 0.01, **how}),
    )  # fmt: skip
    try:
        return await run_batch(read or (lambda: invoices(count)), setup.endpoint, setup.plan, job=job)
    finally:
        if state_path(target).exists():
            state.close()
        await service.aclose()


async def live(setup: Setup, target: Path, count: int = 6) -> bytes:
    """The bytes that a live run writes, but for the time that each answer took."""
    await into(setup, target, invoices(count))
    return timeless(target)


def hidden(folder: Path) -> list[str]:
    """The names of the hidden files."""
    return [path.name for path in folder.glob(".*")]


def timeless(target: Path) -> bytes:
    """The bytes of an output without the seconds, which no two live runs have in common."""
    return re.sub(rb'"seconds":[\d.]+', b"", target.read_bytes())


@pytest.mark.slow
async def test_a_batch_run_writes_the_bytes_of_a_live_run_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with serving_batches() as server:
        async with asking(server.base_url, cache=tmp_path / "live") as setup:
            wanted = await live(setup, tmp_path / "live.jsonl")
        asked = len(server.live)
        async with asking(server.base_url, cache=tmp_path / "cache") as setup:
            summary = await batch(setup, tmp_path / "out.jsonl")
    assert timeless(tmp_path / "out.jsonl") == wanted
    assert (summary.documents, summary.statuses, summary.stopped) == (6, {"ok": 6}, "")
    assert summary.batched == summary.paid
    assert summary.paid.total_tokens > 0
    assert sorted(server.paid.values()) == [1] * 6
    assert len(server.live) == asked
    assert not state_path(tmp_path / "out.jsonl").exists()


def out_of_order_twice_and_strange(lines: list[Json], server: BatchServer) -> Lines:
    good = [server.answer(line) for line in reversed(lines)]
    strange = {**good[0], "custom_id": "f" * 64}
    return [*good, good[-1], strange], []


def half_expire_at_first(lines: list[Json], server: BatchServer) -> Lines:
    if len(server.batches) > 1:
        return answered(lines, server)
    return [server.answer(line) for line in lines[::2]], [expired(line) for line in lines[1::2]]


def half_missing_at_first(lines: list[Json], server: BatchServer) -> Lines:
    return answered(lines[::2] if len(server.batches) == 1 else lines, server)


def overloaded_at_first(lines: list[Json], server: BatchServer) -> Lines:
    if len(server.batches) > 1:
        return answered(lines, server)
    return [server.answer(line) for line in lines[1:]], [refused(lines[0], 500, "The server had an error")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "script", [out_of_order_twice_and_strange, half_expire_at_first, half_missing_at_first, overloaded_at_first]
)
async def test_whatever_becomes_of_the_lines_the_records_are_those_of_a_live_run(tmp_path: Path, script: Any) -> None:
    with serving_batches(BatchServer(script)) as server:
        async with asking(server.base_url, cache=tmp_path / "live") as setup:
            wanted = await live(setup, tmp_path / "live.jsonl")
        async with asking(server.base_url, cache=tmp_path / "cache") as setup:
            summary = await batch(setup, tmp_path / "out.jsonl")
    assert timeless(tmp_path / "out.jsonl") == wanted
    assert summary.statuses == {"ok": 6}
    assert set(server.paid.values()) == {1}


@pytest.mark.slow
async def test_a_line_that_is_never_answered_fails_its_document_and_no_other(tmp_path: Path) -> None:
    def one_expires(lines: list[Json], server: BatchServer) -> Lines:
        late = [line for line in lines if "INV-000002" in json.dumps(line)]
        return [server.answer(line) for line in lines if line not in late], [expired(line) for line in late]

    with serving_batches(BatchServer(one_expires)) as server:
        async with asking(server.base_url, cache=tmp_path / "cache") as setup:
            summary = await batch(setup, tmp_path / "out.jsonl")
    failed = [line for line in lines(tmp_path / "out.jsonl") if line["status"] == "failed"]
    assert [line["id"] for line in failed] == ["INV-000002"]
    assert "batch_expired" in failed[0]["issues"][0]["message"]
    assert len(server.batches) == 3
    assert summary.statuses["ok"] == 5


@pytest.mark.slow
async def test_a_run_is_collected_on_another_day(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    with serving_batches(BatchServer(holds=True)) as server:
        async with asking(server.base_url, cache=tmp_path / "cache") as setup:
            first = await batch(setup, target, wait=False)
            second = await batch(setup, target, wait=False)
            with pytest.raises(OutputError, match="waits for batches"):
                await into(setup, target, invoices(6), resume=True)
        server.release()
        async with asking(server.base_url, cache=tmp_path / "cache") as setup:
            last = await batch(setup, target, wait=False)
    assert (first.stopped, first.deferred, first.documents) == ("batch", 6, 0)
    assert (second.stopped, second.documents) == ("batch", 0)
    assert (last.stopped, last.documents) == ("", 6)
    assert len(server.batches) == 1


@pytest.mark.slow
async def test_a_run_is_split_by_lines_and_its_order_is_kept(tmp_path: Path) -> None:
    with serving_batches() as server:
        async with asking(server.base_url, cache=tmp_path / "cache") as setup:
            await batch(setup, tmp_path / "out.jsonl", 7, most=3)
    assert [each["request_counts"]["total"] for each in server.batches.values()] == [3, 3, 1]
    assert [line["id"] for line in lines(tmp_path / "out.jsonl")] == [f"INV-{n:06}" for n in range(1, 8)]


def bad_type_at_first(lines: list[Json], server: BatchServer) -> Lines:
    good = [server.answer(line) for line in lines]
    if len(server.batches) == 1:
        message = good[0]["response"]["body"]["choices"][0]["message"]
        message["content"] = "I am sorry"
    return good, []


@pytest.mark.slow
@pytest.mark.parametrize(("how", "batches", "live_requests"), [("batch", 2, 0), ("live", 1, 1)])
async def test_a_reask_goes_with_a_second_batch_or_live(
    tmp_path: Path, how: str, *, batches: int, live_requests: int
) -> None:
    with serving_batches(BatchServer(bad_type_at_first)) as server:
        async with asking(server.base_url, cache=tmp_path / "cache") as setup:
            summary = await batch(setup, tmp_path / "out.jsonl", follow_ups=how)
    assert (len(server.batches), len(server.live)) == (batches, live_requests)
    assert summary.statuses == {"ok": 6}
    assert set(server.paid.values()) == {1}
    assert summary.wasted.total_tokens > 0


@pytest.mark.slow
async def test_a_batch_that_is_refused_as_a_whole_is_told_and_submitted_the_next_time(tmp_path: Path) -> None:
    with serving_batches(BatchServer(refusal="Enqueued token limit reached")) as server:
        async with asking(server.base_url, cache=tmp_path / "cache") as setup:
            summary = await batch(setup, tmp_path / "out.jsonl")
            assert summary.stopped == "batch"
            assert "Enqueued token limit reached" in str(summary.error)
            server.refusal = ""
            assert (await batch(setup, tmp_path / "out.jsonl")).statuses == {"ok": 6}


@pytest.mark.slow
async def test_a_bound_on_tokens_holds_before_anything_is_submitted(tmp_path: Path) -> None:
    with serving_batches() as server:
        async with asking(server.base_url, cache=tmp_path / "cache") as setup:
            summary = await batch(setup, tmp_path / "out.jsonl", 40, options={"max_tokens_total": 9000})
    assert summary.stopped == "max_tokens"
    assert 0 < summary.documents < 40
    assert summary.paid.total_tokens <= 9000
    assert len(server.paid) == summary.documents


@pytest.mark.slow
async def test_a_bound_on_documents_counts_those_of_all_rounds(tmp_path: Path) -> None:
    with serving_batches(BatchServer(half_expire_at_first)) as server:
        async with asking(server.base_url, cache=tmp_path / "cache") as setup:
            summary = await batch(setup, tmp_path / "out.jsonl", 9, options={"max_documents": 4})
    assert (summary.documents, summary.stopped) == (4, "max_documents")
    assert [line["id"] for line in lines(tmp_path / "out.jsonl")] == [f"INV-{n:06}" for n in range(1, 5)]
    assert len(server.paid) == 4


@pytest.mark.slow
@pytest.mark.parametrize("overwritten", ["out.jsonl", "out.csv"])
async def test_an_output_that_is_overwritten_stays_until_there_is_something_new(
    tmp_path: Path, overwritten: str
) -> None:
    target = tmp_path / overwritten
    with serving_batches(BatchServer(holds=True)) as server:
        async with asking(server.base_url, cache=tmp_path / "live") as setup:
            await live(setup, target, 2)
        before = timeless(target)
        async with asking(server.base_url, cache=tmp_path / "cache") as setup:
            await batch(setup, target, wait=False, output={"overwrite": True})
            unchanged = timeless(target) == before
            server.release()
            await batch(setup, target, wait=False, output={"overwrite": True})
    assert unchanged
    assert timeless(target).count(b"INV-000005") > 0
    assert hidden(tmp_path) == []


async def test_a_request_that_waits_for_a_batch_is_no_error_in_its_span() -> None:
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    async with asking("http://127.0.0.1:1/v1") as setup:

        class Waiting(WrappedEndpoint):
            async def complete(self, request: Request) -> Completion:  # noqa: ARG002 - the protocol's
                raise AwaitsBatchError("the answer comes with a batch")

        endpoint = traced(Waiting(setup.endpoint), setup.plan, tracer=provider.get_tracer("test"))
        with pytest.raises(AwaitsBatchError):
            await endpoint.complete(ask())
    [span] = exporter.get_finished_spans()
    assert dict(span.attributes or {})["llmx.origin"] == "deferred"
    assert (span.status.is_ok, span.events) == (True, ())
