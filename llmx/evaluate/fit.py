"""Fits a calibration to a run with gold, and says what it is worth on documents that it was not fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmx.assembly.calibration import Calibration
from llmx.evaluate.calibrate import Point, Reliability, fit_calibration, reliability
from llmx.evaluate.load import RunPredictions
from llmx.evaluate.report import MISSING, evaluate
from llmx.evaluate.spec import Spec
from llmx.evaluate.tally import rounded

FOLDS = 5
LEAST_CERTAIN = 0.2
"""The part of the values that is looked at first: the more of the errors are there, the better routing works."""

RIGHT = 0.99


@dataclass(frozen=True, slots=True)
class FittedCalibration:
    """A calibration and what confidence is worth: ``before`` it, and ``after`` it on documents that were left out of
    the fit, None where there is only one.

    ``least_certain`` is the share of the errors in the least certain fifth of the values, None where there is no error;
    ``to_review`` the share of the values, the least certain first, after whose correction 99 % are right.
    """

    calibration: Calibration
    documents: int
    before: Reliability
    after: Reliability | None
    least_certain: float | None
    to_review: float

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values; ``Calibration.from_json`` reads the calibration of it."""
        return {
            **self.calibration.to_json(), "documents": self.documents, "before": self.before.to_json(),
            "after": None if self.after is None else self.after.to_json(),
            "least_certain": rounded(self.least_certain), "to_review": rounded(self.to_review),
        }  # fmt: skip


def calibrate(golds: Mapping[str, Any], run: RunPredictions, *, spec: Spec, folds: int = FOLDS) -> FittedCalibration:
    """Return the calibration that fits the confidence of ``run``, by the gold records of its documents.

    What it is worth is told on each of ``folds`` parts of the documents by a fit on the others: on the values that it
    was fitted on, any isotonic map looks perfect. Raises UsageError where no value has both a confidence and gold.
    """
    there = [each.id for each in evaluate(golds, run, spec=spec).documents if each.status != MISSING]
    parts = [list(evaluate({id_: golds[id_]}, run, spec=spec).points) for id_ in there]
    points = [point for part in parts for point in part]
    fitted, before = fit_calibration(points), reliability(points)
    assert before is not None  # there are points, or there was an error
    mapped = [point for number in range(folds) for point in _left_out(parts, number, folds)]
    return FittedCalibration(
        fitted, len(parts), before, reliability(mapped), _share_of_errors(points), _to_review(points)
    )


def _left_out(parts: Sequence[Sequence[Point]], number: int, folds: int) -> list[Point]:
    """Return the points of one part of the documents, their confidence mapped by a fit on the others."""
    train = [point for index, part in enumerate(parts) if index % folds != number for point in part]
    if not train:
        return []
    fitted = fit_calibration(train)
    return [(fitted.apply(sure), right) for part in parts[number::folds] for sure, right in part]


def _share_of_errors(points: Sequence[Point]) -> float | None:
    """Return the share of the errors in the least certain fifth; of values that are equally sure, in proportion."""
    errors = sum(not right for _, right in points)
    if not errors:
        return None
    room, found = LEAST_CERTAIN * len(points), 0.0
    for sure in sorted({sure for sure, _ in points}):
        tied = [right for each, right in points if each == sure]
        taken = min(1.0, room / len(tied))
        found += taken * sum(not right for right in tied)
        room -= taken * len(tied)
        if room <= 0:
            break
    return found / errors


def _to_review(points: Sequence[Point]) -> float:
    """Return the share of the values to correct; of values that are equally sure, the wrong ones come last."""
    left, allowed = sum(not right for _, right in points), (1 - RIGHT) * len(points)
    for number, (_, right) in enumerate(sorted(points, key=lambda point: (point[0], not point[1]))):
        if left <= allowed:
            return number / len(points)
        left -= not right
    return 1.0
