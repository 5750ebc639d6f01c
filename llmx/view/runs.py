"""Reads the output of runs for people to look at: whole records, checked so that the pages can rely on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llmx.errors import UsageError
from llmx.evaluate.load import prediction
from llmx.evaluate.run_file import RunFile, read_run_file


def read_run(path: Path) -> RunFile:
    """Return the records of the .jsonl or .json file ``path``.

    Raises UsageError that names file and line if a line is no record; only the last line may be torn.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="Name the run's output, such as out.jsonl.")
    return read_run_file(path, check=_check)


def _check(row: dict[str, Any], place: str) -> None:
    """Raise UsageError if the record lacks its data, or if its status, figures or proofs are malformed."""
    if "data" not in row:
        raise UsageError(f"{place}: not a record", hint='A record is {"id": "...", "status": "ok", "data": {...}}.')
    try:
        prediction(row)
        for proof in (row.get("evidence") or {}).values():
            _ = None if proof is None else (int(proof["start"]), int(proof["end"]), str(proof["quote"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{place}: a damaged record: {type(error).__name__}: {error}") from error
