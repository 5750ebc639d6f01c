"""Turns what a person names (a path, a folder, a glob) into files with ids. It reads folders, never files.

Ids are the same on every machine and in every run, because they come from the names below what was named.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePath

from llmx.dataclass import dataclass
from llmx.documents.content import begins_with_rows, is_read
from llmx.documents.document import Unreadable, printable
from llmx.documents.kind import ARCHIVES, COMPRESSIONS, HEAD_BYTES, KINDS, TEXT, kind_of, kind_of_suffix
from llmx.documents.stream import kinds_left_out
from llmx.errors import DocumentError, UsageError

ROWS = frozenset({".jsonl", ".ndjson", ".csv", ".tsv", ".parquet"})
TEXTS = frozenset(TEXT.suffixes)
SUFFIXES = TEXTS | ROWS | {suffix for kind in KINDS.values() if is_read(kind) for suffix in kind.suffixes}
"""The suffixes of the files that folders and globs are searched for. A file with another one is taken if its bytes are
of a kind that is read; docs/extending/converter.md says how to add one."""
PAGED = frozenset({"pdf", "eml", "msg", "png", "jpeg", "tiff", "webp", "bmp"}) | ARCHIVES | COMPRESSIONS
"""The kinds of files that have pages and may have a password, or that may hold some which do."""
GOLD = ".gold.json"
MANIFEST = ".manifest"
"""The suffix of the manifest that a run keeps beside its output. A file that has a manifest is not a document."""
BATCH = ".batch"
"""The suffix of the file that a batch run keeps beside its output."""
LINKS, LINKS_STATE = ".links", "links.json"
"""The suffix of the folder with what ``llmx link`` found out about an output; the file that says it is one."""


_OWN = "llmx's own"
_OUTSIDE = "link out of the folder"
_UNFINISHED = frozenset({".part", ".replaced", ".sorting"})
_HINT = "documents are texts (.txt, .md), tables and what docs/formats.md lists; any other file is read if it is named"
_NAMED_WHOLE = ROWS.union(KINDS["sqlite"].suffixes)
_WITH_ROWS = (
    ROWS
    | {".json", ".sqlite", ".sqlite3", ".db", ".eml", ".msg", ".zip", ".tar", ".tgz"}
    | {suffix for name in COMPRESSIONS for suffix in KINDS[name].suffixes}
)


@dataclass(frozen=True, slots=True)
class FileSearch:
    """What is looked for: no file in ``exclude``, which are real paths, and of JSON only lists of rows with a text.

    ``left_out`` counts what was met and is not read, by its kind.
    """

    exclude: frozenset[str]
    left_out: Counter[str]
    text_field: str = "text"


@dataclass(frozen=True, slots=True)
class File:
    """A file to read. ``id`` is the id of its document, or the prefix of the ids of its rows."""

    path: Path
    id: str


def named_files(names: list[str]) -> list[File]:
    """Return the files called ``names``, each with an id: its name without suffix, or its path if two are alike."""
    paths = [Path(name) for name in names]
    short = [path.name if _holds_rows(path) else path.stem for path in paths]
    of_short = Counter(short)
    if len(of_short) == len(short):
        return [File(path, printable(name)) for path, name in zip(paths, short, strict=True)]
    long = [(path if _holds_rows(path) else path.with_suffix("")).as_posix() for path in paths]
    of_long = Counter(long)
    return [
        File(path, printable(brief if of_short[brief] == 1 else full if of_long[full] == 1 else path.as_posix()))
        for path, brief, full in zip(paths, short, long, strict=True)
    ]


def may_hold_rows(name: str) -> bool:
    """Whether ``name`` is a file that may hold rows, or a folder or pattern with one, or nothing to look at."""
    if name == "-":
        return False
    if not is_glob(name) and not Path(name).is_dir():
        return _may_hold_rows(Path(name)) or not Path(name).exists()
    found = glob.iglob(name, recursive=True) if is_glob(name) else Path(name).rglob("*")  # noqa: PTH207 -- absolute patterns
    return any(_may_hold_rows(Path(path)) for path in found)


def _may_hold_rows(path: Path) -> bool:
    return path.suffix.lower() in _WITH_ROWS and not path.name.endswith(GOLD)


def may_have_pages(name: str) -> bool:
    """Whether ``name`` is a PDF, or a folder, a pattern or a stream, which may bring some, or nothing that is there."""
    path = Path(name)
    if name == "-" or is_glob(name) or not path.is_file():
        return True
    with suppress(OSError), path.open("rb") as stream:
        return kind_of(stream.read(HEAD_BYTES), path.suffix.lower()).name in PAGED
    return True


def is_glob(name: str) -> bool:
    """Whether ``name`` is a pattern, not an existing file with brackets in its name."""
    return glob.has_magic(name) and not os.path.lexists(name)


def glob_files(pattern: str, search: FileSearch) -> list[File]:
    """Return the files that ``pattern`` matches, sorted by path. What else it matches is counted, except folders.

    An id is the path below the last folder that the pattern spells out. A suffix that the pattern spells out counts
    even if it is not among ``SUFFIXES``.
    """
    base = Path(pattern)
    while glob.has_magic(str(base)):
        base = base.parent
    spelled = PurePath(pattern).suffix.lower()
    wanted = "" if glob.has_magic(spelled) else spelled
    taken = []
    for found in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 -- takes absolute patterns too
        path = Path(found)
        if not (path.is_file() or _is_broken_link(path)):
            search.left_out.update(() if path.is_dir() else ["pipe or device"])
        elif why := _why_left_out(path, search, wanted=wanted):
            search.left_out[why] += 1
        else:
            taken.append(path)
    search.left_out.pop(_OWN, None)
    if not taken:
        raise UsageError(f"no document matches {pattern}", hint=_hint(search.left_out))
    return _with_ids(taken, base)


def folder_files(folder: Path, search: FileSearch) -> Iterator[File | Unreadable]:
    """Yield the documents below ``folder``, sorted by name, folder by folder.

    Links in it are followed as far as they stay in it: who sends a folder does not choose which other files of this
    machine a model reads. A folder that cannot be listed is ``Unreadable``. Raises UsageError if no document is in it.
    """
    files = _walk(folder, folder, search, above=())
    first = next(files, None)
    if first is None:
        raise UsageError(f"there is no document in {folder}", hint=_hint(search.left_out))
    return _prepend(first, files)


def _prepend(first: File | Unreadable, rest: Iterator[File | Unreadable]) -> Iterator[File | Unreadable]:
    yield first
    yield from rest


def _holds_rows(path: PurePath) -> bool:
    return path.suffix.lower() in _NAMED_WHOLE


def _why_left_out(path: Path, search: FileSearch, *, wanted: str = "") -> str:
    """Return why a file that was met is no document, in a word or two; '' where it is one.

    Manifests, unfinished outputs and what this run writes are ``_OWN``, which nobody is told of. ``wanted`` is the
    suffix that somebody asked for.
    """
    name, suffix = path.name, path.suffix.lower()
    if MANIFEST in suffix or BATCH in suffix or (search.exclude and os.path.realpath(path) in search.exclude):
        return _OWN
    if name.startswith("."):
        return _OWN if suffix in _UNFINISHED else "hidden"
    if name.endswith(GOLD):
        return "gold"
    if suffix in TEXTS or (wanted and suffix == wanted and suffix not in SUFFIXES):
        return ""
    why = "" if suffix in SUFFIXES or is_read(kind_of_suffix(suffix)) else _why_not_read(path, suffix, search)
    return why or ("written by llmx" if _has_manifest(path) or _is_of_links(path) else "")


def _why_not_read(path: Path, suffix: str, search: FileSearch) -> str:
    """Return of which kind a file is that no suffix tells, '' if it is one that is read."""
    try:
        if not path.is_file():
            return suffix or "without a suffix"
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError:
        return suffix or "without a suffix"
    kind = kind_of(head, suffix)
    if kind.name == "ole":  # what is in it stands further on
        kind = kind if kind_of_suffix(suffix) is TEXT else kind_of_suffix(suffix)
    if is_read(kind) or (suffix == ".json" and begins_with_rows(head, search.text_field)):
        return ""
    return suffix or "without a suffix" if kind.name in {"text", "json"} else kind.label.partition(" ")[2]


def _hint(left_out: Counter[str]) -> str:
    there = kinds_left_out(left_out)
    if set(left_out) == {_OUTSIDE}:
        return f"left out: {there}; name the files by a pattern, such as 'folder/*', to have links followed"
    return f"left out: {there}; {_HINT}" if there else _HINT


def _with_ids(paths: list[Path], base: Path) -> list[File]:
    """Return the files with their ids: the path below ``base``, without the suffix unless two would share it."""
    stems = [str(path).removesuffix(path.suffix) for path in paths]
    times = Counter(stems)
    files = []
    for path, stem in zip(paths, stems, strict=True):
        below = path.relative_to(base).as_posix()
        whole = _holds_rows(path) or times[stem] > 1
        files.append(File(path, printable(below if whole else below.removesuffix(path.suffix))))
    return files


def _is_of_links(path: Path) -> bool:
    """Whether ``path`` is in a folder that ``llmx link`` wrote."""
    return path.parent.suffix.lower() == LINKS and os.path.lexists(path.parent / LINKS_STATE)


def _has_manifest(path: Path) -> bool:
    """Whether ``path`` is the output of a run, known by its manifest."""
    whole = path.with_name(path.name.replace(".partial.", ".")) if ".partial." in path.name else path
    return os.path.lexists(f"{whole}{MANIFEST}")


def _walk(folder: Path, base: Path, search: FileSearch, *, above: tuple[str, ...]) -> Iterator[File | Unreadable]:
    real = os.path.realpath(folder)
    if real in above:
        search.left_out["link to a folder above"] += 1
        return
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as exc:
        error = DocumentError(f"cannot list the folder {folder}: {exc.strerror}", hint="its documents are left out")
        yield Unreadable(printable(folder.relative_to(base).as_posix()), printable(str(folder)), error)
        return
    outside = {entry.name for entry in entries if entry.is_symlink() and _leads_out(entry.path, base)}
    if outside:
        search.left_out[_OUTSIDE] += len(outside)
        entries = [entry for entry in entries if entry.name not in outside]
    beside = frozenset(place for place in search.exclude if os.path.dirname(place) == real)  # noqa: PTH120 -- a path as text
    folders = {entry.name for entry in entries if _is_folder(entry)}
    named = [entry for entry in entries if entry.name not in folders]
    files = {file.path.name: file for file in _with_ids(_taken(named, folder, replace(search, exclude=beside)), base)}
    for entry in entries:
        if entry.name in files:
            yield files[entry.name]
        elif entry.name not in folders:
            continue
        elif entry.name.startswith("."):
            search.left_out["hidden folder"] += 1
        else:
            yield from _walk(folder / entry.name, base, search, above=(*above, real))


def _taken(entries: list[os.DirEntry[str]], folder: Path, search: FileSearch) -> list[Path]:
    """Return those of a folder's files that are documents, and count the others."""
    taken = []
    for entry in entries:
        if why := _why_left_out(folder / entry.name, search):
            search.left_out[why] += 1
        elif _is_file(entry):
            taken.append(folder / entry.name)
        else:
            search.left_out["pipe or device"] += 1
    search.left_out.pop(_OWN, None)
    return taken


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


def _leads_out(path: str, base: Path) -> bool:
    """Whether a link leads out of the folder that was named; one that leads nowhere is a document that is missing."""
    real = os.path.realpath(path)
    return os.path.exists(real) and not Path(real).is_relative_to(os.path.realpath(base))  # noqa: PTH110 -- as below


def _is_broken_link(path: Path) -> bool:
    """Whether ``path`` is a link that leads nowhere, or to itself."""
    return path.is_symlink() and not os.path.exists(path)  # noqa: PTH110 -- pathlib raises for a link to itself
