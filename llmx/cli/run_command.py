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
                typer.echo("  " + "  ".join(f"{k} {_shown(v)}" for k, v in row.items() if v not in (None, "", [])))
        elif isinstance(value, dict):
            typer.echo(f"{name.replace('_', ' '):12} {_shown(value) or 'none'}")
        else:
            typer.echo(f"{name.replace('_', ' '):12} {'' if value is None else value}")


def _shown(value: Any) -> str:
    """Return a value as a person reads it: without what is nothing, and without digits that say nothing."""
    if isinstance(value, dict):
        told = {name.replace("_", " "): _shown(v) for name, v in value.items() if v not in (None, "", 0, {}, [])}
        return ", ".join(
            f"{name} ({said})" if ", " in said else f"{name} {said}" for name, said in told.items() if said
        )
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
