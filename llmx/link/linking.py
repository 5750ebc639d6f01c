"""Links a finished run: reads its records and texts, resolves its entities and events, and keeps what people say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.errors import UsageError
from llmx.link.companions import companions_of
from llmx.link.corrections import SUFFIX, Corrections, read_corrections
from llmx.link.events import DAYS, Event, events_of
from llmx.link.fields import EntityField, EventFields, entity_fields, event_fields, named_fields, parsed_path, shown
from llmx.link.mentions import Mention, mentions_of
from llmx.link.resolve import Asked, Resolved, nobody, resolve
from llmx.view.runs import fields_of, read_run
from llmx.view.texts import DocumentsLike, find_texts

if TYPE_CHECKING:
    from llmx.evaluate.run_file import RunFile
    from llmx.schema import Schema


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """What is linked. ``on`` are paths of fields with names, each with ``:KIND`` or without; those of the schema's
    types if there are none. ``aliases`` are files of names that are one, or are not. ``parties``, ``date`` and ``kind``
    are the paths that make an event of a record, '' for those of the schema; ``events`` False makes none. The dates of
    one event are at most ``days`` apart.
    """

    on: tuple[str, ...] = ()
    aliases: tuple[Path, ...] = ()
    events: bool = True
    parties: str = ""
    date: str = ""
    kind: str = ""
    days: int = DAYS

    def __post_init__(self) -> None:
        if self.days < 0:
            raise UsageError(f"--event-days {self.days}: a number of days is not negative", hint="Such as 3.")


@dataclass(frozen=True, slots=True)
class Linked:
    """What a run was linked to. ``events`` is None where nothing makes events of its records; ``without_text`` counts
    the documents in whose texts no other names could be looked for. ``options`` are those by which it was linked, with
    the fields that the schema gave.
    """

    run: Path
    fields: tuple[EntityField, ...]
    mentions: tuple[Mention, ...]
    resolved: Resolved
    events: tuple[Event, ...] | None
    documents: int
    without_text: int
    options: LinkOptions = field(default_factory=LinkOptions)


def figures_of(linked: Linked) -> dict[str, Any]:
    """Return what was linked in numbers, as ``links.json`` keeps it."""
    decided = linked.resolved.decisions
    found: dict[str, Any] = {
        "fields": list(linked.options.on),
        "options": {**asdict(linked.options), "aliases": [str(path.absolute()) for path in linked.options.aliases]},
        "mentions": len(linked.mentions),
        "entities": len(linked.resolved.entities),
        "merged": sum(each.decision == "merged" for each in decided),
        "refused": sum(each.decision == "refused" for each in decided),
        "open": sum(each.decision == "open" for each in decided),
        "documents": linked.documents,
        "documents_without_text": linked.without_text,
    }
    if linked.events is not None:
        found["events"] = len(linked.events)
        found["events_of_several_records"] = sum(len(event.accounts) > 1 for event in linked.events)
        found["events_with_conflicts"] = sum(bool(event.conflicts) for event in linked.events)
    return found


def corrections_path(run: Path) -> Path:
    """Return the file beside the run that keeps what people have said about its names."""
    return run.with_name(run.name + SUFFIX)


def kept_corrections(run: Path) -> Corrections:
    """Return what people have said about the names of a run."""
    path = corrections_path(run)
    return read_corrections(path) if path.exists() else Corrections()


def link_run(
    run: Path,
    schema: Schema | None,
    options: LinkOptions | None = None,
    *,
    documents: DocumentsLike = (),
    ask: Asked = nobody,
) -> Linked:
    """Link the names and the events in the output ``run``, which was extracted with ``schema``.

    Without a schema, ``options`` name the fields. ``documents`` are where the texts are, if they moved. ``ask`` decides
    what the names and texts leave open. Raises UsageError for a run that cannot be read, and where no field names
    anything.
    """
    how = options or LinkOptions()
    read = read_run(run, model=schema.record_model if schema is not None else None)
    rows = list(read.rows.values())
    fields = _fields(schema, how)
    _check_paths(fields, rows, how)
    mentions = tuple(mention for row in rows for mention in mentions_of(row, fields))
    texts = _texts(read, mentions, documents)
    said = kept_corrections(run)
    for path in how.aliases:
        said |= read_corrections(path)
    of_events = _event_fields(schema, fields, how)
    companions = companions_of(rows, of_events, days=how.days) if of_events is not None else None
    resolved = resolve(mentions, texts, said, companions=companions, ask=ask)
    events = None if of_events is None else tuple(events_of(rows, resolved, of_events, days=how.days))
    named_in = {mention.document for mention in mentions}
    by = replace(how, on=tuple(f"{each.shown}:{each.kind}" for each in fields))
    if of_events is not None:
        by = replace(by, parties=shown(of_events.parties), date=shown(of_events.date), kind=shown(of_events.kind))
    return Linked(run, fields, mentions, resolved, events, len(named_in), len(named_in - texts.keys()), by)


def _fields(schema: Schema | None, how: LinkOptions) -> tuple[EntityField, ...]:
    known = entity_fields(schema) if schema is not None else ()
    fields = named_fields(how.on, known) if how.on else known
    if not fields:
        name = schema.name if schema is not None else "the run"
        raise UsageError(
            f"no field of {name} names an organisation or a person by its type",
            hint="Say which fields do: --on seller --on parties[].name, --on author:person.",
        )
    return fields


def _check_paths(fields: Sequence[EntityField], rows: Sequence[Mapping[str, Any]], how: LinkOptions) -> None:
    """Raise UsageError for a path that the user named and that no record has."""
    given = [field.path for field in fields] if how.on else []
    given += [parsed_path(text) for text in (how.parties, how.date, how.kind) if text]
    with_data = [row["data"] for row in rows if row.get("data") is not None]
    for path in given:
        names = sorted({name for data in with_data if isinstance(data, dict) for name in data})
        if names and path[0] not in names:
            raise UsageError(f"no record has a field {shown(path)}", hint=f"They have {', '.join(names)}.")


def _texts(read: RunFile, mentions: Sequence[Mention], documents: DocumentsLike) -> dict[str, str]:
    """Return the texts that can be found, by document."""
    named_in = {mention.record: mention.document for mention in mentions}
    sources = {id_: read.rows[id_].get("source") for id_ in named_in}
    places = {id_: str(source) if source else None for id_, source in sources.items()}
    found = find_texts(places, documents, fields=fields_of([read]), beside=[read.path])
    return {named_in[id_]: each.text for id_, each in found.items() if each.text is not None}


def _event_fields(schema: Schema | None, fields: tuple[EntityField, ...], how: LinkOptions) -> EventFields | None:
    if not how.events:
        return None
    found = event_fields(schema, fields) if schema is not None else None
    parties = parsed_path(how.parties) if how.parties else found.parties if found else None
    day = parsed_path(how.date) if how.date else found.date if found else None
    if parties is None or day is None:
        return None
    if parties not in {field.path for field in fields}:
        hint = f"It is one of {', '.join(field.shown for field in fields)}."
        raise UsageError(f"--event-parties {shown(parties)} is not among the fields that are linked", hint=hint)
    return EventFields(parties, day, parsed_path(how.kind) if how.kind else found.kind if found else ())
