"""The seam to where the records of a run go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from llmx.documents import Document
    from llmx.extraction.session import Session
    from llmx.record import Record
    from llmx.run.document_queue import Input
    from llmx.run.input_columns import InputColumns
    from llmx.run.observer import Live
    from llmx.run.record_update import RecordUpdate
    from llmx.run.schema_change import Update
    from llmx.run.summary import Summary


class RunOutput(Protocol):
    """Where the records of a run go."""

    @property
    def left(self) -> str:
        """Where the records are when a run that stopped cannot leave them in their place, '' where they are there."""
        ...

    @property
    def update(self) -> Update:
        """How many records were updated to a changed schema."""
        ...

    @property
    def changes(self) -> list[str]:
        """What a changed schema makes of the documents that are done, for the user to know."""
        ...

    @property
    def columns(self) -> InputColumns | None:
        """The columns of the input that the records keep, None where they keep none."""
        ...

    def update_of(self, document: Document) -> RecordUpdate | None:
        """Return the earlier record of ``document`` where only some fields of it are to be asked for."""
        ...

    def ask_whole(self, document: Document, reason: str) -> None:
        """Hear that all of ``document`` is asked for after all, and why."""
        ...

    def leave(self, document: Document) -> None:
        """Hear that nothing is done about ``document`` in this run."""
        ...

    def begin(self, session: Session, live: Live) -> None:
        """Hear that the run begins."""
        ...

    def pending(self, documents: Iterable[Input]) -> Iterable[Input]:
        """Return the documents that are to be done."""
        ...

    def emit(self, record: Record[Any]) -> None:
        """Write ``record``. Raises OutputError where it cannot be written."""
        ...

    def end(self, summary: Summary) -> None:
        """Hear that the run is over."""
        ...
