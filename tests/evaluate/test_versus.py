"""Two runs against each other: what changed, and whether it is real."""

import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.errors import UsageError
from llmx.evaluate import Prediction, RunPredictions, Sampling, compare_runs, evaluate
from llmx.evaluate.bootstrap import holm, interval, p_value, resampled, sign_floor
from llmx.evaluate.versus import DocumentCounts, differences

FAST = Sampling(resamples=400)


def golds(count: Any) -> Any:
    return {f"d{n}": {"name": f"name number {n}", "town": "Wuhu", "size": n} for n in range(count)}


def run(name: Any, documents: Any, *, wrong: Any = (), field: Any = "town") -> Any:
    """A run that is right but for ``field`` of the documents ``wrong``."""
    data = {
        id_: {**gold, field: "elsewhere"} if number in wrong else gold
        for number, (id_, gold) in enumerate(documents.items())
    }
    return RunPredictions(name, {id_: Prediction(id_, "ok", each) for id_, each in data.items()})


def compared(count: Any, before: Any, after: Any) -> Any:
    documents = golds(count)
    reports = [evaluate(documents, run(n, documents, wrong=w)) for n, w in (("a", before), ("b", after))]
    return compare_runs(*reports, sampling=FAST)


def difference(comparison: Any, name: Any) -> Any:
    return next(each for each in comparison.differences if each.name == name)


def test_a_clear_difference_is_real_for_its_field_and_no_other() -> None:
    found = compared(40, range(20), ())
    town, name = difference(found, "town"), difference(found, "name")
    assert (town.before, town.after, town.real, town.better, town.worse) == (0.5, 1.0, True, 20, 0)
    assert 0.3 < town.low < town.change < town.high < 0.7
    assert (name.change, name.real, name.low, name.high) == (0, False, 0, 0)
    assert difference(found, "micro_f1").real
    assert difference(found, "exact_match").change == 0.5


def test_one_document_of_forty_is_no_real_difference() -> None:
    found = compared(40, (), (7,))
    assert not any(each.real for each in found.differences)
    assert difference(found, "town").worse == 1


@pytest.mark.parametrize(("count", "real"), [(5, False), (6, True), (12, True)])
def test_fewer_than_six_documents_show_nothing_however_clear(count: int, real: bool) -> None:
    assert difference(compared(count, range(count), ()), "micro_f1").real is real


def test_a_run_does_not_differ_from_itself() -> None:
    found = compared(10, (1, 2), (1, 2))
    assert not found.changes
    assert all(each.change == 0 and not each.real and each.p == 1 for each in found.differences)


def test_changes_name_the_document_the_field_and_both_answers_worst_first() -> None:
    found = compared(9, (4,), (5,))
    assert [(each.id, each.path, each.better) for each in found.changes] == [
        ("d5", "town", False),
        ("d4", "town", True),
    ]
    worse = found.changes[0]
    assert [(each.kind, each.predicted) for each in worse.before] == [("match", "Wuhu")]
    assert [(each.kind, each.predicted) for each in worse.after] == [("mismatch", "elsewhere")]


def test_the_same_seed_gives_the_same_figures_and_another_seed_others() -> None:
    def figures(seed: Any) -> Any:
        documents = golds(30)
        one, other = (evaluate(documents, run("r", documents, wrong=w)) for w in (range(9), range(5, 20)))
        found = compare_runs(one, other, sampling=Sampling(resamples=300, seed=seed))
        return [(each.low, each.high, each.p) for each in found.differences]

    assert figures(1) == figures(1) != figures(2)


def test_runs_without_a_common_document_are_refused() -> None:
    with pytest.raises(UsageError, match="no document in common"):
        differences({"a": DocumentCounts(True, {})}, {"b": DocumentCounts(True, {})})


@given(st.lists(st.tuples(st.integers(0, 2**40), st.integers(0, 9), st.integers(0, 2**40)), min_size=1, max_size=8))
def test_every_resample_is_the_column_sum_of_as_many_documents(rows: Any) -> None:
    draw = random.Random(5)
    expected = [tuple(map(sum, zip(*draw.choices(rows, k=len(rows)), strict=True))) for _ in range(20)]
    assert list(resampled(rows, resamples=20, seed=5)) == expected


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    draw = random.Random(11)
    held = 0
    for trial in range(150):
        rows = [(int(draw.random() < 0.6),) for _ in range(60)]
        low, high = interval([sums[0] / 60 for sums in resampled(rows, resamples=200, seed=trial)])
        held += low <= 0.6 <= high
    assert 0.87 < held / 150 < 0.995


def test_p_values_count_draws_and_never_reach_zero() -> None:
    assert p_value([0.1] * 99) == pytest.approx(2 / 100)
    assert p_value([-0.1] * 99, two_sided=False) == pytest.approx(1 / 100)
    assert p_value([0.0] * 99) == 1
    assert [sign_floor(n) for n in (0, 1, 5, 6)] == [1, 1, 1 / 16, 1 / 32]


def test_holm_adjusts_for_the_number_of_fields() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_two_thousand_resamples_of_a_thousand_documents_take_seconds() -> None:
    draw = random.Random(2)
    runs = [
        {
            f"d{n}": DocumentCounts(False, {f"f{k}": (draw.randrange(4), draw.randrange(3)) for k in range(25)})
            for n in range(1000)
        }
        for _ in range(2)
    ]
    started = time.process_time()
    differences(*runs)
    assert time.process_time() - started < 8
