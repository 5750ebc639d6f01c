"""Reads the documents that a caller names, one at a time and in a fixed order."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from llmx.documents.blob import Blob
from llmx.documents.content import documents_in
from llmx.documents.decode import check_encoding, check_text, decode
from llmx.documents.document import Document, Unreadable, content_id
from llmx.documents.find import GOLD, File, FileSearch, folder_files, glob_files, is_glob, named_files
from llmx.documents.id_set import IdSet
from llmx.documents.rows import RowFields, check_columns, row_document
from llmx.documents.stream import DocumentStream
from llmx.errors import DocumentError, UsageError

Input: TypeAlias = str | Path | Document | Unreadable | Mapping[str, Any]
Step: TypeAlias = Callable[[], Iterator[Document | Unreadable]]


def read_documents(
    sources: Input | Iterable[Input],
    *,
    text_field: str = "text",
    id_field: str = "id",
    date_field: str | None = None,
    encoding: str | None = None,
    exclude: Iterable[Path] = (),
) -> DocumentStream:
    """Return the documents of ``sources``, in order, as an iterator; one that cannot be read is ``Unreadable``.

    A source is a path, a folder (every file below it with one of ``SUFFIXES``, sorted, without hidden files), a glob
    (with ``**``), ``-`` for stdin, a Document, or a row as a mapping. Files ending in .jsonl, .ndjson, .csv and .tsv
    hold rows, read one at a time: ``text_field`` holds the text, ``id_field`` the id and ``date_field`` the date of
    each document. ``*.gold.json`` is never a document; nor is, in a folder or a glob, an output of llmx, known by the
    manifest beside it, or a file in ``exclude``. Without ``encoding``, a file is decoded as it declares, or as UTF-8.

    The id of a document is the name of its file without suffix, in a folder the path below it; for a row its id, or
    file and row number; else the first 16 hex digits of the text's sha256. A second document with the same id is
    unreadable. ``left_out`` of the iterator counts the files of folders and globs that were not read.

    Raises UsageError if a path does not exist or is in ``exclude``, if a folder has no documents, or if a CSV file
    lacks a column: for a list before anything is read, for another iterable when it comes to that source.
    """
    check_encoding(encoding)
    listed = [sources] if isinstance(sources, str | Path | Document | Unreadable | Mapping) else sources
    written = frozenset(os.path.realpath(path) for path in exclude)
    fields = RowFields(text=text_field, id=id_field, date=date_field, encoding=encoding)
    left_out: Counter[str] = Counter()
    reader = _Reader(fields, FileSearch(written, left_out, text_field))
    if isinstance(listed, Sequence):
        if not listed:
            raise UsageError("no documents are named", hint="name files, folders or globs, or - for stdin")
        steps: Iterable[Step] = reader.plan(listed)
        if not steps:
            raise UsageError(
                f"only gold is named: {_name(listed[0])} …", hint="*.gold.json files score documents, and are none"
            )
    else:
        steps = (step for source in listed for step in reader.plan([source]))
    return DocumentStream(_unique(document for step in steps for document in step()), fields, left_out)


def _unique(documents: Iterable[Document | Unreadable]) -> Iterator[Document | Unreadable]:
    """Yield the documents; a second one with the same id is unreadable: nothing could tell their records apart."""
    known = IdSet()
    for document in documents:
        if not known.add(document.id):
            number = next(n for n in count(2) if known.add(f"{document.id}#{n}"))
            document = Unreadable(f"{document.id}#{number}", document.source, _clash(document))  # noqa: PLW2901 -- takes its place
        yield document


def _clash(document: Document | Unreadable) -> DocumentError:
    if isinstance(document, Unreadable):
        return document.error
    place = document.source or f"a text of {len(document.text):,} characters"
    hint = "give each document its own id: by --id-field for rows, by name for files, or name the folder above them"
    return DocumentError(f"{place}: another document has the id '{document.id}'", hint=hint)


@dataclass(frozen=True, slots=True)
class _Reader:
    fields: RowFields
    search: FileSearch

    def plan(self, sources: Sequence[Input]) -> list[Step]:
        """Return the steps that read ``sources``. Raises UsageError if something that is named is not there."""
        names = dict.fromkeys(_name(source) for source in sources if isinstance(source, str | Path))
        files = {str(file.path): file for file in named_files([name for name in names if _is_file(name)])}
        steps: list[Step] = []
        for source in sources:
            if isinstance(source, Document | Unreadable):
                steps.append(partial(iter, [_validated(source)]))
            elif isinstance(source, Mapping):
                steps.append(partial(self._read_mapping, source))
            elif names.pop(_name(source), "again") is None:  # the same name twice is one document
                steps.extend(self._plan_name(_name(source), files))
        return steps

    def _plan_name(self, name: str, files: Mapping[str, File]) -> Iterator[Step]:
        if name == "-":
            yield self._read_stdin
        elif "://" not in name and is_glob(name):
            yield partial(self._read_files, glob_files(name, self.search))
        elif name and Path(name).is_dir():
            yield partial(self._read_files, folder_files(Path(name), self.search))
        elif _is_file(name):
            file = files[name]
            if os.path.realpath(name) in self.search.exclude:
                raise UsageError(
                    f"{name} is a document of this run, and the run would write to it",
                    hint="name another file with --output or --log-file",
                )
            with suppress(DocumentError, OSError):  # reported in its turn, as an unreadable document
                blob = Blob.of_file(file.path)
                if (table := blob.table_kind()) and table.name == "csv":
                    check_columns(blob, self.fields)
            yield partial(self._read_files, [file])
        elif not name.endswith(GOLD) or not Path(name).exists():
            raise _nothing_at(name)

    def _read_files(self, files: Iterable[File | Unreadable]) -> Iterator[Document | Unreadable]:
        for file in files:
            if isinstance(file, Unreadable):
                yield file
            else:
                yield from self._read_file(file)

    def _read_file(self, file: File) -> Iterator[Document | Unreadable]:
        return documents_in(Blob.of_file(file.path), file.id, self.fields)

    def _read_stdin(self) -> Iterator[Document | Unreadable]:
        try:
            text = decode(_all_of_stdin(), "stdin", encoding=self.fields.encoding)
        except DocumentError as exc:
            yield Unreadable("-", "-", exc)
        else:
            yield Document(content_id(text), text, "-")

    def _read_mapping(self, row: Mapping[str, Any]) -> Iterator[Document | Unreadable]:
        text = row.get(self.fields.text)
        fallback = content_id(text if isinstance(text, str) else repr(row))
        yield row_document(row, self.fields, source=None, fallback=fallback)


def _all_of_stdin() -> bytes:
    """Read stdin to its end, past Python's buffer: a thread waiting here would hold its lock when the process ends."""
    try:
        descriptor = sys.stdin.fileno()
    except (OSError, ValueError):  # somebody replaced it by something that is not a file
        return sys.stdin.buffer.read()
    with open(descriptor, "rb", buffering=0, closefd=False) as raw:
        return raw.readall()


def _validated(document: Document | Unreadable) -> Document | Unreadable:
    """Return a document that the caller made, or what is wrong with it: the rules are those for files."""
    if isinstance(document, Unreadable):
        return document
    try:
        check_text(document.text, f"the document '{document.id}'")
    except DocumentError as exc:
        return Unreadable(document.id, document.source, exc)
    return document


def _name(source: Input) -> str:
    """Return a path in one spelling, and anything else unchanged."""
    name = str(source)
    return name if name in {"", "-"} or "://" in name else str(Path(name))


def _is_file(name: str) -> bool:
    """Whether ``name`` exists and is read as one file. A pipe such as the shell's <(command) is one, too."""
    return bool(name) and not name.endswith(GOLD) and Path(name).exists() and not Path(name).is_dir()


def _nothing_at(name: str) -> UsageError:
    if "://" in name:
        return UsageError(f"{name} is a URL, not a file", hint="download the page first, and name the .html file")
    place = Path(name)
    if place.is_symlink():
        return UsageError(f"{name} is a link that leads nowhere", hint=f"it names {place.readlink()}")
    above = next((folder for folder in place.parents if folder.is_dir()), Path())
    hint = f"there is a folder {above.absolute()}, but not {place.relative_to(above).parts[0]} in it" if name else ""
    return UsageError(f"there is no file or folder '{name}'", hint=hint)
