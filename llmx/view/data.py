"""What the page shows of each document, as JSON: one block, parsed when the document is opened.

Offsets are in code points, as everywhere in llmx; the page converts them. The scripts draw.
What it shows of all documents together is ``index.py``'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from llmx.evaluate.load import as_gold, matched_ids, predictions_of
from llmx.evaluate.report import Report, evaluate, spec_for
from llmx.evaluate.run_file import RunFile
from llmx.evaluate.score import Outcome, outcomes
from llmx.evaluate.spec import Spec, refined, spec_of_gold, spec_of_model
from llmx.record import data_or_draft
from llmx.view.tables import FirstPlaces
from llmx.view.texts import DocumentText

WRONG = frozenset({"mismatch", "invention"})


@dataclass(frozen=True, slots=True)
class PageContent:
    """The content of a page. ``reports`` and ``marks`` (run, gold) are empty without gold.

    ``parts`` are the names of all pages over which a large run is split, ``part`` the place of this one.
    """

    title: str
    runs: Sequence[RunFile]
    texts: Mapping[str, DocumentText]
    golds: Mapping[str, Any]
    reports: Sequence[Report]
    alike: Spec | None
    parts: tuple[str, ...] = ()
    part: int = 0


def page_content(
    title: str,
    runs: Sequence[RunFile],
    *,
    texts: Mapping[str, DocumentText],
    golds: Mapping[str, Any],
    schema: type[BaseModel] | None,
) -> PageContent:
    """Return the content of the page: the runs, scored if there is gold, and the rule for comparing them."""
    ids = [id_ for run in runs for id_ in run.rows]
    by_record = (
        {record: golds[gold] for gold, record in matched_ids(golds, dict.fromkeys(ids)).items()} if golds else {}
    )
    reports: list[Report] = []
    if by_record:
        spec = spec_for(by_record, schema)
        reports = [evaluate(_having(by_record, run), predictions_of(run), spec=spec) for run in runs]
    return PageContent(title, runs, texts, by_record, reports, _rule_between(runs, schema))


def _having(golds: Mapping[str, Any], run: RunFile) -> Mapping[str, Any]:
    """Return ``golds`` if a record of ``run`` has gold; evaluation refuses a run in which none has."""
    return golds if any(id_ in run.rows for id_ in golds) or not run.rows else {}


def _rule_between(runs: Sequence[RunFile], schema: type[BaseModel] | None) -> Spec | None:
    """Return how the other runs are compared with the first: by the schema, and by the first run's values."""
    if len(runs) < 2 or not any(row.get("data") for row in runs[0].rows.values()):
        return None
    inferred = spec_of_gold(as_gold(row["data"]) for row in runs[0].rows.values() if row.get("data") is not None)
    return inferred if schema is None else refined(spec_of_model(schema), inferred)


def document_ids(runs: Sequence[RunFile]) -> list[str]:
    """Return the ids of all records, those of the first run first, in its order."""
    return list(dict.fromkeys(id_ for run in runs for id_ in run.rows))


def document_blocks(page: PageContent) -> Iterator[dict[str, Any]]:
    """Yield one block per document, in the order of ``document_ids``."""
    scored = [{document.id: document for document in report.documents} for report in page.reports]
    for id_ in document_ids(page.runs):
        found = page.texts[id_]
        records = []
        for number, run in enumerate(page.runs):
            outcome = scored[number][id_].outcomes if scored and id_ in scored[number] else ()
            record = record_block(run.rows.get(id_), text=found.text, gold=outcome)
            records.append(record and record | compared(page.alike, page.runs[0].rows.get(id_), record, number=number))
        block = {"text": found.text, "why": found.why, "gold": page.golds.get(id_), "records": records}
        yield block | ({"pages": found.pages.to_json()} if found.pages else {})


def compared(
    rule: Spec | None, first: Mapping[str, Any] | None, record: Mapping[str, Any], *, number: int
) -> dict[str, Any]:
    """Return how the record of run ``number`` differs from that of the first run.

    ``differs`` maps the pointers of its values to what the first run says ("gold") and where (``at``, None if it says
    nothing, or in no single place); ``lacks`` are the facts of the first run that it does not state.
    """
    if number == 0 or rule is None or first is None or first.get("data") is None:
        return {"differs": {}, "lacks": []}
    found = outcomes(rule, as_gold(first["data"]), record["data"])
    places = FirstPlaces(first["data"])
    # those that match take their places, too
    told = [(each, {"gold": each.gold, "at": places.take(each.path, each.gold)}) for each in found]
    return {
        "differs": {each.pointer: fact for each, fact in told if each.kind in WRONG and each.pointer is not None},
        "lacks": [{"path": each.path} | fact for each, fact in told if each.kind == "omission"],
    }


def record_block(
    row: dict[str, Any] | None, *, text: str | None, gold: Iterable[Outcome] = ()
) -> dict[str, Any] | None:
    """Return a record for the page; ``gold`` are the outcomes of its facts."""
    if row is None:
        return None
    told = list(gold)
    usage, found = row.get("usage") or {}, data_or_draft(row)
    return {
        "status": row.get("status", "ok"),
        "data": found.get("data"),
        "issues": [_issue(each) for each in row.get("issues") or []],
        "evidence": {path: _proof(each, text) for path, each in (found.get("evidence") or {}).items()},
        "confidence": found.get("confidence") or {},
        "model": row.get("model") or "",
        "mode": row.get("mode") or "",
        "seconds": row.get("seconds") or 0,
        "attempts": row.get("attempts") or 0,
        "tokens": (usage.get("input_tokens") or 0) + (usage.get("output_tokens") or 0),
        "marks": {each.pointer: {"kind": each.kind, "gold": each.gold} for each in told if each.pointer is not None},
        "missing": [{"path": each.path, "gold": each.gold} for each in told if each.kind == "omission"],
        "differs": {},
        "lacks": [],
    }


def _issue(issue: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(issue.get(name) or "") for name in ("code", "path", "message")}


def _proof(proof: Mapping[str, Any] | None, text: str | None) -> dict[str, Any] | None:
    """Return a proof for the page; it is ``stale`` if its words are not at their place in ``text``.

    What was only seen in a picture is none: the record's issue says so.
    """
    if proof is None or proof.get("kind") == "seen":
        return None
    quote, start, end = str(proof.get("quote") or ""), int(proof.get("start", 0)), int(proof.get("end", 0))
    return {
        "quote": quote,
        "start": start,
        "end": end,
        "kind": proof.get("kind") or "exact",
        "score": proof.get("score", 1.0),
        "words": proof.get("words") or "",
        "rule": proof.get("rule") or "",
        "stale": text is not None and text[start:end] != quote,
        **{name: proof[name] for name in ("cell", "element") if proof.get(name)},
        **({"page": proof["page"], "boxes": proof.get("boxes") or []} if "page" in proof else {}),
    }
