"""What the page shows of all documents together, as JSON: the list, what it is filtered by, and the runs' figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmx.evaluate.proof import nearest
from llmx.evaluate.run_file import RunFile
from llmx.record import Usage
from llmx.view.data import WRONG, PageContent
from llmx.view.facets import facets, filled, is_unproven
from llmx.view.tables import ValueTables

SNIPPET_CHARS = 90


class Index:
    """Collects the index while the blocks of the documents pass by."""

    def __init__(self, page: PageContent) -> None:
        self._page = page
        self._prices = [_Prices(run) for run in page.runs]
        self._lines: list[dict[str, Any]] = []
        self.tables = ValueTables()

    def add(self, id_: str, block: Mapping[str, Any]) -> None:
        """Add a document: its line in the list, and its values to the tables."""
        self.tables.add(len(self._lines), block["records"])
        self._lines.append(_line(self._page, id_, block=block, prices=self._prices))

    def to_json(self) -> dict[str, Any]:
        """Return the runs with their figures, and each document's line in the list."""
        page = self._page
        return {
            "title": page.title,
            "has_gold": bool(page.golds),
            "fields": _fields(page.runs),
            "runs": [_run(page, number, self._lines) for number in range(len(page.runs))],
            "documents": self._lines,
            "parts": {"names": page.parts, "here": page.part},
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


def _line(page: PageContent, id_: str, *, block: Mapping[str, Any], prices: Sequence[_Prices]) -> dict[str, Any]:
    records = block["records"]
    counts = [_proof_counts(record) if record else (0, 0) for record in records]
    usages = [(run.rows.get(id_) or {}).get("usage") or {} for run in page.runs]
    sources = (run.rows[id_].get("source") for run in page.runs if id_ in run.rows)
    return {
        "id": id_,
        "source": next((source for source in sources if source), None),
        "snippet": " ".join((block["text"] or "")[: 4 * SNIPPET_CHARS].split())[:SNIPPET_CHARS],
        "statuses": [record and record["status"] for record in records],
        "issues": [len(record["issues"]) if record else 0 for record in records],
        "proven": [proven for proven, _ in counts],
        "unproven": [unproven for _, unproven in counts],
        "wrong": [_wrong(record) if record else 0 for record in records],
        "differs": [len(record["differs"]) + len(record["lacks"]) if record else 0 for record in records],
        "codes": [[issue["code"] for issue in record["issues"]] if record else [] for record in records],
        "values": [len(filled(record["data"])) if record else 0 for record in records],
        "tokens": [[usage.get("input_tokens") or 0, usage.get("output_tokens") or 0] for usage in usages],
        "seconds": [record["seconds"] if record else 0 for record in records],
        "cost": [price.of(id_) for price in prices],
        "facets": facets(records, WRONG),
    }


def _proof_counts(record: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many values are proven, and how many lack their proof."""
    unproven, values = is_unproven(record), filled(record["data"])
    proofs = (nearest(record["evidence"], pointer)[1] for pointer in values)
    return sum(proof is not None for proof in proofs), sum(unproven(pointer) for pointer in values)


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
