"""``llmx eval`` as a function: what it prints, writes and returns."""

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from llmx.errors import UsageError
from llmx.evaluate import EvalOptions, evaluate_command, load_baseline
from tests.evaluate.partnership import Partnership

HERE = Path(__file__).parent
SEEDS = HERE.parents[1] / "seeds"
FIRST = HERE / "predictions.jsonl"
FAST = 300


@pytest.fixture
def worse(tmp_path: Path) -> Any:
    """The same records with every agreement wrong and every second party lost."""
    rows = [json.loads(line) for line in FIRST.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if row["data"]:
            row["data"] |= {"agreement": "joint_venture", "parties": row["data"]["parties"][:1], "fields": []}
    path = tmp_path / "worse.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run(outs: Any, *, gold: Any = SEEDS, **options: Any) -> Any:
    out = io.StringIO()
    console = Console(file=out, width=160)
    how = EvalOptions(resamples=FAST, **options)
    return evaluate_command(outs, gold, schema=Partnership, options=how, console=console), out.getvalue()


def test_one_run_is_scored_and_the_code_is_zero() -> None:
    code, said = run([FIRST])
    assert code == 0
    assert "micro F1 0.636" in said
    assert "gates" not in said


def test_a_gate_that_does_not_hold_gives_code_one_and_says_why() -> None:
    code, said = run([FIRST], fail_under=["micro_f1=0.6", "parties.name:recall=0.9"])
    assert code == 1
    assert "FAIL parties.name:recall 0.7778 is below 0.9" in said
    assert "1 of 2 gates hold" in said


def test_of_several_runs_each_is_set_against_the_first_and_the_last_is_gated(worse: Path) -> None:
    code, said = run([worse, FIRST], fail_under=["agreement=0.6"])
    assert code == 0
    assert "predictions against worse, 5 documents" in said
    assert "memorandum: right" in said
    assert "predictions: Without data, and so counted as zero" in said
    assert "worse: Without data, and so counted as zero" in said
    assert run([FIRST, worse], fail_under=["agreement=0.6"])[0] == 1


def test_the_files_that_were_asked_for_are_written(tmp_path: Path, worse: Path) -> None:
    places = {name: tmp_path / "new" / f"report.{name}" for name in ("markdown", "junit", "json")}
    code, _ = run([FIRST, worse], fail_under=["micro_f1=0.9"], **places)
    assert code == 1
    assert "worse against predictions" in places["markdown"].read_text(encoding="utf-8")
    assert len(ET.parse(places["junit"]).findall(".//failure")) == 1
    found = json.loads(places["json"].read_text(encoding="utf-8"))
    assert found["ok"] is False
    assert [each["name"] for each in found["runs"]] == ["predictions", "worse"]
    assert found["comparisons"][0]["differences"][0]["name"] == "micro_f1"
    assert found["runs"][0]["micro"]["match"] == 49


def test_a_baseline_is_saved_held_and_missed(tmp_path: Path, worse: Path) -> None:
    base = tmp_path / "baseline.jsonl"
    assert run([FIRST], save_baseline=base)[0] == 0
    assert len(load_baseline(base).documents) == 5
    assert run([FIRST], baseline=base)[0] == 0
    code, said = run([worse], baseline=base)
    assert code == 1
    assert "a real regression" in said


def test_repeats_show_agreement_and_every_one_must_pass(worse: Path) -> None:
    code, said = run([worse, FIRST], repeats=True, fail_under=["agreement=0.6"])
    assert code == 1
    assert "2 repeats over 5 documents" in said
    assert "against" not in said


def test_runs_of_one_name_are_called_by_their_paths(tmp_path: Path) -> None:
    copies = [tmp_path / name / "same.jsonl" for name in ("a", "b")]
    for path in copies:
        path.parent.mkdir()
        path.write_bytes(FIRST.read_bytes())
    assert f"{copies[1]} against {copies[0]}" in run(copies)[1].replace("\n", "")


@pytest.mark.parametrize(
    ("outs", "options", "message"),
    [
        ([], {}, "no run to evaluate"),
        ([FIRST], {"fail_under": ["micro=0.8"]}, "neither a figure nor a field"),
        ([FIRST], {"baseline": HERE / "none.jsonl"}, "there is no baseline"),
    ],
    ids=["no run", "unknown gate", "no baseline"],
)
def test_what_cannot_be_used_is_told_before_anything_is_written(
    tmp_path: Path, *, outs: Any, options: Any, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        run(outs, json=tmp_path / "report.json", save_baseline=tmp_path / "base.jsonl", **options)
    assert list(tmp_path.iterdir()) == []
