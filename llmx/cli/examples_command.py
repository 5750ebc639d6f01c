"""``llmx examples``: few-shot examples picked from gold, and whether they help."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli import options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from llmx.config import Config
    from llmx.documents import Document, Unreadable
    from llmx.endpoint import EndpointSettings
    from llmx.few_shot import Candidate


def examples(
    documents: Annotated[list[str], typer.Argument(help="Files, folders, globs, .jsonl or .csv rows, that have gold.")],
    gold: Annotated[Path, typer.Option("--gold", help="A folder of ID.json or ID.gold.json files, or a JSONL file.")],
    schema: options.Schema = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The YAML file to write. [default: standard output]")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
    count: Annotated[int, typer.Option("--count", "-n", help="How many examples.")] = 3,
    tokens: Annotated[int, typer.Option("--tokens", help="Tokens of text in each, at most.")] = 400,
    check: Annotated[
        bool, typer.Option("--check", help="Extract with and without them from the other documents, and compare.")
    ] = False,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    mode: options.Mode = None,
    strict: options.Strict = None,
    prompt: options.Prompt = None,
    replay: options.Replay = None,
    record: Annotated[Path | None, typer.Option("--record", help="Record every answer in this folder.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache of answers.")] = False,
) -> None:
    """Pick few-shot examples from gold: different, short, in the words of their own text; written as YAML.

    With --check it is measured whether they help, on documents that were not used. Exit codes: 0, 1 a check that could
    not be run, 2 usage.
    """
    config = options.settings_from(
        {"schema": schema, "model": model, "base_url": base_url, "api_key_env": api_key_env, "mode": mode,
         "strict": strict, "prompt": prompt, "cache": False if no_cache else None}
    ).values  # fmt: skip
    from llmx.errors import ConfigError, OutputError  # noqa: PLC0415
    from llmx.evaluate import load_gold  # noqa: PLC0415
    from llmx.few_shot import PickOptions, candidates, examples_yaml, pick  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415

    if not config.schema:
        raise ConfigError("no schema is named", hint="Give --schema NAME, file.py:Class or a JSON Schema.")
    if output is not None and output.exists() and not overwrite:
        raise OutputError(f"{output} exists already", hint="--overwrite replaces it; or name another file with -o.")
    loaded, golds, how = load_schema(config.schema), load_gold(gold), PickOptions(count, tokens, config.boilerplate)
    read = list(options.read(documents, config))
    chosen = pick(candidates(loaded, golds, read, options=how), how)
    text = examples_yaml(chosen, loaded)
    _write(text, output)
    for each in chosen:
        options.say(f"{each.id}: {each.said} facts in about {each.tokens} tokens")
    if check:
        settings = options.endpoint_settings(config, record=record, replay=replay)
        raise typer.Exit(_check(read, golds, config, text, chosen=chosen, settings=settings))


def _write(text: str, output: Path | None) -> None:
    from llmx.errors import OutputError  # noqa: PLC0415

    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8")
    except OSError as error:
        raise OutputError(f"{output}: cannot be written: {error.strerror}", hint="Choose another place.") from error


def _check(
    documents: Sequence[Document | Unreadable],
    golds: dict[str, Any],
    config: Config,
    text: str,
    *,
    chosen: Sequence[Candidate],
    settings: EndpointSettings,
) -> int:
    """Return the exit code after extracting with and without the examples; the table goes to stderr, it is talk."""
    from rich.console import Console  # noqa: PLC0415

    from llmx.few_shot import check_grid, unused, verdict  # noqa: PLC0415
    from llmx.sweep import SweepOptions, render_text, sweep  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="llmx-") as folder:
        path = Path(folder) / "picked.examples.yaml"
        path.write_text(text, "utf-8")
        grid = check_grid(config.schema, path, endpoint=settings, options=options.extraction_options(config))
        left, how = unused(documents, [each.id for each in chosen]), SweepOptions(say=options.say)
        found = asyncio.run(sweep(left, golds, config.schema, grid=grid, folder=Path(folder), options=how))
    Console(stderr=True).print(render_text(found))
    if told := verdict(found):
        options.say(told)
    return 0 if found.ok else 1
