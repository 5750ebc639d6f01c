"""The pages that a run fetched, in its manifest: when, with which hash, and which documents came of each.

A page whose documents are all done is not fetched again when the run goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmx.documents.visits import Visit, Visits
    from llmx.run.manifest import Manifest, Row


class FetchedPages:
    """The pages in ``manifest``. ``pass_over`` says whether the documents of a page are done, and passes over them."""

    def __init__(self, manifest: Manifest, pass_over: Callable[[Sequence[Row]], bool]) -> None:
        self._manifest, self._pass_over = manifest, pass_over
        self._counts: dict[str, int] = {}

    def follow(self, visits: Visits) -> None:
        """Let a source ask which pages need not be fetched."""
        visits.is_done, visits.ended = self._is_done, self._end

    def _is_done(self, url: str) -> bool:
        rows = [row for key in self._documents(url) if (row := self._manifest.row(key))]
        return bool(rows) and len(rows) == len(self._documents(url)) and self._pass_over(rows)

    def _documents(self, url: str) -> list[str]:
        """Return the keys of the documents of a page; none where it was not fetched, or not read to its end."""
        found = self._manifest.query("select documents from pages where url = ?", url)
        if not found or found[0][0] is None:
            return []
        keys = [str(key) for (key,) in self._manifest.query("select id from page_documents where url = ?", url)]
        return keys if len(keys) == found[0][0] else []

    def add(self, visit: Visit, key: str) -> None:
        """Note that a document came of a page."""
        if visit.url not in self._counts:
            self._counts[visit.url] = 0
            self._manifest.query("delete from page_documents where url = ?", visit.url)
            self._manifest.query(
                "replace into pages values (?, ?, ?, ?, null)", visit.url, visit.led_to, visit.fetched_at, visit.sha256
            )
        self._counts[visit.url] += 1
        self._manifest.query("insert or ignore into page_documents values (?, ?)", visit.url, key)

    def _end(self, visit: Visit) -> None:
        """Note that all documents of a page were read."""
        count = self._counts.pop(visit.url, 0)
        self._manifest.query("update pages set documents = ? where url = ?", count or None, visit.url)
