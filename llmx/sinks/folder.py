"""A folder with one JSON file per document: its data alone, in the form of gold."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import orjson

from llmx.errors import OutputError
from llmx.private_file import open_private, take_permissions
from llmx.sinks.writing import Model, Row, dump, output_error

_NAME_BYTES = 200  # file systems take 255, a temporary name is longer
_SUFFIX = re.compile(r"\.(?=json\Z)", re.IGNORECASE)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # no file names on Windows


class Folder:
    """``ID.json`` holds the data; for a document without data the record, which says why there is none.

    An id with slashes makes folders; whatever else is no part of a file name is written as %XX, so that no id leads
    out of the folder, and no folder has the name of a file.
    """

    readable = True

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        try:
            if path.is_dir() and any(path.iterdir()) and not overwrite:
                raise OutputError(f"{path} exists already", hint="--overwrite writes into it; or name another with -o")
            path.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise output_error(exc, path) from exc
        self.path = path

    def write(self, row: Row, model: Model | None) -> None:  # noqa: ARG002 - JSON describes itself
        """Write one document's file, whole or not at all."""
        target = self.path / file_name(row["id"])
        temporary = target.with_name(f".{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with open_private(temporary, "wb") as file:
                file.write(_pretty(row if row["data"] is None else row["data"]))
            take_permissions(temporary, target)
            temporary.replace(target)
        except OSError as exc:
            with suppress(OSError):  # there may be a file where its folder should be
                temporary.unlink()
            raise output_error(exc, target) from exc

    def close(self) -> None:
        """Do nothing: every file is complete."""


def file_name(id_: str) -> str:
    """Return the relative path of a document's file.

    >>> file_name("2024/a b")
    '2024/a b.json'
    >>> file_name("a.json/b")  # the file of the document "a" may stand beside it
    'a%2Ejson/b.json'
    >>> file_name("../x:y")
    '%2E%2E/x%3Ay.json'
    """
    *above, last = (_safe(part) for part in id_.split("/"))
    parts = [*(_SUFFIX.sub("%2E", part) for part in above), f"{last}.json"]
    return os.path.join(*parts)  # noqa: PTH118 -- text, not a place yet


def _safe(part: str) -> str:
    name = "".join(c if c.isalnum() or c in " -_.,()+=@~" else quote(c, safe="", errors="replace") for c in part)
    if not name.strip(". "):  # nothing, or the names of folders above
        name = "".join(f"%{ord(c):02X}" for c in name) or "%"
    if name[0] in ". " or _RESERVED.match(name):  # hidden, or no file at all
        name = f"%{ord(name[0]):02X}{name[1:]}"
    if len(os.fsencode(name)) > _NAME_BYTES:
        name = f"{name[:48]}-{hashlib.sha256(part.encode()).hexdigest()[:16]}"
    return name


def _pretty(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS) + b"\n"
    except TypeError:
        return dump(value) + b"\n"
