"""Reads the output of runs for people to look at: whole records, in order, however a run ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmx.errors import UsageError
from llmx.evaluate.load import Prediction, Run, prediction


@dataclass(frozen=True, slots=True)
class ViewedRun:
    """A run: its name, its records as JSON by document id, and whether its last line is torn (the run was killed)."""

    name: str
    path: Path
    rows: Mapping[str, dict[str, Any]]
    torn: bool = False

    def for_evaluation(self) -> Run:
        """Return the run as the evaluation knows it."""
        predictions: dict[str, Prediction] = {id_: prediction(row) for id_, row in self.rows.items()}
        return Run(self.name, predictions)


def read_run(path: Path) -> ViewedRun:
    """Return the records of the .jsonl (or .json) file ``path``.

    A record that comes again, as after a resume, counts in its last form. Raises UsageError that names file and line
    where a line is no record; only the last line may be torn.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file", hint="Name the run's output, such as out.jsonl.")
    text = path.read_text(encoding="utf-8-sig")
    rows: dict[str, dict[str, Any]] = {}
    torn = False
    if path.suffix == ".json":
        listed = _parsed(text, str(path))
        for number, row in enumerate(listed if isinstance(listed, list) else [listed], 1):
            _add(rows, row, f"{path}: element {number}")
        return ViewedRun(run_name(path), path, rows)
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            _add(rows, _parsed(line, place), place)
        except UsageError:
            if number < len(lines):  # a whole line ends in a line feed, so there is one more after it
                raise
            torn = True
    return ViewedRun(run_name(path), path, rows, torn)


def run_name(path: Path) -> str:
    """Return what to call the run at ``path``: its folder's name where all outputs are called the same."""
    return path.resolve().parent.name if path.stem in {"out", "records"} and path.resolve().parent.name else path.stem


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{place}: not JSON: {error}", hint="Each line of a run's output is one record.") from error


def _add(rows: dict[str, dict[str, Any]], row: Any, place: str) -> None:
    if not isinstance(row, dict) or "id" not in row or "data" not in row:
        raise UsageError(f"{place}: not a record", hint='A record is {"id": "...", "status": "ok", "data": {...}}.')
    try:
        prediction(row)  # its status and figures must be such that evaluation can read them
        for proof in (row.get("evidence") or {}).values():
            _ = None if proof is None else (int(proof["start"]), int(proof["end"]), str(proof["quote"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{place}: a damaged record: {type(error).__name__}: {error}") from error
    id_ = str(row["id"])
    rows.pop(id_, None)
    rows[id_] = row
