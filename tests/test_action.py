"""The action and the hook run commands that there are; the action's steps are run here as a runner would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.running import ROOT, environment, here

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


def _step(number: int, folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run a step of the action with the defaults of its inputs, in ``folder``."""
    step: dict[str, Any] = ACTION["runs"]["steps"][number]
    given = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()} | inputs
    variables = {
        name: given[expression.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, expression in step["env"].items()
    }
    binaries = folder / "bin"
    binaries.mkdir(exist_ok=True)
    command = binaries / "llmx"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m llmx "$@"\n')
    command.chmod(0o755)
    surroundings = environment(folder, **variables, GITHUB_STEP_SUMMARY=str(folder / "summary.md"))
    surroundings["PATH"] = f"{binaries}{os.pathsep}{surroundings['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=folder, env=surroundings, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_the_action_extracts_scores_and_fails_where_a_gate_does(tmp_path: Path) -> None:
    seeds, cassette = str(ROOT / "seeds"), str(ROOT / "cassettes/seeds")
    extracted = _step(2, tmp_path, documents=seeds, schema="partnership", replay=cassette)
    assert extracted.returncode == 0, extracted.stderr
    assert (tmp_path / "records.jsonl").is_file()
    scored = _step(3, tmp_path, schema="partnership", gold=seeds, **{"eval-args": "--fail-under micro_f1=0.99"})
    assert scored.returncode == 1, scored
    assert "micro" in (tmp_path / "summary.md").read_text()


def test_no_input_of_the_action_is_text_of_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_the_hook_checks_each_file_that_it_is_given(tmp_path: Path) -> None:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    files = [str(ROOT / "schemas" / name) for name in ("invoice.py", "person.py")]
    done = here(*hook["entry"].split()[1:], *files, folder=tmp_path)
    assert done.code == 0, done
    assert [line.split(":")[0] for line in done.out.splitlines() if ". A request has" in line] == ["Invoice", "Person"]
