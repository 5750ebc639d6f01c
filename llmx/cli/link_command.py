"""``llmx link`` and ``llmx graph``: which names of a run are one thing, which records tell of one event."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from llmx.cli import options
from llmx.cli.completion import run_names, schema_names
from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import ANSWERS, INPUT, OUTPUT, RUN, argument, option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmx.link.ask import ModelJudge
    from llmx.link.linking import Linked

Run = Annotated[Path, argument("RUN", "The output of a run, such as out.jsonl or out.sqlite.", complete=run_names)]


def link(
    run: Run,
    schema: Annotated[
        str | None,
        option("--schema", "-s", help="The schema of the run: its types say which fields name organisations and "
               "persons. Not needed with --on.", panel=INPUT, metavar="SCHEMA", default="that of the settings",
               autocompletion=schema_names),
    ] = None,
    on: Annotated[
        list[str] | None,
        option("--on", help="A field with names, such as seller or parties[].name, with its kind behind a colon if it "
               "is no organisation: author:person. Can be repeated.", panel=INPUT, metavar="PATH"),
    ] = None,
    documents: options.Texts = None,
    aliases: Annotated[
        list[Path] | None,
        option("--aliases", help="A YAML file of names that are one thing (same:) or are not (different:). Can be "
               "repeated.", panel=INPUT, metavar="FILE"),
    ] = None,
    same: Annotated[
        list[str] | None,
        option("--same", help="Two names that are one thing. This is kept beside the run. Can be repeated.",
               panel=ANSWERS, metavar="NAME=NAME"),
    ] = None,
    different: Annotated[
        list[str] | None,
        option("--different", help="Two names that are two things. This is kept beside the run. Can be repeated.",
               panel=ANSWERS, metavar="NAME=NAME"),
    ] = None,
    events: Annotated[
        bool, option("--events/--no-events", help="Link records that tell of one event.", panel=ANSWERS,
                     default="events")
    ] = True,
    event_parties: Annotated[
        str, option("--event-parties", help="The field with the parties of an event.", panel=ANSWERS, metavar="PATH",
                    default="the schema's first list of organisations")
    ] = "",
    event_date: Annotated[
        str, option("--event-date", help="The field with its date.", panel=ANSWERS, metavar="PATH",
                    default="the schema's first date")
    ] = "",
    event_kind: Annotated[
        str, option("--event-kind", help="The field with its kind.", panel=ANSWERS, metavar="PATH",
                    default="the schema's first choice")
    ] = "",
    event_days: Annotated[
        int, option("--event-days", help="The most days between the dates of one event.", panel=ANSWERS, metavar="N",
                    default=3)
    ] = 3,
    model: options.Model = None,
    base_url: options.BaseUrl = None,
    api_key_env: options.ApiKeyEnv = None,
    mode: options.Mode = None,
    record: options.Record = None,
    replay: options.Replay = None,
    no_cache: options.NoCache = False,
    max_questions: Annotated[
        int, option("--max-questions", help="Ask the model about this many pairs of names at most.", panel=RUN,
                    metavar="N", default=200)
    ] = 200,
    undo: Annotated[
        bool, option("--undo", help="Take the links back: the run is as it was before. What --same and --different say "
                     "stays.", panel=OUTPUT)
    ] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Find out which names of a run are one thing, and which records tell of one event.

    Entities, mentions, links and events are written into RUN.links/, and as tables into a SQLite or DuckDB output; the
    records stay as they are. Each merge is logged with its reasons. A model is asked only with --model, and only about
    pairs that names and texts leave open.
    """
    from llmx.errors import UsageError  # noqa: PLC0415

    if undo:
        if on or same or different or aliases or model:
            raise UsageError("--undo takes everything back", hint="Give it alone: llmx link RUN --undo.")
        _undo(run)
        return
    from llmx.link.linking import LinkOptions, figures_of, link_run  # noqa: PLC0415
    from llmx.link.output import write_links  # noqa: PLC0415
    from llmx.link.tables import rows_of  # noqa: PLC0415

    if max_questions < 1:
        raise UsageError("--max-questions must be at least 1")
    how = LinkOptions(
        on=tuple(on or ()), aliases=tuple(aliases or ()), events=events, parties=event_parties, date=event_date,
        kind=event_kind, days=event_days,
    )  # fmt: skip
    asking = {"model": model, "base_url": base_url, "api_key_env": api_key_env, "mode": mode,
              "cache": False if no_cache else None}  # fmt: skip
    _keep(run, same or [], different or [])
    loaded = _schema(schema, needed=not on)
    wanted = model is not None or base_url is not None or replay is not None
    if not wanted and (record or mode or api_key_env):
        raise UsageError("--record, --mode and --api-key-env are for questions to a model", hint="Give --model, too.")
    if wanted:
        configured = options.settings_from(asking)
        settings = options.endpoint_settings(configured, record=record, replay=replay)
        options.announce(settings)
        linked, judge = _asked(run, loaded, how, documents=documents or (), settings=settings, most=max_questions)
    else:
        linked, judge = link_run(run, loaded, how, documents=documents or ()), None
    _tell_unknown(linked, (*(same or []), *(different or [])))
    asked = {} if judge is None else {"asked": judge.asked, "unanswered": len(judge.faults)}
    figures = figures_of(linked) | asked
    folder = write_links(run, rows_of(linked), figures)
    if as_json:
        print_json(figures | {"folder": folder})
    else:
        _tell(linked, figures, folder, wanted_events=events)


def _keep(run: Path, same: list[str], different: list[str]) -> None:
    """Add what the user says to the file beside the run."""
    from llmx.link.corrections import added, pair_of, write_corrections  # noqa: PLC0415
    from llmx.link.linking import corrections_path, kept_corrections  # noqa: PLC0415

    if same or different:
        whole = added(kept_corrections(run), list(map(pair_of, same)), list(map(pair_of, different)))
        write_corrections(corrections_path(run), whole)


def _tell_unknown(linked: Linked, said: Sequence[str]) -> None:
    """Say which names of ``--same`` and ``--different`` no record has: they may be mistyped."""
    from llmx.errors import did_you_mean  # noqa: PLC0415
    from llmx.link.corrections import pair_of  # noqa: PLC0415
    from llmx.link.wording import folded  # noqa: PLC0415

    there = {folded(mention.name): mention.name for mention in linked.mentions}
    for name in dict.fromkeys(name for text in said for name in pair_of(text)):
        if folded(name) not in there:
            options.say(f"no record has the name {name}. {did_you_mean(name, there.values())}It is kept all the same")


def _schema(schema: str | None, *, needed: bool) -> Any:
    from llmx.schema import load_schema  # noqa: PLC0415

    if schema is None and not needed:
        return None
    return load_schema(options.schema_of(options.settings_from({"schema": schema})))


def _asked(run: Path, schema: Any, how: Any, *, documents: Any, settings: Any, most: int) -> tuple[Linked, ModelJudge]:
    from llmx.cli.progress import weights_progress  # noqa: PLC0415
    from llmx.extraction.session import answering  # noqa: PLC0415
    from llmx.link.ask import ModelJudge  # noqa: PLC0415
    from llmx.link.linking import link_run  # noqa: PLC0415

    with weights_progress() as progress, answering(settings, say=options.say, progress=progress) as ready:
        judge = ModelJudge(ready, most=most)
        linked = link_run(run, schema, how, documents=documents, ask=judge)
    for fault in dict.fromkeys(judge.faults):
        options.say(f"left open: {fault}")
    return linked, judge


def _tell(linked: Linked, figures: dict[str, Any], folder: Path, *, wanted_events: bool) -> None:
    say = options.say
    say(f"{figures['mentions']:,} names in {figures['documents']:,} documents are {figures['entities']:,} entities: "
        f"{figures['merged']:,} merges, {figures['refused']:,} refused, {figures['open']:,} open")  # fmt: skip
    if "events" in figures:
        say(f"{figures['events']:,} events, {figures['events_of_several_records']:,} of several records, "
            f"{figures['events_with_conflicts']:,} with conflicts")  # fmt: skip
    elif wanted_events:
        say("no events: name the fields that make them with --event-parties and --event-date")
    if linked.without_text:
        say(f"{linked.without_text:,} documents were not found, so no other names were learnt from them; "
            "name their folder with --documents")  # fmt: skip
    say(f"written to {folder}; llmx link {linked.run} --undo takes it back")


def _undo(run: Path) -> None:
    from llmx.link.output import undo as take_back  # noqa: PLC0415

    done = take_back(run)
    options.say(
        f"{run} is as it was before" if done.bytes_restored
        else f"{run} was changed since it was linked: the tables of the links were taken out, the rest stays"
    )  # fmt: skip


def graph(
    run: Run,
    output: Annotated[
        Path | None,
        option("--output", "-o", help="What to write: .graphml, .csv (two files), or .svg, a picture.",
               panel=OUTPUT, metavar="FILE", default="RUN.graphml"),
    ] = None,
    overwrite: Annotated[bool, option("--overwrite", help="Replace files that exist.", panel=OUTPUT)] = False,
) -> None:  # fmt: skip
    """Write the graph of a linked run: its entities and events, and who stands together with whom."""
    from llmx.link.graph import MOST_TOGETHER, graph_of_links  # noqa: PLC0415
    from llmx.link.graph_formats import MOST_DRAWN, write_graph  # noqa: PLC0415
    from llmx.link.kept_tables import read_links  # noqa: PLC0415

    found = graph_of_links(read_links(run))
    target = output or run.with_name(f"{run.name}.graphml")
    files = write_graph(found, target, overwrite=overwrite)
    if found.cut:
        options.say(f"{found.cut:,} records name more than {MOST_TOGETHER} entities; only the first are joined")
    if target.suffix.lower() == ".svg" and len(found.nodes) > MOST_DRAWN:
        options.say(f"the picture shows the {MOST_DRAWN} of {len(found.nodes):,} nodes that are named most")
    options.say(f"{len(found.nodes):,} nodes and {len(found.edges):,} edges written to {', '.join(map(str, files))}")
