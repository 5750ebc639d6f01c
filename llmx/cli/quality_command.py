"""``llmx eval``, ``llmx view``, ``llmx review``: how good it is, a look at it, and a place to correct it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pydantic import BaseModel

Gold = Annotated[Path, typer.Option("--gold", help="A folder of ID.json or ID.gold.json files, or a JSONL file.")]
SchemaName = Annotated[str | None, typer.Option("--schema", "-s", help="Comparisons follow its types and marks.")]
Texts = Annotated[
    list[str] | None, typer.Option("--documents", "-d", help="Where the texts are, if they moved since the run.")
]


def _model(schema: str | None) -> type[BaseModel] | None:
    if schema is None:
        return None
    from llmx.schema import load_schema  # noqa: PLC0415

    return load_schema(schema).model


def evaluate(
    outputs: Annotated[list[Path], typer.Argument(help="One run to score, or several to compare with the first.")],
    gold: Gold,
    schema: SchemaName = None,
    fail_under: Annotated[
        list[str] | None, typer.Option("--fail-under", help="A gate: micro_f1=0.8, parties.name:recall=0.9 …")
    ] = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="Fail only on a real regression from it.")] = None,
    save_baseline: Annotated[Path | None, typer.Option("--save-baseline", help="Write the baseline file.")] = None,
    repeats: Annotated[
        bool, typer.Option("--repeats", help="The runs repeat one setting: show how they agree.")
    ] = False,
    markdown: Annotated[Path | None, typer.Option("--markdown", help="Write a summary for a pull request.")] = None,
    junit: Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML.")] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON.")] = None,
    shown: Annotated[int, typer.Option("--shown", help="Mistakes and changes to print.")] = 10,
) -> None:
    """Score records against gold: precision, recall and F1 by field, proof, confidence; compare runs; gate a build."""
    from llmx.evaluate.command import EvalOptions, evaluate_command  # noqa: PLC0415

    how = EvalOptions(
        fail_under=fail_under or (), baseline=baseline, save_baseline=save_baseline, repeats=repeats,
        markdown=markdown, junit=junit, json=as_json, shown=shown,
    )  # fmt: skip
    raise typer.Exit(evaluate_command(outputs, gold, schema=_model(schema), options=how))


def view(
    outputs: Annotated[list[Path], typer.Argument(help="One run, or several side by side.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write.")] = Path("view.html"),
    gold: Annotated[Path | None, typer.Option("--gold", help="Mark where the records differ from gold.")] = None,
    schema: SchemaName = None,
    documents: Texts = None,
) -> None:
    """Write one self-contained HTML page: records beside their texts, each value with the words that prove it."""
    from llmx.view import write_view  # noqa: PLC0415

    typer.echo(write_view(outputs, output, documents=documents or (), gold=gold, schema=schema))


def review(
    output: Annotated[Path, typer.Argument(help="The run to go through.")],
    gold: Gold,
    schema: SchemaName = None,
    documents: Texts = None,
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.")] = 0,
    user: Annotated[str, typer.Option("--user", help="The name that provenance bears.")] = "",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Correct records in a local web page, and save them as gold."""
    from llmx.review import serve_review  # noqa: PLC0415

    serve_review(
        output, gold, documents=documents or (), schema=schema, port=port, user=user, open_browser=not no_browser
    )
