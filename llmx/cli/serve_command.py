"""``llmx serve``: serves the embedded model as an OpenAI-compatible endpoint, for other tools."""

from __future__ import annotations

from typing import Annotated

import typer

from llmx.cli.panels import option


def serve(
    model: Annotated[
        str,
        option("--model", "-m", help="'local' for the embedded model, 'local:NAME' for one that was pulled, or "
               "'local:/path/to.gguf'.",
               metavar="NAME", default="local"),
    ] = "local",
    port: Annotated[int, option("--port", help="The port.", metavar="PORT", default="any free one")] = 0,
    context: Annotated[
        int, option("--context", help="The context length.", metavar="TOKENS", default="16384")
    ] = 0,
    threads: Annotated[
        int, option("--threads", help="The number of threads.", metavar="N", default="the number of physical cores")
    ] = 0,
    parallel: Annotated[
        int, option("--parallel", help="The number of requests to answer at once.", metavar="N", default=1)
    ] = 1,
) -> None:  # fmt: skip
    """Serve the embedded model on 127.0.0.1 until Ctrl-C, and print its base URL on standard output."""
    from llmx import local  # noqa: PLC0415
    from llmx.cli.progress import weights_progress  # noqa: PLC0415

    limits = {"n_ctx": context} if context else {}
    with (
        weights_progress() as progress,
        local.start(model, progress, threads=threads or None, parallel=parallel, port=port, **limits) as server,
    ):
        typer.echo(server.base_url)
        typer.echo(f"llmx: serving {server.model}; Ctrl-C stops it", err=True)
        code = server.wait()
    raise typer.Exit(code)
