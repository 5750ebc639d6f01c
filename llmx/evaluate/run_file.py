"""Reads the files that hold records or gold, one object per line or one JSON list, however a run ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.errors import UsageError, nearest_path
from llmx.evaluate.table_file import TABLES, read_table
from llmx.json_data import MOST_LEVELS, is_too_deep
from llmx.sinks.formats import FORMATS, JSON_LINES

if TYPE_CHECKING:
    from pydantic import BaseModel

Check = Callable[[dict[str, Any], str], None]


@dataclass(frozen=True, slots=True)
class RunFile:
    """The records in the output of a run, as JSON by document id; of two records of a document the later one.

    ``repeated`` are the ids of documents with several records. ``torn_line`` is the number of a last line that ends in
    the middle, because the run was killed; 0 if there is none.
    """

    name: str
    path: Path
    rows: Mapping[str, dict[str, Any]]
    repeated: tuple[str, ...] = ()
    torn_line: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what is odd about the file."""
        notes = repeated_note(self.repeated)
        if self.torn_line:
            notes += (f"Line {self.torn_line} of {self.path} is torn: the run was interrupted there.",)
        return notes


def repeated_note(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return a sentence on the documents ``ids`` with several records, as a tuple of one; () if there are none."""
    some = ", ".join(ids[:5]) + (" …" if len(ids) > 5 else "")
    return (f"Of several records of one document the last counts: {some}.",) if ids else ()


def read_run_file(
    path: Path,
    *,
    name: str | None = None,
    check: Check = lambda _row, _place: None,
    model: type[BaseModel] | None = None,
) -> RunFile:
    """Return the records in the output ``path`` of a run.

    ``name`` defaults to ``run_name(path)``. ``check`` gets each record and its place, and may raise UsageError.
    ``model`` is the class of the data, for formats that do not say what type a cell has. Raises UsageError with file
    and line if a line is no record; only the last line may be torn.
    """
    rows: dict[str, dict[str, Any]] = {}
    repeated: dict[str, None] = {}
    torn: list[int] = []
    table = path.suffix.lower() in TABLES and path.exists()
    for place, value in read_table(path, model=model) if table else read_rows(path, torn=torn):
        row = identified(value, place)
        check(row, place)
        id_ = str(row["id"])
        if id_ in rows:
            repeated[id_] = None
        rows[id_] = row
    return RunFile(name or run_name(path), path, rows, tuple(repeated), *torn)


def run_name(path: Path) -> str:
    """Return what to call the run at ``path``: its folder's name if all outputs have the same name.

    >>> run_name(Path("runs/small.jsonl")), run_name(Path("runs/large/out.jsonl"))
    ('small', 'large')
    """
    plain = path.stem if path.suffix.lower() in FORMATS else path.name
    return path.resolve().parent.name if plain in {"out", "records"} and path.resolve().parent.name else plain


def identified(row: Any, place: str) -> dict[str, Any]:
    """Return ``row``; raises UsageError if it is no object with an id."""
    if not isinstance(row, dict) or "id" not in row:
        raise UsageError(f"{place}: not a record: it has no 'id'", hint='A record is {"id": "...", "data": {...}}.')
    return row


def read_rows(path: Path, *, torn: list[int] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield the place and content of each object of a .jsonl or .json file.

    If ``torn`` is given, the number of a last line that ends in the middle is added to it, and the line is left out.
    """
    if not path.exists():
        raise UsageError(
            f"{path}: there is no such file or folder", hint=f"{nearest_path(path)}Looked for in {Path.cwd()}."
        )
    if path.suffix.lower() not in {".json", *JSON_LINES}:
        raise UsageError(f"{path}: {path.suffix or 'this'} cannot be read", hint="Write it as .jsonl or .json.")
    content = path.read_bytes()
    if path.suffix.lower() == ".json":
        value = parsed(content, str(path))
        items = value if isinstance(value, list) else [value]
        yield from ((f"{path}: element {number}", item) for number, item in enumerate(items, 1))
        return
    lines = content.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = parsed(line, f"{path}:{number}")
        except UsageError:
            if torn is None or number < len(lines):  # a whole line ends in a line feed, after which comes one more
                raise
            torn.append(number)
            return
        yield f"{path}:{number}", row


def parsed(content: bytes, place: str) -> Any:
    """Return the value of a JSON text; raises UsageError with its place. Integers of any size stay exact."""
    try:
        value = json.loads(content.decode("utf-8-sig"))  # not orjson: it makes floats of integers above 64 bits
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{place}: not JSON: {error}", hint="If a run was interrupted here, resume it; else mend this line."
        ) from error
    if is_too_deep(value):
        raise UsageError(f"{place}: it is nested deeper than {MOST_LEVELS} levels")
    return value
