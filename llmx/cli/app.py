"""The commands and their groups. The module of a command imports nothing heavy until the command runs."""

from __future__ import annotations

from typing import Annotated

import typer

from llmx.cli import (
    batch_command,
    cache_command,
    cassette_command,
    config_command,
    convert_command,
    doctor_command,
    examples_command,
    extract_command,
    init_command,
    keys_command,
    models_command,
    prompt_command,
    quality_command,
    run_command,
    schema_command,
    serve_command,
    service_command,
    sweep_command,
)
from llmx.cli.panels import PanelCommand, PanelGroup

app = typer.Typer(
    cls=PanelGroup,
    help="llmx turns piles of documents into validated records with an LLM; every value comes with its proof.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow

        typer.echo(f"llmx {version('llmx-extract')}")
        raise typer.Exit


@app.callback()
def root(
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Turn piles of documents into validated records with an LLM; every value comes with its proof."""


_EXTRACT, _EVALUATE, _LOOK, _CARE = "Extract", "Evaluate and correct", "Inspect", "Look after"
_COMMANDS = (
    ("init", init_command.init, _EXTRACT),
    ("extract", extract_command.extract, _EXTRACT),
    ("status", run_command.status, _EXTRACT),
    ("report", run_command.report, _EXTRACT),
    ("convert", convert_command.convert, _EXTRACT),
    ("eval", quality_command.evaluate, _EVALUATE),
    ("view", quality_command.view, _EVALUATE),
    ("review", quality_command.review, _EVALUATE),
    ("sweep", sweep_command.sweep, _EVALUATE),
    ("examples", examples_command.examples, _EVALUATE),
    ("doctor", doctor_command.doctor, _LOOK),
    ("models", models_command.models, _LOOK),
    ("serve", serve_command.serve, _LOOK),
    ("serve-api", service_command.serve_api, _EXTRACT),
    ("mcp", service_command.mcp, _EXTRACT),
)
for _name, _command, _panel in _COMMANDS:
    app.command(_name, cls=PanelCommand, rich_help_panel=_panel)(_command)
app.add_typer(schema_command.app, name="schema", rich_help_panel=_LOOK)
app.add_typer(config_command.app, name="config", rich_help_panel=_LOOK)
app.add_typer(prompt_command.app, name="prompt", rich_help_panel=_LOOK)
app.add_typer(keys_command.app, name="keys", rich_help_panel=_CARE)
app.add_typer(batch_command.app, name="batch", rich_help_panel=_EXTRACT)
app.add_typer(cache_command.app, name="cache", rich_help_panel=_CARE)
app.add_typer(cassette_command.app, name="cassette", rich_help_panel=_CARE)
