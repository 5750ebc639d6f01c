"""``llmx extract``: the main job. Documents in, validated records out."""

from __future__ import annotations

import asyncio
import gc
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli import options

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Iterator
    from typing import Any

    from llmx.config import Config
    from llmx.documents import Document, Unreadable
    from llmx.endpoint import EndpointSettings
    from llmx.extraction.plan import Extractor
    from llmx.run import RunOptions, Summary


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be done, checked as far as that is possible before anybody is asked."""

    source: Iterable[Document | Unreadable]
    extractor: Extractor
    target: Path | None
    options: RunOptions
    quiet: bool = False
    dry: bool = False


def extract(
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
    strict: options.Strict = None,
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
    logprobs: Annotated[
        bool | None, typer.Option("--logprobs", help="Ask for the probabilities of tokens: part of the confidence.")
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
    date_field: Annotated[
        str | None, typer.Option("--date-field", help="The column with the date from which 'yesterday' counts.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="The encoding of files that are not UTF-8.")
    ] = None,
    concurrency: Annotated[str | None, typer.Option("--concurrency", help="Requests in flight, or auto.")] = None,
    timeout_s: Annotated[float | None, typer.Option("--timeout", help="Seconds for one attempt.")] = None,
    rpm: Annotated[int | None, typer.Option("--rpm", help="Requests a minute.")] = None,
    tpm: Annotated[int | None, typer.Option("--tpm", help="Tokens a minute.")] = None,
    ordered: Annotated[bool, typer.Option(help="Records in the order of the documents, or as they finish.")] = True,
    resume: Annotated[
        bool, typer.Option("--resume", help="Do what is missing, stale or failed in the output.")
    ] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="With --resume: all that is not ok.")] = False,
    max_cost: Annotated[float | None, typer.Option("--max-cost", help="Stop before this many US dollars.")] = None,
    max_tokens_total: Annotated[
        int | None, typer.Option("--max-tokens-total", help="Stop before so many tokens.")
    ] = None,
    max_documents: Annotated[int | None, typer.Option("--max-documents", help="Stop after so many documents.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would take; nothing is sent.")] = False,
    wait: Annotated[bool, typer.Option("--wait-for-endpoint", help="Wait for ever when the endpoint is away.")] = False,
    log_file: Annotated[Path | None, typer.Option("--log-file", help="JSON lines of what happens; no texts.")] = None,
    log_text: Annotated[bool, typer.Option("--log-text", help="Document texts in the log file too.")] = False,
    trace: Annotated[bool, typer.Option("--trace", help="OpenTelemetry spans (extra 'otel').")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary.")] = False,
) -> None:
    """Extract a record from each document: validated by the schema, every value pointing at the words that prove it.

    Exit codes: 0 all documents are ok, 1 some are not, 2 usage or configuration, 130 interrupted.
    """
    config = options.settings_from(
        {
            "schema": schema, "model": model, "base_url": base_url, "api_key_env": api_key_env, "mode": mode,
            "strict": strict, "prompt": prompt, "examples": examples, "instructions": instructions,
            "unproven": unproven, "evidence": evidence, "passes": passes, "samples": samples,
            "boilerplate": boilerplate, "logprobs": logprobs, "chunk_tokens": chunk_tokens,
            "locale": locale, "text_field": text_field, "id_field": id_field, "date_field": date_field,
            "encoding": encoding, "concurrency": concurrency, "timeout_s": timeout_s,
            "cache": False if no_cache else None,
        }
    ).values  # fmt: skip
    from llmx.run import RunOptions  # noqa: PLC0415

    run = RunOptions(
        concurrency=int(config.concurrency) if config.concurrency.isdigit() else config.concurrency,  # type: ignore[arg-type] # checked there
        rpm=rpm, tpm=tpm, ordered=ordered, max_cost_usd=max_cost, max_tokens_total=max_tokens_total,
        max_documents=max_documents, resume=resume or retry_failed, retry_failed=retry_failed, overwrite=overwrite,
        log_file=log_file, log_text=log_text, trace=trace, signals=True, **({"outage_s": math.inf} if wait else {}),
    )  # fmt: skip
    settings = options.endpoint_settings(config, record=record, replay=replay, refresh=refresh)
    code = _run(_checked(documents, config, output, run, quiet=quiet, dry=dry_run), settings)
    raise typer.Exit(code)


def _checked(
    documents: list[str], config: Config, target: Path | None, run: RunOptions, *, quiet: bool, dry: bool
) -> _Job:
    """Check everything that can be checked before anybody is asked or paid."""
    from llmx.errors import ConfigError  # noqa: PLC0415
    from llmx.extraction.plan import Extractor  # noqa: PLC0415
    from llmx.run import check_output  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415
    from llmx.sinks import check_format  # noqa: PLC0415

    if not config.schema:
        hint = "Give --schema NAME, file.py:Class or a JSON Schema; llmx schema list shows the names."
        raise ConfigError("no schema is named", hint=hint)
    load_schema(config.schema)
    extractor = Extractor(config.schema, options.extraction_options(config))
    if not dry:
        check_output(target, run)
    elif target is not None:
        check_format(target)
    written = [path for path in (target, run.log_file) if path is not None and str(path) != "-"]
    source = options.read(documents, config, exclude=written)
    return _Job(source, extractor, target, run, quiet, dry)


def _run(job: _Job, settings: EndpointSettings) -> int:
    from llmx.cli.progress import weights_progress  # noqa: PLC0415
    from llmx.extraction.session import answering  # noqa: PLC0415

    with weights_progress() as progress, answering(settings, say=options.say, progress=progress) as ready:
        if job.options.concurrency == "auto" and ready.base_url != settings.base_url:
            job = replace(job, options=replace(job.options, concurrency=1))  # the embedded model answers one at a time
        return _on_a_loop(_dry(job, ready) if job.dry else _go(job, ready))


async def _dry(job: _Job, settings: EndpointSettings) -> int:
    from llmx.extraction.session import open_session  # noqa: PLC0415
    from llmx.run import estimate, left_to_do  # noqa: PLC0415

    async with open_session(job.extractor, settings) as session:
        source = left_to_do(job.source, session.plan, target=job.target, options=job.options)
        found = await estimate(source, session.plan, session.endpoint)
    for name, value in found.to_json().items():
        shown = " to ".join(f"{v:,}" for v in value) if isinstance(value, list) and name != "notes" else value
        typer.echo(f"{name:14} {shown}")
    return 0


async def _go(job: _Job, settings: EndpointSettings) -> int:
    from llmx.extraction.session import open_session  # noqa: PLC0415
    from llmx.run import run_progress, run_to_output  # noqa: PLC0415

    async with open_session(job.extractor, settings) as session:
        summary = await run_to_output(
            job.source, session.plan, session.endpoint, target=job.target, options=job.options,
            watch=None if job.quiet else run_progress(base_url=settings.base_url),
        )  # fmt: skip
    for line in _said_at_the_end(summary, job.target) if not job.quiet else ():
        options.say(line)
    return summary.exit_code


def _on_a_loop(job: Coroutine[Any, Any, int]) -> int:
    """Run on uvloop where it is installed: it saves a tenth of the CPU of many small answers."""
    gc.freeze()  # what is imported stays: not to be looked through again and again (4 % of the CPU of a fast run)
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return asyncio.run(job)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(job)


def _said_at_the_end(summary: Summary, target: Path | None) -> Iterator[str]:
    """Say what was done, in a line: documents by status, tokens, cost where the price is known, saved, seconds.

    And why documents failed, and why the run ended early.
    """
    states = ", ".join(f"{count} {status}" for status, count in summary.statuses.items() if count) or "none"
    paid, saved, wasted = summary.paid, summary.saved, summary.wasted
    parts = [f"{summary.documents} documents: {states}"]
    if summary.skipped:
        not_ok = f" ({summary.skipped_not_ok} not ok: --retry-failed)" if summary.skipped_not_ok else ""
        parts.append(f"{summary.skipped} done before{not_ok}")
    parts.append(f"{paid.total_tokens:,} tokens ({paid.input_tokens:,} in, {paid.output_tokens:,} out)")
    if summary.cost_usd is not None and paid.total_tokens:
        parts.append(f"${summary.cost_usd:.4f}")
    if wasted.total_tokens:
        parts.append(f"{wasted.total_tokens:,} of them wasted on answers that were not valid")
    if saved.total_tokens:
        parts.append(f"{saved.total_tokens:,} tokens saved by cache or cassette")
    if summary.retries:
        parts.append(f"{summary.retries} retries")
    yield "; ".join([*parts, f"{summary.seconds:.1f} s"])
    if summary.failures:
        message, count = summary.failures[0]
        more = f" (llmx report {target} has more)" if target is not None and len(summary.failures) > 1 else ""
        yield f"{count} without data: {message}{more}"
    if summary.stopped:
        why = _WHY.get(summary.stopped, summary.stopped)
        yield f"stopped early: {why}" + (f": {summary.error}" if summary.error else "")
        if target is not None:
            yield "the same command with --resume, without --overwrite, goes on" if not summary.left else summary.left


_WHY = {
    "interrupted": "interrupted", "auth": "the endpoint refuses the key or the account",
    "cassette": "an answer is not recorded", "endpoint": "the endpoint is away, or refuses every request",
    "max_cost": "the bound of --max-cost is reached", "max_tokens": "the bound of --max-tokens-total is reached",
    "max_documents": "as many documents as --max-documents allows are done",
}  # fmt: skip
