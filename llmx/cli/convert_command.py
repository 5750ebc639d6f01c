"""``llmx convert``: writes the records of a finished run in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmx.cli import options
from llmx.cli.completion import run_names, schema_names
from llmx.cli.panels import argument, option


def convert(
    run: Annotated[Path, argument("RUN", "The output of a run, such as out.jsonl.", complete=run_names)],
    target: Annotated[
        str,
        argument("OUT", "What to write: .sqlite, .duckdb, .xlsx, .parquet, .csv, .tsv, .jsonl, .json, a folder/, "
                 "a folder of tables (tables.csv/, tables.parquet/), or a database, postgresql://user@host/name."),
    ],
    schema: Annotated[
        str | None,
        option("--schema", "-s", help="The schema of the run: columns, tables and types come from it.",
               metavar="SCHEMA", default="that of the settings", autocompletion=schema_names),
    ] = None,
    overwrite: Annotated[bool, option("--overwrite", help="Replace OUT if it exists.", default=False)] = False,
    upsert: options.Upsert = False,
) -> None:  # fmt: skip
    """Write the records of a finished run in another format, without asking a model again."""
    from llmx.evaluate.convert import convert as written  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415
    from llmx.sinks import output_target  # noqa: PLC0415

    named = output_target(target)
    chosen = options.schema_of(options.settings_from({"schema": schema}))
    count = written(run, named, load_schema(chosen), overwrite=overwrite, upsert=upsert)
    typer.echo(f"llmx: {count:,} record{'s' * (count != 1)} written to {named}", err=True)
