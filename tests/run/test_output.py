"""A run may be broken off at any moment: going on with it gives what a whole run gives, and pays for nothing twice."""

from __future__ import annotations

import asyncio
import math
import os
import random
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from bench.mock_server import Faults, Mock, serving
from llmx.documents import Document, Unreadable
from llmx.errors import DocumentError, OutputError
from llmx.extraction.options import Options
from llmx.record import Record
from llmx.run import NullObserver, run_report, run_status
from llmx.run.json_lines_file import JsonLinesFile
from llmx.run.line_move import LineMove
from llmx.run.manifest import Manifest, locked
from tests.run.mocked import FORKS, asking, into, invoices, lines, mocked


def reasons(target: Path) -> dict[str, int]:
    return run_status(target).reasons


async def test_resuming_does_only_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, out, invoices(30), max_documents=12)
        first = out.read_bytes()
        summary = await into(setup, out, invoices(30), resume=True)
        assert setup.mock.requests == 30
        await into(setup, tmp_path / "whole.jsonl", invoices(30))
    assert (summary.documents, summary.skipped) == (18, 12)
    assert reasons(out) == {"new": 18}
    assert out.read_bytes().startswith(first)
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


CHANGES: list[tuple[str, Any]] = [
    ("changed text", None),
    ("changed text", date(2024, 5, 12)),
    ("changed prompt", Options(instructions="Be brief.")),
    ("changed options", Options(unproven="drop")),
]


@pytest.mark.slow
@pytest.mark.parametrize(("why", "change"), CHANGES, ids=["text", "date", "prompt", "options"])
async def test_resuming_does_again_what_is_stale_and_says_why(
    tmp_path: Path, why: str, change: Options | date | None
) -> None:
    out = tmp_path / "out.jsonl"
    before = list(invoices(5))
    now = list(before)
    extraction = change if isinstance(change, Options) else None
    if change is None:
        now[2] = Document(before[2].id, before[2].text + " Signed.", before[2].source)
    elif isinstance(change, date):
        now[2] = Document(before[2].id, before[2].text, before[2].source, date=change)
    async with serving(Mock()) as base_url:
        async with asking(base_url, cache=tmp_path / "cache") as setup:
            await into(setup, out, before)
        async with asking(base_url, cache=tmp_path / "cache", extraction=extraction) as setup:
            summary = await into(setup, out, now, resume=True)
            await into(setup, tmp_path / "whole.jsonl", now)
    assert reasons(out) == {why: 1 if extraction is None else 5}
    assert summary.skipped == (4 if extraction is None else 0)
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


async def test_what_failed_is_tried_again_in_its_place(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    broken = Mock(faults=Faults(0.3, ("reset",), seed=5))
    async with serving(broken) as base_url:
        async with asking(base_url, cache=tmp_path / "cache", retry_attempts=1, policy=None) as setup:
            summary = await into(setup, out, invoices(40))
        failed = summary.statuses["failed"]
        assert 3 < failed < 25
        broken.faults = Faults()
        async with asking(base_url, cache=tmp_path / "cache") as setup:
            again = await into(setup, out, invoices(40), resume=True)
            await into(setup, tmp_path / "whole.jsonl", invoices(40))
    assert reasons(out) == {"failed before": failed}
    assert (again.documents, again.skipped) == (failed, 40 - failed)
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


async def test_a_document_that_fails_in_every_run_is_left_alone_in_the_end(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    bad = Unreadable("bad", "bad.txt", DocumentError("bad.txt is not text"))
    async with mocked() as setup:
        done = [(await into(setup, out, [bad, *invoices(2)], resume=True)).documents for _ in range(5)]
        assert done == [3, 1, 1, 0, 0]
        assert (await into(setup, out, [bad, *invoices(2)], resume=True, retry_failed=True)).documents == 1
    assert [row["id"] for row in lines(out)] == ["bad", "INV-000001", "INV-000002"]


async def test_a_document_that_can_be_read_now_replaces_its_failure(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    one, two = invoices(2)
    bad = Unreadable(one.id, one.source, DocumentError("not text"))
    async with mocked() as setup:
        await into(setup, out, [bad, two])
        await into(setup, out, [one, two], resume=True)
    assert [(row["id"], row["status"]) for row in lines(out)] == [(one.id, "ok"), (two.id, "ok")]


async def test_two_documents_of_one_id_keep_both_of_their_records(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    (one,) = invoices(1)
    second = Unreadable(one.id, "elsewhere", DocumentError("the id is taken already"))
    async with mocked() as setup:
        await into(setup, out, [one, second])
        await into(setup, out, [one, second], resume=True)
    assert [row["status"] for row in lines(out)] == ["ok", "failed"]


async def test_documents_that_are_no_longer_named_keep_their_records(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked() as setup:
        await into(setup, out, invoices(6))
        await into(setup, out, invoices(6, first=3), resume=True)
        assert setup.mock.requests == 9
    ids = [row["id"] for row in lines(out)]
    assert ids == [d.id for d in invoices(6, first=3)] + [d.id for d in invoices(3)]


async def test_half_a_line_and_what_the_manifest_does_not_know_is_cut_off(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, out, invoices(8))
        whole = out.read_bytes()
        with out.open("ab") as file:
            file.write(b'{"id":"INV-000009","sta')

        def source() -> Iterator[Document]:
            assert out.read_bytes() == whole  # before anything else: this run may be broken off, too
            yield from invoices(8)

        await into(setup, out, source(), resume=True)
        assert out.read_bytes() == whole
        with out.open("r+b") as written:
            written.truncate(len(whole) - 10)
        summary = await into(setup, out, invoices(8), resume=True)
    assert summary.documents == 1
    assert out.read_bytes() == whole


async def test_an_output_that_was_edited_is_not_gone_on_with(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked() as setup:
        await into(setup, out, invoices(3))
        out.write_bytes(b"x" + out.read_bytes())
        with pytest.raises(OutputError, match="was changed since it was written"):
            await into(setup, out, invoices(3), resume=True)


@pytest.mark.parametrize("replaced", [False, True], ids=["before the file took its place", "after it"])
async def test_a_kill_while_lines_are_sorted_loses_none(tmp_path: Path, replaced: bool) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked() as setup:
        await into(setup, out, invoices(4))
    whole = out.read_bytes()
    manifest = Manifest(out.with_name("out.jsonl.manifest"))
    rows = list(manifest.rows("position desc"))
    scratch, at, moves = tmp_path / ".out.jsonl.sorting", 0, []
    with scratch.open("wb") as file:
        for row in rows:
            file.write(whole[row.at : row.at + row.bytes])
            moves.append((row.id, at, row.bytes))
            at += row.bytes
    LineMove(manifest).plan(moves)
    manifest.close()
    if replaced:
        scratch.replace(out)
    async with mocked() as setup:
        await into(setup, out, invoices(4), resume=True)
        assert setup.mock.requests == 0
    assert out.read_bytes() == whole
    assert not scratch.exists()


async def test_a_second_run_on_one_output_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked(Mock(latency_s=0.5)) as setup:
        first = asyncio.create_task(into(setup, out, invoices(3)))
        await setup.mock.until(lambda: setup.mock.requests == 3)
        with pytest.raises(OutputError, match="is being written by another run"):
            await into(setup, out, invoices(3), resume=True)
        assert run_status(out).running
        await first
    assert len(lines(out)) == 3
    assert not run_status(out).running
    with locked(out):
        pass


@pytest.mark.parametrize("options", [{}, {"resume": True}], ids=["plain", "resumed without a manifest"])
async def test_an_output_that_is_there_is_not_touched_unless_asked(tmp_path: Path, options: dict[str, Any]) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text('{"mine": true}\n')
    async with mocked() as setup:
        with pytest.raises(OutputError, match=r"exists already|manifest"):
            await into(setup, out, invoices(1), **options)
        assert out.read_text() == '{"mine": true}\n'
        await into(setup, out, invoices(1), overwrite=True)
    assert [row["id"] for row in lines(out)] == ["INV-000001"]


async def test_a_csv_is_written_anew_from_the_cache_when_it_is_resumed(tmp_path: Path) -> None:
    out, cache = tmp_path / "out.csv", tmp_path / "cache"
    async with mocked(cache=cache) as setup:
        await into(setup, out, invoices(9), max_documents=4)
        summary = await into(setup, out, invoices(9), resume=True)
        assert setup.mock.requests == 9
        await into(setup, tmp_path / "whole.csv", invoices(9))
    assert summary.cache_hits == 4
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


async def test_a_csv_is_not_resumed_without_the_cache(tmp_path: Path) -> None:
    async with mocked() as setup:
        await into(setup, tmp_path / "out.csv", invoices(2))
        with pytest.raises(OutputError, match="for which the cache is needed"):
            await into(setup, tmp_path / "out.csv", invoices(2), resume=True)


async def test_the_report_names_what_stands_out(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    bad = Unreadable("bad", "bad.txt", DocumentError("bad.txt is not text"))
    async with mocked(Mock(faults=Faults(0.08, ("badargs",), seed=2))) as setup:
        await into(setup, out, [*invoices(30), bad])
    report = run_report(out)
    assert report.status.statuses == {"ok": 30, "failed": 1}
    assert report.status.failures == {"unreadable": 1}
    assert report.most_asked
    assert all(row.requests > 1 for row in report.most_asked)
    assert report.summary["wasted"]["output_tokens"] > 0
    assert report.cost_usd is None
    assert report.to_json()["not_ok"][0]["id"] == "bad"


async def test_the_manifest_of_an_older_llmx_is_read(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked() as setup:
        await into(setup, out, invoices(2))
    manifest = Manifest(tmp_path / "out.jsonl.manifest")
    manifest.query("update facts set name = 'whys' where name = 'reasons'")  # as it was called before 0.1
    manifest.query("alter table documents drop column models")  # there were no fallbacks then
    manifest.close()
    assert reasons(out) == {"new": 2}
    assert run_status(out).models == ()
    async with mocked() as setup:
        summary = await into(setup, out, invoices(3), resume=True)
    assert (summary.documents, summary.skipped) == (1, 2)


def test_the_state_of_a_file_without_a_manifest_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"there is no .*out\.jsonl"):
        run_status(tmp_path / "out.jsonl")
    (tmp_path / "out.jsonl").touch()
    with pytest.raises(OutputError, match="no manifest beside it"):
        run_status(tmp_path / "out.jsonl")


KILLS, DOCUMENTS = 10, 300


class Says(NullObserver):
    """Says over a pipe that the first document is done, and what a user should know."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe, self.begun = pipe, False

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:  # noqa: ARG002
        if not self.begun:
            self.begun = True
            self.pipe.send("begun")

    def note(self, message: str) -> None:
        self.pipe.send(message)


def run_of_a_child(pipe: Connection, base_url: str, *, folder: Path) -> None:
    async def run() -> None:
        async with asking(base_url, cache=folder / "cache") as setup:
            how: dict[str, Any] = {"concurrency": 16, "resume": True, "signals": True, "grace_s": 5}
            summary = await into(setup, folder / "out.jsonl", invoices(DOCUMENTS), observer=Says(pipe), **how)
            pipe.send(summary.stopped or "whole")

    asyncio.run(run())


@dataclass(frozen=True)
class Child:
    """A run in a process of its own, and what it says."""

    process: BaseProcess
    pipe: Connection

    async def says(self) -> str:
        """Return the next thing that it says, '' at its end."""
        try:
            return str(await asyncio.to_thread(self.pipe.recv))
        except EOFError:
            return ""

    async def last(self) -> str:
        """Wait for its end, and return what it said last."""
        told = last = await self.says()
        while told:
            last, told = told, await self.says()
        await asyncio.to_thread(self.process.join)
        return last

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


def child(base_url: str, folder: Path) -> Child:
    """Start a run that writes ``folder``/out.jsonl, or goes on with it."""
    ours, theirs = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=run_of_a_child, args=(theirs, base_url), kwargs={"folder": folder})
    process.start()
    theirs.close()
    return Child(process, ours)


class Holding(Mock):
    """Holds its answers back from a moment on: a run cannot end before it is killed, however slow the one who kills."""

    held_from = math.inf

    def reply(self, body: bytes) -> tuple[str, bytes]:
        return ("hang", b"") if self.kinds["ok"] >= self.held_from else super().reply(body)


async def answers(mock: Mock, count: int) -> None:
    """Wait until the server has given that many."""
    await mock.until(lambda: mock.kinds["ok"] >= count)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_killed_at_any_moment_and_gone_on_with_a_run_gives_the_same_output(tmp_path: Path) -> None:
    out, cache, chance = tmp_path / "out.jsonl", tmp_path / "cache", random.Random(11)
    mock = Holding(latency_s=0.01, faults=Faults(0.05, ("reset", "500"), seed=4))
    async with serving(mock) as base_url:
        for _ in range(KILLS):
            moment = mock.kinds["ok"] + 1 + chance.randrange(DOCUMENTS // KILLS - 1)
            mock.held_from = moment
            process = child(base_url, tmp_path)
            assert await process.says() == "begun"
            await answers(mock, moment)
            process.kill()
            assert process.process.exitcode == -signal.SIGKILL
            for line in out.read_bytes().split(b"\n")[:-1]:
                assert line.startswith(b'{"id":"INV-')
                assert line.endswith(b"}")
        mock.held_from = math.inf
        assert await child(base_url, tmp_path).last() == "whole"
        paid = mock.kinds["ok"]
        shutil.rmtree(cache / "records")  # made again, from the answers
        async with asking(base_url, cache=cache) as setup:
            await into(setup, tmp_path / "whole.jsonl", invoices(DOCUMENTS))
        assert mock.kinds["ok"] == paid  # everything was in the cache
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert DOCUMENTS <= paid <= DOCUMENTS + KILLS * 32


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_a_run_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "out.jsonl"
    mock = Mock(latency_s=0.1)
    async with serving(mock) as base_url:
        process = child(base_url, tmp_path)
        assert await process.says() == "begun"
        os.kill(process.process.pid or 0, number)
        assert await process.last() == "interrupted"
    assert process.process.exitcode == 0
    assert len(lines(out)) == mock.kinds["ok"]  # what was on the wire came and was kept
    assert run_status(out).stopped == "interrupted"


@pytest.mark.slow
async def test_a_second_signal_drops_what_is_on_the_wire(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    mock = Mock(latency_s=0.02)
    async with serving(mock) as base_url:
        process = child(base_url, tmp_path)
        assert await process.says() == "begun"
        mock.latency_s, answered = 3600, mock.kinds["ok"]
        await mock.until(lambda: mock.in_flight > 8)  # which nobody is going to answer
        os.kill(process.process.pid or 0, signal.SIGINT)
        assert "a second SIGINT drops them" in await process.says()
        os.kill(process.process.pid or 0, signal.SIGINT)
        assert await process.last() == "interrupted"
    assert answered <= len(lines(out)) < DOCUMENTS


async def test_a_full_disk_is_an_error_that_names_the_output(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():  # noqa: ASYNC240 - once
        pytest.skip("there is no /dev/full here")
    out = tmp_path / "out.jsonl"
    full = Path("/dev/full").open("r+b", buffering=0)  # noqa: ASYNC230, SIM115 - the sink closes it
    sink = JsonLinesFile(out, Manifest(tmp_path / "m.manifest"), file=full)
    async with mocked() as setup:
        records, _ = await setup.run(invoices(1))
    with pytest.raises(OutputError, match=f"cannot write {out}: the disk is full"):
        sink.write(records[0])
