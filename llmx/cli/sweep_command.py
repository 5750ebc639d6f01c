"""``llmx sweep``: a small grid of models, prompts and options, scored against gold."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli import options

if TYPE_CHECKING:
    from llmx.sweep import Sweep

_INTERRUPTED = 130
_STDOUT = Path("-")


def sweep(
    documents: Annotated[list[str], typer.Argument(help="Files, folders, globs, .jsonl or .csv rows, that have gold.")],
    gold: Annotated[Path, typer.Option("--gold", help="A folder of ID.json or ID.gold.json files, or a JSONL file.")],
    schema: options.Schema = None,
    models: Annotated[
        list[str] | None,
        typer.Option("--model", "-m", help="A model; repeat it. NAME@BASE_URL#KEY_VARIABLE is one on another server."),
    ] = None,
    prompts: Annotated[
        list[str] | None, typer.Option("--prompt", "-p", help="A prompt's name or a Markdown file; repeat it.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", help="Values of an option: passes=1,2 or examples=none,auto; repeat it."),
    ] = None,
    repeat: Annotated[
        int,
        typer.Option("--repeat", min=1, help="Run each setting so often, with seeds 1, 2 …, to see it scatter."),
    ] = 1,
    folder: Annotated[Path, typer.Option("--output", "-o", help="The folder for the records of each.")] = Path("sweep"),
    by: Annotated[str, typer.Option("--by", help="micro_f1, macro_f1 or exact_match.")] = "micro_f1",
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    mode: options.Mode = None,
    strict: options.Strict = None,
    replay: options.Replay = None,
    record: Annotated[
        Path | None, typer.Option("--record", help="Record every answer in this cassette folder.")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache of answers.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask anew, and write all outputs anew.")] = False,
    concurrency: Annotated[str | None, typer.Option("--concurrency", help="Requests in flight, or auto.")] = None,
    max_cost: Annotated[
        float | None, typer.Option("--max-cost", help="Stop before this many US dollars in all.")
    ] = None,
    as_json: Annotated[Path | None, typer.Option("--json", help="Write everything as JSON; - is stdout.")] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", help="Write the table as Markdown; - is stdout.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Do not say which setting runs.")] = False,
) -> None:
    """Try models, prompts and options in all combinations, and show which are worth choosing: quality, cost and time.

    Answers come from the cache where it has them. Exit codes: 0 every setting ran, 1 one failed, 2 usage.
    """
    config = options.settings_from(
        {"schema": schema, "base_url": base_url, "api_key_env": api_key_env, "mode": mode, "strict": strict,
         "concurrency": concurrency, "cache": False if no_cache else None}
    ).values  # fmt: skip
    from llmx.errors import ConfigError  # noqa: PLC0415
    from llmx.evaluate import load_gold  # noqa: PLC0415
    from llmx.run import RunOptions  # noqa: PLC0415
    from llmx.sweep import SweepOptions, make_grid  # noqa: PLC0415
    from llmx.sweep import sweep as run_sweep  # noqa: PLC0415

    if not config.schema:
        raise ConfigError("no schema is named", hint="Give --schema NAME, file.py:Class or a JSON Schema.")
    grid = make_grid(
        options.endpoint_settings(config, record=record, replay=replay, refresh=refresh),
        options.extraction_options(config),
        models=models or (), prompts=prompts or (), sets=repeated(sets or (), repeat),
    )  # fmt: skip
    run = RunOptions(
        concurrency=int(config.concurrency) if config.concurrency.isdigit() else config.concurrency,  # type: ignore[arg-type] # checked there
        ordered=True, max_cost_usd=max_cost, signals=True, overwrite=refresh, resume=not refresh,
    )  # fmt: skip
    how = SweepOptions(by, run, (lambda _: None) if quiet else options.say)
    read = list(options.read(documents, config))
    found = asyncio.run(run_sweep(read, load_gold(gold), config.schema, grid=grid, folder=folder, options=how))
    _print(found, folder, as_json=as_json, markdown=markdown)
    raise typer.Exit(_INTERRUPTED if found.interrupted else 0 if found.ok else 1)


def repeated(sets: Sequence[str], times: int) -> list[str]:
    """Return the ``--set`` options with one more, of the seeds 1 to ``times``, where a setting is to be repeated."""
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
    from llmx.errors import OutputError  # noqa: PLC0415

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}", hint="Choose another place.") from error
