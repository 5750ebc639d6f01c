"""``llmx status`` and ``llmx report``: what a run has done and what stood out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

Output = Annotated[Path, typer.Argument(help="The output of a run, such as out.jsonl.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


def status(output: Output, as_json: AsJson = False) -> None:
    """Show how far a run is: documents by status, why they were done, whether it goes on."""
    from llmx.run import run_status  # noqa: PLC0415

    _print(run_status(output).to_json(), as_json)


def report(output: Output, as_json: AsJson = False) -> None:
    """Show what stood out in a run: slowest, most expensive, most re-asked documents, failures by kind."""
    from llmx.run import run_report  # noqa: PLC0415

    _print(run_report(output).to_json(), as_json)


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for name, value in found.items():
        if isinstance(value, list):
            typer.echo(f"{name.replace('_', ' ')}:" if value else f"{name.replace('_', ' ')}: none")
            for row in value:
                typer.echo("  " + "  ".join(f"{k} {v}" for k, v in row.items() if v not in (None, "", [])))
        elif isinstance(value, dict):
            shown = ", ".join(f"{k} {v}" for k, v in value.items() if v not in (None, "", 0, {}))
            typer.echo(f"{name.replace('_', ' '):12} {shown or 'none'}")
        else:
            typer.echo(f"{name.replace('_', ' '):12} {'' if value is None else value}")
