"""``llmx config``: the settings in force and where each one comes from."""

from __future__ import annotations

from dataclasses import fields

import typer


def config() -> None:
    """Show every setting, its value, and where it comes from (command line > environment > file > default)."""
    from llmx.config import load_settings  # noqa: PLC0415

    settings = load_settings({})
    for each in fields(settings.values):
        value = getattr(settings.values, each.name)
        shown = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else value
        typer.echo(f"{each.name:18} = {shown!s:24} # {settings.origins[each.name]}")
