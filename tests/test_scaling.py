"""What looks through a text takes time in proportion to it: bench/scaling.py finds nothing else. Minutes of CPU time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("group", [".find_all", ".from_text", "locate", "parse"])
def test_twice_the_text_takes_twice_the_time(group: str) -> None:
    command = [sys.executable, "-W", "ignore", "bench/scaling.py", group]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_all_else_that_reads_texts_is_linear_too() -> None:
    rest = [
        "guess",
        "date",
        "NormalForm",
        "clean",
        "chunk",
        "page",
        "main",
        "decode",
        "thoughts",
        "object_at",
        "redact",
    ]
    command = [sys.executable, "-W", "ignore", "bench/scaling.py", *rest, "Completion"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
