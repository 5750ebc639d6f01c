"""How many documents a source will give, where its names tell: for a progress that has a total."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from llmx.documents.document import Unreadable
from llmx.documents.find import File, FileSearch, folder_files, glob_files, is_glob, may_hold_rows
from llmx.errors import LlmxError

_LINES = frozenset({".jsonl", ".ndjson"})
_BLOCK = 1 << 20


def expected_documents(sources: Sequence[str], *, exclude: Sequence[Path] = ()) -> int | None:
    """Return how many documents the files, folders and globs of ``sources`` hold, None where that takes reading them.

    A file is one document, a line of JSON Lines is one, too; how many a table, an archive, a mailbox, a URL or standard
    input holds is not known before. Files are listed and lines counted, which takes a second for a million of either.
    """
    search = FileSearch(frozenset(os.path.realpath(path) for path in exclude), Counter())
    total = 0
    with suppress(OSError, LlmxError):  # reading tells what is wrong, and where
        for name in dict.fromkeys(sources):
            for file in _files(name, search):
                found = 1 if isinstance(file, Unreadable) else _documents(file.path)
                if found is None:
                    return None
                total += found
        return total
    return None


def _files(name: str, search: FileSearch) -> Iterable[File | Unreadable]:
    if is_glob(name) and "://" not in name:
        return glob_files(name, search)
    return folder_files(Path(name), search) if Path(name).is_dir() else [File(Path(name), name)]


def _documents(path: Path) -> int | None:
    """Return how many documents the file holds, None where that cannot be told."""
    if path.suffix.lower() in _LINES:
        with path.open("rb") as stream:
            return sum(block.count(b"\n") for block in iter(lambda: stream.read(_BLOCK), b""))
    return 1 if path.is_file() and not may_hold_rows(str(path)) else None
