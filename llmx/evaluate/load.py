"""Reads what evaluation compares: gold records and the records of runs, from folders, JSON and JSON Lines.

It also finds the gold of each record; ``score.py`` compares the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from llmx.errors import UsageError
from llmx.evaluate.run_file import RunFile, identified, parsed, read_rows, read_run_file, repeated_note, run_name
from llmx.evaluate.several import gold_by_document
from llmx.evaluate.spec import OPTIONAL, Spec, alternatives, facts
from llmx.record import STATUSES, Record, Status

if TYPE_CHECKING:
    from pydantic import BaseModel

GOLD_SUFFIX = ".gold.json"


@dataclass(frozen=True, slots=True)
class Prediction:
    """One document's record, as plain JSON: what evaluation needs of it.

    ``data`` is None if the document failed or was refused. ``evidence`` maps the pointer of a leaf to the kind of
    its proof, None if it is unproven; empty if the run kept no proof.
    """

    id: str
    status: Status
    data: Any
    evidence: Mapping[str, str | None] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    model: str = ""


@dataclass(frozen=True, slots=True)
class RunPredictions:
    """The records of one run by document id, the name that reports give it, and what is odd about its file."""

    name: str
    predictions: Mapping[str, Prediction]
    notes: tuple[str, ...] = ()


def _kind_of_proof(proof: Mapping[str, Any] | None) -> str | None:
    """Return the kind of a proof, None where there is none: what was only seen in a picture is not proven."""
    kind = None if proof is None else str(proof.get("kind", "exact"))
    return None if kind == "seen" else kind


def prediction(row: Mapping[str, Any]) -> Prediction:
    """Return the prediction in a record's JSON form; one without a status is taken as ok.

    >>> prediction({"id": "a", "data": {"jobs": 3}}).status
    'ok'
    """
    status = row.get("status", "ok")
    if status not in STATUSES:
        raise UsageError(
            f"record {row.get('id')!r}: there is no status {status!r}", hint=f"One of: {', '.join(STATUSES)}."
        )
    proof = {path: _kind_of_proof(each) for path, each in _mapping(row, "evidence")}
    usage = row.get("usage") or {}
    return Prediction(
        id=str(row["id"]),
        status=cast("Status", status),
        data=None if status in {"failed", "refused"} else row.get("data"),
        evidence=proof,
        confidence={path: float(each) for path, each in _mapping(row, "confidence")},
        input_tokens=int(usage.get("input_tokens", 0)),
        output_tokens=int(usage.get("output_tokens", 0)),
        seconds=float(row.get("seconds") or 0.0),
        model=str(row.get("model") or ""),
    )


def _mapping(row: Mapping[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    found = row.get(name)
    return found.items() if isinstance(found, dict) else ()


def run_of(records: Iterable[Record[Any]], *, name: str = "run") -> RunPredictions:
    """Return the run that these records make; of two with the same id the later one counts."""
    return _predictions(name, (prediction(record.to_json()) for record in records))


def load_run(path: Path, *, name: str | None = None, model: type[BaseModel] | None = None) -> RunPredictions:
    """Return the records at ``path``: the output of a run, in any format, or a folder of ID.json files.

    ``model`` is the class of their data, which CSV does not tell the types of.
    A file of a folder holds a record or the data alone. ``name`` defaults to the file's name, or its folder's where all
    outputs are called the same. A run that was interrupted can be read: its last line may be torn, and of two records
    of a document the later one counts; notes say so. Raises UsageError that names file and line for any other fault.
    """
    if path.is_dir():
        rows = folder_rows(path)
        found = (prediction(row if is_record(row) else {"id": id_, "data": row}) for _, id_, row in rows)
        return _predictions(name or run_name(path), found)
    return predictions_of(read_run_file(path, name=name, model=model))


def _predictions(name: str, found: Iterable[Prediction]) -> RunPredictions:
    predictions: dict[str, Prediction] = {}
    repeated: dict[str, None] = {}
    for each in found:
        if each.id in predictions:
            repeated[each.id] = None
        predictions[each.id] = each
    return RunPredictions(name, predictions, repeated_note(tuple(repeated)))


def predictions_of(run: RunFile) -> RunPredictions:
    """Return what evaluation needs of the records in a file."""
    return RunPredictions(run.name, {id_: prediction(row) for id_, row in run.rows.items()}, run.notes)


def is_record(row: Any) -> bool:
    """Return whether ``row`` is a record, and not the data alone."""
    return isinstance(row, dict) and {"id", "status", "data"} <= row.keys()


def load_gold(path: Path, *, several: bool = False) -> dict[str, Any]:
    """Return the gold records at ``path`` by document id.

    A folder holds ID.gold.json files (then only these count) or ID.json files, at any depth; a .jsonl or .json file
    holds objects {"id": ..., "gold": {...}}. Gold of a document that holds several records is a list of them. With
    ``several`` each may have gold of its own, too, under ``ID#1``, ``ID#2`` …; it becomes the list. Raises UsageError
    if there are none, or one cannot be read.
    """
    found: dict[str, Any] = {}
    if path.is_dir():
        rows: Iterable[tuple[Any, str, Any]] = (
            (place, id_, row["data"] if is_record(row) else row) for place, id_, row in folder_rows(path)
        )
    else:
        rows = ((place, *_gold_row(row, place)) for place, row in read_rows(path))
    for place, id_, gold in rows:
        if id_ in found:
            raise UsageError(f"{place}: a second gold record for {id_!r}", hint="Keep one of them.")
        if not isinstance(gold, dict | list):
            what = "null, as of a document that failed" if gold is None else type(gold).__name__
            raise UsageError(f"{place}: a gold record is a JSON object, not {what}", hint="Mend it, or leave it out.")
        found[id_] = gold
    if not found:
        raise UsageError(f"{path}: no gold record in it", hint=f"Write one ID{GOLD_SUFFIX} or ID.json a document.")
    return gold_by_document(found) if several else found


def _gold_row(row: Any, place: str) -> tuple[str, Any]:
    row = identified(row, place)
    if "gold" not in row and "data" not in row:
        raise UsageError(f"{place}: no 'gold' in it", hint='A line of gold is {"id": "...", "gold": {...}}.')
    return str(row["id"]), row.get("gold", row.get("data"))


def folder_rows(path: Path) -> Iterator[tuple[Path, str, Any]]:
    """Yield file, id and content of the JSON files of a folder.

    The id is the path below the folder without the ending, %XX read as the character that no file name can have.
    """
    files = sorted(
        file for file in path.rglob("*.json") if not any(p.startswith(".") for p in file.relative_to(path).parts)
    )
    marked = [file for file in files if file.name.endswith(GOLD_SUFFIX)]
    if not files:
        raise UsageError(f"{path}: no .json file in this folder", hint="Name the folder that holds ID.json files.")
    for file in marked or files:
        ending = GOLD_SUFFIX if marked else ".json"
        yield (
            file,
            unquote(file.relative_to(path).as_posix().removesuffix(ending)),
            parsed(file.read_bytes(), str(file)),
        )


def matched_ids(gold: Iterable[str], run: Iterable[str]) -> dict[str, str]:
    """Return for each gold id the id of its record: the same, or the only one with the same file stem.

    Ids without a partner are left out. Raises UsageError if not one id has a partner.
    """
    golds, ids = list(gold), list(run)
    known = set(ids)
    stems, gold_stems = Counter(map(_stem, ids)), Counter(map(_stem, golds))
    by_stem = {_stem(each): each for each in ids}
    found: dict[str, str] = {}
    for each in golds:
        stem = _stem(each)
        if each in known:
            found[each] = each
        elif stems[stem] == 1 and gold_stems[stem] == 1:
            found[each] = by_stem[stem]
    if golds and ids and not found:
        raise UsageError(
            f"no record has gold: the run has {', '.join(ids[:3])}…, gold has {', '.join(golds[:3])}…",
            hint="Gold files are named by document id: ID.gold.json or ID.json.",
        )
    return found


def _stem(id_: str) -> str:
    name = id_.replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, ending = name.rpartition(".")
    return stem if dot and stem and ending.isalnum() and len(ending) <= 5 and not ending.isdigit() else name


def check_gold(golds: Mapping[str, Any], spec: Spec) -> None:
    """Raise UsageError if gold has another form than the schema, or names a field that the schema does not have.

    A misspelt field, or a list where a value should be, would count as a mistake in every run. ``_optional`` names
    lists.
    """
    for id_, gold in golds.items():
        _check(spec, gold, whose=f"gold of {id_!r}", path="")


_FORMS = {
    "leaf": ("a single value", 'Write the value itself; {"any": [...]} lists answers that are right, too.'),
    "object": ("an object", 'Write {"field": value, ...}.'),
    "map": ("an object", 'Write {"name": value, ...}.'),
    "list": ("a list", "Write [...], with one element, too."),
}


def _check(spec: Spec, gold: Any, *, whose: str, path: str, element: bool = False) -> None:
    for answer in alternatives(gold):
        if element and isinstance(answer, str) and len(spec.keys) == 1:
            continue  # the short form of an object: its key alone
        form = "a list" if isinstance(answer, list) else "an object" if isinstance(answer, dict) else "a single value"
        wanted, hint = (form, "") if spec.kind == "leaf" and not spec.single else _FORMS.get(spec.kind, (form, ""))
        if answer is not None and form != wanted:
            raise UsageError(f"{whose}: {path.rstrip('.') or 'the record'} is {form}, not {wanted}", hint=hint)
        if isinstance(answer, list) and spec.element:
            for number, each in enumerate(answer):
                _check(spec.element, each, whose=whose, path=f"{path.rstrip('.')}[{number}].", element=True)
        elif isinstance(answer, dict) and spec.kind == "object":
            _check_object(spec, answer, whose=whose, path=path)


def _check_object(spec: Spec, gold: dict[str, Any], *, whose: str, path: str) -> None:
    free = gold.get(OPTIONAL, {})
    if not isinstance(free, dict) or not all(isinstance(each, list) for each in free.values()):
        raise UsageError(f"{whose}: {path}{OPTIONAL} is not an object of lists", hint='Such as {"fields": ["AI"]}.')
    for name in (*facts(gold), *free):
        if name not in spec.fields:
            raise UsageError(
                f"{whose}: the schema has no field {path}{name}", hint=f"It has: {', '.join(spec.fields)}."
            )
        child = spec.fields[name]
        if name in free and child.kind not in {"list", "unknown"}:
            raise UsageError(
                f"{whose}: {OPTIONAL} names {path}{name}, which is no list",
                hint='Write {"any": [null, ...]} at the field itself.',
            )
        _check(child, gold.get(name), whose=whose, path=f"{path}{name}.")


def plain_gold(gold: Any) -> Any:
    """Return the first answer of every alternative, without annotations: gold as a record's data would be.

    >>> plain_gold({"name": {"any": ["GAC Group", "GAC"]}, "_optional": {"fields": ["AI"]}})
    {'name': 'GAC Group'}
    """
    gold = alternatives(gold)[0]
    if isinstance(gold, dict):
        return {name: plain_gold(value) for name, value in facts(gold).items()}
    return [plain_gold(each) for each in gold] if isinstance(gold, list) else gold


def as_gold(data: Any) -> Any:
    """Return a record's data so that it can stand as gold: an object that happens to look like alternatives is none."""
    if isinstance(data, dict):
        plain = {name: as_gold(value) for name, value in data.items()}
        return {"any": [plain]} if alternatives(plain) != [plain] else plain
    return [as_gold(each) for each in data] if isinstance(data, list) else data
