"""``llmx cassette``: lists, shows, verifies and prunes recorded answers."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from llmx.cli import options
from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import PanelGroup

app = typer.Typer(
    cls=PanelGroup, help="Recorded answers, for replays without a network.", no_args_is_help=True, rich_markup_mode=None
)
Folder = Annotated[Path, typer.Argument(help="The cassette's folder.")]


@app.command("ls")
def ls(folder: Folder, as_json: AsJson = False) -> None:
    """List the exchanges: key, model, mode, date, tokens, and how each answer ended."""
    from llmx.endpoint.cassette import Cassette  # noqa: PLC0415
    from llmx.endpoint.cassette_admin import summaries  # noqa: PLC0415

    found = summaries(Cassette(folder))
    if as_json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        typer.echo(str(each))


@app.command("show")
def show(folder: Folder, key: Annotated[str, typer.Argument(help="The key, or how it begins.")]) -> None:
    """Print one exchange: the messages, and what the model answered."""
    from llmx.endpoint.cassette import Cassette  # noqa: PLC0415
    from llmx.endpoint.cassette_admin import exchange_text  # noqa: PLC0415

    typer.echo(exchange_text(Cassette(folder), key))


@app.command("verify")
def verify(folder: Folder, as_json: AsJson = False) -> None:
    """Check the form, the key and the answers of every file, and that none holds a secret: one of a known form, the
    API key, or what the setting ``redact`` lists. Exits with 1 otherwise.
    """
    from llmx.endpoint.cassette import Cassette  # noqa: PLC0415
    from llmx.endpoint.cassette_admin import verify as verified  # noqa: PLC0415

    cassette = Cassette(folder, redactor=options.endpoint_settings(options.settings_from({})).redactor)
    count, problems = len(cassette.paths()), verified(cassette)
    if as_json:
        print_json({"exchanges": count, "problems": [asdict(problem) for problem in problems]})
    else:
        typer.echo("".join(f"{problem}\n" for problem in problems), nl=False)
    typer.echo(f"{count} exchanges, {len(problems)} problems", err=True)
    raise typer.Exit(1 if problems else 0)


@app.command("prune")
def prune(
    folder: Folder,
    used: Annotated[
        Path, typer.Option("--used-by", help="Records (JSONL) of a replay; the exchanges they used are kept.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what would be removed.")] = False,
) -> None:
    """Remove the exchanges that a replay did not use."""
    import orjson  # noqa: PLC0415

    from llmx.endpoint.cassette import Cassette  # noqa: PLC0415
    from llmx.endpoint.cassette_admin import prune as pruned  # noqa: PLC0415

    with used.open("rb") as lines:
        keys = {key for line in lines if line.strip() for key in orjson.loads(line).get("keys", ())}
    for path in pruned(Cassette(folder), keys, dry_run=dry_run):
        typer.echo(f"{'would remove' if dry_run else 'removed'} {path}")
