"""EPUB books: their title and authors, and their chapters in reading order."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from llmx.documents.converters import Converted, ConvertOptions
from llmx.documents.converters.html_lines import page_lines, parse_page
from llmx.documents.converters.lines import joined_text
from llmx.documents.converters.package import Package, joined, open_package
from llmx.documents.decode import decode
from llmx.errors import DocumentError

_CONTAINER = "META-INF/container.xml"
_OPF = "{http://www.idpf.org/2007/opf}"
_DC = "{http://purl.org/dc/elements/1.1/}"


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:  # noqa: ARG001 -- pages say their encoding
    """Return the text of a book."""
    with open_package(data, name, "an EPUB book") as package:
        return Converted(joined_text(_lines(package), name))


def _lines(package: Package) -> Iterator[str]:
    container = package.xml(_CONTAINER)
    roots = () if container is None else container.iter("{*}rootfile")
    book_part = next((each.get("full-path", "") for each in roots), "")
    book = package.xml(book_part)
    if book is None:
        raise DocumentError(f"{package.name} is an EPUB book without its list of chapters", hint="export it again")
    for field in ("title", "creator", "date", "publisher"):
        yield from (f"{field.title()}: {each.text}" for each in book.iter(f"{_DC}{field}") if each.text)
    items = {each.get("id"): each.get("href", "") for each in book.iter(f"{_OPF}item")}
    for reference in book.iter(f"{_OPF}itemref"):
        part = joined(posixpath.dirname(book_part), items.get(reference.get("idref"), ""))
        page = package.read(part)
        if page.strip():
            yield ""
            root, _ = parse_page(decode(page, f"{package.name}!{part}", page=True))
            yield from "".join(line.text for line in page_lines(root)).split("\n")
