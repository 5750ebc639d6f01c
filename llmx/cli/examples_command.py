"""``llmx examples``: chooses few-shot examples from gold, and measures whether they help."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli import options
from llmx.cli.panels import ANSWERS, OUTPUT, RUN, option

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from llmx.config import Settings
    from llmx.documents import Document, Unreadable
    from llmx.endpoint import EndpointSettings
    from llmx.few_shot import Candidate


def examples(
    documents: options.GoldDocuments,
    gold: options.Gold,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    mode: options.Mode = None,
    strict: options.Strict = None,
    api: options.Api = None,
    reasoning_effort: options.ReasoningEffort = None,
    extra_body: options.ExtraBody = None,
    header: options.Header = None,
    schema: options.Schema = None,
    prompt: options.Prompt = None,
    count: Annotated[
        int, option("--count", "-n", help="The number of examples.", panel=ANSWERS, metavar="N", default=3)
    ] = 3,
    tokens: Annotated[
        int,
        option("--tokens", help="The most tokens of text in one example.", panel=ANSWERS, metavar="N", default=400),
    ] = 400,
    check: Annotated[
        bool,
        option("--check", help="Measure whether the examples help: extract from the other documents with and without "
               "them.", panel=RUN),
    ] = False,
    record: options.Record = None,
    replay: options.Replay = None,
    no_cache: options.NoCache = False,
    output: Annotated[
        Path | None,
        option("--output", "-o", help="The YAML file to write.", panel=OUTPUT, metavar="PATH",
               default="standard output"),
    ] = None,
    overwrite: Annotated[bool, option("--overwrite", help="Replace a file that exists.", panel=OUTPUT)] = False,
) -> None:  # fmt: skip
    """Choose few-shot examples from documents with gold, and write them as YAML.

    The examples differ from each other, are short, and use the words of their own text. Exit codes: 0 if all went
    well, 1 if --check could not run, 2 for a mistake in the command or its settings.
    """
    configured = options.settings_from(
        {"schema": schema, "model": model, "base_url": base_url, "api_key_env": api_key_env, "mode": mode,
         "strict": strict, "api": api, "reasoning_effort": reasoning_effort, "extra_body": extra_body,
         "headers": header or None, "prompt": prompt, "cache": False if no_cache else None}
    )  # fmt: skip
    config = configured.values
    from llmx.errors import OutputError  # noqa: PLC0415
    from llmx.evaluate import load_gold  # noqa: PLC0415
    from llmx.few_shot import PickOptions, candidates, examples_yaml, pick  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415

    named, boilerplate = options.schema_of(configured), options.extraction_options(config).boilerplate
    if output is not None and output.exists() and not overwrite:
        raise OutputError(f"{output} exists", hint="Replace it with --overwrite, or name another file with --output.")
    loaded, how = load_schema(named), PickOptions(count, tokens, boilerplate)
    golds = load_gold(gold, several=loaded.row is not None)
    read = list(options.read(documents, configured))
    chosen = pick(candidates(loaded, golds, read, options=how), how)
    text = examples_yaml(chosen, loaded)
    _write(text, output)
    for each in chosen:
        options.say(f"{each.id}: {each.said} facts in about {each.tokens} tokens")
    if check:
        settings = options.endpoint_settings(configured, record=record, replay=replay)
        options.announce(settings)
        raise typer.Exit(_check(read, golds, configured, text, chosen=chosen, settings=settings))


def _write(text: str, output: Path | None) -> None:
    from llmx.sinks.atomic import write_atomically  # noqa: PLC0415

    if output is None:
        typer.echo(text, nl=False)
        return
    write_atomically(output, [text.encode()])


def _check(
    documents: Sequence[Document | Unreadable],
    golds: dict[str, Any],
    configured: Settings,
    text: str,
    *,
    chosen: Sequence[Candidate],
    settings: EndpointSettings,
) -> int:
    """Extract with and without the examples, print the comparison on stderr, and return the exit code."""
    from rich.console import Console  # noqa: PLC0415

    from llmx.few_shot import check_grid, unused, verdict  # noqa: PLC0415
    from llmx.sweep import SweepOptions, render_text, sweep  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="llmx-") as folder:
        path = Path(folder) / "picked.examples.yaml"
        path.write_text(text, "utf-8")
        named, how_to = options.schema_of(configured), options.extraction_options(configured.values)
        grid = check_grid(named, path, endpoint=settings, options=how_to)
        left, how = unused(documents, [each.id for each in chosen]), SweepOptions(say=options.say)
        found = asyncio.run(sweep(left, golds, named, grid=grid, folder=Path(folder), options=how))
    Console(stderr=True).print(render_text(found))
    if told := verdict(found):
        options.say(told)
    return 0 if found.ok else 1
