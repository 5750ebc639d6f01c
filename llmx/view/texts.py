"""Finds the texts of records again: a record says where its document came from, but does not hold its text.

A text that cannot be found is not an error: the page shows the reason instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from llmx.documents import Document, RowFields, Unreadable
from llmx.documents.document import printable
from llmx.errors import LlmxError
from llmx.record import document_of
from llmx.remote import remote_name
from llmx.view.kept import WEB, pages_folder, redirects, web_documents
from llmx.view.pages import PageView, reread

DocumentsLike: TypeAlias = Iterable[str | Path | Document | Unreadable]

_ROW = re.compile(r":\d+\Z")
_ZIP = "zip://"


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document's text, or None and the reason, ``why``; and its pages, if it has some."""

    text: str | None
    why: str = ""
    pages: PageView | None = None


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
    found = {id_: ready[id_] for id_ in places if id_ in ready}
    faults: dict[str, str] = {}
    folders = [Path(), *dict.fromkeys(path.parent for path in beside)]
    for each in dict.fromkeys(fields) or [RowFields()]:
        missing = {id_: source for id_, source in places.items() if id_ not in found}
        places_in = ((id_, _place_of(source, roots, folders)) for id_, source in missing.items() if source)
        named = {id_: place for id_, place in places_in if place}
        _look_far({id_: source for id_, source in missing.items() if source}, fields=each, beside=beside, found=found)
        _look(missing, roots, named, fields=each, found=found, faults=faults)
    return {id_: found.get(id_) or DocumentText(None, faults.get(id_) or _why(places[id_], roots)) for id_ in places}


def _look_far(
    places: Mapping[str, str], *, fields: RowFields, beside: Iterable[Path], found: dict[str, DocumentText]
) -> None:
    """Look for the texts of pages of the web in the cache, and for those of ``zip://…::FILE`` in that file."""
    by_name: dict[str, dict[str, str]] = {}
    for id_, source in places.items():
        for inner in _inner_names(source) if source.startswith((*WEB, _ZIP)) else ():
            by_name.setdefault(source[: len(source) - len(inner)], {})[id_] = inner
    urls = [name for name in by_name if name.startswith(WEB)]
    archived = [name for name in by_name if name.startswith(_ZIP) and "://" not in name.removeprefix(_ZIP)]
    read = ((name, document) for name in archived for document in _read([name], {}, fields))
    kept = web_documents(urls, pages_folder(), led_to=redirects(beside), fields=fields) if urls else ()
    for name, document in (*read, *kept):
        inside = (document.source or "").removeprefix(name)
        for id_, inner in by_name[name].items():
            if inner == inside:
                found.setdefault(id_, DocumentText(document.text, pages=PageView.of(document)))


def _look(
    places: Mapping[str, str | None],
    roots: list[Path],
    named: Mapping[str, tuple[Path, str]],
    *,
    fields: RowFields,
    found: dict[str, DocumentText],
    faults: dict[str, str],
) -> None:
    """Look for the texts of ``places`` in the files that they have ``named``, and then in ``roots``."""
    by_file: dict[str, dict[str, str]] = {}
    for id_, (file, inner) in named.items():
        by_file.setdefault(str(file), {})[id_] = inner
    for file_name, wanted in by_file.items():
        _take_from_file(file_name, wanted, fields, found=found, faults=faults)
    if roots and not found.keys() >= places.keys():
        for document in _read([remote_name(root) or str(root) for root in roots], faults, fields):
            if document.id in places:
                pages = PageView.of(document, file=_file_of(document), fields=fields)
                found.setdefault(document.id, DocumentText(document.text, pages=pages))


def _sorted_out(documents: DocumentsLike) -> tuple[dict[str, DocumentText], list[Path]]:
    """Split ``documents`` into ready texts by id, and paths to search."""
    ready: dict[str, DocumentText] = {}
    roots: list[Path] = []
    for each in [documents] if isinstance(documents, str | Path) else documents:
        if isinstance(each, Document):
            ready[each.id] = DocumentText(each.text, pages=PageView.of(each))
        elif isinstance(each, str | Path):
            roots.append(Path(each))  # of one in a store, remote_name gives back both slashes
    return ready, roots


def _place_of(source: str, roots: list[Path], folders: list[Path]) -> tuple[Path, str] | None:
    """The file that ``source`` names from one of ``folders``, or below ``roots``, and what it names in the file."""
    below = [root for root in roots if root.is_dir()]
    first, *others = folders
    for inner in _inner_names(source):
        path = Path(source[: len(source) - len(inner)])
        whole = (folder / path for folder in (first, *below, *others))
        for candidate in (*whole, *(root / path.name for root in below)):
            if candidate.is_file():
                return candidate, inner
    return None


def _take_from_file(
    file_name: str,
    wanted: Mapping[str, str],
    fields: RowFields,
    *,
    found: dict[str, DocumentText],
    faults: dict[str, str],
) -> None:
    """Read one file and take the texts of its records: by id, by their place in it, or the only one there is."""
    documents = list(_read([file_name], faults, fields, blamed=wanted))
    by_id = {document.id: document for document in documents}
    by_place = {(document.source or "").removeprefix(printable(file_name)): document for document in documents}
    for id_, inner in wanted.items():
        document = by_id.get(id_) or by_place.get(inner)
        if document is None and len(documents) == 1 and len(wanted) == 1:
            document = documents[0]
        if document is not None:
            found[id_] = DocumentText(document.text, pages=PageView.of(document, file=file_name, fields=fields))


def _file_of(document: Document) -> str:
    """Return the file that holds the document, whose source may name a place in it."""
    return (document.source or "").partition("!")[0]


def _inner_names(source: str) -> list[str]:
    """Return what ``source`` may name in a file, the least first: nothing, a row (':3'), a file ('!b.csv:3')."""
    row = _ROW.search(source)
    bangs = [at for at, sign in enumerate(source) if sign == "!"]
    return ["", *([row[0]] if row else []), *(source[at:] for at in reversed(bangs))]


def _read(
    sources: list[str], faults: dict[str, str], fields: RowFields, *, blamed: Iterable[str] = ()
) -> Iterator[Document]:
    """Yield the documents that can be read; the reasons of the others go to ``faults``."""
    try:
        for each in reread(sources, fields):
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
    if source.startswith(WEB):
        return (
            f"It came from {source}, and the cache of pages does not have it: nothing is fetched for this page. "
            f"llmx extract {source} --allow-urls --dry-run fetches it into the cache."
        )
    if remote := remote_name(source):
        folder = f"{remote.rpartition('/')[0]}/"
        return f"It is in a store, which is read where it is named: llmx view … --documents {folder} reads {remote}."
    looked = ", ".join(["the current folder", *map(str, roots)])
    return f"{source} is not in {looked}; name its folder with --documents."
