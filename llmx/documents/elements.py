"""The elements of an HTML page that hold the words of its text, so that a proof can name one by its XPath."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from llmx.span import Span


class Elements(Protocol):
    """The way from places in a document's text back to the elements of its page."""

    @property
    def fingerprint(self) -> str:
        """A hash of the page: the same text may stand in other elements of another one."""
        ...

    def xpaths(self, spans: Iterable[Span]) -> list[str]:
        """Return for each of ``spans`` the XPath of the innermost element that holds all of its words.

        In a table of data that is the cell. '' where the words stand in no element that has an XPath.
        """
        ...
