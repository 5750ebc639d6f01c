"""Lays out reports for a terminal, with rich."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmx.evaluate import summary
from llmx.evaluate.flaky import Flakiness, Spread
from llmx.evaluate.gate import GateResult
from llmx.evaluate.report import Report
from llmx.evaluate.versus import Comparison

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table

_STYLES = {"worse": "red", "better": "green", "invention": "red", "mismatch": "red", "omission": "yellow"}


def render_text(report: Report, *, mistakes: int = 10) -> Group:
    """Return ``report`` for ``rich.console.Console.print``: headline, fields, notes, and up to ``mistakes`` of them."""
    from rich.console import Group  # noqa: PLC0415  # rich costs 50 ms, and a library user may never print
    from rich.text import Text  # noqa: PLC0415

    head: list[RenderableType] = [Text(report.name, style="bold"), *(Text(line) for line in summary.headline(report))]
    parts = [*head, _table(summary.FIELD_HEAD, summary.field_rows(report), numbers_from=1)]
    parts += [Text(line, style="yellow") for line in summary.notes(report)]
    rows = summary.mistake_rows(report, mistakes)
    if rows:
        parts.append(_table(("document", "field", "what", "gold", "record"), rows, title="Mistakes"))
    return Group(*parts)


def render_comparison(comparison: Comparison, *, changes: int = 10) -> Group:
    """Return ``comparison`` for a rich console: what differs, and up to ``changes`` changed fields of documents."""
    from rich.console import Group  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    title = f"{comparison.after} against {comparison.before}, {comparison.documents} documents"
    parts: list[RenderableType] = [
        Text(title, style="bold"),
        _table(summary.DIFFERENCE_HEAD, summary.difference_rows(comparison), numbers_from=1),
        *(Text(line, style="yellow") for line in summary.comparison_notes(comparison)),
    ]
    rows = summary.change_rows(comparison.changes, changes)
    if rows:
        parts.append(_table(("document", "field", "", "before", "after"), rows, title="Changes, worst first"))
    return Group(*parts)


def render_runs(reports: Sequence[Report]) -> Table:
    """Return a table of ``reports``, one row per run, for a rich console."""
    return _table(summary.RUNS_HEAD, summary.run_rows(reports), numbers_from=1)


def render_flakiness(found: Flakiness, spreads: dict[str, Spread]) -> Group:
    """Return how much repeats agree, for a rich console."""
    from rich.console import Group  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    head = f"{found.runs} repeats over {found.documents} documents, {found.stable:.0%} of which never change"
    return Group(
        Text(head, style="bold"), _table(summary.FLAKY_HEAD, summary.flaky_rows(found, spreads), numbers_from=1)
    )


def render_gates(gates: Sequence[GateResult]) -> Group:
    """Return lines for a rich console: the gates that fail, those that barely hold, and how many hold."""
    from rich.console import Group  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    failed = [each for each in gates if not each.ok]
    lines = [Text(f"FAIL {each.message}", style="red bold") for each in failed]
    lines += [Text(f"note {each.message}", style="yellow") for each in gates if each.doubtful]
    lines.append(Text(f"{len(gates) - len(failed)} of {len(gates)} gates hold", style="red" if failed else "green"))
    return Group(*lines)


def _table(
    head: summary.Row, rows: Sequence[summary.Row], *, numbers_from: int = 99, title: str | None = None
) -> Table:
    """Return a table whose columns from ``numbers_from`` on are right-aligned."""
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for at, name in enumerate(head):
        table.add_column(name, justify="right" if at >= numbers_from else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))  # Text: a value's [brackets] are text
    return table
