"""What ``llmx extract --engine`` does once its options are read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from llmx.cli import options

if TYPE_CHECKING:
    from llmx.config import Settings
    from llmx.endpoint import EndpointSettings
    from llmx.run import OutputOptions, RunOptions


@dataclass(frozen=True, slots=True)
class EngineAsked:
    """What the command line says of the engine and of what it reads."""

    engine: str
    documents: list[str]
    partition_rows: int | None
    processes: str | None
    dry_run: bool
    web: options.WebSource


def over_engine(
    asked: EngineAsked,
    configured: Settings,
    output: OutputOptions,
    run: RunOptions,
    *,
    settings: EndpointSettings,
    quiet: bool,
) -> int:
    """Run over the engine, print what was done, and return the exit code."""
    from llmx.cli.summary import fault_lines, summary_lines  # noqa: PLC0415
    from llmx.documents import RowFields  # noqa: PLC0415
    from llmx.engines.engine_run import EngineRun, EngineWork, check_work  # noqa: PLC0415
    from llmx.engines.placing import open_engine  # noqa: PLC0415
    from llmx.errors import ConfigError  # noqa: PLC0415
    from llmx.extraction.plan import Extractor  # noqa: PLC0415
    from llmx.extraction.session import answering  # noqa: PLC0415

    config = configured.values
    fetching = asked.web.options(configured) is not None
    if asked.dry_run or fetching:
        named = "--dry-run" if asked.dry_run else "--allow-urls"
        raise ConfigError(f"{named} is not for --engine", hint="Leave out one of the two.")
    usual = RowFields()
    fields = RowFields(
        config.text_field or usual.text, config.id_field or usual.id, config.date_field or None, config.encoding or None
    )
    workers = None if asked.processes in {None, "auto"} or run.processes == "auto" else int(run.processes)
    options.read(asked.documents, configured)  # refuses what rows cannot have
    work = EngineWork(
        asked.documents, fields, output, replace(run, processes=1, signals=False), asked.partition_rows, workers
    )
    check_work(work, settings)
    extractor = Extractor(options.schema_of(configured), options.extraction_options(config))
    with answering(settings, say=options.say) as ready:
        check_work(work, ready)
        engine = open_engine(asked.engine)
        try:
            over = EngineRun(work, engine, (lambda _: None) if quiet else options.say)
            summary = over.go(asyncio.run(over.prepared(extractor, ready)))
        finally:
            engine.close()
    for line in (fault_lines if quiet else summary_lines)(summary, output.path):
        options.say(line)
    return summary.exit_code
