"""What ``llmx extract`` does once its options are read: checks, a dry run, or the run, and what it prints."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from llmx.cli import options
from llmx.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from llmx.config import Settings
    from llmx.documents import DocumentStream
    from llmx.endpoint import EndpointSettings
    from llmx.extraction.plan import Extractor
    from llmx.run import OutputOptions, RunOptions, Summary

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """A run that passed every check that can be made before the first request."""

    source: DocumentStream
    extractor: Extractor
    output: OutputOptions
    options: RunOptions
    quiet: bool = False
    dry: bool = False
    written: tuple[Path, ...] = ()
    batch: bool = False
    verbose: bool = False


def prepare(
    documents: list[str],
    configured: Settings,
    output: OutputOptions,
    run: RunOptions,
    *,
    web: options.WebSource,
    quiet: bool,
    dry: bool,
) -> Job:
    """Check everything that can be checked before the first request."""
    from llmx.extraction.plan import Extractor  # noqa: PLC0415
    from llmx.run import check_output  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415
    from llmx.sinks import check_columns, check_format  # noqa: PLC0415

    schema = options.schema_of(configured)
    target = output.path
    check_columns(target, load_schema(schema).model)
    extractor = Extractor(schema, options.extraction_options(configured.values))
    if not dry:
        check_output(output, log_file=run.log_file)
    elif target is not None:
        check_format(target)
    written = tuple(path for path in (target, run.log_file) if isinstance(path, Path) and str(path) != "-")
    source = options.read(documents, configured, exclude=written, web=web)
    return Job(source, extractor, output, run, quiet, dry, written)


def run_job(job: Job, settings: EndpointSettings) -> int:
    """Do what was asked for, and return the exit code."""
    from llmx.cli.progress import weights_progress  # noqa: PLC0415
    from llmx.extraction.session import answering  # noqa: PLC0415

    if job.dry:
        return on_a_loop(_dry(job, settings))
    with weights_progress() as progress, answering(settings, say=options.say, progress=progress) as ready:
        job = replace(job, options=job.options.suited_to(ready, asked=settings))
        return on_a_loop(extract_into(job, ready)).exit_code


async def _dry(job: Job, settings: EndpointSettings) -> int:
    from llmx.documents import kinds_left_out  # noqa: PLC0415
    from llmx.extraction.session import open_offline_session  # noqa: PLC0415
    from llmx.run import estimate, left_to_do  # noqa: PLC0415

    async with open_offline_session(job.extractor, settings, say=options.say) as session:
        notes: list[str] = []
        source = left_to_do(job.source, session.plan, output=job.output, options=job.options, note=notes.append)
        found = await estimate(source, session.plan, session.endpoint, batch=job.batch)
        if notes:
            notes.append("a document that is asked for some fields alone is counted as a whole one")
            found = replace(found, notes=(*found.notes, *notes))
        if settings.fallbacks:
            found = replace(found, notes=(*found.notes, "what goes to fallbacks is not counted"))
    for name, value in found.to_json().items():
        typer.echo(f"{name:14} {_estimated(name, value)}")
    typer.echo(f"{'left_out':14} {kinds_left_out(job.source.left_out) or 'none'}")
    return 0


def _estimated(name: str, value: object) -> str:
    """Return a figure of an estimate as a person reads it."""
    if isinstance(value, list):
        return "; ".join(value) if name == "notes" else " to ".join(f"{each:,}" for each in value)
    return "unknown" if value is None else str(value)


async def extract_into(job: Job, settings: EndpointSettings) -> Summary:
    """Do a job, print what it did, and return that."""
    from llmx.cli.summary import fault_lines, summary_lines  # noqa: PLC0415
    from llmx.extraction.session import open_session  # noqa: PLC0415
    from llmx.run import document_lines, run_progress, run_to_output  # noqa: PLC0415

    shown = document_lines if job.verbose else run_progress
    async with open_session(job.extractor, settings) as session:
        summary = await run_to_output(
            job.source, session, output=job.output, options=job.options,
            observer=None if job.quiet else shown(expected=job.source.expected),
        )  # fmt: skip
    for line in (fault_lines if job.quiet else summary_lines)(summary, job.output.path):
        options.say(line)
    if not job.quiet:
        options.announce(settings)
    return summary


def on_a_loop(job: Coroutine[Any, Any, T]) -> T:
    """Run on uvloop if it is installed: it saves a tenth of the CPU of many small answers."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return asyncio.run(job)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(job)
