"""Runs against the mock server of bench/: on loopback, in the test's own loop or in a process of its own."""

from __future__ import annotations

import contextlib
import itertools
import json
import multiprocessing
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.invoices import Invoice, invoice_id, text
from bench.mock_server import Mock, serving
from llmx.documents import Document
from llmx.endpoint import Endpoint, EndpointSettings, WireEndpoint, open_endpoint
from llmx.endpoint.retry import RetryPolicy
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor, Plan
from llmx.extraction.session import Session
from llmx.record import Record
from llmx.run import NullObserver, OutputOptions, RunObserver, RunOptions, Summary, run_documents, run_to_output
from llmx.run.delivery import Emit
from llmx.run.document_queue import DocumentQueue
from llmx.run.runner import Run
from llmx.schema import SchemaLike
from llmx.sinks import DatabaseUrl

FORKS = multiprocessing.get_context("forkserver")
"""Processes of their own that need not import llmx again: forks of one that has."""
FORKS.set_forkserver_preload(["llmx.engines.partition_job", __name__])

WORDS = 70  # the facts and a sentence: most of a test is not reading
SOON = RetryPolicy(chance=lambda: 0.02)  # waits of 10 ms instead of half a second


def invoices(count: int, *, first: int = 0, words: int = WORDS) -> Iterator[Document]:
    for number in range(first, first + count):
        yield Document(invoice_id(number), text(number, words), f"invoices:{number}")


def right(record: Record[Any]) -> bool:
    """Whether a record is that of its own document: not of another one, not partial, not empty."""
    data = record.data
    return (
        isinstance(data, Invoice) and data.invoice_no == record.id and data.total == 18450.75 and len(data.lines) == 3
    )


@dataclass(frozen=True)
class Setup:
    plan: Plan
    endpoint: WireEndpoint
    mock: Mock
    base_url: str

    @property
    def session(self) -> Session:
        return Session(self.plan, self.endpoint)

    def new_run(
        self,
        documents: Any,
        emit: Emit,
        *,
        endpoint: Endpoint | None = None,
        observer: RunObserver | None = None,
        slow: bool = False,
        **options: Any,
    ) -> Run:
        """A run that can be stopped; with ``slow`` its source is taken to be slow, and read in threads."""
        session = Session(self.plan, endpoint or self.endpoint)
        queue = DocumentQueue(documents, clock=itertools.count().__next__) if slow else DocumentQueue(documents)
        return Run(queue, session, options=RunOptions(**options), emit=emit, observer=observer or NullObserver())

    async def run(
        self, documents: Any, *, observer: RunObserver | None = None, **options: Any
    ) -> tuple[list[Record[Any]], Summary]:
        records: list[Record[Any]] = []
        summary = await run_documents(
            documents, self.session, options=RunOptions(**options), emit=records.append, observer=observer
        )
        return records, summary


async def into(
    setup: Setup, target: Path | DatabaseUrl, documents: Any, *, observer: RunObserver | None = None, **options: Any
) -> Summary:
    """A run into ``target``; ``options`` are those of RunOptions and of OutputOptions."""
    output = {
        name: options.pop(name)
        for name in ("resume", "retry_failed", "overwrite", "upsert", "keep_columns")
        if name in options
    }
    return await run_to_output(
        documents,
        setup.session,
        output=OutputOptions(target, **output),
        options=RunOptions(**options),
        observer=observer,
    )


@contextlib.asynccontextmanager
async def asking(
    base_url: str, *, mock: Mock | None = None, cache: Path | None = None, policy: RetryPolicy | None = SOON,
    extraction: Options | None = None, schema: SchemaLike = Invoice, **settings: Any,
) -> AsyncIterator[Setup]:  # fmt: skip
    """An endpoint at ``base_url`` with its plan; the cache is off without ``cache``."""
    made = EndpointSettings(
        model="mock", base_url=base_url, mode="json_schema", cache=cache is not None, cache_dir=cache, **settings
    )
    endpoint = open_endpoint(made, policy=policy)
    try:
        plan = Extractor(schema, extraction or Options()).plan(await endpoint.resolve())
        yield Setup(plan, endpoint, mock or Mock(), base_url)
    finally:
        await endpoint.aclose()


@contextlib.asynccontextmanager
async def mocked(mock: Mock | None = None, **more: Any) -> AsyncIterator[Setup]:
    """A mock server in this loop, and an endpoint that asks it."""
    mock = mock or Mock()
    async with serving(mock) as base_url, asking(base_url, mock=mock, **more) as setup:
        yield setup


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
