"""The commands and their groups. Each command lives in a module that imports nothing heavy until it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from llmx.cli import (
    cache_command,
    cassette_command,
    config_command,
    doctor_command,
    examples_command,
    extract_command,
    prompt_command,
    quality_command,
    run_command,
    schema_command,
    serve_command,
    sweep_command,
)

app = typer.Typer(
    help="llmx turns piles of documents into validated records; every value points at the words that prove it.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich costs 0.1 s of CPU for a page of help
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
    """Llmx turns piles of documents into validated records with an LLM; every value points at its proof."""


app.command("extract")(extract_command.extract)
app.command("status")(run_command.status)
app.command("report")(run_command.report)
app.command("eval")(quality_command.evaluate)
app.command("sweep")(sweep_command.sweep)
app.command("examples")(examples_command.examples)
app.command("view")(quality_command.view)
app.command("review")(quality_command.review)
app.command("doctor")(doctor_command.doctor)
app.command("serve")(serve_command.serve)
app.command("config")(config_command.config)
app.add_typer(schema_command.app, name="schema")
app.add_typer(prompt_command.app, name="prompt")
app.add_typer(cache_command.app, name="cache")
app.add_typer(cassette_command.app, name="cassette")
