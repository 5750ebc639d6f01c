"""Which documents of a source are to be done, and why: new, changed, made with something else, failed before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

from llmx.dataclass import dataclass
from llmx.documents import Document, DocumentStream, Unreadable
from llmx.errors import UsageError
from llmx.record import fatal_issue
from llmx.run.document_queue import Input
from llmx.run.manifest import Row, text_hash
from llmx.run.model_shares import shares_text
from llmx.run.observer import Live
from llmx.run.schema_change import ASKED_FIELDS, CHANGED, FieldChange, PlanChanges

if TYPE_CHECKING:
    from llmx.extraction.plan import Plan
    from llmx.record import Record
    from llmx.run.fetched_pages import FetchedPages
    from llmx.run.manifest import Manifest
    from llmx.run.options import OutputOptions

MOST_TRIES = 3
"""Runs in which a document may fail before resuming leaves it alone; --retry-failed tries it again all the same."""

_WRITE_TOGETHER = 1000  # positions of documents that were passed over


@dataclass(frozen=True, slots=True)
class PendingDocument:
    """A document that is to be done, and the ``reason``.

    ``hash`` is that of its text, ``position`` its place in the source, ``tries`` the runs in which it failed before.
    ``earlier`` is its row and what became of the schema's fields since, where an earlier record has some of them.
    """

    hash: str
    position: int
    tries: int
    reason: str
    earlier: tuple[Row, FieldChange] | None = None


class DocumentSelection:
    """The documents that a run with ``plan`` is to do, by what ``manifest`` says of them.

    ``passes_over`` says that documents that are done stay as they are; else all are done and the manifest only tells
    why. ``base_urls`` are those of the model and its fallbacks. ``updates`` says that earlier records can be read, so
    that fields of them may stay when the schema has changed.
    """

    def __init__(
        self,
        manifest: Manifest,
        plan: Plan,
        options: OutputOptions,
        *,
        passes_over: bool,
        base_urls: Sequence[str] = (),
        updates: bool = False,
    ) -> None:
        self._manifest = manifest
        self._changes = PlanChanges(manifest, plan, updates=updates)
        self._retry_failed, self._passes_over = options.retry_failed, passes_over
        self._live, self._base_urls = Live(), base_urls
        self._pending: dict[str, PendingDocument] = {}
        self._pages: FetchedPages | None = None
        self._positions = count()
        self._passed: list[tuple[int, str]] = []
        self._known = bool(manifest.query("select 1 from documents limit 1"))
        self._unreadable = {key for (key,) in manifest.query("select id from documents where instr(id, char(0))")}

    @property
    def changes(self) -> list[str]:
        """What a changed schema makes of the documents that are done, for the user to know."""
        return self._changes.notes() if self._known else []

    def begin(self, live: Live) -> None:
        """Count documents that are passed over in ``live`` from now on."""
        self._live = live

    def pending(self, documents: Iterable[Input]) -> Iterator[Input]:
        """Yield the documents that are to be done, and count the others as skipped.

        Raises UsageError where two documents have one id.
        """
        visits = documents.visits if isinstance(documents, DocumentStream) else None
        if visits is not None:
            from llmx.run.fetched_pages import FetchedPages  # noqa: PLC0415 - most documents are files

            self._pages = self._pages or FetchedPages(self._manifest, self._is_passed_over)
            self._pages.follow(visits)
        for document in documents:
            position = next(self._positions)
            key, hashed = _key(document), text_hash(document)
            row = self._manifest.row(key) if self._known else None
            if self._pages is not None and visits is not None and visits.current is not None:
                self._pages.add(visits.current, key)
            reason = self._reason(document, hashed, row)
            if not reason:
                self._pass_over(position, key, ok=row is not None and row.status == "ok")
                continue
            if key in self._pending:
                hint = "Give each an id of its own; read_documents sees to it."
                raise UsageError(f"two documents have the id {document.id!r}", hint=hint)
            tries = row.tries if row is not None and reason == "failed before" else 0
            earlier = None
            if reason == ASKED_FIELDS and row is not None:
                change = self._changes.since(row.plan)
                earlier = None if isinstance(change, str) else (row, change)
            self._pending[key] = PendingDocument(hashed, position, tries, reason, earlier)
            yield document
        self.write_positions()

    def earlier(self, document: Document) -> tuple[Row, FieldChange] | None:
        """Return the row of a pending document's earlier record that has some of the fields, and the change since."""
        pending = self._pending.get(document.id)
        return None if pending is None else pending.earlier

    def ask_whole(self, document: Document, reason: str) -> None:
        """Hear that all of a pending document is asked for after all, and why."""
        pending = self._pending[document.id]
        self._pending[document.id] = replace(pending, reason=f"{CHANGED}: {reason}")

    def keep_earlier(self, key: str, pending: PendingDocument) -> None:
        """Leave the row of a document as it is, for its line stays; only its place in the source is noted."""
        self._manifest.set_positions([(pending.position, key)])

    def finish(self, record: Record[Any]) -> tuple[str, PendingDocument]:
        """Return the key of the document that ``record`` is of, and what was known of it; it is no longer pending."""
        key = _record_key(record)
        return key, self._pending.pop(key)

    def discard(self, document: Input) -> None:
        """Hear that nothing is done about a document that was pending."""
        self._pending.pop(_key(document), None)

    def row(self, record: Record[Any], key: str, pending: PendingDocument, *, place: tuple[int, int]) -> Row:
        """Return the manifest's row for ``record``; ``place`` is (at, bytes) of its line."""
        usage, failed = record.usage, record.status == "failed"
        issue = record.issues[0] if record.status in {"ok", "partial"} and record.issues else fatal_issue(record.issues)
        return Row(
            key, pending.hash, self._changes.number, record.status, issue.code if issue else "",
            pending.tries + 1 if failed else 0, record.attempts, len(record.keys),
            usage.input_tokens, usage.output_tokens, usage.cached_tokens, record.seconds, *place, pending.position,
            shares_text(record, self._base_urls),
        )  # fmt: skip

    def _reason(self, document: Input, hashed: str, row: Row | None) -> str:
        """Return why ``document`` is to be done, '' where it is not."""
        if self._unreadable and isinstance(document, Document):
            self._forget_unreadable(f"{document.id}\0{document.source}")
        if row is None:
            return "new"
        if row.hash != hashed:
            return "changed text"
        return self._reason_of(row)

    def _reason_of(self, row: Row) -> str:
        """Return why a document whose text is the same is to be done again, '' where it is not."""
        if row.plan != self._changes.number and (change := self._changes.since(row.plan)):
            keeps = row.status == "ok" or (row.status == "partial" and not self._retry_failed)  # fields of the record
            return change if isinstance(change, str) else ASKED_FIELDS if keeps else CHANGED
        if row.status == "failed" and (row.tries < MOST_TRIES or self._retry_failed):
            return "failed before"
        if row.status != "ok" and self._retry_failed:
            return "failed before"
        return "" if self._passes_over else "done before, written anew"

    def _is_passed_over(self, rows: Sequence[Row]) -> bool:
        """Return whether all documents of a page are done; then they are passed over."""
        if not (self._known and self._passes_over) or any(self._reason_of(row) for row in rows):
            return False
        for row in rows:
            self._pass_over(next(self._positions), row.id, ok=row.status == "ok")
        return True

    def _forget_unreadable(self, key: str) -> None:
        """Forget that a document could not be read: now it can."""
        if key in self._unreadable:
            self._unreadable.discard(key)
            self._manifest.remove(key)

    def _pass_over(self, position: int, key: str, *, ok: bool) -> None:
        self._passed.append((position, key))
        self._live.skipped += 1
        self._live.skipped_not_ok += not ok
        if len(self._passed) >= _WRITE_TOGETHER:
            self.write_positions()

    def write_positions(self) -> None:
        """Note the places of the documents that were passed over."""
        if self._passed:
            self._manifest.set_positions(self._passed)
            self._passed.clear()


def _key(document: Input) -> str:
    """Return the key of a document in the manifest. One that cannot be read may bear the id of one that can."""
    return f"{document.id}\0{document.source}" if isinstance(document, Unreadable) else document.id


def _record_key(record: Record[Any]) -> str:
    unreadable = record.status == "failed" and any(issue.code == "unreadable" for issue in record.issues)
    return f"{record.id}\0{record.source}" if unreadable else record.id
