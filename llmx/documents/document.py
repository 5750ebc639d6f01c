"""The two things that a source can turn into: a document, or the reason why not."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llmx.errors import DocumentError


@dataclass(frozen=True, slots=True)
class Document:
    """A text with an id. Every offset in llmx counts code points of ``text``, which is never changed after reading.

    ``source`` says where it came from: a path, ``path:line`` for a row, ``-`` for stdin, None for a text that was given
    as one. ``meta`` is what a row held besides its text and id.
    """

    id: str
    text: str
    source: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document that cannot be read. It becomes a failed record under its id."""

    id: str
    source: str | None
    error: DocumentError


def content_id(text: str) -> str:
    """Return the id of a text that has no name: the first 16 hex digits of its sha256.

    >>> content_id("a memorandum")
    '3218b6b24abc0bf2'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def printable(name: str) -> str:
    """Return ``name`` as text that can be written as JSON, even where the file system's bytes are no UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")
