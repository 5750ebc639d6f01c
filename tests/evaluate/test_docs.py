"""docs/evaluation.md says what the code does: its rules, its gates, its Python."""

import json
import re
from pathlib import Path

import pytest

import llmx.evaluate
from llmx.evaluate import parse_gate
from llmx.evaluate.comparators import comparator
from llmx.evaluate.gate import _OVERALL

PAGE = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")


def test_the_table_of_rules_names_every_rule_and_only_those() -> None:
    table = re.findall(r"^\| `([a-z]+)(?:\[:([0-9e.-]+)\])?` \|", PAGE, flags=re.MULTILINE)
    named = {name for name, _ in table}
    with pytest.raises(Exception, match="no such") as caught:
        comparator("nonsense")
    allowed = str(caught.value).partition("Allowed: ")[2].rstrip(".").split(", ")
    assert {f"{name}[:{default}]" if default else name for name, default in table} == {
        each.replace("1e-06", "1e-6") for each in allowed
    }
    assert all(comparator(name) for name in named)


def test_every_overall_gate_is_on_the_page_and_can_be_parsed() -> None:
    for name in _OVERALL:
        assert f"`{name}`" in PAGE
        assert parse_gate(f"{name}=0.5").path is None


def test_the_python_on_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gold = {"buyer": "Renault", "codes": ["A"], "figures": [{"what": "x", "value": 100, "unit": "cars"}]}
    data = {"buyer": "Renault Group", "codes": ["a"], "figures": [{"what": "y", "value": 100.5, "unit": "vans"}]}
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "a.json").write_text(json.dumps(gold))
    confidence = {"/buyer": 0.9, "/codes": 0.8, "/figures/0/value": 0.7, "/figures/0/unit": 0.2}
    (tmp_path / "out.jsonl").write_text(json.dumps({"id": "a", "status": "ok", "data": data, "confidence": confidence}))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
        exec(block, names)
    report = names["report"]
    assert isinstance(report, llmx.evaluate.Report)
    assert {path: tally.match for path, tally in report.fields.items()} == {
        "buyer": 1, "codes": 1, "figures.value": 1, "figures.unit": 0,
    }  # fmt: skip
    assert report.points == ((0.9, True), (0.8, True), (0.7, True), (0.2, False))


def test_every_public_name_can_be_imported_and_no_other() -> None:
    for name in llmx.evaluate.__all__:
        assert getattr(llmx.evaluate, name) is not None
    assert sorted(llmx.evaluate._MODULE_OF) == sorted(llmx.evaluate.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = llmx.evaluate.nothing
