"""``llmx serve``: the embedded model as an OpenAI-compatible server, for other tools."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    model: Annotated[str, typer.Option("--model", "-m", help="'local', or 'local:/path/to.gguf'.")] = "local",
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.")] = 0,
    context: Annotated[int, typer.Option("--context", help="Context in tokens; 0 takes the default.")] = 0,
    threads: Annotated[int, typer.Option("--threads", help="0 takes the number of physical cores.")] = 0,
    parallel: Annotated[int, typer.Option("--parallel", help="Requests answered at once.")] = 1,
) -> None:
    """Run the embedded model on 127.0.0.1 until Ctrl-C; prints its base URL on stdout."""
    from llmx import local  # noqa: PLC0415
    from llmx.cli.progress import weights_progress  # noqa: PLC0415

    limits = {"n_ctx": context} if context else {}
    with (
        weights_progress() as progress,
        local.start(model, progress, threads=threads or None, parallel=parallel, port=port, **limits) as server,
    ):
        typer.echo(server.base_url)
        typer.echo(f"llmx: serving {server.model}; stop with Ctrl-C", err=True)
        code = server.wait()
    raise typer.Exit(code)
