"""``llmx schema``: shows a schema as people, programs and the model see it, and proposes one from documents."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from llmx.cli.completion import schema_names
from llmx.cli.infer_command import infer
from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import PanelCommand, PanelGroup, argument, option
from llmx.cli.schema_check_command import check, diff

app = typer.Typer(
    cls=PanelGroup, help="Show, check, compare and propose schemas.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("show", cls=PanelCommand)
def show(
    schema: Annotated[
        str,
        argument(
            "SCHEMA",
            "The schema: its name, file.py:Class, package.module:Class, a JSON Schema file, or one line of fields.",
            complete=schema_names,
        ),
    ],
    sketch: Annotated[
        bool, option("--sketch", help="Print the compact notation that the model sees. This is the default.")
    ] = False,
    as_python: Annotated[
        bool,
        option("--python", help="Print a schema of one line as a Python file. This is the default for such schemas."),
    ] = False,
    as_json: Annotated[bool, option("--json", help="Print the JSON Schema of the records.")] = False,
    wire: Annotated[bool, option("--wire", help="Print the JSON Schema that the model is asked to fill.")] = False,
) -> None:
    """Print a schema: as the model sees it, as JSON Schema, or, if it is one line of fields, as a Python file."""
    from llmx.errors import UsageError  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415
    from llmx.schema.notation import is_notation  # noqa: PLC0415

    loaded = load_schema(schema)
    in_notation = is_notation(schema)
    if as_python and not in_notation:
        raise UsageError(f"{schema} is no schema of one line", hint="--json and --sketch show every schema.")
    chosen = sketch or as_json or wire or as_python
    typer.echo(f"# {loaded.name}, fingerprint {loaded.fingerprint[:16]}", err=True)
    if as_python or (in_notation and not chosen):
        from llmx.schema.notation_class import as_python as python_of  # noqa: PLC0415

        typer.echo(python_of(schema), nl=False)
    elif not chosen or sketch:
        typer.echo(loaded.sketch)
    if as_json:
        typer.echo(json.dumps(loaded.model.model_json_schema(mode="serialization"), indent=2, ensure_ascii=False))
    if wire:
        typer.echo(json.dumps(loaded.wire.model_json_schema(), indent=2, ensure_ascii=False))


@app.command("list", cls=PanelCommand)
def list_(as_json: AsJson = False) -> None:
    """Print the schemas that --schema finds by name: those in ./schemas, then those that come with llmx."""
    from llmx.resources import shipped_folders  # noqa: PLC0415

    found = [path for folder in shipped_folders("schemas") for path in sorted(folder.glob("*.py"))]
    named = [{"name": path.stem, "path": path} for path in found if not path.name.startswith("_")]
    if as_json:
        print_json(named)
        return
    for each in named:
        typer.echo(f"{each['name']:24} {each['path']}")


app.command("check", cls=PanelCommand)(check)
app.command("diff", cls=PanelCommand)(diff)
app.command("infer", cls=PanelCommand)(infer)
