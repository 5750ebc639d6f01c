"""A whole run: documents in, an output file with its manifest out, and everybody who looks on."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import orjson

from llmx.documents import Document, Unreadable
from llmx.run.budget import Budget
from llmx.run.feed import Feed
from llmx.run.finished import finished_records
from llmx.run.logfile import LogFile
from llmx.run.manifest import SUFFIX, Manifest
from llmx.run.output import Bare, Output, check_output, open_output
from llmx.run.runner import Run
from llmx.run.summary import Live, Onlooker, Summary, Watch, Watches
from llmx.run.telemetry import traced

if TYPE_CHECKING:
    from llmx.endpoint import Endpoint
    from llmx.extraction.plan import Plan
    from llmx.run.options import RunOptions


async def run_to_output(
    documents: Iterable[Document | Unreadable],
    plan: Plan,
    endpoint: Endpoint,
    *,
    target: Path | None,
    options: RunOptions,
    watch: Watch | None = None,
) -> Summary:
    """Extract from ``documents`` into ``target``, with a manifest beside it where it is a file; return what was done.

    With ``options.resume`` only what is missing or stale is done. Raises OutputError where the output cannot be written
    as asked, is being written by another run, or was changed since; and what ``run_documents`` raises.
    """
    check_output(target, options)
    Budget.of(options, plan, endpoint)  # what it refuses is refused before anything is written
    with ExitStack() as stack:
        log = stack.enter_context(LogFile(options.log_file, text=options.log_text)) if options.log_file else None
        output = stack.enter_context(open_output(target, plan, options, cached=endpoint.retention.repeatable))
        began(output, plan, endpoint)
        finished = stack.enter_context(finished_records(endpoint, plan))
        run = Run(
            Feed(output.pending(documents)), plan, traced(endpoint, plan) if options.trace else endpoint,
            options=options, emit=output.emit, watch=Watches(_Skips(output), watch, log), finished=finished,
        )  # fmt: skip
        summary = await run.go()
        output.complete = not summary.stopped
        ended(output, summary)
    return replace(summary, left=output.left)


def left_to_do(
    documents: Iterable[Document | Unreadable], plan: Plan, *, target: Path | None, options: RunOptions
) -> Iterator[Document | Unreadable]:
    """Yield the documents that a run into ``target`` would do. Writes nothing: it looks at a copy of the manifest."""
    with ExitStack() as stack:
        target = None if target is None else Path(os.path.realpath(target))
        if options.resume and target is not None and target.with_name(target.name + SUFFIX).exists():
            folder = Path(stack.enter_context(TemporaryDirectory()))
            for end in (SUFFIX, f"{SUFFIX}-wal"):
                if (path := target.with_name(target.name + end)).exists():
                    shutil.copy(path, folder / f"copy{end}")
            manifest = Manifest(folder / f"copy{SUFFIX}")
            stack.callback(manifest.close)
            output = Output(manifest, plan, options, write=lambda _: (-1, 0))
            output.skipping = True
            documents = _noted(output, documents)
        yield from islice(documents, options.max_documents)


def _noted(output: Output, documents: Iterable[Document | Unreadable]) -> Iterator[Document | Unreadable]:
    for document in output.pending(documents):
        output.discard(document)
        yield document


def began(output: Output | Bare, plan: Plan, endpoint: Endpoint) -> None:
    """Take down in the manifest what runs, for ``llmx report``."""
    if output.manifest is None:
        return
    told = {
        "model": plan.model, "mode": plan.mode, "schema": plan.schema.name, "base_url": endpoint.base_url or "",
        "began": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }  # fmt: skip
    for name, value in told.items():
        output.manifest.set_fact(name, value)
    output.manifest.set_fact("ended", "")


def ended(output: Output | Bare, summary: Summary) -> None:
    """Take down how it ended."""
    if output.manifest is None:
        return
    if summary.stopped == "endpoint":
        output.excuse()
    output.manifest.set_fact("ended", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    output.manifest.set_fact("whys", orjson.dumps(output.whys).decode())
    output.manifest.set_fact("summary", orjson.dumps(summary.to_json()).decode())


class _Skips(Onlooker):
    """Lets the output count what it skips where everybody sees it."""

    def __init__(self, output: Output | Bare) -> None:
        self.output = output

    def begin(self, live: Live) -> None:
        """Pass on who counts."""
        self.output.begin(live)
