"""``llmx config``: the settings in force, where each one comes from, and which files the user confirmed."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmx.cli import options
from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import PanelCommand, PanelGroup

if TYPE_CHECKING:
    from llmx.config import Settings

_TELLING = ("base_url", "api_key_env", "headers", "fallback", "escalate", "schema", "cache_url")

app = typer.Typer(cls=PanelGroup, invoke_without_command=True, rich_markup_mode=None)


@app.callback()
def config(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every setting, its value, and where it comes from.

    The command line comes before the environment, the environment before llmx.toml, and that before the default.
    """
    from llmx.errors import UsageError  # noqa: PLC0415

    if context.invoked_subcommand is None:
        _print_settings(as_json=as_json)
    elif as_json:
        raise UsageError("--json is of llmx config alone", hint=f"llmx config {context.invoked_subcommand} has none.")


def _print_settings(*, as_json: bool) -> None:
    configured, defaults = options.settings_from({}), default_settings()
    rows = []
    for each in fields(configured.values):
        value = getattr(configured.values, each.name)
        value = defaults[each.name] if value is None else value
        rows.append((each.name, value, setting_shown(each.name, value), configured.origins[each.name]))
    if as_json:
        print_json({name: {"value": _plain(value, shown), "origin": origin} for name, value, shown, origin in rows})
        return
    for name, _, shown, origin in rows:
        typer.echo(f"{name:18} = {shown:24} # {origin}")


def _plain(value: Any, shown: str) -> Any:
    """Return a number, a yes or no, or nothing as itself, and everything else as it may be shown."""
    if value is None or value == "" or isinstance(value, bool | int | float):
        return value
    return shown.strip('"')


@app.command("trust", cls=PanelCommand)
def trust(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES", help="Settings files or Python schemas. Without any: the settings file that "
                       "counts in this folder.", show_default=False),
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Take the confirmation back.")] = False,
) -> None:  # fmt: skip
    """Confirm a settings file or a schema once, as it is now; after a change it has to be confirmed again.

    The API key goes to a base URL that a file names only if that is confirmed and lies in the working folder. A schema
    in ./schemas with the name of one that comes with llmx runs only if it is confirmed, or named as a path.
    """
    from llmx.config import load_settings  # noqa: PLC0415
    from llmx.errors import ConfigError  # noqa: PLC0415

    configured = load_settings({})
    found = files or ([configured.file] if configured.file is not None else [])
    if not found:
        hint = f"{configured.note}." if configured.note else "Name the file: llmx config trust FILE."
        raise ConfigError("there is no settings file here", hint=hint)
    for file in found:
        _confirm(file, configured, forget=forget)


def _confirm(file: Path, configured: Settings, *, forget: bool) -> None:
    from llmx.errors import ConfigError  # noqa: PLC0415
    from llmx.trust import distrust, trust  # noqa: PLC0415

    try:
        if forget:
            typer.echo(f"{file} is no longer trusted" if distrust(file) else f"{file} was not trusted")
            return
        if not file.is_file():
            raise ConfigError(f"{file}: no such file")
        trust(file)
    except OSError as error:
        raise ConfigError(f"the confirmation cannot be kept: {error}") from error
    typer.echo(f"{file} is trusted as it is now")
    for name in _TELLING if file == configured.file else ():
        if configured.origins[name] == str(file):
            typer.echo(f"  {name} = {setting_shown(name, getattr(configured.values, name))}")
    if file == configured.file and not configured.here:
        options.say(
            f"it is in a folder above: no key goes to an address that it names unless llmx runs in {file.parent}"
        )


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


def setting_shown(name: str, value: Any) -> str:
    """Return the value of a setting as it may be printed: without what is secret in it."""
    from llmx.endpoint.redact import FORMS_ONLY  # noqa: PLC0415
    from llmx.endpoint.settings import shown_url  # noqa: PLC0415

    if value is None or value in ({}, (), ""):
        return "(none)"
    if name == "headers":
        return ", ".join(value)  # their values are secrets
    if name == "password":
        return "(not shown)"
    if name == "redact":
        rules = str(value).count(",") + 1
        return f"({rules} rule{'s' * (rules > 1)}, not shown)"
    if name in {"base_url", "cache_url"}:
        return f'"{shown_url(value)}"'
    return FORMS_ONLY.text(_shown(value))


def _shown(value: Any) -> str:
    if isinstance(value, dict | list | tuple):
        import json  # noqa: PLC0415 - only where it is used

        return json.dumps(value, ensure_ascii=False)
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
