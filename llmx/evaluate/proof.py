"""Scores the proof: how many claims point at the text, and whether those that do are right more often.

Proof is what llmx adds to a value; if proven values were no better than unproven ones, it would be worth nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from llmx import json_pointer
from llmx.evaluate.load import Prediction
from llmx.evaluate.score import Outcome
from llmx.evaluate.tally import rounded

V = TypeVar("V")
CLAIMS = frozenset({"match", "mismatch", "invention"})  # what gold can call right or wrong


@dataclass(frozen=True, slots=True)
class Shares:
    """Claims that are right, and wrong."""

    right: int = 0
    wrong: int = 0

    @property
    def precision(self) -> float | None:
        """The share that is right; None of none."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    def to_json(self) -> dict[str, Any]:
        """Return {right, wrong, precision}."""
        return {"right": self.right, "wrong": self.wrong, "precision": rounded(self.precision)}


@dataclass(frozen=True, slots=True)
class ProofScore:
    """Claims with words of the text behind them and without, and the former by how the words were found."""

    proven: Shares = field(default_factory=Shares)
    unproven: Shares = field(default_factory=Shares)
    by_kind: Mapping[str, Shares] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """The share of the claims that is proven, in [0, 1]."""
        proven = self.proven.right + self.proven.wrong
        claims = proven + self.unproven.right + self.unproven.wrong
        return proven / claims if claims else None

    def to_json(self) -> dict[str, Any]:
        """Return {share, proven, unproven, by_kind}."""
        return {
            "share": rounded(self.share),
            "proven": self.proven.to_json(),
            "unproven": self.unproven.to_json(),
            "by_kind": {kind: each.to_json() for kind, each in self.by_kind.items()},
        }


def nearest(found: Mapping[str, V], pointer: str) -> tuple[bool, V | None]:
    """Return whether ``found`` has ``pointer`` or a place around it, and what it has there.

    A value of several parts, such as a sum of money, may have one proof for the whole of it.
    """
    for place in json_pointer.upwards(pointer):
        if place in found:
            return True, found[place]
    return False, None


def score_proof(documents: Iterable[tuple[Prediction, Iterable[Outcome]]]) -> ProofScore | None:
    """Return the proof's score over ``documents``; None if no record kept any proof."""
    counts: dict[tuple[str | None, bool], int] = {}
    kept = False
    for each, outcomes in documents:
        kept = kept or bool(each.evidence)
        for outcome in outcomes:
            if outcome.kind in CLAIMS and outcome.pointer is not None:
                key = nearest(each.evidence, outcome.pointer)[1], outcome.kind == "match"
                counts[key] = counts.get(key, 0) + 1
    if not kept:
        return None
    kinds = sorted(kind for kind in {kind for kind, _ in counts} if kind is not None)
    by_kind = {kind: Shares(counts.get((kind, True), 0), counts.get((kind, False), 0)) for kind in kinds}
    proven = Shares(sum(each.right for each in by_kind.values()), sum(each.wrong for each in by_kind.values()))
    return ProofScore(proven, Shares(counts.get((None, True), 0), counts.get((None, False), 0)), by_kind)


def confidence_points(documents: Iterable[tuple[Prediction, Iterable[Outcome]]]) -> list[tuple[float, bool]]:
    """Return (confidence, whether it is right) of every claim that has a confidence."""
    points: list[tuple[float, bool]] = []
    for each, outcomes in documents:
        if not each.confidence:
            continue
        for outcome in outcomes:
            if outcome.kind in CLAIMS and outcome.pointer is not None:
                found, confidence = nearest(each.confidence, outcome.pointer)
                if found and confidence is not None:
                    points.append((confidence, outcome.kind == "match"))
    return points
