"""An output without a manifest, of which nothing is known but that records go there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from llmx.run.schema_change import Update

if TYPE_CHECKING:
    from llmx.documents import Document
    from llmx.extraction.session import Session
    from llmx.record import Record
    from llmx.run.document_queue import Input
    from llmx.run.input_columns import InputColumns
    from llmx.run.observer import Live
    from llmx.run.summary import Summary


class UnmanagedOutput:
    """An output without a manifest: standard output, a folder, a pipe."""

    left = ""
    update = Update()

    def __init__(self, emit: Callable[[Record[Any]], None], columns: InputColumns | None = None) -> None:
        self.emit, self.columns = emit, columns
        self.changes: list[str] = []

    def begin(self, session: Session, live: Live) -> None:
        """Do nothing: nothing is noted."""

    def pending(self, documents: Iterable[Input]) -> Iterable[Input]:
        """Return all of them."""
        return documents if self.columns is None else self.columns.noticed(documents)

    def update_of(self, document: Document) -> None:
        """Return None: no earlier record is known."""

    def ask_whole(self, document: Document, reason: str) -> None:
        """Do nothing: nothing is noted."""

    def leave(self, document: Document) -> None:
        """Do nothing: nothing is noted."""

    def end(self, summary: Summary) -> None:
        """Do nothing: nothing is noted."""
