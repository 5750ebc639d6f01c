"""The state of a run, from the manifest beside its output: while it goes on, at its end, and after a kill."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from llmx.errors import OutputError
from llmx.record import STATUSES, Usage
from llmx.run.field_figures import FieldFigures, field_figures
from llmx.run.manifest import UNSEEN, Manifest, Row, lock_path, locked, manifest_path
from llmx.run.model_shares import ModelCost, model_costs, read_shares, sum_of_costs
from llmx.sinks.formats import is_json_lines

MOST = 5
"""How many documents each list of the report names."""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """The state of a run.

    ``running`` says that a process writes the output now; ``stopped`` why the last run ended early, 'killed' where it
    could not say; ``reasons`` counts why documents were done in the last run, and ``left_out`` the files that it met
    and did not read, by kind. ``models`` has what each model did, and ``by_fallback`` the documents that a fallback
    answered, each with its models; both are empty where none was asked. ``update`` says how many documents of the last
    run kept the fields that a changed schema did not touch, {} for none. ``gone`` names the documents of
    earlier runs that the last one, which read all that it was given, did not meet: their records stay.
    """

    target: Path
    running: bool
    began: str
    ended: str
    stopped: str
    model: str
    mode: str
    schema: str
    statuses: dict[str, int]
    reasons: dict[str, int]
    usage: Usage
    failures: dict[str, int]
    left_out: dict[str, int] = field(default_factory=dict)
    models: tuple[ModelCost, ...] = ()
    by_fallback: tuple[tuple[str, str], ...] = ()
    update: dict[str, Any] = field(default_factory=dict)
    gone: tuple[str, ...] = ()

    @property
    def documents(self) -> int:
        """How many documents are done."""
        return sum(self.statuses.values())

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "output": str(self.target), "running": self.running, "began": self.began, "ended": self.ended,
            "stopped": self.stopped, "model": self.model, "mode": self.mode, "schema": self.schema,
            "documents": self.documents, "statuses": self.statuses, "reasons": self.reasons,
            **({"update": self.update} if self.update else {}),
            **({"gone": [{"id": id_} for id_ in self.gone]} if self.gone else {}),
            "usage": self.usage.to_json(), "failures": self.failures, "left_out": self.left_out,
            **(self._models_json() if self.models else {}),
        }  # fmt: skip

    def _models_json(self) -> dict[str, Any]:
        return {
            "models": [each.to_json() for each in self.models],
            "by_fallback": [{"id": id_, "model": model} for id_, model in self.by_fallback],
        }


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run with the documents that stand out.

    ``summary`` is that of the last run into the output, {} where it was killed. ``cost_usd`` is the price of the tokens
    of all records, None where it is unknown.
    ``fields`` has how often each field is filled, and its issues; it is empty where the output is no JSON Lines.
    """

    status: RunStatus
    summary: dict[str, Any]
    cost_usd: Decimal | None
    slowest: tuple[Row, ...]
    most_expensive: tuple[Row, ...]
    most_asked: tuple[Row, ...]
    not_ok: tuple[Row, ...] = field(default=())
    fields: tuple[FieldFigures, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        lists = {
            "slowest": self.slowest, "most_expensive": self.most_expensive, "most_asked": self.most_asked,
            "not_ok": self.not_ok,
        }  # fmt: skip
        rows = {name: [_row_json(row) for row in listed] for name, listed in lists.items()}
        cost = None if self.cost_usd is None else str(self.cost_usd)
        return {
            **self.status.to_json(),
            "cost_usd": cost,
            "summary": self.summary,
            **rows,
            "fields": [each.to_json() for each in self.fields],
        }


def run_status(target: Path) -> RunStatus:
    """Return the state of the run that writes, or wrote, ``target``. Raises OutputError where there is no manifest."""
    manifest = _open(target)
    try:
        return _status(target, manifest)
    finally:
        manifest.close()


def run_report(target: Path) -> RunReport:
    """Return the report of the run that wrote ``target``. Raises OutputError where there is no manifest."""
    manifest = _open(target)
    try:
        status = _status(target, manifest)
        [(requests,)] = manifest.query("select coalesce(sum(requests), 0) from documents")
        alone = ModelCost(status.model, manifest.fact("base_url"), requests=requests, usage=status.usage)
        return RunReport(
            status,
            orjson.loads(manifest.fact("summary") or "{}"),
            sum_of_costs(status.models or (alone,)),
            _top(manifest, "seconds desc, id", "seconds > 0"),
            _top(manifest, "input_tokens + 4 * output_tokens desc, id", "requests > 0"),
            _top(manifest, "requests desc, attempts desc, id", "requests > 1 or attempts > 1"),
            _top(manifest, "status, position", "status <> 'ok'"),
            field_figures(target) if is_json_lines(target) and target.is_file() else (),
        )
    finally:
        manifest.close()


def _open(target: Path) -> Manifest:
    path = manifest_path(target)
    if not path.exists():
        said = f"{target} has no manifest beside it ({path.name})" if target.exists() else f"there is no {target}"
        if target.is_dir():
            said = f"{target} is a folder, and only an output that is a file has a manifest"
        raise OutputError(said, hint="Name the output file of llmx extract -o FILE.")
    return Manifest(path, writing=False)


def _status(target: Path, manifest: Manifest) -> RunStatus:
    counted = dict(manifest.query("select status, count(*) from documents group by status"))
    sums = manifest.query(
        "select coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), coalesce(sum(cached_tokens), 0) "
        "from documents"
    )[0]
    failures = manifest.query(
        "select issue, count(*) from documents where status <> 'ok' group by issue order by count(*) desc, issue"
    )
    models, by_fallback = _models(manifest, Usage(*sums))
    running, ended = _is_running(target), manifest.fact("ended")
    summary = orjson.loads(manifest.fact("summary") or "{}") if ended else {}
    return RunStatus(
        target=target, running=running, began=manifest.fact("began"), ended=ended,
        stopped="" if running else str(summary.get("stopped", "")) if ended else "killed",
        model=manifest.fact("model"), mode=manifest.fact("mode"), schema=manifest.fact("schema"),
        statuses={status: counted[status] for status in STATUSES if status in counted},
        reasons=orjson.loads(manifest.fact("reasons") or manifest.fact("whys") or "{}") if ended else {},
        usage=Usage(*sums), failures=dict(failures), models=models, by_fallback=by_fallback,
        left_out=orjson.loads(manifest.fact("left_out") or "{}") if ended else {},
        update=orjson.loads(manifest.fact("update") or "{}") if ended else {},
        gone=_gone(manifest) if ended and not running and not summary.get("stopped") else (),
    )  # fmt: skip


def _gone(manifest: Manifest) -> tuple[str, ...]:
    """Return the ids of the documents that the last run did not meet, where it read all that it was given."""
    found = manifest.query(f"select id from documents where position >= {UNSEEN} order by position, id")  # noqa: S608 - ours
    return tuple(id_.partition("\0")[0] for (id_,) in found)


def _models(manifest: Manifest, usage: Usage) -> tuple[tuple[ModelCost, ...], tuple[tuple[str, str], ...]]:
    """Return what each model did, and the documents that fallbacks answered; both empty where none was asked."""
    columns = {name for _, name, *_ in manifest.query("pragma table_info(documents)")}
    if "models" not in columns:  # it is older than fallbacks
        return (), ()
    shares = manifest.query("select id, models from documents where models <> '' order by position, id")
    if not shares:
        return (), ()
    [(requests,)] = manifest.query("select coalesce(sum(requests), 0) from documents")
    [(alone,)] = manifest.query(
        "select count(*) from documents where models = '' and status in ('ok', 'partial') and requests > 0"
    )
    first = ModelCost(manifest.fact("model"), manifest.fact("base_url"), alone, requests, usage)
    answers = [(id_, [share for _, share in read_shares(text) if share.answers]) for id_, text in shares]
    by_fallback = [
        (id_, " + ".join(share.model for share in used))
        for id_, used in answers
        if any(share.fallback for share in used)
    ]
    return model_costs(first, (text for _, text in shares)), tuple(by_fallback)


def _is_running(target: Path) -> bool:
    if not lock_path(target).exists():
        return False
    try:
        with locked(target):
            return False
    except OutputError:
        return True


def _top(manifest: Manifest, order: str, which: str) -> tuple[Row, ...]:
    sql = f"select * from documents where {which} order by {order} limit {MOST}"  # noqa: S608 - all three are ours
    return tuple(Row(*found) for found in manifest.query(sql))


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "id": row.id.partition("\0")[0], "status": row.status, "issue": row.issue, "requests": row.requests,
        "attempts": row.attempts, "input_tokens": row.input_tokens, "output_tokens": row.output_tokens,
        "seconds": row.seconds,
    }  # fmt: skip
