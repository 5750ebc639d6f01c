"""Sessions that stay open, one a schema, and the records of one document at a time from them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.documents import Document, Unreadable, read_documents
from llmx.errors import ConfigError, UsageError
from llmx.extraction.plan import Extractor
from llmx.extraction.redaction import redacted
from llmx.extraction.session import Session, answering, open_session
from llmx.run import RunOptions, run_documents

if TYPE_CHECKING:
    from llmx.endpoint import EndpointSettings
    from llmx.extraction.options import Options
    from llmx.record import Record


@dataclass(frozen=True, slots=True)
class ExtractionService:
    """Gives the records of documents by the name of a schema. ``open_service`` makes one.

    At most ``at_once`` documents are extracted at a time; the others wait. ``busy`` says whether there are any.
    """

    sessions: Mapping[str, Session]
    settings: EndpointSettings
    run: RunOptions
    at_once: int
    _gate: asyncio.Semaphore = field(repr=False)

    @property
    def busy(self) -> bool:
        """Whether another document would have to wait."""
        return self._gate.locked()

    async def extract(self, document: Document | bytes, schema: str) -> list[Record[Any]]:
        """Return the records of ``document``, a text or the bytes of a file of any kind that llmx reads.

        An archive or a list of rows is several documents. Raises UsageError for a schema that is not served, and what
        ends a run: AuthError, CassetteError, and EndpointError where the endpoint stays away.
        """
        session = self.sessions.get(schema)
        if session is None:
            raise UsageError(f"no schema is called {schema!r}", hint=f"Served are {', '.join(self.sessions)}.")
        records: list[Record[Any]] = []
        async with self._gate:
            documents = await asyncio.to_thread(self._read, document)
            summary = await run_documents(documents, session, options=self.run, emit=records.append)
        if summary.error is not None:
            raise summary.error
        return [row for record in records for row in record.rows]

    def _read(self, document: Document | bytes) -> list[Document | Unreadable]:
        return list(redacted(read_documents([document]), self.settings))


def _served_name(schema: str) -> str:
    """Return the last name in a reference: ``orders.py:Order`` is Order, ``forms/order.json`` is order."""
    file, _, inside = schema.rpartition(":")
    return inside if file else Path(schema).stem


@asynccontextmanager
async def open_service(
    schemas: Sequence[str], settings: EndpointSettings, options: Options, *, run: RunOptions, at_once: int
) -> AsyncIterator[ExtractionService]:
    """Give a service for ``schemas`` within the ``async with`` block; the embedded model, where asked for, runs in it.

    A schema of a file is served under the name of its class, or of the file. Raises ConfigError for two of one name,
    and what a run raises for a schema, a prompt or an endpoint that cannot be used.
    """
    named = {_served_name(schema): schema for schema in schemas}
    if len(named) < len(schemas):
        raise ConfigError(f"two schemas are called the same: {', '.join(schemas)}", hint="Give each a name of its own.")
    async with AsyncExitStack() as stack:
        ready = stack.enter_context(answering(settings))
        sessions = {
            name: await stack.enter_async_context(open_session(Extractor(schema, options), ready))
            for name, schema in named.items()
        }
        how = run.suited_to(ready, asked=settings)
        yield ExtractionService(sessions, ready, how, at_once, asyncio.Semaphore(at_once))
