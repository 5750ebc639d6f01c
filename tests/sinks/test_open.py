"""An output is refused, whole, or kept as far as it came; it is never half a record and never lost without a word."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from llmx.errors import OutputError
from llmx.record import Record
from llmx.sinks import open_sink
from tests.sinks.records import Deal, record

ROOT = Path(__file__).parent.parent.parent
ALL = ["out.jsonl", "out.json", "out.csv", "out.parquet", "out.sqlite", "out.duckdb", "out.xlsx"]


def ids(path: Path) -> list[str]:
    """The ids in an output of any format."""
    match path.suffix:
        case ".jsonl":
            return [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()]
        case ".json":
            return [row["id"] for row in json.loads(path.read_text("utf-8"))]
        case ".csv":
            import csv

            with path.open(newline="", encoding="utf-8") as file:
                return [row["id"] for row in csv.DictReader(file)]
        case ".parquet":
            pq = pytest.importorskip("pyarrow.parquet")
            return list(pq.read_table(path)["id"].to_pylist())
        case ".xlsx":
            book = pytest.importorskip("python_calamine").CalamineWorkbook.from_path(path)
            return [row[0] for row in book.get_sheet_by_name("records").to_python()[1:]]
    import sqlite3

    driver = pytest.importorskip("duckdb") if path.suffix == ".duckdb" else sqlite3
    with contextlib.closing(driver.connect(str(path))) as database:
        return [id_ for (id_,) in database.execute("SELECT id FROM records ORDER BY rowid").fetchall()]


def needs(name: str) -> None:
    for suffix, package in ((".parquet", "pyarrow"), (".duckdb", "duckdb"), (".xlsx", "xlsxwriter")):
        if name.endswith(suffix):
            pytest.importorskip(package)


def write(path: Path, *records: Record[Deal], **options: Any) -> None:
    with open_sink(path, **options) as sink:
        for each in records:
            sink.write(each)


@pytest.mark.parametrize("name", ALL)
def test_an_output_has_its_records_in_order_and_nothing_lies_beside_it(tmp_path: Path, name: str) -> None:
    needs(name)
    write(tmp_path / "new" / name, record("b"), record("a", None), record("c"))
    assert ids(tmp_path / "new" / name) == ["b", "a", "c"]
    assert [p.name for p in (tmp_path / "new").iterdir()] == [name]


@pytest.mark.parametrize("name", ALL)
def test_an_output_without_records_can_be_read(tmp_path: Path, name: str) -> None:
    needs(name)
    write(tmp_path / name)
    assert ids(tmp_path / name) == []


@pytest.mark.parametrize("name", ALL)
def test_failed_records_only_make_an_output_too(tmp_path: Path, name: str) -> None:
    needs(name)
    write(tmp_path / name, record("x", None), record("y", None))
    assert ids(tmp_path / name) == ["x", "y"]


@pytest.mark.parametrize("name", ALL)
def test_an_existing_output_is_refused_before_anything_is_done(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")
    with pytest.raises(OutputError, match="exists already") as caught, open_sink(tmp_path / name):
        pytest.fail("the block must not begin")
    assert "--overwrite" in caught.value.hint
    assert (tmp_path / name).read_text() == "precious"
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ALL)
def test_overwrite_replaces_it_at_the_end_only(tmp_path: Path, name: str) -> None:
    needs(name)
    (tmp_path / name).write_text("precious")
    with open_sink(tmp_path / name, overwrite=True) as sink:
        sink.write(record("a"))
        assert (tmp_path / name).read_text() == "precious"
    assert ids(tmp_path / name) == ["a"]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt], ids=["error", "Ctrl-C"])
def test_records_so_far_are_kept_and_the_exception_says_where(
    tmp_path: Path, name: str, fault: type[BaseException]
) -> None:
    needs(name)
    with pytest.raises(fault) as caught, open_sink(tmp_path / name) as sink:  # noqa: PT012 -- the block is the point
        sink.write(record("a"))
        sink.write(record("b"))
        raise fault
    assert ids(tmp_path / name) == ["a", "b"]
    assert caught.value.__notes__ == [f"the 2 records so far are in {tmp_path / name}"]


@pytest.mark.parametrize("name", ALL)
def test_an_unfinished_output_does_not_replace_a_finished_one(tmp_path: Path, name: str) -> None:
    needs(name)
    write(tmp_path / name, record("old"))
    with pytest.raises(KeyboardInterrupt) as caught, open_sink(tmp_path / name, overwrite=True) as sink:  # noqa: PT012 -- the block is the point
        sink.write(record("new"))
        raise KeyboardInterrupt
    partial = tmp_path / name.replace(".", ".partial.")
    assert ids(tmp_path / name) == ["old"]
    assert ids(partial) == ["new"]
    assert str(partial) in caught.value.__notes__[0]


@pytest.mark.parametrize("name", ALL)
def test_a_fault_before_the_first_record_leaves_nothing(tmp_path: Path, name: str) -> None:
    needs(name)
    with pytest.raises(ValueError, match="no model"), open_sink(tmp_path / name):
        raise ValueError("no model")
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_appeared_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="meanwhile") as caught, open_sink(tmp_path / "o.jsonl") as sink:  # noqa: PT012 -- the block is the point
        sink.write(record("a"))
        (tmp_path / "o.jsonl").write_text("another run's")
    assert (tmp_path / "o.jsonl").read_text() == "another run's"
    assert ids(tmp_path / "o.partial.jsonl") == ["a"]
    assert "o.partial.jsonl" in caught.value.hint


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.jsonl").write_text("")
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    write(tmp_path / "link.jsonl", record("a"), overwrite=True)
    assert (tmp_path / "link.jsonl").is_symlink()
    assert ids(tmp_path / "real.jsonl") == ["a"]


def test_an_unknown_suffix_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no format for '\.docx'") as caught, open_sink(tmp_path / "o.docx"):
        pass
    assert ".jsonl" in caught.value.hint


def test_a_folder_in_which_nothing_may_be_made_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"), open_sink(tmp_path / "file" / "o.jsonl"):
        pytest.fail("the block must not begin")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_a_pipe_by_name_is_written_directly() -> None:
    reading, writing = os.pipe()
    write(Path(f"/dev/fd/{writing}"), record("a"))
    os.close(writing)
    with os.fdopen(reading) as stream:
        assert json.loads(stream.read())["id"] == "a"


@pytest.mark.parametrize("target", [None, "-"])
def test_standard_output_is_json_lines_when_it_is_no_terminal(target: str | None) -> None:
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with open_sink(target, stdout=stdout) as sink:
        sink.write(record("é"))
        raw = stdout.buffer.getvalue()
    assert json.loads(raw.decode("utf-8"))["id"] == "é"  # sent at once, as UTF-8 whatever the stream says
    with open_sink(target, stdout=io.StringIO()) as sink:
        sink.write(record("a"))


def run(code: str, **options: Any) -> subprocess.Popen[str]:
    """Run ``code`` unmeasured: coverage writes files, too."""
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    head = "import resource, sys\nfrom pathlib import Path\nfrom llmx.sinks import open_sink\nfrom tests.sinks.records import record\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + textwrap.dedent(code)],
        cwd=ROOT, env=unmeasured, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


FILL = """
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
    from llmx.errors import OutputError
    try:
        with open_sink(Path({path!r})) as sink:
            for number in range(100_000):
                sink.write(record(f"r{{number}}"))
    except OutputError as exc:
        print(sink.count)
        print(exc.message, "|", exc.hint, "|", *exc.__notes__)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_FSIZE")
@pytest.mark.parametrize("name", ["out.jsonl", "out.json", "out.csv", "out.sqlite"])
def test_a_file_that_may_grow_no_more_keeps_the_whole_records(tmp_path: Path, name: str) -> None:
    process = run(FILL.format(limit=120_000, path=str(tmp_path / name)))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    count, said = out.strip().split("\n", 1)
    assert int(count) > 10
    assert ids(tmp_path / name) == [f"r{number}" for number in range(int(count))]
    assert f"cannot write {tmp_path / name}" in said
    assert f"records so far are in {tmp_path / name}" in said
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_full_disk_is_named_and_whole_records_are_kept(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False).returncode
    ):
        pytest.skip("a small disk cannot be mounted here")
    try:
        for name in ("out.jsonl", "out.json", "out.csv"):
            with pytest.raises(OutputError, match="the disk is full") as caught, open_sink(disk / name) as sink:  # noqa: PT012 -- until it is full
                while True:
                    sink.write(record(f"r{sink.count}"))
            assert str(disk / name) in caught.value.message
            assert "free some space" in caught.value.hint
            assert ids(disk / name) == [f"r{number}" for number in range(sink.count)]
            assert sink.count > 10
            (disk / name).unlink()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_parquet_on_a_full_disk_leaves_nothing_that_cannot_be_read(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    process = run(FILL.format(limit=20_000, path=str(tmp_path / "out.parquet")))
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "a .parquet file is whole or nothing" in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["out.jsonl", "out.json", "out.csv"])
def test_a_killed_process_leaves_a_file_of_whole_records(tmp_path: Path, name: str) -> None:
    process = run(f"""
        with open_sink(Path({str(tmp_path / name)!r})) as sink:
            for number in range(30):
                sink.write(record(f"r{{number}}"))
            print("ready", flush=True)
            sys.stdin.read()
    """)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(f".{name}.")
    whole = left.rename(tmp_path / f"left{left.with_suffix('').with_suffix('').suffix}")
    assert ids(whole) == [f"r{number}" for number in range(30)]


def test_ctrl_c_in_a_process_keeps_the_records_and_says_where(tmp_path: Path) -> None:
    process = run(f"""
        import signal
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job inherits that it is ignored
        with open_sink(Path({str(tmp_path / "out.json")!r})) as sink:
            while True:
                sink.write(record(f"r{{sink.count}}"))
                if sink.count == 100:
                    print("ready", flush=True)
    """)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    try:
        _, err = process.communicate(timeout=10)
    finally:
        process.kill()
    found = ids(tmp_path / "out.json")
    assert found == [f"r{number}" for number in range(len(found))]
    assert len(found) >= 100
    assert "records so far are in" in err


@pytest.mark.slow
def test_many_records_are_not_held(tmp_path: Path) -> None:
    import tracemalloc

    needs("out.parquet")
    big = record("x", Deal(title="t" * 5_000))
    for name in ALL:
        write(tmp_path / f"warm-{name}", big)
        tracemalloc.start()
        with open_sink(tmp_path / name) as sink:
            for _ in range(1100):
                sink.write(big)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8_000_000, name
