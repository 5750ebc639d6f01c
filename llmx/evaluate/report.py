"""Scores a run against gold and sums up its documents: the figures that people and gates look at.

How a document is scored is ``score.py``'s; whether two runs differ is ``versus.py``'s; how a report looks is left to
``text.py`` and ``markdown.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from llmx.errors import UsageError
from llmx.evaluate.calibrate import Point, Reliability, reliability
from llmx.evaluate.load import Prediction, RunPredictions, check_gold, matched_ids
from llmx.evaluate.proof import ProofScore, confidence_points, score_proof
from llmx.evaluate.score import Outcome, OutcomeKind, outcomes
from llmx.evaluate.several import run_by_document
from llmx.evaluate.spec import Spec, leaf_paths, refined, spec_of_gold, spec_of_model
from llmx.evaluate.tally import Tally, rounded, total

_COUNTED: tuple[OutcomeKind, ...] = ("match", "mismatch", "omission", "invention", "absent", "optional")
MISSING = "missing"  # the status of a document that has gold and no record


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """One document: its status (``missing`` where the run has no record of it), its outcomes, and counts by field."""

    id: str
    status: str
    outcomes: tuple[Outcome, ...]
    fields: Mapping[str, Tally]

    @property
    def answered(self) -> bool:
        """Whether there is data to score; a document without counts as zero everywhere."""
        return self.status not in {MISSING, "failed", "refused"}

    @property
    def total(self) -> Tally:
        """The counts of all fields."""
        return total(self.fields.values())

    @property
    def f1(self) -> float:
        """The document's own F1; 0.0 if it was not answered."""
        return self.total.f1 if self.answered else 0.0

    @property
    def exact(self) -> bool:
        """Whether every fact is right and none is missing."""
        return self.answered and self.total.errors == 0

    @property
    def mistakes(self) -> list[Outcome]:
        """Mismatches, omissions and inventions."""
        return [each for each in self.outcomes if each.kind in {"mismatch", "omission", "invention"}]

    def to_json(self) -> dict[str, Any]:
        """Return status, F1, exactness and mistakes."""
        return {
            "id": self.id, "status": self.status, "f1": rounded(self.f1), "exact": self.exact,
            "mistakes": [each.to_json() for each in self.mistakes],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of a run: see the properties. ``fields`` holds the counts by field path, in schema order.

    ``points`` are (confidence, whether right) of every claim that has a confidence: ``fit_calibration`` takes them.
    ``unscored`` counts values in fields that neither gold nor the schema knows; ``without_gold`` names records that no
    gold was found for. Neither enters a figure. ``seconds`` and tokens are sums over the scored records. ``notes`` are
    the run's.
    """

    name: str
    documents: tuple[DocumentScore, ...]
    fields: Mapping[str, Tally]
    proof: ProofScore | None
    confidence: Reliability | None
    points: tuple[Point, ...]
    unscored: Mapping[str, int]
    without_gold: tuple[str, ...]
    seconds: float
    input_tokens: int
    output_tokens: int
    notes: tuple[str, ...] = ()

    @property
    def micro(self) -> Tally:
        """The counts of all fields of all documents."""
        return total(self.fields.values())

    @property
    def macro_f1(self) -> float:
        """The mean of the fields' F1."""
        return _mean([each.f1 for each in self.fields.values()])

    @property
    def document_f1(self) -> float:
        """The mean of the documents' F1."""
        return _mean([each.f1 for each in self.documents])

    @property
    def exact_match(self) -> float:
        """The share of the documents that are right in everything."""
        return _mean([float(each.exact) for each in self.documents])

    @property
    def answered(self) -> float:
        """The share of the documents that have data."""
        return _mean([float(each.answered) for each in self.documents])

    @property
    def statuses(self) -> dict[str, int]:
        """How many documents have each status."""
        return dict(Counter(each.status for each in self.documents))

    def to_json(self) -> dict[str, Any]:
        """Return the whole report as plain JSON values."""
        return {
            "name": self.name,
            "documents": len(self.documents),
            "statuses": self.statuses,
            "micro": self.micro.to_json(),
            "macro_f1": rounded(self.macro_f1),
            "document_f1": rounded(self.document_f1),
            "exact_match": rounded(self.exact_match),
            "answered": rounded(self.answered),
            "fields": {path: each.to_json() for path, each in self.fields.items()},
            "proof": self.proof.to_json() if self.proof else None,
            "confidence": self.confidence.to_json() if self.confidence else None,
            "unscored": dict(self.unscored),
            "without_gold": list(self.without_gold),
            "notes": list(self.notes),
            "seconds": round(self.seconds, 3),
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "by_document": [each.to_json() for each in self.documents],
        }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def spec_for(golds: Mapping[str, Any], schema: type[BaseModel] | None = None) -> Spec:
    """Return how records are compared: by ``schema``, and by gold where it says nothing.

    Raises UsageError if gold has a field that the schema does not have.
    """
    inferred = spec_of_gold(golds.values())
    spec = inferred if schema is None else refined(spec_of_model(schema), inferred)
    check_gold(golds, spec)
    return spec


def evaluate(golds: Mapping[str, Any], run: RunPredictions, *, spec: Spec | type[BaseModel] | None = None) -> Report:
    """Return what ``run`` is worth by ``golds``, gold records by document id.

    Every gold document counts: without a record, or with a failed one, all its facts are missed. ``spec`` is a Pydantic
    model or what ``spec_for`` returned; without it, fields are compared as their gold values suggest. Where gold is a
    list, the records of a document that holds several are compared with it together. Raises UsageError
    if there is no gold, no record has any, or gold does not fit the schema.
    """
    if not golds:
        raise UsageError("there is no gold to evaluate by", hint="Annotate a document: llmx review writes gold files.")
    how = spec if isinstance(spec, Spec) else spec_for(golds, spec)
    if how.kind == "list":
        run = run_by_document(run)
    ids = matched_ids(golds, run.predictions)
    scored: list[tuple[Prediction, DocumentScore]] = []
    for id_, gold in golds.items():
        each = run.predictions[ids[id_]] if id_ in ids else Prediction(id_, "failed", None)
        scored.append((each, score_document(id_, gold, each if id_ in ids else None, spec=how)))
    return _gathered(run, how, scored)


def score_document(id_: str, gold: Any, predicted: Prediction | None, *, spec: Spec) -> DocumentScore:
    """Return the score of one document; ``predicted`` is None if the run has no record of it."""
    found = outcomes(spec, gold, None if predicted is None else predicted.data)
    counts: Counter[tuple[str, OutcomeKind]] = Counter((o.path, o.kind) for o in found if o.kind != "unscored")
    paths = dict.fromkeys(path for path, _ in counts)
    fields = {path: Tally(*(counts[path, kind] for kind in _COUNTED)) for path in paths}
    return DocumentScore(id_, MISSING if predicted is None else predicted.status, tuple(found), fields)


def _gathered(run: RunPredictions, spec: Spec, scored: list[tuple[Prediction, DocumentScore]]) -> Report:
    documents = tuple(document for _, document in scored)
    by_path: dict[str, list[Tally]] = {path: [] for path in leaf_paths(spec)}
    for document in documents:
        for path, tally in document.fields.items():
            by_path.setdefault(path, []).append(tally)
    pairs = [(each, document.outcomes) for each, document in scored]
    points = tuple(confidence_points(pairs))
    used = {each.id for each, document in scored if document.status != MISSING}
    return Report(
        name=run.name,
        documents=documents,
        fields={path: total(tallies) for path, tallies in by_path.items()},
        proof=score_proof(pairs),
        confidence=reliability(points),
        points=points,
        unscored=Counter(each.path for document in documents for each in document.outcomes if each.kind == "unscored"),
        without_gold=tuple(id_ for id_ in run.predictions if id_ not in used),
        seconds=sum(each.seconds for each, _ in scored),
        input_tokens=sum(each.input_tokens for each, _ in scored),
        output_tokens=sum(each.output_tokens for each, _ in scored),
        notes=run.notes,
    )
