"""What the page shows, as JSON: an index for lists and figures, and one block per document, parsed when it is opened.

Offsets are in code points, as everywhere in llmx; the page converts them. The scripts draw.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from llmx import json_data
from llmx.evaluate.load import as_gold, matched_ids, predictions_of
from llmx.evaluate.proof import nearest
from llmx.evaluate.report import Report, evaluate, spec_for
from llmx.evaluate.run_file import RunFile
from llmx.evaluate.score import Outcome, outcomes
from llmx.evaluate.spec import Spec, refined, spec_of_gold, spec_of_model
from llmx.json_data import is_empty
from llmx.record import Usage
from llmx.view.texts import DocumentText

SNIPPET_CHARS = 90
MISSED = frozenset({"unproven", "kept"})  # the issues that say that a value's proof is missing
WRONG = frozenset({"mismatch", "invention"})


@dataclass(frozen=True, slots=True)
class PageContent:
    """The content of the page. ``reports`` and ``marks`` (run, gold) are empty without gold."""

    title: str
    runs: Sequence[RunFile]
    texts: Mapping[str, DocumentText]
    golds: Mapping[str, Any]
    reports: Sequence[Report]
    alike: Spec | None


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
    if len(runs) < 2:
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
            records.append(
                record_block(run.rows.get(id_), text=found.text, gold=outcome, against=_against(page, id_, number))
            )
        block = {"text": found.text, "why": found.why, "gold": page.golds.get(id_), "records": records}
        yield block | ({"pages": found.pages.to_json()} if found.pages else {})


def _against(page: PageContent, id_: str, number: int) -> tuple[Outcome, ...]:
    """Return the outcomes of the first run's facts in another run."""
    first, other = page.runs[0].rows.get(id_), page.runs[number].rows.get(id_)
    if number == 0 or page.alike is None or first is None or other is None or first.get("data") is None:
        return ()
    return tuple(outcomes(page.alike, as_gold(first["data"]), other.get("data")))


def record_block(
    row: dict[str, Any] | None, *, text: str | None, gold: Iterable[Outcome] = (), against: Iterable[Outcome] = ()
) -> dict[str, Any] | None:
    """Return a record for the page; ``gold`` are the outcomes of its facts, ``against`` those of the first run's."""
    if row is None:
        return None
    told, compared = list(gold), list(against)
    usage = row.get("usage") or {}
    return {
        "status": row.get("status", "ok"),
        "data": row.get("data"),
        "issues": [_issue(each) for each in row.get("issues") or []],
        "evidence": {path: _proof(each, text) for path, each in (row.get("evidence") or {}).items()},
        "confidence": row.get("confidence") or {},
        "model": row.get("model") or "",
        "mode": row.get("mode") or "",
        "seconds": row.get("seconds") or 0,
        "attempts": row.get("attempts") or 0,
        "tokens": (usage.get("input_tokens") or 0) + (usage.get("output_tokens") or 0),
        "marks": {each.pointer: {"kind": each.kind, "gold": each.gold} for each in told if each.pointer is not None},
        "missing": [{"path": each.path, "gold": each.gold} for each in told if each.kind == "omission"],
        "differs": [each.pointer for each in compared if each.kind in WRONG and each.pointer is not None],
        "lacks": [{"path": each.path, "gold": each.gold} for each in compared if each.kind == "omission"],
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


def index_block(page: PageContent, blocks: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the index: runs with their figures, and each document's line in the list. ``blocks`` is read once."""
    ids = document_ids(page.runs)
    prices = [_Prices(run) for run in page.runs]
    lines = [_line(page, id_, block=block, prices=prices) for id_, block in zip(ids, blocks, strict=True)]
    return {
        "title": page.title,
        "has_gold": bool(page.golds),
        "fields": _fields(page.runs),
        "runs": [_run(page, number, lines) for number in range(len(page.runs))],
        "documents": lines,
    }


def _fields(runs: Sequence[RunFile]) -> list[str]:
    """Return the top-level fields of all records in order of appearance; their colours depend on it."""
    data = (row.get("data") for run in runs for row in run.rows.values())
    return list(dict.fromkeys(name for each in data if isinstance(each, dict) for name in each))


class _Prices:
    """The cost of each record of a run by list price, None if the model has no price."""

    def __init__(self, run: RunFile) -> None:
        from llmx.endpoint.price import cost_usd  # noqa: PLC0415 - brings the endpoint, which only this needs

        self._cost = cost_usd
        self._rows = run.rows

    def of(self, id_: str) -> float | None:
        row = self._rows.get(id_)
        counts = (row or {}).get("usage") or {}
        if row is None or not row.get("model"):
            return None
        usage = Usage(*(int(counts.get(name) or 0) for name in ("input_tokens", "output_tokens", "cached_tokens")))
        cost = self._cost(str(row["model"]), usage)
        return None if cost is None else float(cost)


def _line(page: PageContent, id_: str, *, block: dict[str, Any], prices: Sequence[_Prices]) -> dict[str, Any]:
    records = block["records"]
    usages = [(run.rows.get(id_) or {}).get("usage") or {} for run in page.runs]
    sources = (run.rows[id_].get("source") for run in page.runs if id_ in run.rows)
    return {
        "id": id_,
        "source": next((source for source in sources if source), None),
        "snippet": " ".join((block["text"] or "")[: 4 * SNIPPET_CHARS].split())[:SNIPPET_CHARS],
        "statuses": [record and record["status"] for record in records],
        "issues": [len(record["issues"]) if record else 0 for record in records],
        "proven": [_proof_counts(record)[0] if record else 0 for record in records],
        "unproven": [_proof_counts(record)[1] if record else 0 for record in records],
        "wrong": [_wrong(record) if record else 0 for record in records],
        "differs": [len(record["differs"]) + len(record["lacks"]) if record else 0 for record in records],
        "codes": [[issue["code"] for issue in record["issues"]] if record else [] for record in records],
        "values": [len(_values(record["data"])) if record else 0 for record in records],
        "tokens": [[usage.get("input_tokens") or 0, usage.get("output_tokens") or 0] for usage in usages],
        "seconds": [record["seconds"] if record else 0 for record in records],
        "cost": [price.of(id_) for price in prices],
    }


def _values(data: Any) -> list[str]:
    """Return the pointers of all leaves that have a value."""
    return [pointer for pointer, value in json_data.leaves(data) if not is_empty(value)]


def _proof_counts(record: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many values are proven, and how many lack their proof.

    A field in the model's own words needs no proof: its proof is null, and no issue says that one is missing.
    """
    missed = {issue["path"] for issue in record["issues"] if issue["code"] in MISSED}
    lacking = {path: proof is None and path in missed for path, proof in record["evidence"].items()}
    values = _values(record["data"])
    unproven = sum(nearest(lacking, pointer)[1] is True for pointer in values)
    proofs = (nearest(record["evidence"], pointer)[1] for pointer in values)
    return sum(proof is not None for proof in proofs), unproven


def _wrong(record: Mapping[str, Any]) -> int:
    return sum(mark["kind"] in WRONG for mark in record["marks"].values()) + len(record["missing"])


def _run(page: PageContent, number: int, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    run = page.runs[number]
    values, proven, unproven = (sum(line[name][number] for line in lines) for name in ("values", "proven", "unproven"))
    costs = [line["cost"][number] for line in lines if line["cost"][number] is not None]
    statuses = [line["statuses"][number] for line in lines if line["statuses"][number]]
    report = page.reports[number].to_json() if page.reports and page.reports[number].documents else None
    if report:
        del report["by_document"]
    return {
        "name": run.name,
        "path": str(run.path),
        "torn": run.torn_line > 0,
        "models": list(dict.fromkeys(str(row["model"]) for row in run.rows.values() if row.get("model"))),
        "documents": len(run.rows),
        "statuses": {status: statuses.count(status) for status in dict.fromkeys(statuses)},
        "values": values,
        "proven": proven,
        "sought": proven + unproven,
        "input_tokens": sum(line["tokens"][number][0] for line in lines),
        "output_tokens": sum(line["tokens"][number][1] for line in lines),
        "seconds": sum(line["seconds"][number] for line in lines),
        "cost": sum(costs) if costs else None,
        "report": report,
    }
