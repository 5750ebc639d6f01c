"""What looks through a text takes time in proportion to it: bench/scaling.py finds nothing else. A minute of CPU time.

Each scan reads an eighth of the kinds of texts here; the script without --every reads all, in some minutes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[1]


def test_twice_the_text_takes_twice_the_time() -> None:
    command = [sys.executable, "-W", "ignore", "bench/scaling.py", "--every", "8"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
