"""A map from confidence to the share of values that are right, fitted on gold: with it, a confidence is a probability.

``evaluate/calibrate.py`` fits one, and ``llmx calibrate`` writes it; a run that is given one maps the confidence of
every value before policies, escalation or the user see it.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from llmx.dataclass import dataclass
from llmx.errors import ConfigError, UsageError


@dataclass(frozen=True, slots=True)
class Calibration:
    """A map from confidence to the share that is right, rising, linear between its knots and level outside of them."""

    knots: tuple[tuple[float, float], ...]
    points: int

    def apply(self, confidence: float) -> float:
        """Return the calibrated confidence, in [0, 1]."""
        at = [x for x, _ in self.knots]
        above = bisect_right(at, confidence)
        if above == 0:
            return self.knots[0][1]
        if above == len(at):
            return self.knots[-1][1]
        (x0, y0), (x1, y1) = self.knots[above - 1], self.knots[above]
        return y0 + (y1 - y0) * (confidence - x0) / (x1 - x0)

    def to_json(self) -> dict[str, Any]:
        """Return {kind, points, knots}, which ``from_json`` reads."""
        return {"kind": "isotonic", "points": self.points, "knots": [[round(x, 6), round(y, 6)] for x, y in self.knots]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Calibration:
        """Return the map that ``to_json`` wrote; raises UsageError for anything else."""
        try:
            knots = tuple((float(x), float(y)) for x, y in data["knots"])
            points = int(data["points"])
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"not a calibration: {error}", hint="llmx calibrate writes one.") from error
        rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(knots))
        if not knots or not rising or data.get("kind") != "isotonic":
            raise UsageError("not a calibration: its knots do not rise", hint="llmx calibrate writes one.")
        return cls(knots, points)


def load_calibration(path: Path) -> Calibration:
    """Return the calibration in a file of ``llmx calibrate``. Raises ConfigError where it is none."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"the calibration {path} cannot be read: {error}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path} is not a calibration", hint="llmx calibrate writes one.")
    return Calibration.from_json(data)
