"""Sessions that stay open, one a schema, and the records of one document at a time from them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.documents import Document, Unreadable, read_documents
from llmx.errors import ConfigError, UsageError, choices
from llmx.extraction.plan import Extractor
from llmx.extraction.redaction import redacted
from llmx.extraction.session import Session, answering, open_session
from llmx.run import OutputOptions, RunOptions, run_documents, run_to_output

if TYPE_CHECKING:
    from llmx.endpoint import EndpointSettings
    from llmx.extraction.options import Options
    from llmx.record import Record


@dataclass(frozen=True, slots=True)
class ExtractionService:
    """Gives the records of documents by the name of a schema. ``open_service`` makes one.

    ``settings`` are those of an endpoint that answers. As many documents are extracted at a time as ``_gate`` lets in;
    the others wait.
    """

    sessions: dict[str, Session]
    settings: EndpointSettings
    options: Options
    run: RunOptions
    _gate: asyncio.Semaphore = field(repr=False)
    _stack: AsyncExitStack = field(repr=False)

    @property
    def busy(self) -> bool:
        """Whether another document would have to wait."""
        return self._gate.locked()

    async def extract(self, document: Document | bytes | Path, schema: str) -> list[Record[Any]]:
        """Return the records of ``document``, a text, or a file or its bytes of any kind that llmx reads.

        An archive or a list of rows is several documents. Raises UsageError for a schema that is not served, and what
        ends a run: AuthError, CassetteError, and EndpointError where the endpoint stays away.
        """
        session = self.sessions.get(schema)
        if session is None:
            raise UsageError(f"no schema is called {schema!r}", hint=choices(schema, self.sessions))
        records: list[Record[Any]] = []
        async with self._gate:
            documents = await asyncio.to_thread(self._read, document)
            summary = await run_documents(documents, session, options=self.run, emit=records.append)
        if summary.error is not None:
            raise summary.error
        return [row for record in records for row in record.rows]

    async def extract_to(self, output: OutputOptions, source: Path, schema: str) -> None:
        """Write the records of all documents at ``source`` into ``output``, as ``llmx extract`` does.

        Raises OutputError where it cannot be written as asked, and what ends a run.
        """
        documents = redacted(
            read_documents(source, exclude=[output.path] if isinstance(output.path, Path) else []), self.settings
        )
        async with self._gate:
            summary = await run_to_output(documents, self.sessions[schema], output=output, options=self.run)
        if summary.error is not None:
            raise summary.error

    async def open(self, schema: str) -> None:
        """Serve ``schema``, too, until the service is closed. Raises what a run raises for it."""
        if schema not in self.sessions:
            opening = open_session(Extractor(schema, self.options), self.settings)
            self.sessions[schema] = await self._stack.enter_async_context(opening)

    def _read(self, document: Document | bytes | Path) -> list[Document | Unreadable]:
        return list(redacted(read_documents([document]), self.settings))


def served_name(schema: str) -> str:
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
    named = {served_name(schema): schema for schema in schemas}
    if len(named) < len(schemas):
        raise ConfigError(f"two schemas are called the same: {', '.join(schemas)}", hint="Give each a name of its own.")
    async with AsyncExitStack() as stack:
        ready = stack.enter_context(answering(settings))
        sessions = {
            name: await stack.enter_async_context(open_session(Extractor(schema, options), ready))
            for name, schema in named.items()
        }
        how = run.suited_to(ready, asked=settings)
        yield ExtractionService(sessions, ready, options, how, asyncio.Semaphore(at_once), stack)
