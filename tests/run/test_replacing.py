"""What is there already is not lost: to --overwrite, to a run that is stopped, to a name that means two things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.mock_server import Mock, http
from llmx.documents import Document
from llmx.errors import ConfigError, OutputError, UsageError
from llmx.run import OutputOptions, RunOptions, check_output, left_to_do, run_status
from llmx.run.manifest import Manifest
from llmx.run.output_backup import OutputBackup
from tests.run.mocked import into, invoices, mocked

FORMATS = ["out.jsonl", "out.json", "out.csv", "out.parquet", "out.sqlite"]


class Closed(Mock):
    """A server whose key has expired."""

    def reply(self, body: bytes) -> tuple[str, bytes]:  # noqa: ARG002 - the mock's
        return "401", http(401, {"error": {"message": "the key has expired", "code": "invalid_api_key"}})


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("name", FORMATS)
async def test_a_run_that_comes_to_nothing_leaves_what_it_was_to_replace(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    async with mocked() as setup:
        await into(setup, out, invoices(5))
    before, there = out.read_bytes(), files(tmp_path)
    async with mocked(Closed()) as setup:
        summary = await into(setup, out, invoices(5), overwrite=True)
    assert summary.stopped == "auth"
    assert out.read_bytes() == before
    assert files(tmp_path) == there
    assert run_status(out).statuses == {"ok": 5}


@pytest.mark.parametrize("name", FORMATS)
async def test_a_run_that_ends_well_replaces_it(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    async with mocked() as setup:
        await into(setup, out, invoices(5))
        there, before = files(tmp_path), out.read_bytes()
        await into(setup, out, invoices(3), overwrite=True)
    assert files(tmp_path) == there
    assert run_status(out).statuses == {"ok": 3}
    assert out.read_bytes() != before


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
async def test_the_manifest_of_an_output_that_was_removed_does_not_replace_the_new_one(
    tmp_path: Path, name: str
) -> None:
    out = tmp_path / name
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, out, invoices(5))
        out.unlink()
        await into(setup, out, invoices(3), overwrite=True)
        assert run_status(out).statuses == {"ok": 3}
        summary = await into(setup, out, invoices(3), resume=True)
    assert summary.all_ok


async def test_a_file_of_somebody_elses_is_put_back_without_a_manifest(tmp_path: Path) -> None:
    out = tmp_path / "notes.jsonl"
    out.write_text("mine\n")
    async with mocked(Closed()) as setup:
        await into(setup, out, invoices(5), overwrite=True)
    assert out.read_text() == "mine\n"
    assert files(tmp_path) == {"notes.jsonl"}


@pytest.mark.parametrize("written", [b"", b'{"id": "new"}\n'], ids=["before its first record", "after it"])
async def test_a_kill_while_an_output_is_replaced_leaves_one_of_both(tmp_path: Path, written: bytes) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked() as setup:
        await into(setup, out, invoices(5))
        before = out.read_bytes()
        OutputBackup(out).put()
        Manifest(tmp_path / "out.jsonl.manifest").close()
        if written:
            out.write_bytes(written)
        check_output(OutputOptions(out, resume=True))
    assert out.read_bytes() == (written or before)
    assert files(tmp_path) == {"out.jsonl", "out.jsonl.manifest"}
    assert (run_status(out).statuses == {"ok": 5}) == (not written)


def test_a_kill_while_it_is_moved_changes_nothing(tmp_path: Path) -> None:
    for name in ("out.jsonl", "out.jsonl.manifest", "out.jsonl.manifest-wal"):
        (tmp_path / name).write_text(name)
    for name in ("out.jsonl.manifest", "out.jsonl.manifest-wal"):
        (tmp_path / name).replace(tmp_path / name.replace("out.jsonl", ".out.jsonl.replaced"))
    OutputBackup(tmp_path / "out.jsonl").keep_or_restore()
    assert {name: (tmp_path / name).read_text() for name in files(tmp_path)} == {
        name: name for name in ("out.jsonl", "out.jsonl.manifest", "out.jsonl.manifest-wal")
    }


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("notes.txt", {}),
        ("out.jsonl", {"max_cost_usd": 1.0}),
        ("out.csv", {"log_file": Path("/proc/x/y")}),
        ("out.jsonl", {"log_file": "the output"}),
    ],
    ids=["no such format", "no price", "no log", "log and output are one"],
)
async def test_what_cannot_be_done_is_refused_before_anything_is_touched(
    tmp_path: Path, name: str, options: dict[str, Any]
) -> None:
    out = tmp_path / name
    out.write_text("mine\n")
    if options.get("log_file") == "the output":
        options = {"log_file": tmp_path / "." / name}
    async with mocked() as setup:
        with pytest.raises(UsageError):
            await into(setup, out, invoices(3), overwrite=True, **options)
    assert out.read_text() == "mine\n"
    assert files(tmp_path) == {name}


@pytest.mark.parametrize("name", ["out.csv", "out.json", "out.parquet"])
async def test_a_whole_output_is_not_replaced_by_a_part(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    async with mocked(cache=tmp_path / "cache") as setup:
        await into(setup, out, invoices(9))
        before = out.read_bytes()
        summary = await into(setup, out, invoices(9), resume=True, max_documents=4)
        assert summary.stopped == "max_documents"
        assert out.read_bytes() == before
        partial = out.with_suffix(f".partial{out.suffix}")
        assert partial.name in summary.left
        assert partial.exists()
        summary = await into(setup, out, invoices(9), resume=True)
    assert (summary.stopped, summary.left) == ("", "")


async def test_what_there_is_of_a_first_run_has_the_name_itself(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    async with mocked() as setup:
        summary = await into(setup, out, invoices(9), max_documents=4)
    assert len(out.read_text().splitlines()) == 5
    assert str(out) in summary.left


def test_going_on_and_beginning_anew_contradict_each_other() -> None:
    with pytest.raises(ConfigError, match="--overwrite begins it anew"):
        OutputOptions(resume=True, overwrite=True)


def test_a_place_that_cannot_be_written_is_told_as_one() -> None:
    with pytest.raises(OutputError, match=r"cannot write /proc/out\.jsonl"):
        check_output(OutputOptions(Path("/proc/out.jsonl")))


async def test_a_device_that_takes_nothing_is_told_as_one() -> None:
    async with mocked() as setup:
        with pytest.raises(OutputError, match="cannot write /dev/full"):
            await into(setup, Path("/dev/full"), invoices(3))


async def test_the_state_of_a_run_is_read_without_writing(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked() as setup:
        await into(setup, out, invoices(3))
    manifest = Manifest(tmp_path / "out.jsonl.manifest", writing=False)
    with pytest.raises(OutputError, match="readonly"):
        manifest.set_fact("a", "b")
    manifest.close()


async def test_exit_code_0_means_that_the_whole_output_is_ok(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"

    class Poisoned(Mock):
        def reply(self, body: bytes) -> tuple[str, bytes]:
            return ("404", http(404, {"error": "no"})) if b"INV-000001" in body else super().reply(body)

    async with mocked(Poisoned()) as setup:
        codes = [(await into(setup, out, invoices(3), resume=True)).exit_code for _ in range(4)]
        summary = await into(setup, out, invoices(3), resume=True)
    assert codes == [1, 1, 1, 1]
    assert (summary.documents, summary.skipped, summary.skipped_not_ok, summary.exit_code) == (0, 3, 1, 1)


async def test_an_endpoint_that_refuses_everything_does_not_use_up_the_documents(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"

    class Wrong(Mock):
        def reply(self, body: bytes) -> tuple[str, bytes]:  # noqa: ARG002 - the mock's
            return "400", http(400, {"error": {"message": "unknown field seed"}})

    for _ in range(4):
        async with mocked(Wrong()) as setup:
            summary = await into(setup, out, invoices(60), resume=True, concurrency=4)
        assert summary.stopped == "endpoint"
        assert "unknown field seed" in str(summary.error)
        assert "unknown field seed" in summary.failures[0][0]
    async with mocked() as setup:
        summary = await into(setup, out, invoices(60), resume=True)
    assert (run_status(out).statuses, summary.exit_code) == ({"ok": 60}, 0)


async def test_a_document_that_changed_begins_with_no_tries(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"

    class Sometimes(Mock):
        broken = True

        def reply(self, body: bytes) -> tuple[str, bytes]:
            return ("404", http(404, {"error": "no"})) if self.broken else super().reply(body)

    async with mocked(Sometimes()) as setup:
        documents = list(invoices(1))
        for _ in range(3):
            await into(setup, out, documents, resume=True)
        documents = [Document(d.id, d.text + " Signed.", d.source) for d in documents]
        await into(setup, out, documents, resume=True)
        setup.mock.broken = False  # type: ignore[attr-defined] # ours
        summary = await into(setup, out, documents, resume=True)
    assert summary.statuses == {"ok": 1}


async def test_a_link_is_gone_on_with_like_the_file_it_leads_to(tmp_path: Path) -> None:
    out, link = tmp_path / "out.jsonl", tmp_path / "link.jsonl"
    link.symlink_to(out)
    async with mocked() as setup:
        await into(setup, link, invoices(3), overwrite=True)
        assert [
            d.id
            for d in left_to_do(invoices(4), setup.plan, output=OutputOptions(link, resume=True), options=RunOptions())
        ] == ["INV-000004"]
        summary = await into(setup, link, invoices(4), resume=True)
    assert (summary.documents, summary.skipped) == (1, 3)
    assert files(tmp_path) == {"out.jsonl", "out.jsonl.manifest", "link.jsonl"}


async def test_why_counts_what_was_done(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"

    def source() -> Iterator[Document]:
        yield from invoices(40)

    async with mocked(Mock(latency_s=0.01)) as setup:
        summary = await into(setup, out, source(), max_documents=12, concurrency=8)
    assert summary.documents == 12
    assert run_status(out).reasons == {"new": 12}


async def test_what_is_left_to_do_is_known_without_doing_or_writing_anything(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked() as setup:
        await into(setup, out, invoices(9))
        before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}
        left = left_to_do(invoices(12), setup.plan, output=OutputOptions(out, resume=True), options=RunOptions())
        found = [d.id for d in left]
        assert found == ["INV-000010", "INV-000011", "INV-000012"]
        bounded = RunOptions(max_documents=2)
        assert len(list(left_to_do(invoices(12), setup.plan, output=OutputOptions(out), options=bounded))) == 2
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before


def test_what_a_killed_run_left_half_written_is_swept_up(tmp_path: Path) -> None:
    for name in (".out.csv.0a1b2c3d.part", ".other.csv.0a1b2c3d.part", ".out.csv.notes"):
        (tmp_path / name).touch()
    check_output(OutputOptions(tmp_path / "out.csv"))
    assert files(tmp_path) == {".other.csv.0a1b2c3d.part", ".out.csv.notes"}
