"""``llmx calibrate``: makes the confidence of a run a probability, by gold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli import options
from llmx.cli.completion import run_names
from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import OUTPUT, argument, option

if TYPE_CHECKING:
    from llmx.evaluate.calibrate import Reliability


def calibrate(
    output: Annotated[Path, argument("OUTPUT", "The output of a run over documents with gold.", complete=run_names)],
    gold: options.Gold,
    schema: options.Comparison = None,
    target: Annotated[
        Path,
        option("--output", "-o", help="The file to write, for llmx extract --calibration.", panel=OUTPUT,
               metavar="FILE", default="calibration.json"),
    ] = Path("calibration.json"),
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Fit confidence to gold, so that of the values with a confidence of 0.8 eight in ten are right.

    The file is for --calibration, with the same schema, model and options. What is printed as 'after' is told by
    documents that each fit was not made on.
    """
    from llmx.evaluate import load_gold, load_run, spec_for  # noqa: PLC0415
    from llmx.evaluate.fit import calibrate as fitted_to  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415
    from llmx.sinks.atomic import write_atomically  # noqa: PLC0415

    loaded = None if schema is None else load_schema(schema)
    golds = load_gold(gold, several=loaded is not None and loaded.row is not None)
    spec = spec_for(golds, loaded.model if loaded else None)
    run = load_run(output, model=loaded.record_model if loaded else None)
    found = fitted_to(golds, run, spec=spec)
    write_atomically(target, [json.dumps(found.to_json(), ensure_ascii=False, indent=1).encode(), b"\n"])
    if as_json:
        print_json(found.to_json())
        return
    typer.echo(f"{found.before.count:,} values of {found.documents:,} documents")
    typer.echo(f"before  {_shown(found.before)}")
    if found.after is not None:
        typer.echo(f"after   {_shown(found.after)}, on documents left out")
    if found.least_certain is not None:
        typer.echo(f"the least certain fifth holds {found.least_certain:.0%} of the errors")
    typer.echo(f"for 99 % right, correct the least certain {found.to_review:.0%}")
    options.say(f"wrote {target}: llmx extract --calibration {target}")


def _shown(found: Reliability) -> str:
    told = "none is wrong, or none is right" if found.auroc is None else f"AUROC {found.auroc:.2f}"
    return f"{told}, calibration error {found.ece:.3f}, Brier score {found.brier:.3f}"
