"""The option ``--json``, in one form everywhere: one JSON value on standard output, indented, as Unicode."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from llmx.cli.panels import option

AsJson = Annotated[bool, option("--json", help="Print JSON.")]


def print_json(value: Any) -> None:
    """Print ``value``; what JSON has no form for (paths, dates) is printed as text."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))
