"""``llmx eval``, ``llmx view`` and ``llmx review``: score records, show them, and correct them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmx.cli import options
from llmx.cli.completion import run_names
from llmx.cli.panels import GATE, INPUT, OUTPUT, RUN, argument, option


def evaluate(
    outputs: Annotated[
        list[Path], argument("OUTPUTS", "The output of a run, or several to compare with it.", complete=run_names)
    ],
    gold: options.Gold,
    schema: options.Comparison = None,
    fail_under: Annotated[
        list[str] | None,
        option("--fail-under", help="Exit with 1 if a score is lower, such as micro_f1=0.8 or "
               "parties.name:recall=0.9. Can be repeated.", panel=GATE, metavar="SCORE=VALUE"),
    ] = None,
    baseline: Annotated[
        Path | None,
        option("--baseline", help="Exit with 1 if the run is worse than this baseline by more than chance.",
               panel=GATE, metavar="PATH"),
    ] = None,
    repeats: Annotated[
        bool,
        option("--repeats", help="Take the outputs as repetitions of one setting, and show how far they agree.",
               panel=INPUT),
    ] = False,
    save_baseline: Annotated[
        Path | None,
        option("--save-baseline", help="Write this run's scores as a baseline.", panel=OUTPUT, metavar="PATH"),
    ] = None,
    markdown: Annotated[
        Path | None,
        option("--markdown", help="Write a summary in Markdown, for a pull request.", panel=OUTPUT, metavar="PATH"),
    ] = None,
    junit: Annotated[
        Path | None, option("--junit", help="Write JUnit XML, for a build server.", panel=OUTPUT, metavar="PATH")
    ] = None,
    as_json: Annotated[
        Path | None, option("--json", help="Write every score as JSON.", panel=OUTPUT, metavar="PATH")
    ] = None,
    shown: Annotated[
        int, option("--shown", help="The number of mistakes and changes to print.", panel=OUTPUT, metavar="N",
                    default=10)
    ] = 10,
) -> None:  # fmt: skip
    """Score records against gold: precision, recall and F1 by field; compare runs; gate a build."""
    from llmx.evaluate.command import EvalOptions, evaluate_command  # noqa: PLC0415

    how = EvalOptions(
        fail_under=fail_under or (), baseline=baseline, save_baseline=save_baseline, repeats=repeats,
        markdown=markdown, junit=junit, json=as_json, shown=shown,
    )  # fmt: skip
    raise typer.Exit(evaluate_command(outputs, gold, schema=schema, options=how))


def view(
    outputs: Annotated[
        list[Path], argument("OUTPUTS", "The output of a run, or several to show side by side.", complete=run_names)
    ],
    documents: options.Texts = None,
    gold: Annotated[
        Path | None,
        option("--gold", help="Mark the values that differ from the right ones: a folder of ID.json or ID.gold.json "
               "files, or a JSONL file.", panel=INPUT, metavar="PATH"),
    ] = None,
    schema: options.Comparison = None,
    output: Annotated[
        Path, option("--output", "-o", help="The page to write.", panel=OUTPUT, metavar="PATH", default="view.html")
    ] = Path("view.html"),
) -> None:  # fmt: skip
    """Write one self-contained HTML page that shows records beside their documents, with the proof of each value."""
    from llmx.view import write_view  # noqa: PLC0415

    typer.echo(write_view(outputs, output, documents=documents or (), gold=gold, schema=schema))


def review(
    output: Annotated[Path, argument("OUTPUT", "The output of the run to review.", complete=run_names)],
    gold: options.Gold,
    schema: options.Comparison = None,
    documents: options.Texts = None,
    port: Annotated[
        int, option("--port", help="The port of the page.", panel=RUN, metavar="PORT", default="any free one")
    ] = 0,
    user: Annotated[
        str, option("--user", help="Your name, which is kept with each correction.", panel=RUN, metavar="NAME",
                    default="your user name on this machine")
    ] = "",
    no_browser: Annotated[bool, option("--no-browser", help="Do not open a browser.", panel=RUN)] = False,
) -> None:  # fmt: skip
    """Correct records in a local web page and save them as gold."""
    from llmx.review import serve_review  # noqa: PLC0415

    serve_review(
        output, gold, documents=documents or (), schema=schema, port=port, user=user, open_browser=not no_browser
    )
