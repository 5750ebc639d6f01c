"""``llmx cache``: shows, clears and verifies the private cache of answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import PanelGroup

if TYPE_CHECKING:
    from llmx.endpoint.cache import Answers
    from llmx.endpoint.store import Texts
    from llmx.web.page_cache import PageCache

app = typer.Typer(cls=PanelGroup, help="The private cache of answers.", no_args_is_help=True, rich_markup_mode=None)


def _open() -> Answers:
    from llmx.cli.options import endpoint_settings, settings_from  # noqa: PLC0415
    from llmx.endpoint.opening import open_cache  # noqa: PLC0415

    return open_cache(endpoint_settings(settings_from({})))


def _records() -> Texts:
    from llmx.cli.options import endpoint_settings, settings_from  # noqa: PLC0415
    from llmx.endpoint import cache_folder  # noqa: PLC0415
    from llmx.run.finished_records import open_records  # noqa: PLC0415

    settings = endpoint_settings(settings_from({}))
    return open_records(cache_folder(settings), limit_bytes=settings.cache_bytes, url=settings.cache_url)


def _pages() -> PageCache:
    from llmx.cli.options import endpoint_settings, settings_from  # noqa: PLC0415
    from llmx.endpoint import cache_folder  # noqa: PLC0415
    from llmx.web.page_cache import PageCache  # noqa: PLC0415

    return PageCache(cache_folder(endpoint_settings(settings_from({}))) / "pages")


@app.command("info")
def info(as_json: AsJson = False) -> None:
    """Show where the cache is, how many answers, finished records and web pages it holds, and how large it is."""
    answers, records, (count, size_bytes) = _open().info(), _records(), _pages().size()
    if as_json:
        held = {"records": {"count": records.count(), "bytes": records.size_bytes()}}
        print_json({"answers": asdict(answers), **held, "pages": {"count": count, "bytes": size_bytes}})
        return
    for name, value in answers.items():
        typer.echo(f"{name:16} {value}")
    typer.echo(f"{'records':16} {records.count():,}, {records.size_bytes() / 1e6:,.1f} MB")
    typer.echo(f"{'pages':16} {count:,}, {size_bytes / 1e6:,.1f} MB")


@app.command("clear")
def clear(yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False) -> None:
    """Remove every answer, every finished record and every web page. Asks first: the answers were paid for."""
    answers = _open()
    if not yes:
        typer.confirm(f"Remove all cached answers and records in {answers.place}?", abort=True, err=True)
    records = _records().clear()
    typer.echo(f"removed {answers.clear()} answers, {records} records, {_pages().clear()} pages")


@app.command("verify")
def verify(as_json: AsJson = False) -> None:
    """Read every answer and print the keys of damaged ones. Exits with 1 where there are any."""
    damaged = _open().verify()
    if as_json:
        print_json({"damaged": damaged})
    else:
        typer.echo("".join(f"{each}\n" for each in damaged), nl=False)
    typer.echo(f"{len(damaged)} damaged", err=True)
    raise typer.Exit(1 if damaged else 0)
