"""``llmx convert``: writes the records of a finished run in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmx.cli.panels import argument, option


def convert(
    run: Annotated[Path, argument("RUN", "The output of a run, such as out.jsonl.")],
    target: Annotated[
        Path,
        argument("OUT", "What to write: .sqlite, .duckdb, .xlsx, .parquet, .csv, .tsv, .jsonl, .json, or a folder/."),
    ],
    schema: Annotated[
        str,
        option("--schema", "-s", help="The schema of the run: columns, tables and types come from it.",
               metavar="SCHEMA"),
    ],
    overwrite: Annotated[bool, option("--overwrite", help="Replace OUT if it exists.", default=False)] = False,
) -> None:  # fmt: skip
    """Write the records of a finished run in another format, without asking a model again."""
    from llmx.evaluate.convert import convert as written  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415

    count = written(run, target, load_schema(schema), overwrite=overwrite)
    typer.echo(f"llmx: {count:,} record{'s' * (count != 1)} written to {target}", err=True)
