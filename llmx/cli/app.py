"""The commands and their groups. The module of a command imports nothing heavy until the command runs.

``llmx extract`` makes that command alone: to import all of them, and to read their options, takes longer than the rest
of a page of help.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from llmx.cli.panels import PanelCommand, PanelGroup


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow

        typer.echo(f"llmx {version('llmx-extract')}")
        raise typer.Exit


def root(
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Turn piles of documents into validated records with an LLM; every value comes with its proof."""


_EXTRACT, _EVALUATE, _LOOK, _CARE = "Extract", "Evaluate and correct", "Inspect", "Look after"
_COMMANDS = {
    "init": ("init_command.init", _EXTRACT),
    "extract": ("extract_command.extract", _EXTRACT),
    "status": ("run_command.status", _EXTRACT),
    "report": ("run_command.report", _EXTRACT),
    "convert": ("convert_command.convert", _EXTRACT),
    "eval": ("quality_command.evaluate", _EVALUATE),
    "view": ("quality_command.view", _EVALUATE),
    "review": ("quality_command.review", _EVALUATE),
    "sweep": ("sweep_command.sweep", _EVALUATE),
    "examples": ("examples_command.examples", _EVALUATE),
    "doctor": ("doctor_command.doctor", _LOOK),
    "models": ("models_command.models", _LOOK),
    "serve": ("serve_command.serve", _LOOK),
    "serve-api": ("service_command.serve_api", _EXTRACT),
    "mcp": ("service_command.mcp", _EXTRACT),
    "schema": ("schema_command.app", _LOOK),
    "config": ("config_command.app", _LOOK),
    "prompt": ("prompt_command.app", _LOOK),
    "keys": ("keys_command.app", _CARE),
    "batch": ("batch_command.app", _EXTRACT),
    "cache": ("cache_command.app", _CARE),
    "cassette": ("cassette_command.app", _CARE),
}
"""Each command or group, in the order of the help: where it is defined, and its panel."""


def app_of(names: Iterable[str] = _COMMANDS) -> typer.Typer:
    """Return the app with the commands called ``names``, all of them by default."""
    app = typer.Typer(
        cls=PanelGroup,
        help="llmx turns piles of documents into validated records with an LLM; every value comes with its proof.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(root)
    for name in names:
        place, panel = _COMMANDS[name]
        module, _, member = place.partition(".")
        command = getattr(import_module(f"llmx.cli.{module}"), member)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, rich_help_panel=panel)
        else:
            app.command(name, cls=PanelCommand, rich_help_panel=panel)(command)
    return app


def app_for(words: list[str]) -> typer.Typer:
    """Return the app that a command line needs: the one command that it begins with, else all."""
    return app_of(words[:1]) if words and words[0] in _COMMANDS else app_of()


def __getattr__(name: str) -> typer.Typer:
    if name != "app":  # all commands, for whoever embeds or describes them
        raise AttributeError(f"module 'llmx.cli.app' has no attribute {name!r}")
    return app_of()
