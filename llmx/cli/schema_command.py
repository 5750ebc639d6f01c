"""``llmx schema``: what a schema looks like to people, to machines, and to the model."""

from __future__ import annotations

import json
from typing import Annotated

import typer

app = typer.Typer(help="Look at schemas.", no_args_is_help=True, rich_markup_mode=None)


@app.command("show")
def show(
    schema: Annotated[
        str, typer.Argument(help="A name, path/to/file.py:Class, package.module:Class, or a .json file.")
    ],
    sketch: Annotated[
        bool, typer.Option("--sketch", help="The compact notation that the model sees (default).")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The JSON Schema of the records.")] = False,
    wire: Annotated[bool, typer.Option("--wire", help="The JSON Schema of what the model is asked to fill.")] = False,
) -> None:
    """Print a schema: its sketch, the JSON Schema of its records, or of its wire model."""
    from llmx.schema import load_schema  # noqa: PLC0415

    loaded = load_schema(schema)
    if sketch or not (as_json or wire):
        typer.echo(f"# {loaded.name}, fingerprint {loaded.fingerprint[:16]}", err=True)
        typer.echo(loaded.sketch)
    if as_json:
        typer.echo(json.dumps(loaded.model.model_json_schema(mode="serialization"), indent=2, ensure_ascii=False))
    if wire:
        typer.echo(json.dumps(loaded.wire.model_json_schema(), indent=2, ensure_ascii=False))


@app.command("list")
def list_() -> None:
    """Print the names of the schemas that are found by name: ./schemas first, then those that ship with llmx."""
    from llmx.resources import shipped_folders  # noqa: PLC0415

    for folder in shipped_folders("schemas"):
        for path in sorted(folder.glob("*.py")):
            if not path.name.startswith("_"):
                typer.echo(f"{path.stem:24} {path}")
