"""The documents of a source as an iterator that can also tell how they are read, and which files were left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from llmx.documents.document import Document, Unreadable
from llmx.documents.rows import RowFields

if TYPE_CHECKING:
    from llmx.documents.visits import Visits

_MOST_KINDS = 10


class DocumentStream(Iterator[Document | Unreadable]):
    """The documents of ``documents``, one at a time.

    ``fields`` says how rows and files are read. ``left_out`` counts the files that were met in folders and globs and
    not read, by their kind (a suffix such as '.docx', 'hidden', 'gold' …); it is whole once the documents have come to
    their end. ``visits`` tells of the pages that are fetched, where some may be. ``expected`` returns how many
    documents there will be, None where only reading tells; it may take a second.
    """

    def __init__(
        self,
        documents: Iterator[Document | Unreadable],
        fields: RowFields,
        left_out: Counter[str],
        *,
        visits: Visits | None = None,
        expected: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._documents = documents
        self.fields, self.left_out, self.visits, self.expected = fields, left_out, visits, expected

    def __next__(self) -> Document | Unreadable:
        return next(self._documents)


def kinds_left_out(left_out: Mapping[str, int]) -> str:
    """Return the files that were left out in words, the most frequent kind first; '' for none.

    >>> kinds_left_out({"hidden": 1, ".docx": 12})
    '12 .docx, 1 hidden'
    """
    ranked = sorted(left_out.items(), key=lambda item: (-item[1], item[0]))
    told = [f"{count:,} {kind}" for kind, count in ranked[:_MOST_KINDS]]
    if others := ranked[_MOST_KINDS:]:
        told.append(f"{sum(count for _, count in others):,} more, of {len(others):,} kinds")
    return ", ".join(told)
