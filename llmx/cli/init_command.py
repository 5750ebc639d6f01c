"""``llmx init``: a project to start from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from llmx.cli import options
from llmx.cli.panels import argument


def init(
    folder: Annotated[Path, argument("[FOLDER]", "The folder to write into; it is made. [default: .]")] = Path(),
) -> None:
    """Write a project to start from: a schema, documents with gold, settings, a prompt, and a check for CI.

    Files that exist are kept. The project runs as it is, and says what to change first.
    """
    from llmx.errors import ConfigError  # noqa: PLC0415
    from llmx.starter import start_project  # noqa: PLC0415

    try:
        started = start_project(folder)
    except OSError as error:
        hint = "Name a folder that you may write into: llmx init FOLDER"
        raise ConfigError(f"{folder}: the project cannot be written ({error.strerror})", hint=hint) from error
    for name in started.written:
        typer.echo(folder / name)
    for name in started.kept:
        options.say(f"{folder / name} exists and was kept")
    steps = [] if folder.resolve() == Path.cwd() else [f"cd {folder}"]
    steps += [
        "llmx extract documents -o records.jsonl",
        "llmx eval records.jsonl --gold gold",
        "llmx view records.jsonl -o records.html",
    ]
    if "llmx.toml" in started.written and not os.environ.get("LLMX_MODEL"):
        options.say(f"first name a model in {folder / 'llmx.toml'}, or give --model; llmx models lists the providers")
    options.say("next:\n" + "\n".join(f"  {step}" for step in steps))
