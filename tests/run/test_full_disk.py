"""A disk that is full under an output, its manifest, a cassette or a log: the run stops and says so, and what was
answered is kept.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmx.cli.summary import summary_lines
from llmx.errors import OutputError
from llmx.record import Record
from llmx.run import RunOptions, run_documents
from llmx.run.manifest import Manifest, Row
from tests.run.mocked import asking, into, invoices, lines, mocked


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 KB, which takes a manifest and the records of some invoices."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def widen(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)


@pytest.mark.slow
async def test_a_run_on_a_full_disk_stops_and_says_so_and_going_on_pays_for_nothing_twice(
    tmp_path: Path, small_disk: Path
) -> None:
    out = small_disk / "out.jsonl"
    async with mocked(cache=tmp_path / "cache") as setup:
        summary = await into(setup, out, invoices(120), concurrency=8)
        assert (summary.stopped, summary.exit_code) == ("output", 2)
        assert 5 < summary.documents < 120
        assert "the disk is full" in str(summary.error)
        told = "\n".join(summary_lines(summary, out))
        assert "stopped early: the output cannot be written" in told
        assert "--resume" in told
        widen(small_disk)
        await into(setup, out, invoices(120), resume=True)
        assert setup.mock.requests == 120
    assert len({line["id"] for line in lines(out)}) == len(lines(out)) == 120


async def test_what_is_on_the_wire_when_the_output_breaks_reaches_the_cache(tmp_path: Path) -> None:
    taken: list[str] = []

    def emit(record: Record[Any]) -> None:
        if len(taken) == 5:
            raise OutputError("cannot write out.jsonl: the disk is full")
        taken.append(record.id)

    async with mocked(cache=tmp_path / "cache") as setup:
        options = RunOptions(concurrency=16)
        summary = await run_documents(invoices(200), setup.session, options=options, emit=emit)
        asked = setup.mock.requests
        assert (summary.stopped, summary.documents, len(taken)) == ("output", 5, 5)
        assert 5 < asked < 60
        await run_documents(invoices(asked), setup.session, options=options, emit=lambda _: None)
        assert setup.mock.requests == asked  # each answer that was paid for is there


def _add_all(manifest: Manifest, rows: list[Row]) -> None:
    for row in rows:
        manifest.add(row, at_once=False)


def test_a_manifest_that_may_grow_no_more_says_so_once_and_can_be_closed(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "out.jsonl.manifest")
    manifest.query("pragma max_page_count = 12")  # SQLite's own way of a full disk
    rows = [Row(f"{n:0200d}", "", 1, "ok", "", 0, 1, 1, 1, 1, 0, 0.0, -1, 0, n) for n in range(10_000)]
    with pytest.raises(OutputError, match=r"out\.jsonl\.manifest: the disk is full"):
        _add_all(manifest, rows)
    manifest.close()


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
async def test_a_disk_that_is_full_before_the_first_document_is_told_before_anybody_is_asked(
    small_disk: Path, name: str
) -> None:
    (small_disk / "filler").write_bytes(bytes(190_000))
    async with mocked() as setup:
        with pytest.raises(OutputError, match="the disk is full"):
            await into(setup, small_disk / name, invoices(3))
        assert setup.mock.requests == 0


async def test_a_cassette_on_a_full_disk_stops_the_run_and_keeps_what_was_answered(
    tmp_path: Path, small_disk: Path
) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked(cache=tmp_path / "cache", record=small_disk / "tape") as setup:
        summary = await into(setup, out, invoices(100), concurrency=4)
        asked = setup.mock.requests
    assert (summary.stopped, summary.exit_code) == ("cassette", 2)
    assert "cannot write the cassette" in str(summary.error)
    assert [line["status"] for line in lines(out)] == ["ok"] * asked
    assert not list((small_disk / "tape").glob("*.tmp"))
    async with asking(setup.base_url, cache=tmp_path / "cache") as without:
        await into(without, tmp_path / "again.jsonl", invoices(asked))
        assert without.endpoint.stats.sent == 0


async def test_a_log_on_a_full_disk_is_done_without_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if not Path("/dev/full").exists():  # noqa: ASYNC240 - once
        pytest.skip("there is no /dev/full here")
    async with mocked() as setup:
        summary = await into(setup, tmp_path / "out.jsonl", invoices(30), log_file=Path("/dev/full"))
    assert summary.all_ok
    assert [r.message for r in caplog.records if "/dev/full" in r.message] == [
        "the log /dev/full cannot be written (No space left on device); going on without it"
    ]
