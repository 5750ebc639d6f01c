"""The benchmarks still run, at small sizes; what they measure is for people, in docs/performance.md."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.bench
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("throughput", "| llmx |"),
        ("cache", "| llmx, cassette, records kept |"),
        ("memory", "| 120 |"),
        ("faults", "| reset | 6"),
        ("start", "`llmx --help`"),
        ("profile", "| the rest |"),
    ],
)
def test_a_benchmark_runs_and_every_document_is_right(what: str, says: str) -> None:
    command = [sys.executable, "bench/run.py", what, "--n", "6", "--reps", "1", "--latency-ms", "1"]
    done = subprocess.run(
        [*command, "--peers", "llmx,bare aiohttp", "--kinds", "reset"],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert says in done.stdout
    rows = [line for line in done.stdout.splitlines() if line.startswith("| llmx")]
    assert all(line.split("|")[-2].strip() == "6" for line in rows)
    if what == "memory":
        counts = [line.split("|")[4].strip() for line in done.stdout.splitlines() if line.startswith("| ")]
        assert counts[-2:] == ["6", "120"]


def test_the_path_through_instructor_is_measured_beside_instructor_alone() -> None:
    pytest.importorskip("anthropic")
    command = [sys.executable, "bench/instructor_bench.py", "--requests", "40", "--rounds", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert "llmx by instructor alone" in done.stdout, done.stderr


def test_the_completeness_of_long_tables_is_measured_and_no_record_is_silently_short() -> None:
    done = subprocess.run(
        [sys.executable, "bench/completeness_bench.py", "--rows", "100"],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()[2:]]
    assert [(row[1], row[3], row[6]) for row in rows] == [
        ("truncates", "1.000", "ok"), ("stops", "1.000", "ok"), ("skips", "0.920", "partial"),
    ]  # fmt: skip


def test_the_ways_to_use_more_cores_are_measured() -> None:
    command = [sys.executable, "-m", "bench.scale", "table", "--ways", "one", "--n", "30", "--few", "10"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert "| one process |" in done.stdout, done.stderr
