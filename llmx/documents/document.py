"""What a source turns into: a document, or the reason why it cannot be read."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from llmx.dataclass import dataclass
from llmx.errors import DocumentError
from llmx.record import Issue

if TYPE_CHECKING:
    from llmx.documents.cells import Cells
    from llmx.documents.elements import Elements
    from llmx.documents.pages import Pages


@dataclass(frozen=True, slots=True)
class Document:
    """A text with an id. Every offset in llmx counts code points of ``text``, which never changes after reading.

    Without an id, as in ``Document(text="…")``, it is one made from the text (``content_id``).
    ``source`` is where the text comes from: a path, ``path:line`` for a row, ``-`` for stdin, None for a text given
    as a value. ``meta`` holds the other columns of a row. ``date`` is the day on which the document was written, from
    which "yesterday" and "last month" count, and ``date_source`` what told it. Where ``date`` is None, ``date_source``
    says why, and is empty if there was nothing to read it from; a dateline in the text may then still tell the day.
    ``kind`` is the format of the file, as ``KINDS`` in kind.py calls it.

    ``cells`` says in which cell of a workbook a character stands, ``elements`` in which element of a page.
    ``pages`` says on which page and in which boxes the text stands, None for what has no pages. ``issues`` are those
    of reading the file, such as pages without text; the record carries them.
    """

    id: str = ""
    text: str = ""
    source: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)
    date: dt.date | None = None
    date_source: str = ""
    kind: str = field(default="text", compare=False, repr=False)
    pages: Pages | None = field(default=None, repr=False)
    issues: tuple[Issue, ...] = ()
    cells: Cells | None = field(default=None, compare=False, repr=False)
    elements: Elements | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", content_id(self.text))
        if isinstance(self.date, dt.datetime):
            object.__setattr__(self, "date", self.date.date())
        if self.date is not None and not self.date_source:
            object.__setattr__(self, "date_source", "given with the document")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document that cannot be read. It becomes a failed record with this id."""

    id: str
    source: str | None
    error: DocumentError


def content_id(text: str) -> str:
    """Return the id of a text without a name: the first 16 hex digits of its sha256.

    >>> content_id("a memorandum")
    '3218b6b24abc0bf2'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def printable(name: str) -> str:
    """Return ``name`` as text that JSON can hold, even if the bytes in the file system are not UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")
