"""Keeps a live run from an output that waits for batches: it would ask, and pay for, the same again."""

from __future__ import annotations

from pathlib import Path

from llmx.documents.find import BATCH
from llmx.errors import OutputError


def check_no_batch(target: Path) -> None:
    """Raise OutputError where the state of a batch run stands beside ``target``."""
    state = target.with_name(target.name + BATCH)
    if state.exists():
        raise OutputError(
            f"{target} waits for batches: {state.name} stands beside it",
            hint=f"llmx batch collect {target} goes on with it; llmx batch cancel {target} ends it.",
        )
