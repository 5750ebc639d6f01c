"""Lays out reports as GitHub-flavoured Markdown, for a pull request or ``$GITHUB_STEP_SUMMARY``."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from llmx.evaluate import summary
from llmx.evaluate.flaky import Flakiness, Spread
from llmx.evaluate.gate import GateResult
from llmx.evaluate.report import Report
from llmx.evaluate.versus import Comparison

_MARKS = re.compile(r"([\\`*\[\]|~$]|(?<!\w)_|_(?!\w)|^[-+#>])")
_CALLS = re.compile(r"([@#])(?=\w)")  # @name would call a person, #1 an issue; a comment between the two does not show
_SIGNS = {"better": "🟢 better", "worse": "🔴 worse"}


def escaped(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is: no HTML, no marks, no mention, no table border."""
    plain = _MARKS.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))
    return _CALLS.sub(r"\1<!-- -->", plain)


def render_markdown(report: Report, *, gates: Sequence[GateResult] = (), mistakes: int = 20) -> str:
    """Return ``report`` as Markdown: gates, headline, fields, notes, and up to ``mistakes`` folded away."""
    parts = [f"## llmx eval: {escaped(report.name)}"]
    if gates:
        parts.append(render_gates(gates))
    parts.append("\n".join(f"- {escaped(line)}" for line in summary.headline(report)))
    parts.append(_table(summary.FIELD_HEAD, summary.field_rows(report), numbers_from=1))
    parts += [f"> {escaped(line)}" for line in summary.notes(report)]
    rows = summary.mistake_rows(report, mistakes)
    if rows:
        parts.append(_folded(f"{len(rows)} mistakes", ("document", "field", "what", "gold", "record"), rows))
    return "\n\n".join(parts) + "\n"


def render_comparison(comparison: Comparison, *, changes: int = 20) -> str:
    """Return ``comparison`` as Markdown: differences, and up to ``changes`` changed fields folded away."""
    title = f"## {escaped(comparison.after)} against {escaped(comparison.before)}, {comparison.documents} documents"
    parts = [title, _table(summary.DIFFERENCE_HEAD, summary.difference_rows(comparison), numbers_from=1)]
    parts += [f"> {escaped(line)}" for line in summary.comparison_notes(comparison)]
    rows = summary.change_rows(comparison.changes, changes)
    if rows:
        parts.append(_folded(f"{len(rows)} changes, worst first", ("document", "field", "", "before", "after"), rows))
    return "\n\n".join(parts) + "\n"


def render_runs(reports: Sequence[Report]) -> str:
    """Return a table of ``reports``, one row per run."""
    return _table(summary.RUNS_HEAD, summary.run_rows(reports), numbers_from=1) + "\n"


def render_flakiness(found: Flakiness, spreads: dict[str, Spread]) -> str:
    """Return how much repeats agree."""
    head = f"## {found.runs} repeats over {found.documents} documents, {found.stable:.0%} of which never change"
    return f"{head}\n\n{_table(summary.FLAKY_HEAD, summary.flaky_rows(found, spreads), numbers_from=1)}\n"


def render_gates(gates: Sequence[GateResult]) -> str:
    """Return lines: the gates that fail, those that barely hold, and how many hold."""
    failed = [each for each in gates if not each.ok]
    lines = [f"- ❌ {escaped(each.message)}" for each in failed]
    lines += [f"- ⚠️ {escaped(each.message)}" for each in gates if each.doubtful]
    lines.append(f"- {'❌' if failed else '✅'} {len(gates) - len(failed)} of {len(gates)} gates hold")
    return "\n".join(lines)


def _table(head: summary.Row, rows: Sequence[summary.Row], *, numbers_from: int = 99) -> str:
    rules = ["---:" if at >= numbers_from else "---" for at in range(len(head))]
    lines = [[escaped(cell) for cell in head], rules, *([_SIGNS.get(c, escaped(c)) for c in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _folded(title: str, head: summary.Row, rows: Sequence[summary.Row]) -> str:
    return f"<details><summary>{title}</summary>\n\n{_table(head, rows)}\n\n</details>"
