"""Turns what a person names (a path, a folder, a glob) into files with ids. It reads folders, never files.

Ids are the same on every machine and in every run, because they come from the names below what was named.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from llmx.documents.converters import CONVERTERS
from llmx.documents.document import Unreadable, printable
from llmx.errors import DocumentError, UsageError

ROWS = frozenset({".jsonl", ".ndjson", ".csv", ".tsv"})
SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ".rst"}) | ROWS | CONVERTERS.keys()
"""The suffixes of the files that a folder or a glob may hold; docs/extending/converter.md says how to add one."""
GOLD = ".gold.json"
MANIFEST = ".manifest"
"""The suffix of the manifest that a run keeps beside its output. A file that has a manifest is not a document."""


_HINT = f"documents end in {', '.join(sorted(SUFFIXES))}; name any other file to have it read as text"


@dataclass(frozen=True, slots=True)
class File:
    """A file to read. ``id`` is the id of its document, or the prefix of the ids of its rows."""

    path: Path
    id: str


def named_files(names: list[str]) -> list[File]:
    """Return the files called ``names``, each with an id: its name without suffix, or its path if two are alike."""
    paths = [Path(name) for name in names]
    short = [path.name if _holds_rows(path) else path.stem for path in paths]
    long = [(path if _holds_rows(path) else path.with_suffix("")).as_posix() for path in paths]
    of_short, of_long = Counter(short), Counter(long)
    return [
        File(path, printable(brief if of_short[brief] == 1 else full if of_long[full] == 1 else path.as_posix()))
        for path, brief, full in zip(paths, short, long, strict=True)
    ]


def is_glob(name: str) -> bool:
    """Whether ``name`` is a pattern, not an existing file with brackets in its name."""
    return glob.has_magic(name) and not os.path.lexists(name)


def glob_files(pattern: str, exclude: frozenset[str]) -> list[File]:
    """Return the files that ``pattern`` matches, sorted by path, without the real paths in ``exclude``.

    An id is the path below the last folder that the pattern spells out. A suffix that the pattern spells out counts
    even if it is not among ``SUFFIXES``.
    """
    base = Path(pattern)
    while glob.has_magic(str(base)):
        base = base.parent
    spelled = PurePath(pattern).suffix.lower()
    wanted = SUFFIXES if not spelled or glob.has_magic(spelled) else SUFFIXES | {spelled}
    paths = [Path(found) for found in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 -- takes absolute patterns too
    taken = [
        path
        for path in paths
        if _is_document(path.name, wanted)
        and (path.is_file() or _is_broken_link(path))
        and not _is_output(path, exclude)
    ]
    if not taken:
        raise UsageError(f"no document matches {pattern}", hint=_HINT)
    return _with_ids(taken, base)


def folder_files(folder: Path, exclude: frozenset[str]) -> Iterator[File | Unreadable]:
    """Yield the documents below ``folder``, sorted by name, folder by folder.

    Hidden files, outputs of llmx and the real paths in ``exclude`` are left out. Raises UsageError at once if no
    document is there.
    """
    files = _walk(folder, folder, exclude=exclude, above=())
    first = next(files, None)
    if first is None:
        raise UsageError(f"there is no document in {folder}", hint=_HINT)
    return _prepend(first, files)


def _prepend(first: File | Unreadable, rest: Iterator[File | Unreadable]) -> Iterator[File | Unreadable]:
    yield first
    yield from rest


def _holds_rows(path: PurePath) -> bool:
    return path.suffix.lower() in ROWS


def _is_document(name: str, suffixes: frozenset[str] = SUFFIXES) -> bool:
    return not name.startswith(".") and PurePath(name).suffix.lower() in suffixes and not name.endswith(GOLD)


def _with_ids(paths: list[Path], base: Path) -> list[File]:
    """Return the files with their ids: the path below ``base``, without the suffix unless two would share it."""
    stems = Counter(path.with_suffix("") for path in paths)
    files = []
    for path in paths:
        whole = _holds_rows(path) or stems[path.with_suffix("")] > 1
        below = (path if whole else path.with_suffix("")).relative_to(base)
        files.append(File(path, printable(below.as_posix())))
    return files


def _is_output(path: Path, exclude: frozenset[str]) -> bool:
    """Whether ``path`` is the output of a run, known by its manifest, or one of the real paths in ``exclude``."""
    if _holds_rows(path):
        whole = path.with_name(path.name.replace(".partial.", ".")) if ".partial." in path.name else path
        if os.path.lexists(f"{whole}{MANIFEST}"):
            return True
    return bool(exclude) and os.path.realpath(path) in exclude


def _walk(folder: Path, base: Path, *, exclude: frozenset[str], above: tuple[str, ...]) -> Iterator[File | Unreadable]:
    real = os.path.realpath(folder)
    if real in above:  # a link back to one of the folders above
        return
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as exc:
        error = DocumentError(f"cannot list the folder {folder}: {exc.strerror}", hint="its documents are left out")
        yield Unreadable(printable(folder.relative_to(base).as_posix()), printable(str(folder)), error)
        return
    named = [folder / entry.name for entry in entries if _is_document(entry.name) and _is_file(entry)]
    beside = frozenset(place for place in exclude if os.path.dirname(place) == real)  # noqa: PTH120 -- a path as text
    taken = [path for path in named if not _is_output(path, beside)]
    files = {file.path.name: file for file in _with_ids(taken, base)}
    for entry in entries:
        if entry.name in files:
            yield files[entry.name]
        elif _is_folder(entry) and not entry.name.startswith("."):
            yield from _walk(folder / entry.name, base, exclude=exclude, above=(*above, real))


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Whether ``entry`` is a file, or a broken link, which is reported as an unreadable document."""
    try:
        return entry.is_file() or _is_broken_link(Path(entry.path))
    except OSError:  # a link to itself
        return True


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_broken_link(path: Path) -> bool:
    """Whether ``path`` is a link that leads nowhere, or to itself."""
    return path.is_symlink() and not os.path.exists(path)  # noqa: PTH110 -- pathlib raises for a link to itself
