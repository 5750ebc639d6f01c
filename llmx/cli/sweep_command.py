"""``llmx sweep``: compares models, prompts and options on documents with gold."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli import fallback_options, options
from llmx.cli.completion import model_names
from llmx.cli.panels import ANSWERS, MODEL, MONEY, OUTPUT, RUN, option

if TYPE_CHECKING:
    from llmx.sweep import Sweep

_INTERRUPTED = 130
_STDOUT = Path("-")


def sweep(
    documents: options.GoldDocuments,
    gold: options.Gold,
    base_url: options.BaseUrl = None,
    models: Annotated[
        list[str] | None,
        option("--model", "-m", help="A model to compare; NAME@BASE_URL#KEY_VARIABLE names one on another server. "
               "Can be repeated.", panel=MODEL, metavar="NAME", autocompletion=model_names),
    ] = None,
    escalate: fallback_options.Escalate = None,
    api_key_env: options.ApiKeyEnv = None,
    mode: options.Mode = None,
    strict: options.Strict = None,
    api: options.Api = None,
    reasoning_effort: options.ReasoningEffort = None,
    extra_body: options.ExtraBody = None,
    header: options.Header = None,
    schema: options.Schema = None,
    prompts: Annotated[
        list[str] | None,
        option("--prompt", "-p", help="A prompt to compare: its name, or a Markdown file. Can be repeated.",
               panel=ANSWERS, metavar="PROMPT"),
    ] = None,
    sets: Annotated[
        list[str] | None,
        option("--set", help="The values of an option to compare, such as passes=1,2 or examples=none,auto. Can be "
               "repeated.", panel=ANSWERS, metavar="OPTION=VALUES"),
    ] = None,
    repeat: Annotated[
        int,
        option("--repeat", min=1, help="Run each setting this many times, with the seeds 1, 2, 3 and so on, to see how "
               "far the results scatter.", panel=RUN, metavar="N", default=1),
    ] = 1,
    concurrency: options.Concurrency = None,
    record: options.Record = None,
    replay: options.Replay = None,
    no_cache: options.NoCache = False,
    refresh: Annotated[
        bool,
        option("--refresh", help="Ask again for every answer, and replace the cache's and the outputs.", panel=RUN),
    ] = False,
    max_cost: Annotated[
        float | None,
        option("--max-cost", help="Stop before all settings together cost more than this.", panel=MONEY,
               metavar="USD"),
    ] = None,
    folder: Annotated[
        Path,
        option("--output", "-o", help="The folder for the records of each setting.", panel=OUTPUT, metavar="FOLDER",
               default="sweep"),
    ] = Path("sweep"),
    by: Annotated[
        str,
        option("--by", help="The score to rank by: micro_f1, macro_f1 or exact_match.", panel=OUTPUT,
               metavar="SCORE", default="micro_f1"),
    ] = "micro_f1",
    as_json: Annotated[
        Path | None,
        option("--json", help="Write the whole comparison as JSON; '-' is standard output.", panel=OUTPUT,
               metavar="PATH"),
    ] = None,
    markdown: Annotated[
        Path | None,
        option("--markdown", help="Write the table as Markdown; '-' is standard output.", panel=OUTPUT,
               metavar="PATH"),
    ] = None,
    quiet: Annotated[
        bool, option("--quiet", "-q", help="Do not print which setting is running.", panel=OUTPUT)
    ] = False,
) -> None:  # fmt: skip
    """Compare models, prompts and options on documents with gold: their quality, cost and time.

    Every combination runs, with answers from the cache as far as it has them. Exit codes: 0 if every setting ran, 1 if
    one failed, 2 for a mistake in the command or its settings.
    """
    configured = options.settings_from(
        {"schema": schema, "escalate": escalate, "base_url": base_url, "api_key_env": api_key_env, "mode": mode,
         "strict": strict, "api": api, "reasoning_effort": reasoning_effort, "extra_body": extra_body,
         "headers": header or None,
         "concurrency": concurrency, "cache": False if no_cache else None}
    )  # fmt: skip
    config = configured.values
    from llmx.evaluate import load_gold  # noqa: PLC0415
    from llmx.run import OutputOptions  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415
    from llmx.sweep import SweepOptions, make_grid  # noqa: PLC0415
    from llmx.sweep import sweep as run_sweep  # noqa: PLC0415

    named = options.schema_of(configured)
    asked = fallback_options.with_fallbacks(
        options.endpoint_settings(configured, record=record, replay=replay, refresh=refresh), configured,
        escalation_only=True,
    )  # fmt: skip
    options.announce(asked)
    grid = make_grid(
        asked,
        options.extraction_options(config),
        models=models or (), prompts=prompts or (), sets=repeated(sets or (), repeat),
    )  # fmt: skip
    run = options.run_options(config, max_cost_usd=max_cost, signals=True)
    output = OutputOptions(overwrite=refresh, resume=not refresh)
    how = SweepOptions(by, run, output, (lambda _: None) if quiet else options.say)
    read = list(options.read(documents, configured))
    golds = load_gold(gold, several=load_schema(named).row is not None)
    found = asyncio.run(run_sweep(read, golds, named, grid=grid, folder=folder, options=how))
    _print(found, folder, as_json=as_json, markdown=markdown)
    raise typer.Exit(_INTERRUPTED if found.interrupted else 0 if found.ok else 1)


def repeated(sets: Sequence[str], times: int) -> list[str]:
    """Return the ``--set`` options, with one more for the seeds 1 to ``times`` if each setting runs several times."""
    return [*sets, f"seed={','.join(map(str, range(1, times + 1)))}"] if times > 1 else list(sets)


def _print(found: Sweep, folder: Path, *, as_json: Path | None, markdown: Path | None) -> None:
    from llmx.sweep import render_markdown, render_text, to_json  # noqa: PLC0415

    text = json.dumps(to_json(found), ensure_ascii=False, indent=1) + "\n"
    _write(folder / "sweep.json", json.dumps(to_json(found, documents=False), ensure_ascii=False, indent=1) + "\n")
    for place, content in ((as_json, text), (markdown, render_markdown(found))):
        if place == _STDOUT:
            typer.echo(content, nl=False)
        elif place is not None:
            _write(place, content)
    if _STDOUT in {as_json, markdown}:
        return
    from rich.console import Console  # noqa: PLC0415

    Console().print(render_text(found))


def _write(path: Path, content: str) -> None:
    from llmx.sinks.atomic import write_atomically  # noqa: PLC0415

    write_atomically(path, [content.encode()])
