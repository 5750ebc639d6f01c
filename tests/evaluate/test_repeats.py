"""Repeats of one setting, and the choice between settings."""

from typing import Any

import pytest

from llmx.errors import UsageError
from llmx.evaluate import Point, Prediction, RunPredictions, evaluate, flakiness, pareto_table, spread

SAME = {"a": {"name": "Ann Lee", "tags": ["one", "two"]}, "b": {"name": "Bob Ray", "tags": []}}


def run(data: Any) -> Any:
    return RunPredictions(
        "r", {id_: Prediction(id_, "ok" if each is not None else "failed", each) for id_, each in data.items()}
    )


def test_runs_that_say_the_same_in_another_order_agree_wholly() -> None:
    other = {"b": {"tags": [], "name": "Bob Ray"}, "a": {"tags": ["two", "one"], "name": "Ann Lee"}}
    found = flakiness([run(SAME), run(other), run(SAME)])
    assert (found.agreement, found.stable, found.unstable) == (1, 1, {})
    assert found.fields == {"name": 1, "tags": 1}


def test_a_field_that_wavers_is_named_with_its_document() -> None:
    found = flakiness([run(SAME), run({**SAME, "a": {"name": "Ann Lee", "tags": ["one", "six"]}})])
    assert found.fields == {"name": 1, "tags": 0.5}
    assert (found.stable, found.unstable) == (0.5, {"a": ["tags"]})


@pytest.mark.parametrize("swap", [False, True], ids=["fails later", "fails first"])
def test_a_document_that_fails_in_one_run_disagrees_in_everything(swap: bool) -> None:
    runs = [run(SAME), run({**SAME, "b": None})]
    found = flakiness(runs[::-1] if swap else runs)
    assert found.unstable == {"b": ["name"]}
    assert found.fields["name"] == pytest.approx(2 / 3)


def test_data_that_looks_like_alternatives_is_compared_as_it_is() -> None:
    one, other = ({"a": {"x": {"any": [each, "common words"]}}} for each in ("first thing", "other matter"))
    assert flakiness([run(one), run(other)]).agreement < 1


def test_one_run_cannot_agree_with_itself() -> None:
    with pytest.raises(UsageError, match="one run"):
        flakiness([run(SAME)])


def test_the_spread_over_repeats_is_that_of_their_figures() -> None:
    reports = [evaluate(SAME, run(each)) for each in (SAME, {**SAME, "b": None})]
    found = spread(reports)["name"]
    assert [found.least, found.most] == pytest.approx([2 / 3, 1])
    assert found.mean == pytest.approx(5 / 6)
    assert found.deviation == pytest.approx((1 / 3) / 2**0.5)


@pytest.mark.parametrize(
    ("points", "front"),
    [
        ([Point("a", 0.9, 2, 5)], ["a"]),
        ([Point("a", 0.9, 2, 5), Point("b", 0.9, 2, 5)], ["a", "b"]),
        ([Point("a", 0.9, 2, 5), Point("b", 0.9, 1, 5)], ["b"]),
        ([Point("a", 0.9, 2, 5), Point("b", 0.8, 1, 9), Point("c", 0.7, 1, 9)], ["a", "b"]),
        ([Point("a", 0.9, 2, None), Point("b", 0.8, 3, 1)], ["a", "b"]),
        ([Point("a", 0.9, None, 1), Point("b", 0.8, None, 2)], ["a"]),
        ([Point("a", 0.9), Point("b", 0.8)], ["a"]),
        ([], []),
    ],
    ids=[
        "alone",
        "equals",
        "cheaper",
        "a dearer worse one",
        "unknown time spares",
        "unknown in both",
        "quality alone",
        "none",
    ],
)
def test_the_front_is_what_nothing_beats_in_everything(points: list[Point], front: list[str]) -> None:
    rows = pareto_table(points)
    assert sorted(row.point.name for row in rows if row.on_front) == front
    assert [row.point.quality for row in rows] == sorted((each.quality for each in points), reverse=True)


def test_a_beaten_setting_names_the_best_that_beats_it() -> None:
    rows = pareto_table([Point("bad", 0.5, 9, 9), Point("good", 0.8, 2, 2), Point("best", 0.9, 1, 1)])
    assert [row.beaten_by for row in rows] == [None, "best", "best"]
