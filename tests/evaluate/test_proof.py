"""Whether proof and confidence are worth something is scored too."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.errors import UsageError
from llmx.evaluate import Calibration, Prediction, RunPredictions, evaluate, fit_calibration, reliability
from llmx.evaluate.calibrate import auroc

GOLD = {"a": {"name": "Ann Lee", "town": "Wuhu", "sum": {"amount": 5, "currency": "EUR"}, "tags": ["one", "two"]}}
DATA = {"name": "Ann Lee", "town": "Paris", "sum": {"amount": 5, "currency": "USD"}, "tags": ["one", "extra words"]}


def report(*, evidence: Any = None, confidence: Any = None) -> Any:
    return evaluate(GOLD, RunPredictions("run", {"a": Prediction("a", "ok", DATA, evidence or {}, confidence or {})}))


def test_proven_and_unproven_values_are_scored_apart_and_a_whole_may_prove_its_parts() -> None:
    evidence = {"/name": "exact", "/town": None, "/sum": "value", "/tags/0": "fuzzy", "/tags/1": None}
    proof = report(evidence=evidence).proof
    assert proof is not None
    assert (proof.proven.right, proof.proven.wrong) == (3, 1)  # name, amount, tag one; currency
    assert (proof.unproven.right, proof.unproven.wrong) == (0, 2)  # town, the invented tag
    assert proof.share == pytest.approx(4 / 6)
    assert {kind: (each.right, each.wrong) for kind, each in proof.by_kind.items()} == {
        "exact": (1, 0),
        "fuzzy": (1, 0),
        "value": (1, 1),
    }


def test_a_run_that_kept_no_proof_has_no_proof_score() -> None:
    assert report().proof is None
    assert report().confidence is None


def test_confidence_is_held_against_right_and_wrong() -> None:
    found = report(confidence={"/name": 0.9, "/town": 0.2, "/sum": 0.7, "/tags/0": 0.9, "/tags/1": 0.4}).confidence
    assert found is not None
    assert found.count == 6
    # right: 0.9, 0.7 (amount), 0.9; wrong: 0.2, 0.7 (currency), 0.4; of nine pairs eight won and one tied
    assert found.auroc == pytest.approx(8.5 / 9)


def test_the_calibration_error_is_the_mean_gap_between_confidence_and_share_right() -> None:
    found = reliability([(0.95, True)] * 8 + [(0.95, False)] * 2 + [(0.15, False)] * 10)
    assert found is not None
    assert [(each.low, each.count, each.accuracy) for each in found.bins] == [(0.1, 10, 0.0), (0.9, 10, 0.8)]
    assert found.ece == pytest.approx((0.15 + 0.15) / 2)


def test_confidence_one_falls_into_the_last_bin_and_nothing_into_none() -> None:
    found = reliability([(1.0, True)])
    assert found is not None
    assert (found.bins[0].low, found.bins[0].high, found.ece, found.auroc) == (0.9, 1.0, 0, None)
    assert reliability([]) is None


points = st.lists(st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=1, max_size=60)


@given(points)
def test_auroc_is_the_share_of_pairs_that_are_in_order(found: Any) -> None:
    right, wrong = [c for c, hit in found if hit], [c for c, hit in found if not hit]
    pairs = [(a > b) + (a == b) / 2 for a in right for b in wrong]
    assert auroc(found) == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


@given(points)
def test_a_fitted_map_rises_stays_within_zero_and_one_and_survives_json(found: Any) -> None:
    fitted = fit_calibration(found)
    mapped = [fitted.apply(n / 50) for n in range(51)]
    assert mapped == sorted(mapped)
    assert 0 < mapped[0] <= mapped[-1] < 1
    again = Calibration.from_json(fitted.to_json())
    assert [again.apply(n / 50) for n in range(51)] == pytest.approx(mapped, abs=1e-4)


def test_a_fitted_map_makes_overconfidence_honest_on_values_it_has_not_seen() -> None:
    draw = random.Random(3)
    seen = [(c, draw.random() < c * c) for c in (draw.random() for _ in range(2000))]
    fresh = [(c, draw.random() < c * c) for c in (draw.random() for _ in range(2000))]
    fitted = fit_calibration(seen)
    before, after = reliability(fresh), reliability([(fitted.apply(c), hit) for c, hit in fresh])
    assert before is not None
    assert after is not None
    assert before.ece > 0.12
    assert after.ece < 0.05
    assert abs(fitted.apply(0.5) - 0.25) < 0.07


def test_three_lucky_points_are_no_certainty() -> None:
    assert fit_calibration([(0.9, True)] * 3).apply(0.9) == pytest.approx(3.5 / 4)


@pytest.mark.parametrize("data", [{}, {"kind": "isotonic", "points": 1, "knots": []},
                                  {"kind": "isotonic", "points": 2, "knots": [[0.1, 0.9], [0.2, 0.1]]}], ids=repr)  # fmt: skip
def test_what_is_no_calibration_is_refused(data: Any) -> None:
    with pytest.raises(UsageError, match="not a calibration"):
        Calibration.from_json(data)


def test_without_points_there_is_nothing_to_fit() -> None:
    with pytest.raises(UsageError, match="no value has both"):
        fit_calibration([])
