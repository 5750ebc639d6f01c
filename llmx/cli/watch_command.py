"""``llmx watch``: extract what arrives in a folder, until Ctrl-C."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli import options
from llmx.cli.panels import INPUT, OUTPUT, RUN, argument, option

if TYPE_CHECKING:
    from llmx.cli.extract_job import Job
    from llmx.config import Settings
    from llmx.endpoint import EndpointSettings
    from llmx.run import Summary


def watch(
    folder: Annotated[Path, argument("FOLDER", "The folder to watch, with all below it.")],
    output: Annotated[
        str,
        option("--output", "-o", help="Where to write the records, as in llmx extract; a run goes on with what is "
               "there.", panel=OUTPUT, metavar="PATH"),
    ],
    interval_s: Annotated[
        float,
        option("--interval", help="Seconds between two looks at the folder. A file is read once it stays the same "
               "from one look to the next.", panel=RUN, metavar="SECONDS", default=2),
    ] = 2.0,
    schema: options.Schema = None,
    prompt: options.Prompt = None,
    examples: options.Examples = None,
    instructions: options.Instructions = None,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    mode: options.Mode = None,
    text_field: Annotated[
        str | None,
        option("--text-field", help="The column of a row that holds the text.", panel=INPUT, metavar="NAME",
               default="text"),
    ] = None,
    id_field: Annotated[
        str | None,
        option("--id-field", help="The column of a row that holds its id.", panel=INPUT, metavar="NAME",
               default="id, if there is one"),
    ] = None,
    concurrency: options.Concurrency = None,
    record: options.Record = None,
    replay: options.Replay = None,
    no_cache: options.NoCache = False,
    quiet: options.Quiet = False,
) -> None:  # fmt: skip
    """Extract what arrives in a folder as its files arrive, until Ctrl-C: one run after the other into one output.

    Each run goes on with the output, so that documents which are done cost nothing. Other settings come from llmx.toml
    and the environment. Exit codes are those of the last run.
    """
    from llmx.errors import UsageError  # noqa: PLC0415

    if not interval_s > 0:
        raise UsageError(f"--interval must be more than 0 seconds, not {interval_s}")
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", hint="Make it, or name the one in which files will arrive.")
    given = {
        "schema": schema, "prompt": prompt, "examples": examples, "instructions": instructions, "model": model,
        "base_url": base_url, "api_key_env": api_key_env, "mode": mode, "text_field": text_field,
        "id_field": id_field, "concurrency": concurrency, "cache": False if no_cache else None,
    }  # fmt: skip
    from llmx.cli.extract_job import on_a_loop  # noqa: PLC0415
    from llmx.extraction.session import answering  # noqa: PLC0415

    configured = options.settings_from(given)
    settings = options.endpoint_settings(configured, record=record, replay=replay, refresh=False)
    options.announce(settings)
    jobs = _jobs(folder, output, configured, quiet=quiet)
    if not quiet:
        options.say(f"watching {folder}; Ctrl-C stops")
    with answering(settings, say=options.say) as ready:
        watching = watch_jobs(folder, lambda: jobs(ready, settings), ready, wait=lambda: _pause(interval_s))
        raise typer.Exit(on_a_loop(watching))


def _jobs(
    folder: Path, output: str, configured: Settings, *, quiet: bool
) -> Callable[[EndpointSettings, EndpointSettings], Job]:
    """Return what prepares the next run; what does not depend on the documents is checked at once."""
    from llmx.cli.extract_job import prepare  # noqa: PLC0415
    from llmx.run import OutputOptions, check_output  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415
    from llmx.sinks import output_target  # noqa: PLC0415

    destination = OutputOptions(output_target(output), resume=True)
    load_schema(options.schema_of(configured))
    check_output(destination)
    run = options.run_options(configured.values, signals=True)

    def job(ready: EndpointSettings, asked: EndpointSettings) -> Job:
        suited, web = run.suited_to(ready, asked=asked), options.WebSource()
        return prepare([str(folder)], configured, destination, suited, web=web, quiet=quiet, dry=False)

    return job


async def watch_jobs(
    folder: Path, prepared: Callable[[], Job], settings: EndpointSettings, *, wait: Callable[[], Awaitable[bool]]
) -> int:
    """Watch ``folder``, and do the job that ``prepared`` returns whenever files arrived. Returns the exit code."""
    from llmx.cli.extract_job import extract_into  # noqa: PLC0415
    from llmx.run.watch import files_in, watch_folder  # noqa: PLC0415

    written: list[Path] = []

    async def extract() -> Summary:
        job = prepared()
        written[:] = job.written
        return await extract_into(job, settings)

    return await watch_folder(lambda: files_in(folder, exclude=written), extract, wait)


async def _pause(interval_s: float) -> bool:
    """Wait, and return whether nobody asked to stop."""
    from llmx.run.signals import on_signals  # noqa: PLC0415

    stop = asyncio.Event()
    with on_signals(lambda _name, _times: stop.set()), suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), interval_s)
    return not stop.is_set()
