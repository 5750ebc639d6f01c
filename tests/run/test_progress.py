"""How far a run is, and how long it takes: on a line of a log, and for a program that wants to know."""

from __future__ import annotations

from pathlib import Path

import pytest

import llmx
from llmx.documents import read_documents
from llmx.documents.expected import expected_documents
from llmx.endpoint import EndpointSettings
from llmx.run import RunOptions
from llmx.run.observer import Live
from llmx.run.progress import ProgressLines, told
from tests.cli.running import ROOT, here

REPLAY = EndpointSettings(replay=ROOT / "cassettes/seeds", cache=False)


def test_a_program_hears_how_far_its_run_is() -> None:
    heard: list[tuple[int, int | None]] = []
    run = RunOptions(on_progress=lambda live: heard.append((live.done, live.expected)))
    records = list(llmx.extract(str(ROOT / "seeds" / "00*.txt"), "partnership", endpoint=REPLAY, run=run))
    assert len(records) == 5
    assert heard[-1] == (5, 5)
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


def test_a_log_gets_lines_with_the_total_and_the_time_that_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    live, lines = Live(), ProgressLines(lambda: 5, every_s=0.0)
    lines.begin(live)
    live.expected = 5
    live.done = 2
    document = next(iter(read_documents(str(ROOT / "seeds" / "00*.txt"))))
    lines.finished(document, llmx.Record("a", None, "ok"), 0.1)
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("llmx: 2 of 5 documents (40 %), ")
    assert " left, " in line


@pytest.mark.slow
def test_a_verbose_run_prints_a_line_for_each_document(tmp_path: Path) -> None:
    command = (
        "extract",
        str(ROOT / "seeds"),
        "-s",
        "partnership",
        "--replay",
        str(ROOT / "cassettes/seeds"),
        "-o",
        "o.jsonl",
    )
    done = here(*command, "-v", "--no-cache", folder=tmp_path)
    lines = [line for line in done.err.splitlines() if line.startswith("llmx: 00")]
    assert len(lines) == 5
    assert all(" s, " in line and "tokens" in line for line in lines), lines
    assert "leave out --quiet" in here(*command, "-v", "-q", folder=tmp_path).err


@pytest.mark.parametrize(
    ("rate", "left"), [(100.0, "10 s left"), (1.0, "17 min left"), (0.05, "5 h 33 min left"), (0.0, "")]
)
def test_the_time_that_is_left_follows_the_rate(rate: float, left: str) -> None:
    parts = told(Live(done=100, skipped=0, expected=1100), rate=rate)
    assert ([part for part in parts if part.endswith("left")] or [""]) == [left]


def test_a_source_that_has_grown_has_no_total() -> None:
    assert told(Live(done=7, expected=5))[0] == "7 documents"


def test_documents_are_counted_where_names_tell(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "b.md", "sub/c.txt"):
        (tmp_path / name).write_text("a text")
    (tmp_path / "a.gold.json").write_text("{}")
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "a"}\n{"text": "b"}\n')
    assert expected_documents([str(tmp_path)], exclude=[rows]) == 3
    assert expected_documents([str(tmp_path)]) == 5
    assert expected_documents([str(tmp_path / "*.txt"), str(rows), str(rows)]) == 3
    (tmp_path / "table.csv").write_text("text\na\n")
    for unknown in (str(tmp_path), "-", "https://example.com/page", str(tmp_path / "nothing")):
        assert expected_documents([unknown]) is None


def test_a_slow_model_has_a_rate_by_the_minute() -> None:
    assert told(Live(done=7), rate=0.03)[1] == "1.8/min"
    assert told(Live(done=7), rate=0.25)[1] in {"0.2/s", "0.3/s"}
