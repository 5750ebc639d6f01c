"""Reads back what was linked: the tables beside a run, for the graph, the view and the review."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from llmx.documents.find import LINKS, LINKS_STATE
from llmx.errors import UsageError


def links_folder(run: Path) -> Path:
    """Return the folder beside ``run`` that holds what was linked."""
    return run.with_name(run.name + LINKS)


def is_linked(run: Path) -> bool:
    """Whether ``run`` was linked, and that was not taken back."""
    return (links_folder(run) / LINKS_STATE).is_file()


def read_links(run: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the tables that were written beside ``run``; raises UsageError where there are none."""
    if not is_linked(run):
        raise UsageError(f"{run} is not linked", hint=f"llmx link {run}")
    found: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(links_folder(run).glob("*.jsonl")):
        try:
            found[file.stem] = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        except (OSError, ValueError) as error:
            raise UsageError(f"{file}: not JSON: {error}", hint=f"Write it anew: llmx link {run}") from error
    return found
