"""``llmx status`` and ``llmx report``: the progress of a run, and what stands out in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from llmx.cli.panels import argument, option

_MOST = 20  # documents that a page of the terminal lists; --json has all

Output = Annotated[Path, argument("OUTPUT", "The output of a run, such as out.jsonl.")]
AsJson = Annotated[bool, option("--json", help="Print JSON.")]


def status(output: Output, as_json: AsJson = False) -> None:
    """Show the progress of a run: its documents by status, why each was extracted, and whether it is running."""
    from llmx.run import run_status  # noqa: PLC0415

    found = run_status(output).to_json()
    if not as_json and len(listed := found.get("by_fallback", [])) > _MOST:
        found["by_fallback"] = [*listed[:_MOST], {"more": len(listed) - _MOST}]
    if not as_json and (update := found.get("update")):
        found["update"] = {name: ", ".join(v) if isinstance(v, list) else v for name, v in update.items()}
    _print(found, as_json)


def report(output: Output, as_json: AsJson = False) -> None:
    """Show what stands out in a run: its slowest, most expensive and most re-asked documents, and its failures."""
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
    """Return a value for people to read, without empty parts and superfluous digits."""
    if isinstance(value, dict):
        parts = ((name, v) for name, v in value.items() if v not in (None, "", 0, {}) and not isinstance(v, list))
        told = {name.replace("_", " "): _shown(v) for name, v in parts}
        return ", ".join(
            f"{name} ({said})" if ", " in said else f"{name} {said}" for name, said in told.items() if said
        )
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
