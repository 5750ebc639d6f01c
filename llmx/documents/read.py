"""Reads whatever is named as documents, one at a time and in a fixed order."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

from llmx.documents.decode import check_encoding, check_text, decode
from llmx.documents.document import Document, Unreadable, content_id, printable
from llmx.documents.find import GOLD, PAGES, SUFFIXES, File, folder_files, glob_files, is_glob, named_files
from llmx.documents.rows import Fields, check_columns, read_csv, read_jsonl, row_document
from llmx.documents.seen import Seen
from llmx.errors import DocumentError, UsageError

Source: TypeAlias = str | Path | Document | Mapping[str, Any]
Step: TypeAlias = Callable[[], Iterator[Document | Unreadable]]


def read_documents(
    sources: Source | Iterable[Source],
    *,
    text_field: str = "text",
    id_field: str = "id",
    encoding: str | None = None,
    suffixes: Iterable[str] = SUFFIXES,
    besides: Iterable[Path] = (),
) -> Iterator[Document | Unreadable]:
    """Return an iterator over the documents of ``sources``, in their order; what cannot be read is ``Unreadable``.

    A source is a path, a folder (all below it with one of ``suffixes``, sorted, hidden files left out), a glob (with
    ``**``), ``-`` for stdin, a ready Document, or a row as a mapping. Files ending in .jsonl, .ndjson, .csv and .tsv
    hold rows, read one at a time: ``text_field`` holds the text and ``id_field`` the id. ``*.gold.json`` is never a
    document, nor is, in a folder or a glob, an output of llmx that has its manifest beside it. ``besides`` are files
    that are being written, which are left out, too. ``encoding`` is for all files; without it each says its own, or
    is UTF-8.

    Ids: a file's name without suffix, in a folder the path below it; a row's id, else file and row number; else the
    first 16 hex digits of the text's sha256. An id that was there before makes the second document unreadable.

    Raises UsageError, for all that is named in a list before anything is read, where a path does not exist or
    is one of ``besides``, a folder has no documents, or a CSV file no such column; for another iterable when the
    source's turn comes.
    """
    check_encoding(encoding)
    listed = [sources] if isinstance(sources, str | Path | Document | Mapping) else sources
    written = frozenset(os.path.realpath(path) for path in besides)
    reader = _Reader(Fields(text_field, id_field, encoding), _suffixes(suffixes), written)
    if isinstance(listed, Sequence):
        if not listed:
            raise UsageError("no documents are named", hint="name files, folders or globs, or - for stdin")
        steps: Iterable[Step] = reader.plan(listed)
        if not steps:
            raise UsageError(
                f"only gold is named: {_name(listed[0])} …", hint="*.gold.json is what documents are scored by"
            )
    else:
        steps = (step for source in listed for step in reader.plan([source]))
    return _unique(document for step in steps for document in step())


def _suffixes(suffixes: Iterable[str]) -> frozenset[str]:
    return frozenset(f".{suffix.lower().lstrip('.')}" for suffix in suffixes)


def _unique(documents: Iterable[Document | Unreadable]) -> Iterator[Document | Unreadable]:
    """Yield the documents; one whose id was there already is unreadable: their records could not be told apart."""
    seen = Seen()
    for document in documents:
        if not seen.add(document.id):
            number = next(n for n in count(2) if seen.add(f"{document.id}#{n}"))
            document = Unreadable(f"{document.id}#{number}", document.source, _clash(document))  # noqa: PLW2901 -- takes its place
        yield document


def _clash(document: Document | Unreadable) -> DocumentError:
    if isinstance(document, Unreadable):
        return document.error
    place = document.source or f"a text of {len(document.text):,} characters"
    hint = "give each document an id of its own: a row's id field, a file's name, the folder above both"
    return DocumentError(f"{place}: another document has the id '{document.id}'", hint=hint)


@dataclass(frozen=True, slots=True)
class _Reader:
    fields: Fields
    suffixes: frozenset[str]
    besides: frozenset[str]

    def plan(self, sources: Sequence[Source]) -> list[Step]:
        """Return what to read, having checked that everything named is there. Raises UsageError."""
        names = dict.fromkeys(_name(source) for source in sources if isinstance(source, str | Path))
        files = {str(file.path): file for file in named_files([name for name in names if _is_file(name)])}
        steps: list[Step] = []
        for source in sources:
            if isinstance(source, Document):
                steps.append(partial(iter, [document_or_error(source)]))
            elif isinstance(source, Mapping):
                steps.append(partial(self._read_mapping, source))
            elif names.pop(_name(source), "again") is None:  # the same name twice is one document, not a clash
                steps.extend(self._plan_name(_name(source), files))
        return steps

    def _plan_name(self, name: str, files: Mapping[str, File]) -> Iterator[Step]:
        if name == "-":
            yield self._read_stdin
        elif "://" not in name and is_glob(name):
            yield partial(self._read_files, glob_files(name, self.suffixes, self.besides))
        elif name and Path(name).is_dir():
            yield partial(self._read_files, folder_files(Path(name), self.suffixes, self.besides))
        elif _is_file(name):
            file = files[name]
            if os.path.realpath(name) in self.besides:
                raise UsageError(
                    f"{name} is named as a document and as what is to be written",
                    hint="name another file with -o or --log-file",
                )
            if file.path.suffix.lower() in {".csv", ".tsv"}:
                with suppress(DocumentError, OSError):  # said in its turn, as an unreadable document
                    check_columns(file.path, self.fields)
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
        source = printable(str(file.path))
        suffix = file.path.suffix.lower()
        try:
            if suffix in {".jsonl", ".ndjson"}:
                yield from read_jsonl(file.path, file.id, self.fields)
            elif suffix in {".csv", ".tsv"}:
                yield from read_csv(file.path, file.id, self.fields)
            else:
                yield Document(file.id, self._read_text(file.path, source), source)
        except DocumentError as exc:
            yield Unreadable(file.id, source, exc)
        except UsageError as exc:  # a table in a folder without the column: not a reason to stop for the others
            yield Unreadable(file.id, source, DocumentError(exc.message, hint=exc.hint))
        except OSError as exc:
            yield Unreadable(file.id, source, DocumentError(f"cannot read {source}: {exc.strerror or exc}"))

    def _read_text(self, path: Path, source: str) -> str:
        page = path.suffix.lower() in PAGES
        text = decode(path.read_bytes(), source, encoding=self.fields.encoding, page=page)
        return _main_text(text, source) if page else text

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
    """Read to the end; past the buffer, whose lock a thread that waits here would hold when the process ends."""
    try:
        descriptor = sys.stdin.fileno()
    except (OSError, ValueError):  # replaced by something that is no file
        return sys.stdin.buffer.read()
    with open(descriptor, "rb", buffering=0, closefd=False) as raw:
        return raw.readall()


def document_or_error(document: Document) -> Document | Unreadable:
    """Return a ready document as it is, or what is wrong with it: the same rules hold as for one that was read."""
    try:
        check_text(document.text, f"the document '{document.id}'")
    except DocumentError as exc:
        return Unreadable(document.id, document.source, exc)
    return document


def _name(source: Source) -> str:
    """Return a path in one spelling, and what is no path as it is."""
    name = str(source)
    return name if name in {"", "-"} or "://" in name else str(Path(name))


def _is_file(name: str) -> bool:
    """Whether ``name`` is there and is read as one file: a pipe such as the shell's <(command) is one, too."""
    return bool(name) and not name.endswith(GOLD) and Path(name).exists() and not Path(name).is_dir()


def _nothing_at(name: str) -> UsageError:
    if "://" in name:
        return UsageError(
            f"{name} is an address, not a file", hint="download the page first; saved .html files are read"
        )
    place = Path(name)
    above = next((folder for folder in place.parents if folder.is_dir()), Path())
    hint = f"there is a folder {above.absolute()}, but not {place.relative_to(above).parts[0]} in it" if name else ""
    return UsageError(f"there is no file or folder '{name}'", hint=hint)


def _main_text(markup: str, source: str) -> str:
    """Return the article's text of a page. Raises DocumentError where there is none."""
    try:
        html = import_module("llmx.documents.html")  # loads an HTML parser, so only for pages
    except ImportError as exc:
        hint = "save the page as text, or name its text in a .jsonl"
        raise DocumentError(f"{source} is HTML, which cannot be read here: {exc}", hint=hint) from exc
    found = html.main_text(markup)
    text = found if isinstance(found, str) else str(found.text)
    check_text(text, f"the main text of {source}")
    return text
