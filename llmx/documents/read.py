"""Reads the documents that a caller names, one at a time and in a fixed order."""

from __future__ import annotations

import hashlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, Unpack, cast

from llmx.dataclass import dataclass
from llmx.documents.blob import Blob
from llmx.documents.content import documents_in
from llmx.documents.converters import ConvertOptions, FileOptions, check_layout, check_ocr
from llmx.documents.decode import check_encoding, check_text
from llmx.documents.document import Document, Unreadable, content_id
from llmx.documents.find import GOLD, TEXTS, File, FileSearch, folder_files, glob_files, is_glob, named_files
from llmx.documents.id_set import IdSet
from llmx.documents.rows import URL, RowFields, check_columns, row_document
from llmx.documents.stream import DocumentStream
from llmx.errors import DocumentError, UsageError, nearest_path
from llmx.remote import remote_name

if TYPE_CHECKING:
    from llmx.documents.web import WebReader
    from llmx.web import WebOptions


class ReadOptions(FileOptions, total=False):
    """What ``read_documents`` takes by name, beside the columns of rows."""

    web: WebOptions | None
    url_field: str | None


class OpenFile(Protocol):
    """A file that somebody opened, or anything else that bytes or a text can be read from."""

    def read(self) -> bytes | str:
        """Return all that is left to read."""
        ...


Input: TypeAlias = str | Path | bytes | OpenFile | Document | Unreadable | Mapping[str, Any]
_NAME_BYTES = 255  # what file systems take
_SHORT_NAME = _NAME_BYTES // 4  # so many characters always fit
_FETCH = "--allow-urls (in Python web=WebOptions()) fetches it; or download the page, and name the file"
_A_SENTENCE = 4  # blanks; file names rarely have more
Step: TypeAlias = Callable[[], Iterator[Document | Unreadable]]


def read_documents(
    sources: Input | Iterable[Input],
    *,
    text_field: str = "text",
    id_field: str = "id",
    date_field: str | None = None,
    encoding: str | None = None,
    exclude: Iterable[Path] = (),
    **files: Unpack[ReadOptions],
) -> DocumentStream:
    """Return the documents of ``sources``, in order, as an iterator; one that cannot be read is ``Unreadable``.

    A source is a path, a folder (every file below it of a kind that is read, sorted, without hidden files), a glob
    (with ``**``), ``-`` for stdin, the bytes of a file, an open file, a Document, or a row as a mapping. A bare string
    is a path, never a text: ``Document(text="…")`` is one. What a file is, its bytes tell (docs/formats.md). Rows are
    read one at a time: ``text_field`` holds the text, ``id_field`` the id and ``date_field`` the date of each document.
    ``*.gold.json`` is never a document; nor is, in a folder or a glob, an output of llmx, known by the manifest beside
    it, or a file in ``exclude``. Without ``encoding``, a file is decoded as it declares, or as UTF-8.
    URLs (``https://…``, ``sitemap:https://…``, ``feed:https://…``) are fetched only with ``web``; with ``url_field``
    that column of a row holds the URL of its document.
    ``password`` opens encrypted files; ``pages``, such as '1-3,last', are those that are read of files with pages;
    ``ocr`` says which of them OCR reads: 'auto' those without a text, 'never', 'always'; ``ocr_engine`` ('rapidocr',
    'tesseract') by what, and ``ocr_languages`` in which, such as 'de,en'; ``layout`` how the words of a
    page become lines: 'text' (tabs between the cells of a row), 'markdown' (bars), 'plain' (as they stand there).

    The id of a document is the name of its file without suffix, in a folder the path below it; for a row its id, or
    file and row number; else the first 16 hex digits of the text's sha256. A second document with the same id is
    unreadable. ``left_out`` of the iterator counts the files of folders and globs that were not read.

    Raises UsageError if a path does not exist or is in ``exclude``, if a folder has no documents, or if a CSV file
    lacks a column: for a list before anything is read, for another iterable when it comes to that source.
    """
    check_encoding(encoding)
    web, url_field = files.pop("web", None), files.pop("url_field", None)
    if url_field:
        text_field = _url_column(url_field, text_field, web)
    listed = [cast("Input", sources)] if _is_one(sources) else cast("Iterable[Input]", sources)
    written = frozenset(os.path.realpath(path) for path in exclude)
    options = ConvertOptions(encoding, **cast("FileOptions", files))
    _check(options)
    fields = RowFields(text=text_field, id=id_field, date=date_field, encoding=encoding, convert=options,
                       urls=bool(url_field))  # fmt: skip
    left_out: Counter[str] = Counter()
    fetched = None if web is None else _web_reader(web, fields, left_out)
    visits = None if fetched is None else fetched.visits
    reader = _Reader(fields, FileSearch(written, left_out, text_field), fetched)
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
    documents, expected = _unique(each for step in steps for each in step()), partial(_expected, listed, tuple(exclude))
    return DocumentStream(documents, fields, left_out, visits=visits, expected=expected)


def _expected(listed: Iterable[Input], exclude: Sequence[Path]) -> int | None:
    """Return how many documents there will be, None where nobody knows."""
    if not isinstance(listed, Sequence) or not all(isinstance(each, str | Path) for each in listed):
        return None
    from llmx.documents.expected import expected_documents  # noqa: PLC0415 -- only where progress is shown

    return expected_documents([_name(each) for each in listed if isinstance(each, str | Path)], exclude=exclude)


def _check(options: ConvertOptions) -> None:
    if options.pages is not None:
        from llmx.documents.page_range import check_pages  # noqa: PLC0415 -- most files are read whole

        check_pages(options.pages)
    check_ocr(options)
    check_layout(options.layout)


def _web_reader(web: WebOptions, fields: RowFields, left_out: Counter[str]) -> WebReader:
    from llmx.documents.visits import Visits  # noqa: PLC0415 -- most documents are files
    from llmx.documents.web import WebReader  # noqa: PLC0415

    return WebReader(web, fields, Visits(), left_out)


def _is_one(sources: Input | Iterable[Input]) -> bool:
    return isinstance(sources, str | Path | bytes | Document | Unreadable | Mapping) or hasattr(sources, "read")


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
    web: WebReader | None = None

    def plan(self, sources: Sequence[Input]) -> list[Step]:
        """Return the steps that read ``sources``. Raises UsageError if something that is named is not there."""
        names = dict.fromkeys(_name(source) for source in sources if isinstance(source, str | Path))
        paths = [name for name in names if not _is_a_text(name) and _is_file(name)]
        files = {str(file.path): file for file in named_files(paths)}
        steps: list[Step] = []
        for source in sources:
            if isinstance(source, Document | Unreadable):
                steps.append(partial(iter, [_validated(source)]))
            elif isinstance(source, Mapping):
                steps.append(partial(self._read_mapping, source))
            elif isinstance(source, bytes):
                steps.append(partial(self._read_bytes, source))
            elif not isinstance(source, str | Path):
                steps.append(partial(self._read_open, source))
            elif names.pop(_name(source), "again") is None:  # the same name twice is one document
                steps.extend(self._plan_name(_name(source), files))
        return steps

    def _plan_name(self, name: str, files: Mapping[str, File]) -> Iterator[Step]:
        if name == "-":
            yield self._read_stdin
        elif _is_a_text(name):
            raise UsageError(
                f"'{' '.join(name.split())[:40]}…' is a text, and a string is taken for a path",
                hint='give it as a Document: llmx.Document(text="…"), or on the command line through stdin, as -',
            )
        elif _is_url(name) or ("://" in name and remote_name(name)):
            yield from self._plan_far(name)
        elif "::" in name and (database := self._database(name)) is not None:
            yield partial(self._documents_in, database, PurePath(database.source).name)
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
            self._check_columns(file)
            yield partial(self._read_files, [file])
        elif not name.endswith(GOLD) or not Path(name).exists():
            raise _nothing_at(name)

    def _plan_far(self, name: str) -> Iterator[Step]:
        """Yield the steps that read a page of the web, or files in a store."""
        if not _is_url(name):
            from llmx.documents.remote_files import remote_files  # noqa: PLC0415 -- an extra

            for blob, id_ in remote_files(name, self.search.left_out):
                yield partial(self._documents_in, blob, id_)
        elif self.web is None:
            from llmx.web.urls import shown_url  # noqa: PLC0415 -- most documents are files

            raise UsageError(f"{shown_url(name)} is a URL, and nothing is fetched unless you ask for it", hint=_FETCH)
        else:
            yield partial(self.web.read, name)

    def _check_columns(self, file: File) -> None:
        """Raise UsageError if a CSV file lacks a column. What else is wrong with it is reported in its turn."""
        if file.path.suffix.lower() in TEXTS:
            return
        with suppress(DocumentError, OSError):
            blob = Blob.of_file(file.path)
            if (table := blob.table_kind()) and table.name == "csv":
                check_columns(blob, self.fields)

    def _database(self, name: str) -> Blob | None:
        """Return the database of ``database.sqlite::SELECT …`` with its query, None for any other name."""
        path, bars, query = name.partition("::")
        if not bars or not query.strip() or os.path.lexists(name) or not _is_file(path):
            return None
        return replace(Blob.of_file(Path(path)), query=query)

    def _read_files(self, files: Iterable[File | Unreadable]) -> Iterator[Document | Unreadable]:
        for file in files:
            if isinstance(file, Unreadable):
                yield file
            else:
                yield from self._read_file(file)

    def _read_file(self, file: File) -> Iterator[Document | Unreadable]:
        return self._documents_in(Blob.of_file(file.path), file.id)

    def _documents_in(self, blob: Blob, id_: str) -> Iterator[Document | Unreadable]:
        documents = documents_in(blob, id_, self.fields, left_out=self.search.left_out)
        return self._followed(documents) if self.fields.urls else documents

    def _followed(self, documents: Iterable[Document | Unreadable]) -> Iterator[Document | Unreadable]:
        """Yield the documents, in place of rows with a URL those to which it leads."""
        for document in documents:
            if self.web is not None and isinstance(document, Document) and document.kind == URL:
                yield from self.web.read_row(document)
            else:
                yield document

    def _read_stdin(self) -> Iterator[Document | Unreadable]:
        for document in self._documents_in(Blob("-", "", None, _all_of_stdin()), "-"):
            if isinstance(document, Document) and document.id == "-":
                yield replace(document, id=content_id(document.text))
            else:
                yield document

    def _read_bytes(self, data: bytes) -> Iterator[Document | Unreadable]:
        """Read bytes without a name. What they are, they tell themselves; their id is made from them."""
        id_ = hashlib.sha256(data).hexdigest()[:16]
        for document in self._documents_in(Blob(id_, "", None, data), id_):
            yield replace(document, source=None) if document.source == id_ else document

    def _read_open(self, file: OpenFile) -> Iterator[Document | Unreadable]:
        name = getattr(file, "name", None)  # of a file on disk; what is in memory has none
        source = name if isinstance(name, str) else None
        try:
            data = file.read()
        except (OSError, ValueError) as exc:  # it is closed, or no text in its encoding
            yield Unreadable(Path(source or "file").stem, source, DocumentError(f"cannot read {source or file}: {exc}"))
            return
        if isinstance(data, str):
            yield _validated(Document(Path(source).stem if source else "", data, source))
        elif source:
            yield from self._documents_in(Blob.of_bytes(data, source), Path(source).stem)
        else:
            yield from self._read_bytes(data)

    def _read_mapping(self, row: Mapping[str, Any]) -> Iterator[Document | Unreadable]:
        text = row.get(self.fields.text)
        fallback = content_id(text if isinstance(text, str) else repr(row))
        found = row_document(row, self.fields, source=None, fallback=fallback)
        yield from self._followed([found])


def _url_column(url_field: str, text_field: str, web: WebOptions | None) -> str:
    """Return the column of rows that is read in place of a text. Raises UsageError where that cannot be meant."""
    if web is None:
        raise UsageError(f"the URLs of '{url_field}' are not fetched unless you ask for it", hint=_FETCH)
    if text_field not in {"text", url_field}:
        raise UsageError("--url-field and --text-field both say where the text is", hint="leave out one of them")
    return url_field


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
    return name if name in {"", "-"} or "://" in name or "::" in name else str(Path(name))


def _is_a_text(name: str) -> bool:
    """Whether ``name`` can be no path, or is words with a line break, and no file is called so."""
    if len(name) <= _SHORT_NAME and "\n" not in name:
        return False
    path = name.partition("::")[0]
    if any(len(os.fsencode(part)) > _NAME_BYTES for part in path.split("/")):
        return True
    return "\n" in path and not os.path.lexists(path)


def _is_url(name: str) -> bool:
    if ":" not in name:
        return False
    from llmx.web.urls import is_url  # noqa: PLC0415 -- most documents are files

    return is_url(name)


def _is_file(name: str) -> bool:
    """Whether ``name`` exists and is read as one file. A pipe such as the shell's <(command) is one, too."""
    return bool(name) and not name.endswith(GOLD) and Path(name).exists() and not Path(name).is_dir()


def _nothing_at(name: str) -> UsageError:
    if "://" in name:
        return UsageError(f"{name} is no address that llmx knows", hint="only http:// and https:// are fetched")
    place = Path(name)
    if place.is_symlink():
        return UsageError(f"{name} is a link that leads nowhere", hint=f"it names {place.readlink()}")
    above = next((folder for folder in place.parents if folder.is_dir()), Path())
    if name.count(" ") >= _A_SENTENCE:
        hint = 'a string is a path; a text is given as llmx.Document(text="…"), or through stdin, as -'
        return UsageError(f"there is no file or folder '{name}'", hint=hint)
    missing = place.relative_to(above).parts[0] if name else ""
    meant = nearest_path(above / missing) if missing else ""
    hint = f"{meant}there is a folder {above.absolute()}, but not {missing} in it" if name else ""
    return UsageError(f"there is no file or folder '{name}'", hint=hint)
