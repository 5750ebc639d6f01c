"""Gates and baselines: what passes, what fails, and what is only chance."""

from pathlib import Path
from typing import Any

import pytest

from llmx.errors import OutputError, UsageError
from llmx.evaluate import (
    Baseline,
    Prediction,
    RunPredictions,
    Sampling,
    check_baseline,
    check_gate,
    evaluate,
    load_baseline,
    parse_gate,
    save_baseline,
)

GOLD = {f"d{n}": {"people": [{"name": f"person {n}", "age": n + 1}], "town": "Wuhu", "extra": None} for n in range(10)}
FAST = Sampling(resamples=400)


def report(*, wrong_towns: Any = 0, failed: Any = 0, gold: Any = GOLD) -> Any:
    found = {}
    for number, (id_, each) in enumerate(gold.items()):
        data = {**each, "town": "Paris" if number < wrong_towns else each["town"]}
        found[id_] = Prediction(id_, "failed", None) if number < failed else Prediction(id_, "ok", data)
    return evaluate(gold, RunPredictions("run", found))


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("micro_f1=0.93", True),
        ("micro_f1=0.94", False),
        ("micro_f1 = 93%", True),
        ("macro_f1=0.95", True),
        ("exact_match=0.8", True),
        ("exact_match=0.81", False),
        ("answered=1", True),
        ("town=0.8", True),
        ("town:recall=0.8", True),
        ("town:precision=0.81", False),
        ("people.name:recall=1", True),
        ("people:f1=1", True),
        ("extra:f1=1", True),
        ("document_f1=0.9", True),
    ],
)
def test_a_gate_holds_from_its_figure_on(text: str, ok: bool) -> None:
    assert check_gate(parse_gate(text), report(wrong_towns=2)).ok is ok


@pytest.mark.parametrize("text", ["extra:recall=0", "proven=0"])
def test_what_cannot_be_measured_does_not_pass(text: str) -> None:
    result = check_gate(parse_gate(text), report())
    assert not result.ok
    assert "cannot be measured" in result.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("micro_f1", "not a gate"),
        ("micro_f1>0.8", "not a gate"),
        ("micro_f1=1.5", "is not from 0 to 1"),
        ("micro_f1=0.8.1", "is not from 0 to 1"),
        ("town:accuracy=0.8", "no metric 'accuracy'"),
    ],
)
def test_a_gate_that_cannot_be_read_says_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        parse_gate(text)
    assert caught.value.hint


def test_a_gate_on_a_field_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="neither a figure nor a field") as caught:
        check_gate(parse_gate("poeple.name:recall=0.9"), report())
    assert "Did you mean people.name?" in caught.value.hint


@pytest.fixture
def baseline(tmp_path: Path) -> Any:
    save_baseline(tmp_path / "sub" / "base.jsonl", report(wrong_towns=1), GOLD)
    return load_baseline(tmp_path / "sub" / "base.jsonl")


def failing(baseline: Any, now: Any, gold: Any = GOLD) -> Any:
    return [each.name for each in check_baseline(baseline, now, gold, sampling=FAST).gates if not each.ok]


def test_the_same_run_passes_its_own_baseline(baseline: Baseline) -> None:
    assert failing(baseline, report(wrong_towns=1)) == []


def test_a_better_run_passes(baseline: Baseline) -> None:
    assert failing(baseline, report()) == []


def test_one_more_mistake_may_be_chance_and_is_told(baseline: Baseline) -> None:
    found = check_baseline(baseline, report(wrong_towns=2), GOLD, sampling=FAST)
    assert all(each.ok for each in found.gates)
    assert {each.name for each in found.gates if each.doubtful} == {
        "baseline micro_f1", "baseline macro_f1", "baseline exact_match", "baseline town:f1",
    }  # fmt: skip


def test_a_field_that_breaks_fails_by_name(baseline: Baseline) -> None:
    assert "baseline town:f1" in failing(baseline, report(wrong_towns=9))
    assert "baseline people.name:f1" not in failing(baseline, report(wrong_towns=9))


def test_documents_that_now_fail_are_a_regression(baseline: Baseline) -> None:
    assert "baseline micro_f1" in failing(baseline, report(failed=6))


def test_four_of_five_documents_that_got_worse_are_a_regression_and_one_is_none(tmp_path: Path) -> None:
    five = dict(list(GOLD.items())[:5])
    save_baseline(tmp_path / "five.jsonl", report(gold=five), five)
    kept = load_baseline(tmp_path / "five.jsonl")
    assert "baseline micro_f1" in failing(kept, report(gold=five, wrong_towns=4), five)
    assert failing(kept, report(gold=five, wrong_towns=1), five) == []


def test_documents_whose_gold_changed_came_or_went_are_left_out_and_told(baseline: Baseline) -> None:
    gold = {**dict(list(GOLD.items())[1:]), "d1": {**GOLD["d1"], "town": "Anhui"}, "new": GOLD["d2"]}
    found = check_baseline(baseline, report(gold=gold), gold, sampling=FAST)
    assert (found.changed_gold, found.new, found.gone) == (("d1",), ("new",), ("d0",))
    assert len(found.notes) == 3


def test_a_remark_in_gold_is_no_change_of_gold(baseline: Baseline) -> None:
    gold = {id_: {**each, "_provenance": {"who": "Ann"}} for id_, each in GOLD.items()}
    assert check_baseline(baseline, report(gold=gold), gold, sampling=FAST).changed_gold == ()


def test_gold_that_changed_as_a_whole_asks_for_a_new_baseline(baseline: Baseline) -> None:
    gold = {id_: {**each, "town": "Anhui"} for id_, each in GOLD.items()}
    with pytest.raises(UsageError, match="no document of the baseline") as caught:
        check_baseline(baseline, report(gold=gold), gold)
    assert "--save-baseline" in caught.value.hint


def test_the_same_run_writes_the_same_baseline_a_line_a_document(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_baseline(tmp_path / name, report(wrong_towns=3), GOLD)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert len((tmp_path / "a").read_text().splitlines()) == 11
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_baseline_that_is_not_there_or_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no baseline"):
        load_baseline(tmp_path / "none.jsonl")
    for text in ("", "{}", "[1]", '{"llmx_baseline": 99, "name": "x"}'):
        (tmp_path / "bad.jsonl").write_text(text)
        with pytest.raises(UsageError, match=r"bad\.jsonl: "):
            load_baseline(tmp_path / "bad.jsonl")


def test_a_baseline_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        save_baseline(tmp_path / "file" / "base.jsonl", report(), GOLD)
