"""How likely a value is right that the model was asked about: by the probability of yes, on gold of several tasks.

Two numbers turn the probability that a small model confirms a value into the share of such values that are right: it
confirms most of them, and 0.9 means far more than 0.8 does. They were fitted by logistic regression over four tasks,
each of the same weight, and stand in ``data/verified.json`` with what they were worth on the task that was left out.
What a value is worth on your own task, ``llmx calibrate`` says.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_EDGE = 1e-3
"""No probability of a model's is nearer to 0 or 1: its logarithm would outweigh all else."""


@dataclass(frozen=True, slots=True)
class ConfirmationOdds:
    """The log-odds that a value is right: ``unasked`` where the model was asked about others of the record alone, else
    ``intercept`` and ``slope`` of the log-odds of yes.
    """

    unasked: float
    intercept: float
    slope: float


@cache
def weights() -> ConfirmationOdds:
    """Return the weights that ship."""
    told = json.loads((Path(__file__).parent / "data" / "verified.json").read_text("utf-8"))
    return ConfirmationOdds(**told["weights"])


def chance_right(yes: float | None) -> float:
    """Return the chance that a value is right which the model confirms with the probability ``yes``, None: not asked.

    >>> [round(chance_right(yes), 2) for yes in (0.7, 0.8, 0.9, 0.95)]
    [0.14, 0.37, 0.8, 0.96]
    """
    known = weights()
    if yes is None:
        return _logistic(known.unasked)
    certain = min(max(yes, _EDGE), 1 - _EDGE)
    return _logistic(known.intercept + known.slope * math.log(certain / (1 - certain)))


def _logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))
