"""The bench of ablations: a row for each lever against the default, from recorded answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import ablations
from llmx.endpoint import EndpointSettings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_each_lever_is_a_row_and_one_that_cannot_run_says_why(tmp_path: Path) -> None:
    shipped, cassette = ROOT / "tests" / "shipped" / "receipt", ROOT / "cassettes" / "shipped" / "receipt"
    named = [part for lever in ("fast", "outline") for part in ("--lever", lever)]
    told = ablations.main(
        [str(shipped), "-s", "receipt", "--replay", str(cassette), "--folder", str(tmp_path / "out"), *named]
    )
    head, _, default, fast, outline, _, documents, fault = told.splitlines()
    assert head.count("|") == len(ablations.HEAD) + 1
    assert default.startswith("| default |  | 0.")
    assert fast.startswith("| fast | `passes=1`, `verify=off` | 0.")
    assert "same" in fast or "may be chance" in fast
    assert "failed" in outline
    assert documents == "4 documents"
    assert fault.startswith("outline: ")


def test_a_lever_changes_what_it_says() -> None:
    grid = ablations.settings(["samples-3"], EndpointSettings(), Path("unused"))
    assert [each.options.samples for each in grid] == [1, 3]
