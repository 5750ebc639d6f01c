"""A run ends when it should, at once and not before; what ends it is told."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
from collections.abc import Iterator
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from bench.mock_server import Mock, http, serving
from llmx.documents import Document
from llmx.endpoint import Completion, WrappedEndpoint
from llmx.errors import UsageError
from llmx.record import Record
from llmx.request import Request
from llmx.run import NullObserver, RunOptions, run_documents
from llmx.run.manifest import Manifest, locked
from tests.run.mocked import asking, into, invoices, mocked, right


def ignored(_: Record[Any]) -> None:
    """Throw a record away."""


@pytest.mark.slow
@pytest.mark.parametrize("ordered", [False, True])
async def test_what_a_later_worker_raises_ends_the_run_at_once(ordered: bool) -> None:
    class Throttling(Mock):
        refused = 0

        def reply(self, body: bytes) -> tuple[str, bytes]:
            if self.requests > 60 and self.refused < 3:
                self.refused += 1
                return "429", http(429, {"error": {"message": "slower"}}, "retry-after: 0\r\n")
            return super().reply(body)

    done = 0

    def emit(_: Record[Any]) -> None:
        nonlocal done
        done += 1
        if done == 900:
            raise OSError("the disk is full")

    async with mocked(Throttling(latency_s=0.02)) as setup:
        with pytest.raises(OSError, match="the disk is full"):
            await run_documents(
                invoices(4000), setup.session,
                options=RunOptions(concurrency=16, ordered=ordered), emit=emit,
            )  # fmt: skip
    assert done < 1000


async def test_a_record_that_is_lost_to_a_cancellation_is_told() -> None:
    async def emit(record: Record[Any]) -> None:
        if record.id == "INV-000003":
            gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            gone.cancel()
            await gone

    async with mocked() as setup:
        with pytest.raises(RuntimeError, match="its record is lost"):
            await run_documents(invoices(10), setup.session, options=RunOptions(), emit=emit)


async def test_a_bound_on_tokens_holds_with_a_slow_source_too() -> None:
    async with mocked(Mock(latency_s=0.02)) as setup:
        run = setup.new_run(invoices(60), ignored, slow=True, concurrency=16, max_tokens_total=3000)
        summary = await run.go()
    assert summary.stopped == "max_tokens"
    assert summary.paid.total_tokens <= 3000


@pytest.mark.slow
async def test_documents_from_the_cache_do_not_make_the_others_look_cheap(tmp_path: Path) -> None:
    async with serving(Mock(latency_s=0.1)) as base_url:
        async with asking(base_url, cache=tmp_path) as setup:
            _, summary = await setup.run(invoices(200), concurrency=32)
        bound = summary.paid.total_tokens // 10
        async with asking(base_url, cache=tmp_path) as setup:
            records, summary = await setup.run(invoices(400), concurrency=32, max_tokens_total=bound)
    assert summary.stopped == "max_tokens"
    assert summary.paid.total_tokens <= bound
    assert len(records) > 200


async def test_a_bound_that_is_larger_than_what_there_is_changes_nothing() -> None:
    records: list[Record[Any]] = []
    async with mocked() as setup:
        run = setup.new_run(invoices(10), records.append, slow=True, concurrency=8, max_documents=13)
        summary = await run.go()
    assert (summary.documents, summary.stopped) == (10, "")
    assert [record.id for record in records] == [document.id for document in invoices(10)]


def test_a_source_in_a_thread_and_the_run_share_the_manifest(tmp_path: Path) -> None:
    manifest, raised = Manifest(tmp_path / "m.manifest"), list[BaseException]()

    def passing_over() -> None:
        try:
            for _ in range(300):
                manifest.row("a")
                manifest.set_positions([(1, "a"), (2, "b")])
        except BaseException as error:  # noqa: BLE001 - looked at below
            raised.append(error)

    thread = threading.Thread(target=passing_over)
    thread.start()
    while thread.is_alive():
        with manifest.together() as db:
            db.execute("insert or replace into documents (id) values ('a')")
    assert raised == []
    manifest.close()


async def test_after_an_interruption_nothing_more_is_sent() -> None:
    async with mocked(Mock(latency_s=0.5)) as setup:
        records: list[Record[Any]] = []
        run = setup.new_run(invoices(500), records.append, concurrency=8)
        job = asyncio.create_task(run.go())
        await setup.mock.until(lambda: setup.mock.requests == 8)
        run.stop("interrupted")
        summary = await job
    assert summary.stopped == "interrupted"
    assert setup.mock.requests == len(records) == 8
    assert all(map(right, records))


async def test_answers_on_the_wire_are_not_waited_for_longer_than_the_grace() -> None:
    async with mocked(Mock(latency_s=3600)) as setup:
        run = setup.new_run(invoices(9), ignored, concurrency=4, grace_s=0)
        job = asyncio.create_task(run.go())
        await setup.mock.until(lambda: setup.mock.requests == 4)
        run.stop("interrupted")
        assert (await job).documents == 0


async def test_records_behind_a_document_that_is_let_go_are_not_lost() -> None:
    class Stuck(WrappedEndpoint):
        """Answers all but one, and tells when all the others have their answers."""

        answered = 0
        all_but_one = asyncio.Event()

        async def complete(self, request: Request) -> Completion:
            if "INV-000003" in str(request.body):
                await asyncio.Event().wait()
            completion = await super().complete(request)
            self.answered += 1
            if self.answered == 19:
                self.all_but_one.set()
            return completion

    async with mocked() as setup:
        records: list[Record[Any]] = []
        run = setup.new_run(invoices(20), records.append, endpoint=Stuck(setup.endpoint), concurrency=4)
        job = asyncio.create_task(run.go())
        await Stuck.all_but_one.wait()
        run.stop("interrupted", drop=True)
        summary = await job
    assert summary.documents == len(records) == 19
    assert [record.id for record in records] == [d.id for d in invoices(20) if d.id != "INV-000003"]


async def test_two_documents_of_one_id_are_refused(tmp_path: Path) -> None:
    documents = [*invoices(3), *invoices(3)]
    async with mocked(Mock(latency_s=0.05)) as setup:
        with pytest.raises(UsageError, match="two documents have the id 'INV-000001'"):
            await into(setup, tmp_path / "o.jsonl", documents)


@pytest.mark.slow
async def test_pages_of_a_proxy_are_no_answers() -> None:
    class Portal(Mock):
        open = False

        def reply(self, body: bytes) -> tuple[str, bytes]:
            if self.open:
                return super().reply(body)
            page = b"<html>Please sign in</html>"
            head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {len(page)}\r\n\r\n"
            return "html", head.encode() + page

    async with mocked(Portal()) as setup:
        records, summary = await setup.run(invoices(50), concurrency=8, outage_s=1.0)
        assert (records, summary.stopped) == ([], "endpoint")
        assert "not JSON" in str(summary.error)
    async with mocked(Portal()) as setup:

        class OpensWhenMissed(NullObserver):
            def note(self, message: str) -> None:
                setup.mock.open |= "is away" in message  # type: ignore[attr-defined] # ours

        records, _ = await setup.run(invoices(50), concurrency=8, observer=OpensWhenMissed())
    assert len(records) == 50
    assert all(map(right, records))


async def test_the_first_document_is_waited_for_beside_the_loop() -> None:
    turned = threading.Event()

    def source() -> Iterator[Document]:
        assert turned.wait(60)
        yield from invoices(1)

    def turn(number: int) -> None:
        if number == 10:
            turned.set()
        else:
            asyncio.get_running_loop().call_soon(turn, number + 1)

    async with mocked() as setup:
        turn(0)
        records, _ = await setup.run(source())
    assert len(records) == 1


def _hold(target: Path, begin: Barrier, clashes: Synchronized[int]) -> None:
    from llmx.errors import OutputError

    mark = target.with_name("inside")
    begin.wait()
    for _ in range(40):
        try:
            with locked(target):
                try:
                    mark.touch(exist_ok=False)
                except FileExistsError:
                    clashes.value += 1
                else:
                    mark.unlink()
        except OutputError:
            continue


@pytest.mark.slow
def test_no_two_processes_hold_one_output(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    begin, clashes = context.Barrier(3), context.Value("i")
    processes = [context.Process(target=_hold, args=(tmp_path / "out.jsonl", begin, clashes)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert clashes.value == 0
    assert not list(tmp_path.iterdir())
