"""``llmx extract``: the main job. Documents in, validated records out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Any

    from llmx.config import Config
    from llmx.documents import Document, Unreadable
    from llmx.endpoint import EndpointSettings
    from llmx.plan import Extractor
    from llmx.record import Record
    from llmx.run import RunOptions, Summary


@dataclass(frozen=True, slots=True)
class _Output:
    """Where the records go, and how much is said about it."""

    target: Path | None
    overwrite: bool
    quiet: bool


@dataclass(frozen=True, slots=True)
class _Job:
    """A run, ready to go."""

    source: Iterable[Document | Unreadable]
    extractor: Extractor
    settings: EndpointSettings
    emit: Callable[[Record[Any]], None]
    options: RunOptions


def extract(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command line
    documents: Annotated[list[str], typer.Argument(help="Files, folders, globs, .jsonl or .csv rows; '-' is stdin.")],
    schema: options.Schema = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="out.jsonl, .json, .csv, .parquet, .sqlite, or a folder/ of data files."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing output.")] = False,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    mode: options.Mode = None,
    prompt: options.Prompt = None,
    examples: options.Examples = None,
    instructions: options.Instructions = None,
    unproven: Annotated[
        str | None, typer.Option("--unproven", help="What becomes of unproven values: keep, null, drop or fail.")
    ] = None,
    evidence: Annotated[
        str | None, typer.Option("--evidence", help="'quotes' also asks the model for quotes for inferred fields.")
    ] = None,
    passes: Annotated[int | None, typer.Option("--passes", help="Looks at a document; 1 never asks again.")] = None,
    samples: Annotated[
        int | None, typer.Option("--samples", help="Answers a document, of which the majority counts.")
    ] = None,
    boilerplate: Annotated[
        str | None, typer.Option("--boilerplate", help="Page furniture: drop, mark or keep.")
    ] = None,
    chunk_tokens: Annotated[int | None, typer.Option("--chunk-tokens", help="Document tokens a request.")] = None,
    locale: Annotated[
        str | None, typer.Option("--locale", help="How numbers and dates are written, such as de_CH.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", help="Record every answer in this cassette folder.")
    ] = None,
    replay: options.Replay = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache of answers.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask anew, and overwrite what the cache holds.")] = False,
    text_field: Annotated[
        str | None, typer.Option("--text-field", help="The column with the text of JSONL or CSV rows.")
    ] = None,
    id_field: Annotated[str | None, typer.Option("--id-field", help="The column with the id.")] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="The encoding of files that are not UTF-8.")
    ] = None,
    concurrency: Annotated[str | None, typer.Option("--concurrency", help="Requests in flight, or auto.")] = None,
    timeout_s: Annotated[float | None, typer.Option("--timeout", help="Seconds for one attempt.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")] = False,
) -> None:
    """Extract a record from each document: validated by the schema, every value pointing at the words that prove it.

    Exit codes: 0 all documents are ok, 1 some are not, 2 usage or configuration.
    """
    config = options.settings_from(
        {
            "schema": schema, "model": model, "base_url": base_url, "api_key_env": api_key_env, "mode": mode,
            "prompt": prompt, "examples": examples, "instructions": instructions, "unproven": unproven,
            "evidence": evidence, "passes": passes, "samples": samples, "boilerplate": boilerplate,
            "chunk_tokens": chunk_tokens, "locale": locale, "text_field": text_field, "id_field": id_field,
            "encoding": encoding, "concurrency": concurrency, "timeout_s": timeout_s, "cache": False if no_cache else None,
        }
    ).values  # fmt: skip
    summary = _run(
        documents,
        config,
        options.endpoint_settings(config, record=record, replay=replay, refresh=refresh),
        _Output(output, overwrite, quiet),
    )
    raise typer.Exit(summary.exit_code)


def _run(documents: list[str], config: Config, settings: EndpointSettings, out: _Output) -> Summary:
    """Check everything that can be checked before anybody is asked, then run."""
    from llmx.cli.progress import weights_progress  # noqa: PLC0415
    from llmx.documents import read_documents  # noqa: PLC0415
    from llmx.errors import ConfigError  # noqa: PLC0415
    from llmx.plan import Extractor  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415
    from llmx.session import answering  # noqa: PLC0415
    from llmx.sinks import open_sink  # noqa: PLC0415

    if not config.schema:
        raise ConfigError(
            "no schema is named",
            hint="Give --schema NAME, file.py:Class or a JSON Schema; llmx schema list shows names.",
        )
    schema = load_schema(config.schema)
    extractor = Extractor(config.schema, options.extraction_options(config))
    source = read_documents(
        documents, text_field=config.text_field, id_field=config.id_field, encoding=config.encoding or None
    )
    with (
        open_sink(out.target, overwrite=out.overwrite, schema=schema.model) as sink,
        weights_progress() as progress,
        answering(settings, say=options.say, progress=progress) as ready,
    ):
        job = _Job(source, extractor, ready, sink.write, _run_options(config, settings, ready))
        summary = _on_a_loop(_go(job, quiet=out.quiet))
    if not out.quiet:
        typer.echo(_last_line(summary), err=True)
    return summary


async def _go(job: _Job, *, quiet: bool) -> Summary:
    from llmx.cli.progress import run_progress  # noqa: PLC0415
    from llmx.run import run_documents  # noqa: PLC0415
    from llmx.session import open_session  # noqa: PLC0415

    async with open_session(job.extractor, job.settings) as session:
        return await run_documents(
            job.source, session.plan, session.endpoint, options=job.options, emit=job.emit,
            watch=None if quiet else run_progress(),
        )  # fmt: skip


def _run_options(config: Config, asked: EndpointSettings, ready: EndpointSettings) -> RunOptions:
    """Return how the run goes: one request at a time where the embedded model, which has one slot, was started."""
    from llmx.run import RunOptions  # noqa: PLC0415

    concurrency: int | str = int(config.concurrency) if config.concurrency.isdigit() else config.concurrency
    if concurrency == "auto" and ready.base_url != asked.base_url:
        concurrency = 1
    return RunOptions(concurrency=concurrency, ordered=True)  # type: ignore[arg-type] # checked there


def _on_a_loop(job: Coroutine[Any, Any, Summary]) -> Summary:
    return asyncio.run(job)


def _last_line(summary: Summary) -> str:
    """Say in one line what was done: documents by status, tokens, cost where the price is known, saved, seconds."""
    states = ", ".join(f"{count} {status}" for status, count in summary.statuses.items() if count) or "none"
    paid, saved = summary.paid, summary.saved
    parts = [
        f"{summary.documents} documents: {states}",
        f"{paid.total_tokens:,} tokens ({paid.input_tokens:,} in, {paid.output_tokens:,} out)",
    ]
    if summary.cost_usd is not None and paid.total_tokens:
        parts.append(f"${summary.cost_usd:.4f}")
    if saved.total_tokens:
        parts.append(f"{saved.total_tokens:,} tokens saved by cache or cassette")
    if summary.retries:
        parts.append(f"{summary.retries} retries")
    parts.append(f"{summary.seconds:.1f} s")
    line = "llmx: " + "; ".join(parts)
    return f"{line}\nllmx: stopped early: {summary.stopped}: {summary.error or ''}" if summary.stopped else line
