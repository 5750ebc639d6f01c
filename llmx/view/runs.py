"""Reads the output of runs for people to look at: whole records, checked so that the pages can rely on them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.documents import RowFields
from llmx.errors import UsageError
from llmx.evaluate.load import folder_rows, is_record, prediction
from llmx.evaluate.run_file import RunFile, read_run_file, run_name

if TYPE_CHECKING:
    from pydantic import BaseModel


def read_run(path: Path, *, model: type[BaseModel] | None = None) -> RunFile:
    """Return the records in the output ``path``, whose data are of the class ``model`` where it is known.

    Raises UsageError that names file and line if a line is no record; only the last line may be torn.
    """
    if path.is_dir():
        return RunFile(run_name(path), path, dict(_folder_records(path)))
    return read_run_file(path, check=_check, model=model)


def _folder_records(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, id_, row in folder_rows(path):
        record = row if is_record(row) else {"id": id_, "status": "ok", "data": row}
        _check(record, str(place))
        yield str(record["id"]), record


def fields_of(runs: Iterable[RunFile]) -> list[RowFields]:
    """Return how the documents of ``runs`` were read, as their manifests say, and the usual way."""
    from llmx.run.manifest import row_fields  # noqa: PLC0415 - runs that were never managed have none

    noted = [*(fields for run in runs if (fields := row_fields(run.path)) is not None), RowFields()]
    password = os.environ.get("LLMX_PASSWORD")  # a manifest does not keep it
    if not password:
        return noted
    return [replace(fields, convert=replace(fields.convert, password=password)) for fields in noted]


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
