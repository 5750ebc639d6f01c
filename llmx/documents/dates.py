"""The date of a document: from the field that the user names, from a page's metadata, or from a dateline in the text.

Each way gives the day and says where it comes from, so that a relative date can say what it was counted from. A date
that is not one full, certain day is unknown, never guessed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from llmx.dataclass import dataclass
from llmx.documents.dateline import dateline, full_date
from llmx.documents.document import Document
from llmx.types import PartialDate


@dataclass(frozen=True, slots=True)
class DocumentDate:
    """The day on which a document was written, and what told it; without a day, ``source`` says why."""

    day: dt.date | None = None
    source: str = ""


NO_DATE = DocumentDate()
"""Nothing tells the day, and nothing was there to tell it."""


def document_date(document: Document, *, locale: str | None = None) -> DocumentDate:
    """Return the date that ``document`` was given, else that of the dateline in its first lines.

    >>> document_date(Document("a", "PARIS, 3 May 2024 (AFP) - The ministry said on Friday that it had agreed to it."))
    DocumentDate(day=datetime.date(2024, 5, 3), source='the dateline')
    """
    if document.date is not None:
        return DocumentDate(document.date, document.date_source)
    day = dateline(document.text, locale=locale)
    return DocumentDate(day, "the dateline") if day else DocumentDate(None, document.date_source)


def field_date(value: Any, field: str) -> DocumentDate:
    """Return the date in the column ``field`` of a row: a date, or a text that says one full date.

    A timestamp counts with its day as written, whatever its time zone. Null and the empty text are no date.
    """
    source = f"the field '{field}'"
    if value is None or value == "":
        return DocumentDate()
    if isinstance(value, dt.datetime):
        return DocumentDate(value.date(), source)
    if isinstance(value, dt.date):
        return DocumentDate(value, source)
    day = full_date(PartialDate.from_text(value)) if isinstance(value, str) else None
    return DocumentDate(day, source) if day else DocumentDate(None, f"{source} is no full date: {str(value)[:40]!r}")
