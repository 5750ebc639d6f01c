"""Shows a search as tables on a terminal and as JSON. Nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llmx.evaluate.summary import Row, share
from llmx.evaluate.tally import rounded
from llmx.run.dollars import shown_usd
from llmx.tune.bench import Attempt
from llmx.tune.result import Tuning

if TYPE_CHECKING:
    from rich.console import Group

_HEAD: Row = ("prompt", "docs", "quality", "precision", "recall", "tokens", "seconds", "cost")
_NO_COST = "–"
_STOPPED = {
    "max_cost": "--max-cost is reached: the search ended early.",
    "max_tokens": "--max-tokens-total is reached: the search ended early.",
    "interrupted": "The search was interrupted; the same command goes on with it.",
    "auth": "The endpoint refuses the key: the search ended early; the same command goes on with it.",
    "endpoint": "The endpoint does not answer: the search ended early; the same command goes on with it.",
}


def rows(attempts: Sequence[Attempt], by: str) -> list[Row]:
    """Return the cells under the head: a row for each attempt, a failed one with its reason."""
    return [_row(each, by) for each in attempts]


def _row(each: Attempt, by: str) -> Row:
    trial = each.trial
    if not trial.ok or trial.report is None:
        return (each.variant.name, str(each.documents), "failed", *[_NO_COST] * 5)
    micro = trial.report.micro
    cost = _NO_COST if trial.cost_usd is None else f"${shown_usd(trial.cost_usd)}"
    figures = (share(each.quality(by)), share(micro.precision), share(micro.recall))
    return (
        each.variant.name, str(each.documents), *figures, f"{trial.usage.total_tokens:,}",
        f"{trial.report.seconds:.1f}", cost,
    )  # fmt: skip


def notes(found: Tuning) -> list[str]:
    """Return what there is to say beside the figures: failures, an early end, documents that were left out."""
    told = [f"{each.variant.name} failed: {each.trial.fault}" for each in found.attempts if not each.trial.ok]
    if found.stopped:
        told.append(_STOPPED.get(found.stopped, f"The search ended early: {found.stopped}."))
    return [*told, *found.notes]


def render_text(found: Tuning) -> Group:
    """Return both tables, the conclusion and the notes for ``rich.console.Console.print``."""
    from rich.console import Group  # noqa: PLC0415 - heavy
    from rich.text import Text  # noqa: PLC0415 - heavy

    parts: list[Any] = [_table("on the documents to choose on", found.attempts, found.by)]
    if found.held_out is not None:
        pair = (found.held_out.present, found.held_out.chosen)
        parts.append(_table("on the held-out documents", pair, found.by))
    parts.append(Text(found.conclusion, style="green" if found.better else ""))
    return Group(*parts, *(Text(each, style="yellow") for each in notes(found)))


def _table(title: str, attempts: Sequence[Attempt], by: str) -> Any:
    from rich import box  # noqa: PLC0415 - heavy
    from rich.table import Table  # noqa: PLC0415 - heavy
    from rich.text import Text  # noqa: PLC0415 - heavy

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, title=title, title_justify="left")
    cells = rows(attempts, by)
    shown = len(_HEAD) - all(row[-1] == _NO_COST for row in cells)  # without costs where none is known
    for name in _HEAD[:shown]:
        text = name == "prompt"
        head = by.replace("_", " ") if name == "quality" else name
        drawn.add_column(head, justify="left" if text else "right", overflow="fold", no_wrap=not text)
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row[:shown]))
    return drawn


def to_json(found: Tuning) -> dict[str, Any]:
    """Return the search as plain JSON values."""
    held_out = found.held_out
    return {
        "by": found.by,
        "better": found.better,
        "conclusion": found.conclusion,
        "chosen": found.chosen.name if found.chosen else None,
        "tried": [_attempt(each, found.by) for each in found.attempts],
        "held_out": None
        if held_out is None
        else {
            "present": _attempt(held_out.present, found.by),
            "chosen": _attempt(held_out.chosen, found.by),
            "difference": held_out.difference.to_json(),
        },
        "documents": {
            "to_choose_on": [each.document.id for each in found.split.training if each.document.id not in found.shown],
            "examples": list(found.shown),
            "held_out": [each.document.id for each in found.split.held_out],
        },
        "paid": {"usd": round(found.paid_usd, 6), "tokens": found.paid_tokens},
        "stopped": found.stopped,
        "notes": notes(found),
    }


def _attempt(each: Attempt, by: str) -> dict[str, Any]:
    trial = each.trial
    micro = trial.report.micro if trial.report is not None else None
    return {
        "name": each.variant.name,
        "differs": list(each.variant.differs),
        "documents": each.documents,
        "quality": rounded(each.quality(by)) if trial.ok else None,
        "f1": rounded(micro.f1) if micro else None,
        "precision": rounded(micro.precision) if micro else None,
        "recall": rounded(micro.recall) if micro else None,
        "usage": trial.usage.to_json(),
        "seconds": round(trial.report.seconds, 3) if trial.report is not None else None,
        "cost_usd": None if trial.cost_usd is None else str(trial.cost_usd),
        "output": str(trial.output) if trial.output else None,
        "fault": trial.fault or None,
    }
