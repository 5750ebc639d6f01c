"""``llmx status`` and ``llmx report``: the progress of a run, and what stands out in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from llmx.cli.completion import run_names
from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import argument

_MOST = 20  # documents that a page of the terminal lists; --json has all

Output = Annotated[Path, argument("OUTPUT", "The output of a run, such as out.jsonl.", complete=run_names)]


def status(output: Output, as_json: AsJson = False) -> None:
    """Show the progress of a run: its documents by status, why each was extracted, and whether it is running."""
    from llmx.run import run_status  # noqa: PLC0415

    found = run_status(output).to_json()
    for name in () if as_json else ("by_fallback", "gone"):
        if len(listed := found.get(name, [])) > _MOST:
            found[name] = [*listed[:_MOST], {"more": len(listed) - _MOST}]
    if not as_json and (update := found.get("update")):
        found["update"] = {name: ", ".join(v) if isinstance(v, list) else v for name, v in update.items()}
    _print(found, as_json)


def report(output: Output, as_json: AsJson = False) -> None:
    """Show what stands out in a run: its slowest, most expensive and most re-asked documents, failures and fields.

    Of each field it tells how often it has a value, and its issues, where the output is JSON Lines.
    """
    from llmx.run import run_report  # noqa: PLC0415

    found = run_report(output).to_json()
    if not as_json:
        found["fields"] = [_field_shown(each) for each in found["fields"]]
    _print(found, as_json)


def _field_shown(figures: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a field as a person reads them: its path, filled 3 of 4 (75%), its issues."""
    rate, filled = figures["rate"], f"{figures['filled']:,} of {figures['total']:,}"
    told = {"": figures["field"] or "(record)", "filled": "" if rate is None else f"{filled} ({rate:.0%})"}
    return told | {"issues": figures["issues"] or ""}


def _print(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        if isinstance(value, list):
            typer.echo(f"{name.replace('_', ' ')}:" if value else f"{name.replace('_', ' ')}: none")
            for row in value:
                typer.echo(
                    "  " + "  ".join(f"{k} {_shown(v)}".lstrip() for k, v in row.items() if v not in (None, "", []))
                )
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
