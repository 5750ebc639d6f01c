"""Reports as text, Markdown and JUnit, safe whatever the documents say."""

import io
import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from llmx.evaluate import (
    GateResult,
    Prediction,
    Report,
    RunPredictions,
    compare_runs,
    evaluate,
    flakiness,
    junit,
    markdown,
    spread,
    text,
)

NASTY = "[bold red]<script>x</script>| @octocat #1 `code` *b* _i_\n## head \x00"
GOLD = {
    "a": {"name": "Ann Lee", "tags": ["one"]},
    "b": {"name": "Bob Ray", "tags": []},
    "c": {"name": "Cy", "tags": []},
}


def run(name: Any, nasty: Any = NASTY) -> Any:
    found = {
        "a": Prediction(
            "a",
            "ok",
            {"name": nasty, "tags": ["one"]},
            {"/name": None, "/tags/0": "exact"},
            {"/name": 0.4, "/tags/0": 0.9},
        ),
        "b": Prediction("b", "failed", None),
        "x": Prediction("x", "ok", {"name": "Xan"}),
        "c": Prediction("c", "ok", {"name": "Cy", "tags": [], "odd": 1}),
    }
    return RunPredictions(name, found)


@pytest.fixture
def report() -> Any:
    return evaluate(GOLD, run("small [model]"))


GATES = [
    GateResult("micro_f1", ok=False, value=0.5, message="micro_f1 0.5000 is below 0.8"),
    GateResult("baseline x:f1", ok=True, value=0.4, message="x:f1 may be chance", doubtful=True),
    GateResult("answered", ok=True, value=1.0, message="answered 1.0000 is at least 1"),
]


def printed(renderable: Any, width: Any = 160) -> Any:
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False).print(renderable)
    return out.getvalue()


def test_the_terminal_shows_figures_notes_and_values_as_they_are(report: Report) -> None:
    shown = printed(text.render_text(report))
    for said in (
        "small [model]", "3 documents (2 ok, 1 failed)", "exact documents: 1 of 3", "proven 0.333 of the values",
        "AUROC 1.000", "[bold red]<script>", "Without data, and so counted as zero: b.",
        "Without gold, and so not scored: x.", "Fields that gold does not know, not scored: odd.",
    ):  # fmt: skip
        assert said in shown


def test_markdown_lets_no_value_act(report: Report) -> None:
    shown = markdown.render_markdown(report, gates=GATES)
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "@octocat" not in shown
    assert "@<!-- -->octocat" in shown
    assert "\\`code\\`" in shown
    table = [line for line in shown.splitlines() if "&lt;script" in line]
    assert len(table) == 1
    assert table[0].replace("\\|", "").count("|") == 6


def test_markdown_shows_the_gates_first_and_the_field_names_plainly(report: Report) -> None:
    shown = markdown.render_markdown(report, gates=GATES)
    assert (
        shown.index("❌ micro_f1 0.5000 is below 0.8") < shown.index("⚠️ x:f1 may be chance") < shown.index("| field |")
    )
    assert "❌ 2 of 3 gates hold" in shown
    assert "| all |" in shown


def test_junit_has_a_failing_test_a_failing_gate_and_a_passing_test_a_field(report: Report) -> None:
    gates = [*GATES, GateResult("odd \x01", ok=False, value=None, message="bad \x02 sign")]
    root = ET.fromstring(junit.render_junit(report, gates=gates))
    first, second = root.findall("testsuite")
    assert (first.get("tests"), first.get("failures"), len(first.findall("testcase/failure"))) == ("4", "2", 2)
    assert [case.get("name") for case in second.findall("testcase")] == ["name", "tags"]
    assert "precision 0.500" in (second.findtext("testcase/system-out") or "")


def test_a_comparison_shows_verdicts_and_both_answers(report: Report) -> None:
    found = compare_runs(report, evaluate(GOLD, run("other", nasty="Ann Lee")))
    for shown in (printed(text.render_comparison(found)), markdown.render_comparison(found)):
        assert "other against small" in shown
        assert "may be chance" in shown
        assert "Ann Lee: right" in shown
        assert "3 documents cannot show that a difference is real" in shown
    assert "<script>" not in markdown.render_comparison(found)


def test_runs_and_repeats_have_their_tables(report: Report) -> None:
    runs = [run("one"), run("two", nasty="Ann Lee")]
    reports = [evaluate(GOLD, each) for each in runs]
    found = flakiness(runs)
    for module in (text, markdown):

        def as_text(shown: Any) -> Any:
            return shown if isinstance(shown, str) else printed(shown)

        assert "two" in as_text(module.render_runs(reports))
        repeats = as_text(module.render_flakiness(found, spread(reports)))
        assert "2 repeats over 4 documents, 75% of which never change" in repeats
        assert "2 of 3 gates hold" in as_text(module.render_gates(GATES))


def test_a_report_is_plain_json(report: Report) -> None:
    found = json.loads(json.dumps(report.to_json()))
    assert found["statuses"] == {"ok": 2, "failed": 1}
    assert found["by_document"][0]["mistakes"][0]["path"] == "name"
    assert found["fields"]["tags"]["match"] == 1
