"""From what a person names (a path, a folder, a glob) to files with ids. Nothing is read here but folders.

Ids are stable: they say the same on every machine and in every run, because they come from names below what was named.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from llmx.documents.document import Unreadable, printable
from llmx.errors import DocumentError, UsageError

ROWS = frozenset({".jsonl", ".ndjson", ".csv", ".tsv"})
PAGES = frozenset({".html", ".htm", ".xhtml"})
SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ".rst"}) | PAGES | ROWS
GOLD = ".gold.json"
MANIFEST = ".manifest"
"""What a run puts beside its output, behind its whole name: a file that has one is no document."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to read. ``id`` is its document's; for rows, the beginning of theirs."""

    path: Path
    id: str


def named_files(names: list[str]) -> list[File]:
    """Return the files of ``names``, each with an id: its name without suffix, or where two have the same its path."""
    paths = [Path(name) for name in names]
    short = [path.name if _holds_rows(path) else path.stem for path in paths]
    long = [(path if _holds_rows(path) else path.with_suffix("")).as_posix() for path in paths]
    of_short, of_long = Counter(short), Counter(long)
    return [
        File(path, printable(brief if of_short[brief] == 1 else full if of_long[full] == 1 else path.as_posix()))
        for path, brief, full in zip(paths, short, long, strict=True)
    ]


def is_glob(name: str) -> bool:
    """Whether ``name`` is a pattern rather than a file whose name has brackets."""
    return glob.has_magic(name) and not os.path.lexists(name)


def glob_files(pattern: str, suffixes: frozenset[str], besides: frozenset[str]) -> list[File]:
    """Return the files that ``pattern`` matches, in the order of their paths; left out are those ``besides`` them.

    Ids are as in a folder, from the first part of the path on that is a pattern. A suffix that the pattern spells out
    is read even if it is none of ``suffixes``.
    """
    base = Path(pattern)
    while glob.has_magic(str(base)):
        base = base.parent
    spelled = PurePath(pattern).suffix.lower()
    wanted = suffixes if not spelled or glob.has_magic(spelled) else suffixes | {spelled}
    paths = [Path(found) for found in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 -- takes absolute patterns too
    taken = [
        path for path in paths if _is_document(path.name, wanted) and path.is_file() and not _is_output(path, besides)
    ]
    if not taken:
        raise UsageError(f"no document matches {pattern}", hint=_about(suffixes))
    return _with_ids(taken, base)


def folder_files(folder: Path, suffixes: frozenset[str], besides: frozenset[str]) -> Iterator[File | Unreadable]:
    """Yield the documents below ``folder``, in the order of their names, folder by folder.

    Hidden files are left out, outputs of llmx, and the real paths ``besides``. Raises UsageError at once where no
    document is there.
    """
    files = _walk(folder, folder, suffixes=suffixes, besides=besides, above=())
    first = next(files, None)
    if first is None:
        raise UsageError(f"there is no document in {folder}", hint=_about(suffixes))
    return _prepend(first, files)


def _prepend(first: File | Unreadable, rest: Iterator[File | Unreadable]) -> Iterator[File | Unreadable]:
    yield first
    yield from rest


def _about(suffixes: frozenset[str]) -> str:
    return f"documents end in {', '.join(sorted(suffixes))}; any other file is read as text when it is named"


def _holds_rows(path: PurePath) -> bool:
    return path.suffix.lower() in ROWS


def _is_document(name: str, suffixes: frozenset[str]) -> bool:
    return not name.startswith(".") and PurePath(name).suffix.lower() in suffixes and not name.endswith(GOLD)


def _with_ids(paths: list[Path], base: Path) -> list[File]:
    """Return the files with their ids: the path below ``base``, without the suffix unless that makes two the same."""
    stems = Counter(path.with_suffix("") for path in paths)
    files = []
    for path in paths:
        whole = _holds_rows(path) or stems[path.with_suffix("")] > 1
        below = (path if whole else path.with_suffix("")).relative_to(base)
        files.append(File(path, printable(below.as_posix())))
    return files


def _is_output(path: Path, besides: frozenset[str]) -> bool:
    """Whether ``path`` is what a run wrote, with its manifest beside it, or one of the real paths ``besides``."""
    if _holds_rows(path):
        whole = path.with_name(path.name.replace(".partial.", ".")) if ".partial." in path.name else path
        if os.path.lexists(f"{whole}{MANIFEST}"):
            return True
    return bool(besides) and os.path.realpath(path) in besides


def _walk(
    folder: Path, base: Path, *, suffixes: frozenset[str], besides: frozenset[str], above: tuple[str, ...]
) -> Iterator[File | Unreadable]:
    real = os.path.realpath(folder)
    if real in above:  # a link back to a folder that we are in
        return
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as exc:
        error = DocumentError(f"cannot list the folder {folder}: {exc.strerror}", hint="its documents are left out")
        yield Unreadable(printable(folder.relative_to(base).as_posix()), printable(str(folder)), error)
        return
    named = [folder / entry.name for entry in entries if _is_document(entry.name, suffixes) and _is_file(entry)]
    beside = frozenset(place for place in besides if os.path.dirname(place) == real)  # noqa: PTH120 -- a path as text
    taken = [path for path in named if not _is_output(path, beside)]
    files = {file.path.name: file for file in _with_ids(taken, base)}
    for entry in entries:
        if entry.name in files:
            yield files[entry.name]
        elif entry.is_dir() and not entry.name.startswith("."):
            yield from _walk(folder / entry.name, base, suffixes=suffixes, besides=besides, above=(*above, real))


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether ``entry`` is to be read: a link that leads nowhere is, so that its document is missed by name."""
    return entry.is_file() or (entry.is_symlink() and not os.path.exists(entry.path))  # noqa: PTH110 -- a path as text
