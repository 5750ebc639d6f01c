"""Shows a sweep as a table on a terminal, as Markdown and as JSON. Nothing is computed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmx.evaluate.markdown import escaped
from llmx.evaluate.summary import FEWEST, Row, share
from llmx.evaluate.tally import rounded
from llmx.run.dollars import shown_usd
from llmx.sweep.sweeping import Sweep
from llmx.sweep.trial import Trial

if TYPE_CHECKING:
    from rich.console import Group

_COLUMNS: Row = ("", "setting", "quality", "less the best", "cost", "seconds", "tokens", "documents", "choice")
_NUMBERS = frozenset(_COLUMNS[2:7])  # set to the right


def table(sweep: Sweep) -> tuple[list[str], list[Row]]:
    """Return the names of the columns, and a numbered row for each setting: the best first, the failed ones last.

    A column that says nothing is left out: costs where none is known, documents where all of them are ok.
    """
    number = {trial.setting.name: str(at) for at, (trial, _) in enumerate(sweep.rows, start=1)}
    rows: list[Row] = []
    for trial, place in sweep.rows:
        name = trial.setting.name
        figures = (share(place.point.quality), _difference(sweep, trial), _cost(trial), f"{place.point.seconds:.1f}")
        choice = "front" if place.beaten_by is None else f"beaten by {number[place.beaten_by]}"
        rows.append((number[name], name, *figures, f"{trial.usage.total_tokens:,}", _states(trial), choice))
    rows += [("", each.setting.name, *["–"] * 5, _states(each), "failed") for each in sweep.failed]
    silent = {"–", f"{sweep.documents} ok"}
    dull = {at for at in (4, 7) if all(row[at] in silent for row in rows)}
    kept = [at for at in range(len(_COLUMNS)) if at not in dull]
    return [_COLUMNS[at] for at in kept], [tuple(row[at] for at in kept) for row in rows]


def faults(sweep: Sweep) -> list[str]:
    """Return why each of the failed settings failed."""
    return [f"{each.setting.name} failed: {each.fault}" for each in sweep.failed]


def notes(sweep: Sweep) -> list[str]:
    """Return notes on the figures: what they cannot show, and what is missing."""
    found = list(sweep.notes)
    if len(sweep.rows) > 1 and sweep.documents < FEWEST:
        found.append(f"{sweep.documents} documents cannot show that a difference is real: {FEWEST} are the fewest.")
    if sweep.rows and all(trial.cost_usd is None for trial, _ in sweep.rows):
        found.append("No price is known for these models: the front is by quality and time.")
    return found


def _difference(sweep: Sweep, trial: Trial) -> str:
    found = sweep.against_best.get(trial.setting.name)
    if found is None:
        return "best"
    return f"{found.change:+.3f} {'real' if found.real else 'may be chance' if found.change else 'same'}"


def _cost(trial: Trial) -> str:
    return "–" if trial.cost_usd is None else f"${shown_usd(trial.cost_usd)}"


def _states(trial: Trial) -> str:
    return ", ".join(f"{n} {status}" for status, n in trial.report.statuses.items()) if trial.report else "–"


def render_text(sweep: Sweep) -> Group:
    """Return the table and the notes for ``rich.console.Console.print``."""
    from rich import box  # noqa: PLC0415 - heavy
    from rich.console import Group  # noqa: PLC0415 - heavy
    from rich.table import Table  # noqa: PLC0415 - heavy
    from rich.text import Text  # noqa: PLC0415 - heavy

    head, rows = table(sweep)
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in head:
        number = name in _NUMBERS
        shown = sweep.by.replace("_", " ") if name == "quality" else name
        drawn.add_column(shown, justify="right" if number else "left", overflow="fold", no_wrap=number)
    for *cells, choice in rows:
        style = {"failed": "red", "front": "green"}.get(choice, "")
        drawn.add_row(*(Text(cell) for cell in cells), Text(choice, style=style))
    told = [Text(each, style="red") for each in faults(sweep)] + [Text(each, style="yellow") for each in notes(sweep)]
    return Group(drawn, *told)


def render_markdown(sweep: Sweep) -> str:
    """Return the table and the notes as GitHub-flavoured Markdown."""
    head, rows = table(sweep)
    names = [sweep.by.replace("_", " ") if name == "quality" else name for name in head]
    rules = ["---:" if name in _NUMBERS else "---" for name in head]
    lines = [names, rules, *([escaped(cell) for cell in row] for row in rows)]
    drawn = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    told = [f"> {escaped(each)}" for each in (*faults(sweep), *notes(sweep))]
    return "\n\n".join([f"## llmx sweep: {sweep.documents} documents", drawn, *told]) + "\n"


def to_json(sweep: Sweep, *, documents: bool = True) -> dict[str, Any]:
    """Return the sweep as plain JSON values; ``documents`` False leaves out the scores of each document."""
    places = {trial.setting.name: place for trial, place in sweep.rows}
    rows = []
    for trial in sweep.trials:
        place, found = places.get(trial.setting.name), sweep.against_best.get(trial.setting.name)
        report = trial.report.to_json() if trial.report else None
        if report and not documents:
            del report["by_document"]
        rows.append(
            {
                "name": trial.setting.name,
                "chosen": dict(trial.setting.chosen),
                "output": trial.output.name if trial.output else None,
                "fault": trial.fault or None,
                "quality": rounded(sweep.quality(trial)) if trial.ok else None,
                "against_best": found.to_json() if found else None,
                "cost_usd": None if trial.cost_usd is None else str(trial.cost_usd),
                "seconds": None if trial.seconds is None else round(trial.seconds, 3),
                "usage": trial.usage.to_json(),
                "on_front": place.on_front if place else False,
                "beaten_by": place.beaten_by if place else None,
                "report": report,
            }
        )
    return {"by": sweep.by, "documents": sweep.documents, "settings": rows, "notes": list(notes(sweep))}
