"""Reads what evaluation compares: gold records and the records of runs, from folders, JSON and JSON Lines.

Finding out which record belongs to which gold is done here too; what they say is ``score.py``'s.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

from llmx.errors import UsageError
from llmx.evaluate.spec import OPTIONAL, Spec, alternatives, facts
from llmx.record import STATUSES, Record, Status

GOLD_SUFFIX = ".gold.json"


@dataclass(frozen=True, slots=True)
class Prediction:
    """One document's record, as plain JSON: what evaluation needs of it.

    ``data`` is None where the document failed or was refused. ``evidence`` maps the pointer of a leaf to the kind of
    its proof, None where it is unproven; empty where the run kept no proof.
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
class Run:
    """The records of one run by document id, the name by which reports call it, and what was odd about its file."""

    name: str
    predictions: Mapping[str, Prediction]
    notes: tuple[str, ...] = ()


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
    proof = {path: None if each is None else str(each.get("kind", "exact")) for path, each in _mapping(row, "evidence")}
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


def run_of(records: Iterable[Record[Any]], *, name: str = "run") -> Run:
    """Return the run that these records make; of two with the same id the later one counts."""
    return _run(name, (prediction(record.to_json()) for record in records))


def load_run(path: Path, *, name: str | None = None) -> Run:
    """Return the records at ``path``: a .jsonl or .json of records, or a folder of ID.json files.

    A file of a folder holds a record or the data alone. ``name`` defaults to the file's name, or its folder's where all
    outputs are called the same. A run that was interrupted can be read: its last line may be torn, and of two records
    of a document the later one counts; notes say so. Raises UsageError that names file and line for any other fault.
    """
    called = name or _name(path)
    if path.is_dir():
        rows = _folder(path)
        return _run(called, (prediction(row if _is_record(row) else {"id": id_, "data": row}) for _, id_, row in rows))
    torn: list[str] = []
    run = _run(called, (prediction(_identified(row, place)) for place, row in _rows(path, torn=torn)))
    return replace(run, notes=(*run.notes, *torn))


def _run(name: str, found: Iterable[Prediction]) -> Run:
    predictions: dict[str, Prediction] = {}
    again: dict[str, None] = {}
    for each in found:
        if each.id in predictions:
            again[each.id] = None
        predictions[each.id] = each
    some = ", ".join([*again][:5]) + (" …" if len(again) > 5 else "")
    return Run(name, predictions, (f"Of several records of one document the last counts: {some}.",) if again else ())


def _name(path: Path) -> str:
    plain = path.stem if path.suffix in {".json", ".jsonl"} else path.name
    return path.resolve().parent.name if plain in {"out", "records"} and path.resolve().parent.name else plain


def _is_record(row: Any) -> bool:
    return isinstance(row, dict) and {"id", "status", "data"} <= row.keys()


def load_gold(path: Path) -> dict[str, Any]:
    """Return the gold records at ``path`` by document id.

    A folder holds ID.gold.json files (then only these count) or ID.json files, at any depth; a .jsonl or .json file
    holds objects {"id": ..., "gold": {...}}. Raises UsageError where there are none, or one cannot be read.
    """
    found: dict[str, Any] = {}
    rows = _folder(path) if path.is_dir() else ((p, *_gold_row(row, p)) for p, row in _rows(path))
    for place, id_, gold in rows:
        if id_ in found:
            raise UsageError(f"{place}: a second gold record for {id_!r}", hint="Keep one of them.")
        if not isinstance(gold, dict):
            raise UsageError(f"{place}: a gold record is a JSON object, not {type(gold).__name__}")
        found[id_] = gold
    if not found:
        raise UsageError(f"{path}: no gold record in it", hint=f"Write one ID{GOLD_SUFFIX} or ID.json a document.")
    return found


def _gold_row(row: Any, place: str) -> tuple[str, Any]:
    row = _identified(row, place)
    if "gold" not in row and "data" not in row:
        raise UsageError(f"{place}: no 'gold' in it", hint='A line of gold is {"id": "...", "gold": {...}}.')
    return str(row["id"]), row.get("gold", row.get("data"))


def _identified(row: Any, place: str) -> dict[str, Any]:
    if not isinstance(row, dict) or "id" not in row:
        raise UsageError(f"{place}: not a record: it has no 'id'", hint='A record is {"id": "...", "data": {...}}.')
    return row


def _folder(path: Path) -> Iterator[tuple[Path, str, Any]]:
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
            _parse(file.read_bytes(), str(file)),
        )


def _rows(path: Path, *, torn: list[str] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield place and content of each object of a .jsonl or .json file.

    Where ``torn`` is given, a last line that ends in the middle is told there and left out.
    """
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    if path.suffix not in {".jsonl", ".ndjson", ".json"}:
        raise UsageError(
            f"{path}: {path.suffix or 'this'} cannot be evaluated", hint="Write the run as .jsonl or .json."
        )
    text = path.read_bytes()
    if path.suffix == ".json":
        whole = _parse(text, str(path))
        items = whole if isinstance(whole, list) else [whole]
        yield from ((f"{path}: element {number}", item) for number, item in enumerate(items, 1))
        return
    lines = text.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _parse(line, f"{path}:{number}")
        except UsageError:
            if torn is None or number < len(lines):  # a whole line ends in a line feed, after which comes one more
                raise
            torn.append(f"Line {number} of {path} is torn: the run was interrupted there.")
            return
        yield f"{path}:{number}", row


def _parse(text: bytes, place: str) -> Any:
    try:
        return json.loads(text.decode("utf-8-sig"))  # not orjson: it makes floats of integers above 64 bits
    except ValueError as error:
        raise UsageError(
            f"{place}: not JSON: {error}", hint="If a run was interrupted here, resume it; else mend this line."
        ) from error


def matched_ids(gold: Iterable[str], run: Iterable[str]) -> dict[str, str]:
    """Return for each gold id the id of its record: the same, or the only one with the same file stem.

    Ids without a partner are left out. Raises UsageError where not one id has a partner.
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
    """Raise UsageError where gold names a field that the schema does not have, or ``_optional`` names no list.

    A misspelt field in gold would be an omission for ever.
    """
    for id_, gold in golds.items():
        _check(spec, gold, whose=f"gold of {id_!r}", path="")


def _check(spec: Spec, gold: Any, *, whose: str, path: str) -> None:
    for answer in alternatives(gold):
        if isinstance(answer, list) and spec.element:
            for each in answer:
                _check(spec.element, each, whose=whose, path=path)
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
