"""Writes the records of a finished run in another format."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.errors import UsageError
from llmx.evaluate.run_file import identified, parsed, read_run_file
from llmx.record import document_of
from llmx.sinks import check_columns, check_format, open_sink
from llmx.sinks.formats import is_json_lines

if TYPE_CHECKING:
    from llmx.schema import Schema
    from llmx.sinks.targets import Target

_PARTS: Mapping[str, Any] = {"source": None, "issues": (), "evidence": {}, "confidence": {}, "model": ""}
"""What a row of an older run may lack, and what a table has in its place."""


def convert(run: Path, target: Target, schema: Schema, *, overwrite: bool = False, upsert: bool = False) -> int:
    """Write the records of ``run``, in any format that evaluation reads, to ``target``; return how many there are.

    ``upsert`` puts them into a database that is there, as is always done with one that has an address.

    ``schema`` is the one that they were extracted with: columns, tables and types come from it. Of several records of
    a document the last counts. Raises UsageError for a run that cannot be read, OutputError for an output that cannot
    be written or is there already.
    """
    if isinstance(target, Path) and target.exists() and run.exists() and target.resolve() == run.resolve():
        raise UsageError(f"{target} is the run itself", hint="Name another file for the copy.")
    check_format(target)
    check_columns(target, schema.record_model)
    ids, rows, kept = _rows(run, schema)
    with open_sink(target, overwrite=overwrite, upsert=upsert, kept=kept) as sink:
        for row in rows:
            whole = {**_PARTS, "status": "ok", **row}
            model = None if whole.get("data") is None else schema.record_model
            sink.write_row(whole, model, document=_document(str(whole["id"]), ids))
        return sink.count


def _document(id_: str, ids: Container[str]) -> str:
    """Return the document of the record ``id_``: a record of several has a number, a document's own id may, too."""
    document = document_of(id_)
    return id_ if document in ids else document


def _rows(run: Path, schema: Schema) -> tuple[Container[str], Iterable[dict[str, Any]], bool]:
    """Return the ids of the records of ``run``, and the last of each; those of JSON Lines without holding them all.

    The last value says whether some keep columns of the input.
    """
    if not (is_json_lines(run) and run.is_file()):
        found = read_run_file(run, model=schema.record_model).rows
        return found, found.values(), any("columns" in row for row in found.values())
    last: dict[str, int] = {}
    kept = False
    for number, row in _read(run):
        last[str(row["id"])] = number
        kept = kept or "columns" in row
    return last, (row for number, row in _read(run) if last[str(row["id"])] == number), kept


def _read(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the lines; a last one that ends in the middle, because the run was killed, is left out."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip() and line.endswith(b"\n"):
                yield number, identified(parsed(line, f"{path}:{number}"), f"{path}:{number}")
