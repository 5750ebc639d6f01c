"""Documents: the files, folders, globs, rows or standard input that a person names, as texts with an id each.

A document that cannot be read comes out as ``Unreadable`` in its place, and reading goes on. This package finds,
decodes and dates documents; what their texts say is the business of ``llmx.extraction``. docs/extending/converter.md
shows where a new file format goes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from llmx.documents.dates import DocumentDate, document_date
from llmx.documents.document import Document, Unreadable, content_id
from llmx.documents.find import ROWS, SUFFIXES, may_have_pages, may_hold_rows
from llmx.documents.read import Input, read_documents
from llmx.documents.rows import RowFields
from llmx.documents.stream import DocumentStream, kinds_left_out

if TYPE_CHECKING:
    from llmx.documents.pages import Box, Page, Pages

__all__ = [
    "ROWS", "SUFFIXES", "Box", "Document", "DocumentDate", "DocumentStream", "Input", "Page", "Pages", "RowFields",
    "Unreadable", "content_id", "document_date", "kinds_left_out", "may_have_pages", "may_hold_rows", "read_documents",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in {"Box", "Page", "Pages"}:  # what a text has none of
        raise AttributeError(f"module 'llmx.documents' has no attribute {name!r}")
    return getattr(import_module("llmx.documents.pages"), name)
