"""Finds the texts of records again: a record says where its document came from, but does not hold its text.

A text that cannot be found is not an error: the page shows the reason instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from llmx.documents import Document, RowFields, Unreadable, read_documents
from llmx.errors import LlmxError
from llmx.record import document_of

DocumentsLike: TypeAlias = Iterable[str | Path | Document | Unreadable]


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document's text, or None and the reason, ``why``."""

    text: str | None
    why: str = ""


def find_texts(
    places: Mapping[str, str | None],
    documents: DocumentsLike = (),
    *,
    fields: Iterable[RowFields] = (),
    beside: Iterable[Path] = (),
) -> dict[str, DocumentText]:
    """Return the text for each record id in ``places``, which maps it to the record's source.

    ``fields`` say how rows and files may be read (``llmx extract --text-field``); of several the first that finds the
    text counts. ``beside`` are the outputs, from whose folders a source is looked for, too.
    ``documents`` holds ready documents, and files, folders or globs. A ready document with the same id comes
    first; then the file that the source names, from the current folder or below a folder of ``documents``; then
    whatever the rest of ``documents`` holds under the same id. Records of one document (``ID#1`` …) have its text.
    """
    documents = [documents] if isinstance(documents, str | Path) else list(documents)
    fields, beside = list(fields), list(beside)
    found = _find_texts(places, documents, fields=fields, beside=beside)
    parts = {id_: document_of(id_) for id_, each in found.items() if each.text is None and document_of(id_) != id_}
    wholes = {document: places[id_] for id_, document in parts.items() if document not in found}
    if wholes:
        found |= _find_texts(wholes, documents, fields=fields, beside=beside)
    return {id_: found[parts.get(id_, id_)] for id_ in places}


def _find_texts(
    places: Mapping[str, str | None],
    documents: DocumentsLike,
    *,
    fields: Iterable[RowFields],
    beside: Iterable[Path],
) -> dict[str, DocumentText]:
    ready, roots = _sorted_out(documents)
    found = {id_: DocumentText(ready[id_]) for id_ in places if id_ in ready}
    faults: dict[str, str] = {}
    folders = [Path(), *dict.fromkeys(path.parent for path in beside)]
    for each in dict.fromkeys(fields) or [RowFields()]:
        missing = {id_: source for id_, source in places.items() if id_ not in found}
        files = {id_: file for id_, source in missing.items() if source and (file := _file_of(source, roots, folders))}
        _look(missing, roots, files, fields=each, found=found, faults=faults)
    return {id_: found.get(id_) or DocumentText(None, faults.get(id_) or _why(places[id_], roots)) for id_ in places}


def _look(
    places: Mapping[str, str | None],
    roots: list[Path],
    files: Mapping[str, Path],
    *,
    fields: RowFields,
    found: dict[str, DocumentText],
    faults: dict[str, str],
) -> None:
    """Look for the texts of ``places`` in the ``files`` that they name, and then in ``roots``."""
    by_file: dict[str, dict[str, str]] = {}
    for id_, file in files.items():
        by_file.setdefault(str(file), {})[id_] = str(places[id_])
    for file_name, wanted in by_file.items():
        _take_from_file(file_name, wanted, fields, found=found, faults=faults)
    if roots and not found.keys() >= places.keys():
        for document in _read([str(root) for root in roots], faults, fields):
            if document.id in places:
                found.setdefault(document.id, DocumentText(document.text))


def _sorted_out(documents: DocumentsLike) -> tuple[dict[str, str], list[Path]]:
    """Split ``documents`` into ready texts by id, and paths to search."""
    ready: dict[str, str] = {}
    roots: list[Path] = []
    for each in [documents] if isinstance(documents, str | Path) else documents:
        if isinstance(each, Document):
            ready[each.id] = each.text
        elif isinstance(each, str | Path):
            roots.append(Path(each))
    return ready, roots


def _file_of(source: str, roots: list[Path], folders: list[Path]) -> Path | None:
    """The file that ``source`` names (less the row, in 'file:row') from one of ``folders``, or below ``roots``."""
    head, colon, row = source.rpartition(":")
    names = [source, head] if colon and row.isdigit() else [source]
    below = [root for root in roots if root.is_dir()]
    first, *others = folders
    for name in names:
        path = Path(name)
        whole = (folder / path for folder in (first, *below, *others))
        for candidate in (*whole, *(root / path.name for root in below)):
            if candidate.is_file():
                return candidate
    return None


def _take_from_file(
    file_name: str,
    wanted: Mapping[str, str],
    fields: RowFields,
    *,
    found: dict[str, DocumentText],
    faults: dict[str, str],
) -> None:
    """Read one file and take the texts of its records: by id, by row, or the only one there is."""
    documents = list(_read([file_name], faults, fields, blamed=wanted))
    by_id = {document.id: document for document in documents}
    by_row = {_row(document.source): document for document in documents}
    for id_, source in wanted.items():
        document = by_id.get(id_) or by_row.get(_row(source))
        if document is None and len(documents) == 1 and len(wanted) == 1:
            document = documents[0]
        if document is not None:
            found[id_] = DocumentText(document.text)


def _row(source: str | None) -> str:
    """The row's number in 'file:row', '' for a whole file."""
    tail = (source or "").rpartition(":")[2]
    return tail if tail.isdigit() else ""


def _read(
    sources: list[str], faults: dict[str, str], fields: RowFields, *, blamed: Iterable[str] = ()
) -> Iterator[Document]:
    """Yield the documents that can be read; the reasons of the others go to ``faults``."""
    try:
        for each in read_documents(sources, text_field=fields.text, id_field=fields.id, encoding=fields.encoding):
            if isinstance(each, Document):
                yield each
            else:
                faults[each.id] = str(each.error.message)
                for id_ in blamed:
                    faults.setdefault(id_, str(each.error.message))
    except LlmxError as error:
        for id_ in blamed:
            faults.setdefault(id_, error.message)


def _why(source: str | None, roots: list[Path]) -> str:
    if source is None:
        return "The record does not say where it came from; name the documents with --documents."
    if source == "-":
        return "It was read from standard input, which is not kept; name the documents with --documents."
    if "://" in source:
        return f"It came from {source}; nothing is fetched for this page."
    looked = ", ".join(["the current folder", *map(str, roots)])
    return f"{source} is not in {looked}; name its folder with --documents."
