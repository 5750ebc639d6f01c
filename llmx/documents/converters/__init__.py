"""Converters: file formats that are not plain text, one module each, found by the suffix of a file.

A converter turns the bytes of one file into a text and, if the file states it, a date. To add a format, write a module
with a function ``convert`` and name it in ``CONVERTERS``; docs/extending/converter.md walks through it. A module is
imported when the first file of its format comes, so its libraries cost nothing before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol, cast

from llmx.documents.dates import DocumentDate
from llmx.errors import DocumentError

CONVERTERS = {
    ".html": "llmx.documents.converters.html",
    ".htm": "llmx.documents.converters.html",
    ".xhtml": "llmx.documents.converters.html",
}
"""The module that converts the files with a suffix."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What a converter makes of a file: the text that proofs point into, and the date that the file states."""

    text: str
    date: DocumentDate = field(default_factory=DocumentDate)


class Convert(Protocol):
    """What the function ``convert`` of a converter's module takes and returns."""

    def __call__(self, data: bytes, name: str, *, encoding: str | None = None) -> Converted:
        """Return the text of the file ``name`` with the bytes ``data``.

        ``encoding`` is the one that the user named. Raises DocumentError, with the file's name and a hint, if the bytes
        are not of this format or hold no text.
        """
        ...


def converter_for(suffix: str) -> Convert | None:
    """Return the converter of files that end in ``suffix`` (lower case, with its point), None for plain text.

    Raises DocumentError if a library that the converter needs is not installed.
    """
    module = CONVERTERS.get(suffix)
    if module is None:
        return None
    try:
        return cast("Convert", import_module(module).convert)
    except ImportError as exc:
        hint = "install the package that is missing, or convert the file to text first"
        raise DocumentError(f"{suffix} files cannot be read here: {exc}", hint=hint) from exc
