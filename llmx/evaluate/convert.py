"""Writes the records of a finished run in another format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.errors import UsageError
from llmx.evaluate.run_file import identified, parsed, read_run_file
from llmx.sinks import check_columns, check_format, open_sink
from llmx.sinks.formats import is_json_lines

if TYPE_CHECKING:
    from llmx.schema import Schema

_PARTS: Mapping[str, Any] = {"source": None, "issues": (), "evidence": {}, "confidence": {}, "model": ""}
"""What a row of an older run may lack, and what a table has in its place."""


def convert(run: Path, target: Path, schema: Schema, *, overwrite: bool = False, csv_safe: bool = True) -> int:
    """Write the records of ``run``, in any format that evaluation reads, to ``target``; return how many there are.

    ``schema`` is the one that they were extracted with: columns, tables and types come from it. Of several records of
    a document the last counts. Raises UsageError for a run that cannot be read, OutputError for an output that cannot
    be written or is there already.
    """
    if target.exists() and run.exists() and target.resolve() == run.resolve():
        raise UsageError(f"{target} is the run itself", hint="Name another file for the copy.")
    check_format(target)
    check_columns(target, schema.record_model)
    rows = (
        _lines(run)
        if is_json_lines(run) and run.is_file()
        else iter(read_run_file(run, model=schema.record_model).rows.values())
    )
    with open_sink(target, overwrite=overwrite, csv_safe=csv_safe) as sink:
        for row in rows:
            whole = {**_PARTS, "status": "ok", **row}
            sink.write_row(whole, None if whole.get("data") is None else schema.record_model)
        return sink.count


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a file of JSON Lines, the last of each document, without holding them all."""
    last: dict[str, int] = {}
    for number, row in _read(path):
        last[str(row["id"])] = number
    yield from (row for number, row in _read(path) if last[str(row["id"])] == number)


def _read(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the lines; a last one that ends in the middle, because the run was killed, is left out."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip() and line.endswith(b"\n"):
                yield number, identified(parsed(line, f"{path}:{number}"), f"{path}:{number}")
