"""What was linked, as tables: entities, mentions, links and events, each with rows of plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from llmx.link.events import Event
from llmx.link.linking import Linked
from llmx.link.resolve import Entity, NamedDecision, Resolved
from llmx.sinks.tables import Kind

LinkRow = dict[str, Any]

TABLES: Mapping[str, Mapping[str, Kind]] = {
    "entities": {
        "entity_id": "text", "kind": "text", "name": "text", "names": "json", "countries": "json",
        "mentions": "integer", "documents": "integer",
    },
    "mentions": {
        "entity_id": "text", "id": "text", "path": "text", "name": "text", "field": "text", "quote": "text",
        "start": "integer",
    },
    "links": {
        "entity_id": "text", "kind": "text", "name_a": "text", "name_b": "text", "score": "number", "decision": "text",
        "said_by": "text", "reasons": "json", "document": "text", "quote": "text", "start": "integer",
    },
    "events": {
        "event_id": "text", "records": "json", "parties": "json", "date": "json", "kind": "json", "conflicts": "json",
        "said": "json", "reasons": "json",
    },
    "event_records": {"event_id": "text", "id": "text", "date": "text", "kind": "text"},
}  # fmt: skip
"""The columns of each table. ``id`` is that of a record, as in all tables of an output."""


def rows_of(linked: Linked) -> dict[str, list[LinkRow]]:
    """Return the rows of each table; those of events only where the run has events."""
    found = {
        "entities": [_entity(each) for each in linked.resolved.entities],
        "mentions": list(_mentions(linked.resolved)),
        "links": [_link(each) for each in linked.resolved.decisions],
    }
    if linked.events is not None:
        found["events"] = [_event(each) for each in linked.events]
        found["event_records"] = [
            {"event_id": event.id, "id": account.record, "date": account.date or None, "kind": account.kind or None}
            for event in linked.events
            for account in event.accounts
        ]
    return found


def _entity(entity: Entity) -> LinkRow:
    return {
        "entity_id": entity.id, "kind": entity.kind, "name": entity.name, "names": list(entity.names),
        "countries": list(entity.countries), "mentions": len(entity.mentions),
        "documents": len({mention.document for mention in entity.mentions}),
    }  # fmt: skip


def _mentions(resolved: Resolved) -> Iterator[LinkRow]:
    for entity in resolved.entities:
        for each in entity.mentions:
            yield {
                "entity_id": entity.id, "id": each.record, "path": each.path, "name": each.name, "field": each.field,
                "quote": each.quote or None, "start": each.start if each.start >= 0 else None,
            }  # fmt: skip


def _link(each: NamedDecision) -> LinkRow:
    alias = each.alias
    return {
        "entity_id": each.entity or None, "kind": each.kind, "name_a": each.a, "name_b": each.b, "score": each.score,
        "decision": each.decision, "said_by": each.by, "reasons": list(each.reasons),
        "document": alias.document if alias else None, "quote": alias.quote if alias else None,
        "start": alias.start if alias and alias.start >= 0 else None,
    }  # fmt: skip


def _event(event: Event) -> LinkRow:
    dates, kinds = (list(dict.fromkeys(filter(None, found))) for found in (
        (account.date for account in event.accounts), (account.kind for account in event.accounts)))  # fmt: skip
    said = {
        path: [{"value": each.value, "records": list(each.records), "quotes": list(each.quotes)} for each in values]
        for path, values in event.values.items()
    }
    return {
        "event_id": event.id, "records": list(event.records), "parties": list(event.parties), "date": dates,
        "kind": kinds, "conflicts": list(event.conflicts), "said": said, "reasons": list(event.reasons),
    }  # fmt: skip
