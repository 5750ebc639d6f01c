"""``llmx tune``: searches for a better prompt on documents with gold."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli import options, verify_options
from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import ANSWERS, INPUT, MODEL, MONEY, OUTPUT, RUN, option

if TYPE_CHECKING:
    from llmx.tune import Tuning

_INTERRUPTED = 130


def tune(
    documents: options.GoldDocuments,
    gold: options.Gold,
    held_out: Annotated[
        float,
        option("--held-out", help="The share of the documents that takes no part in the choice, and that the result is "
               "measured on.", panel=INPUT, metavar="SHARE", default=0.4),
    ] = 0.4,
    seed: Annotated[
        int, option("--seed", help="Draws which documents are held out.", panel=INPUT, metavar="N", default=0)
    ] = 0,
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
    examples: options.Examples = None,
    verify: verify_options.Verify = None,
    count: Annotated[
        int,
        option("--count", "-n", help="The most documents that become examples; 0 tries none from gold.", panel=ANSWERS,
               metavar="N", default=2),
    ] = 2,
    notations: Annotated[
        list[str] | None,
        option("--notation", help="How else to show the schema: sketch, outline or json_schema. Can be repeated.",
               panel=ANSWERS, metavar="NAME", default="outline"),
    ] = None,
    instructions: Annotated[
        list[str] | None,
        option("--instruction", help="An instruction to try. Can be repeated.", panel=ANSWERS, metavar="TEXT"),
    ] = None,
    propose: Annotated[
        int,
        option("--propose", help="Show the model its mistakes and try this many instructions that it proposes.",
               panel=MODEL, metavar="N", default=0),
    ] = 0,
    concurrency: options.Concurrency = None,
    record: options.Record = None,
    replay: options.Replay = None,
    no_cache: options.NoCache = False,
    folder: Annotated[
        Path,
        option("--folder", help="The folder for the prompts that are tried, and their records: with them a search goes "
               "on where it was broken off.", panel=RUN, metavar="FOLDER", default="tune"),
    ] = Path("tune"),
    max_cost: Annotated[
        float | None,
        option("--max-cost", help="Stop before the whole search costs more than this.", panel=MONEY, metavar="USD"),
    ] = None,
    max_tokens_total: Annotated[
        int | None,
        option("--max-tokens-total", help="Stop before the whole search takes more tokens than this.", panel=MONEY,
               metavar="N"),
    ] = None,
    by: Annotated[
        str,
        option("--by", help="The score to choose by: micro_f1, macro_f1 or exact_match.", panel=OUTPUT,
               metavar="SCORE", default="micro_f1"),
    ] = "micro_f1",
    output: Annotated[
        Path,
        option("--output", "-o", help="The prompt file to write where a better prompt is found.", panel=OUTPUT,
               metavar="FILE", default="tuned.prompt.md"),
    ] = Path("tuned.prompt.md"),
    overwrite: Annotated[bool, option("--overwrite", help="Replace a file that exists.", panel=OUTPUT)] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, option("--quiet", "-q", help="Do not print what is being tried.", panel=OUTPUT)] = False,
) -> None:  # fmt: skip
    """Search for a better prompt: try examples, notations and instructions on documents with gold.

    The best one is measured on documents that took no part in the choice, and written as a prompt file where it is
    better there. Exit codes: 0 if the search came to its end, 1 if a limit ended it before, 2 for a mistake in the
    command or its settings.
    """
    configured = options.settings_from(
        {"schema": schema, "model": model, "base_url": base_url, "api_key_env": api_key_env, "mode": mode,
         "strict": strict, "api": api, "reasoning_effort": reasoning_effort, "extra_body": extra_body,
         "headers": header or None, "prompt": prompt, "examples": examples, "verify": verify,
         "concurrency": concurrency, "cache": False if no_cache else None}
    )  # fmt: skip
    config = configured.values
    from llmx.errors import OutputError  # noqa: PLC0415
    from llmx.evaluate import load_gold  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415
    from llmx.tune import TuneOptions  # noqa: PLC0415
    from llmx.tune import tune as run_tune  # noqa: PLC0415

    named = options.schema_of(configured)
    if output.exists() and not overwrite:
        raise OutputError(f"{output} exists", hint="Replace it with --overwrite, or name another file with --output.")
    asked = options.endpoint_settings(configured, record=record, replay=replay)
    options.announce(asked)
    how = TuneOptions(
        by, held_out, seed, count, tuple(notations or ("outline",)), tuple(instructions or ()), propose,
        options.run_options(config, max_cost_usd=max_cost, max_tokens_total=max_tokens_total, signals=True),
        say=(lambda _: None) if quiet else options.say,
    )  # fmt: skip
    read = list(options.read(documents, configured))
    golds = load_gold(gold, several=load_schema(named).row is not None)
    setup = asked, options.extraction_options(config)
    try:
        found = asyncio.run(run_tune(read, golds, named, setup=setup, folder=folder, how=how))
    except KeyboardInterrupt:  # between two runs; in one, the run ends cleanly and the search says so
        options.say("interrupted: the same command goes on with the search")
        raise typer.Exit(_INTERRUPTED) from None
    _print(found, folder, output, as_json=as_json)
    raise typer.Exit(_INTERRUPTED if found.stopped == "interrupted" else 1 if found.stopped else 0)


def _print(found: Tuning, folder: Path, output: Path, *, as_json: bool) -> None:
    from llmx.sinks.atomic import write_atomically  # noqa: PLC0415
    from llmx.tune import render_text, to_json  # noqa: PLC0415

    told = to_json(found) | {"prompt_file": str(output) if found.better else None}
    write_atomically(folder / "tune.json", [json.dumps(told, ensure_ascii=False, indent=1).encode(), b"\n"])
    if found.better:
        stem = output.name.removesuffix(".md").removesuffix(".prompt")
        write_atomically(output, [found.prompt_file(stem).encode()])
    if as_json:
        print_json(told)
    else:
        from rich.console import Console  # noqa: PLC0415

        Console().print(render_text(found))
    if found.better:
        options.say(f"wrote {output}: llmx extract --prompt {output}")
    elif output.exists():
        options.say(f"{output} is of an earlier search, and stays as it is")
