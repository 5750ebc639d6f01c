"""``llmx config``: the settings in force, and where each one comes from."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import typer


def config() -> None:
    """Show every setting, its value, and where it comes from.

    The command line comes before the environment, the environment before llmx.toml, and that before the default.
    """
    from llmx.config import load_settings  # noqa: PLC0415

    settings, defaults = load_settings({}), default_settings()
    for each in fields(settings.values):
        value = getattr(settings.values, each.name)
        shown = _names(value) if each.name == "headers" else _shown(defaults[each.name] if value is None else value)
        typer.echo(f"{each.name:18} = {shown:24} # {settings.origins[each.name]}")


def default_settings() -> dict[str, Any]:
    """Return the default of every setting, from the options of the library that define it."""
    from llmx.config import Config  # noqa: PLC0415
    from llmx.documents import RowFields  # noqa: PLC0415
    from llmx.endpoint import EndpointSettings  # noqa: PLC0415
    from llmx.extraction.options import Options  # noqa: PLC0415
    from llmx.run import RunOptions  # noqa: PLC0415

    defaults: dict[str, Any] = {field.name: None for field in fields(Config)}
    for owner in (Options(), EndpointSettings(), RunOptions()):
        defaults |= {field.name: getattr(owner, field.name) for field in fields(owner) if field.name in defaults}
    rows = RowFields()
    return defaults | {"text_field": rows.text, "id_field": rows.id, "date_field": rows.date, "redact": None}


def _names(headers: dict[str, Any] | None) -> str:
    """Return the names of the headers: their values are secrets."""
    return ", ".join(headers) if headers else "(none)"


def _shown(value: Any) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, dict):
        import json  # noqa: PLC0415 - only where it is used

        return json.dumps(value, ensure_ascii=False) if value else "(none)"
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
