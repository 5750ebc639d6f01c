"""Tries one setting of a sweep: runs it into a file, scores the records and adds up the cost. A failure says why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from llmx.documents import Document, Unreadable
from llmx.endpoint import EndpointSettings
from llmx.endpoint.price import cost_usd
from llmx.errors import LlmxError
from llmx.evaluate import Report, evaluate
from llmx.evaluate.load import predictions_of
from llmx.evaluate.run_file import read_run_file
from llmx.evaluate.spec import Spec
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.record import Usage, document_of
from llmx.run import OutputOptions, RunObserver, RunOptions, Summary, run_to_output
from llmx.run.dollars import sum_usd
from llmx.schema import SchemaLike
from llmx.sweep.grid import Setting

_NONE = Usage()


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of one setting.

    ``fault`` says why there is nothing to compare, '' if there is; ``report`` is None if nothing was scored.
    ``usage`` is what its answers took, and ``cost_usd`` what they would cost anew, whether or not they came from the
    cache: so settings compare. None if the price is not known. ``paid`` and ``paid_usd`` are what this run paid.
    ``stopped`` says why the run ended early, as in ``Summary``; ``error`` is what was raised, None where nothing was.
    """

    setting: Setting
    report: Report | None = None
    fault: str = ""
    output: Path | None = None
    usage: Usage = _NONE
    cost_usd: Decimal | None = None
    paid_usd: Decimal | None = None
    stopped: str = ""
    paid: Usage = _NONE
    error: BaseException | None = None

    @property
    def ok(self) -> bool:
        """Whether it can be compared."""
        return not self.fault and self.report is not None

    @property
    def seconds(self) -> float | None:
        """The endpoint's time for the answers, summed over the documents; that of the recording on a replay."""
        return self.report.seconds if self.report is not None else None


@dataclass(frozen=True, slots=True)
class Task:
    """What all settings of a sweep have in common: documents with their gold, and how to compare records.

    ``output`` says what to do with the records of an earlier sweep.
    """

    documents: Sequence[Document | Unreadable]
    golds: Mapping[str, Any]
    schema: SchemaLike
    spec: Spec
    output: OutputOptions


async def try_setting(
    setting: Setting,
    ready: EndpointSettings,
    task: Task,
    *,
    target: Path,
    run: RunOptions,
    observer: RunObserver | None = None,
) -> Trial:
    """Run ``setting`` with the endpoint of ``ready`` and return its scores; the records go to ``target``.

    Faults of prompt, examples, endpoint, key, cassette or output are the trial's, not raised.
    """
    try:
        async with open_session(Extractor(task.schema, setting.options), ready) as session:
            summary = await run_to_output(
                task.documents, session, output=replace(task.output, path=target), options=run, observer=observer
            )
            model = session.plan.model
    except LlmxError as error:
        return Trial(setting, fault=_told(error), error=error)
    places = [each.base_url for each in ready.in_turn]
    return _scored(setting, task, summary, model=model, target=target, base_urls=places)


def _scored(
    setting: Setting, task: Task, summary: Summary, *, model: str, target: Path, base_urls: Sequence[str | None]
) -> Trial:
    ids = {document.id for document in task.documents}
    found = read_run_file(target, name=setting.name)
    rows = {id_: row for id_, row in found.rows.items() if id_ in ids or document_of(id_) in ids}
    run = predictions_of(replace(found, rows=rows))
    usage = sum((_usage(row) for row in rows.values()), Usage())
    report = evaluate(task.golds, run, spec=task.spec) if run.predictions else None
    return Trial(
        setting, report, _fault(summary, report, rows), target, usage,
        _cost(rows.values(), model, base_urls), summary.cost_usd, summary.stopped, summary.paid,
        summary.error,
    )  # fmt: skip


def _cost(rows: Iterable[Mapping[str, Any]], model: str, base_urls: Sequence[str | None]) -> Decimal | None:
    """Return what the answers would cost anew, each model's at its own price; None where a price is not known."""
    used: dict[tuple[str, str | None], Usage] = {}
    for row in rows:
        shares = row.get("models") or [{"fallback": 0, "model": model, "usage": row.get("usage") or {}}]
        for share in shares:
            asked = share["model"], base_urls[share["fallback"]]
            used[asked] = used.get(asked, _NONE) + Usage(**share["usage"])
    return sum_usd(cost_usd(name, usage, base_url=place) for (name, place), usage in used.items())


def _fault(summary: Summary, report: Report | None, rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return why this run cannot be compared: it stopped early, or nothing was answered."""
    if summary.stopped:
        return _told(summary.error) if summary.error is not None else f"stopped early: {summary.stopped}"
    if report is None:
        return "there is no record"
    if not report.answered:
        told = next((issue["message"] for row in rows.values() for issue in row.get("issues") or ()), "")
        return f"no document was answered{': ' if told else ''}{_one_line(told)}"
    return ""


def _usage(row: Mapping[str, Any]) -> Usage:
    return Usage(**(row.get("usage") or {}))


def _told(error: BaseException) -> str:
    """Return an error as one sentence: the first line of its message, with the hint."""
    if not isinstance(error, LlmxError):
        return _one_line(f"{type(error).__name__}: {error}")
    message = error.message.strip().partition("\n")[0].rstrip(" :")
    return _one_line(f"{message} ({error.hint})" if error.hint else message)


def _one_line(text: str, most: int = 300) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
