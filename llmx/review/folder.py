"""The folder of gold files: which file belongs to which document, reading, and writing.

A file's version is the sha256 of its bytes, so that a change by anything else (an editor, git) is seen before it is
overwritten.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from llmx.errors import OutputError, UsageError
from llmx.evaluate.load import GOLD_SUFFIX, matched_ids
from llmx.json_data import MOST_LEVELS, is_too_deep
from llmx.sinks.atomic import write_atomically

PROVENANCE = "_provenance"
ABSENT = "none"  # the version of a file that is not there


@dataclass(frozen=True, slots=True)
class GoldFile:
    """A gold file's content, None if there is none yet, and its version."""

    gold: dict[str, Any] | None
    version: str


@dataclass(frozen=True, slots=True)
class GoldFolder:
    """Where the gold of each document of a run is, or will be."""

    path: Path
    files: Mapping[str, Path]

    def read(self, id_: str) -> GoldFile:
        """Return the gold of a document; raises UsageError if its file is no JSON object."""
        file = self.files[id_]
        try:
            content = file.read_bytes()
        except FileNotFoundError:
            return GoldFile(None, ABSENT)
        try:
            gold = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{file}: not JSON: {error}", hint="Repair it, or move it away to start over.") from error
        if is_too_deep(gold):
            raise UsageError(f"{file}: it is nested deeper than {MOST_LEVELS} levels")
        if not isinstance(gold, dict):
            raise UsageError(f"{file}: a gold record is a JSON object, not {type(gold).__name__}")
        return GoldFile(gold, _version(content))

    def write(self, id_: str, gold: Mapping[str, Any]) -> str:
        """Write the gold of a document, whole or not at all, and return the file's new version."""
        content = formatted(gold).encode("utf-8", "surrogatepass")
        write_atomically(self.files[id_], [content])
        return _version(content)


def gold_folder(path: Path, ids: Iterable[str]) -> GoldFolder:
    """Return the gold folder at ``path``, made if need be, for documents with these ids.

    Files are named as they are there (ID.gold.json or ID.json), else by the id. An id that is no safe file name, such
    as an address or one that leads out of the folder, becomes one.
    """
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file", hint="Gold that can be corrected is a folder of ID.json files.")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be made: {error.strerror}") from error
    wanted = list(ids)
    there = sorted(f for f in path.rglob("*.json") if not any(p.startswith(".") for p in f.relative_to(path).parts))
    marked = [file for file in there if file.name.endswith(GOLD_SUFFIX)]
    ending = GOLD_SUFFIX if marked else ".json"
    by_id = {file.relative_to(path).as_posix().removesuffix(ending): file for file in marked or there}
    known: dict[str, str] = {}
    with contextlib.suppress(UsageError):  # gold of other documents only: all files will be new
        known = {record: gold for gold, record in matched_ids(by_id, wanted).items()}
    files = {id_: by_id[known[id_]] if id_ in known else path / f"{_file_name(id_)}{ending}" for id_ in wanted}
    return GoldFolder(path, files)


def _file_name(id_: str) -> str:
    parts = id_.split("/")
    safe = all(part.strip() and not part.startswith(".") and part.isprintable() and "\\" not in part for part in parts)
    short = all(len(part.encode("utf-8", "surrogatepass")) < 200 for part in parts)
    if safe and short:
        return id_
    flat = quote(id_, safe=" ", errors="surrogatepass").replace(".", "%2E")
    return (
        flat
        if len(flat) < 200
        else f"{flat[:120]}-{hashlib.sha256(id_.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
    )


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def formatted(gold: Mapping[str, Any]) -> str:
    """Return gold as text: one line per leaf, and one per value of the provenance, so that diffs are short."""
    plain = {name: each for name, each in gold.items() if name != PROVENANCE}
    text = json.dumps(plain, ensure_ascii=False, indent=1)
    provenance = gold.get(PROVENANCE)
    if not isinstance(provenance, dict):
        return text + "\n"
    lines = [f"  {_line(name)}: {_line(each)}" for name, each in provenance.items() if name != "values"]
    values = [f"   {_line(name)}: {_line(each)}" for name, each in (provenance.get("values") or {}).items()]
    lines.append('  "values": {\n' + ",\n".join(values) + "\n  }" if values else '  "values": {}')
    head = text.removesuffix("\n}") + "," if plain else "{"
    return f'{head}\n "{PROVENANCE}": {{\n' + ",\n".join(lines) + "\n }\n}\n"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
