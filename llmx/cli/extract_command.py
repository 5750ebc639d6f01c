"""``llmx extract``: the main job. Documents in, validated records out."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli import options

if TYPE_CHECKING:
    from llmx.config import Config
    from llmx.endpoint import EndpointSettings
    from llmx.run import RunOptions, Summary

_OUT = "Output"
_RUN = "The run"


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
    samples: Annotated[int | None, typer.Option("--samples", help="Answers a document, of which the majority counts.")] = None,
    boilerplate: Annotated[
        str | None, typer.Option("--boilerplate", help="Page furniture: drop, mark or keep.")
    ] = None,
    chunk_tokens: Annotated[int | None, typer.Option("--chunk-tokens", help="Document tokens a request.")] = None,
    locale: Annotated[str | None, typer.Option("--locale", help="How numbers and dates are written, such as de_CH.")] = None,
    record: Annotated[Path | None, typer.Option("--record", help="Record every answer in this cassette folder.")] = None,
    replay: options.Replay = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache of answers.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask anew, and overwrite what the cache holds.")] = False,
    text_field: Annotated[str | None, typer.Option("--text-field", help="The column with the text of JSONL or CSV rows.")] = None,
    id_field: Annotated[str | None, typer.Option("--id-field", help="The column with the id.")] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="The encoding of files that are not UTF-8.")] = None,
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
