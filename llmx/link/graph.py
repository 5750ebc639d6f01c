"""The graph of a linked run: entities and events are nodes; who takes part, and who stands together, are edges.

Two entities are joined by an edge where a record names both, with how many records do; a run with events has a node for
each, and an edge to each of its parties.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

MOST_TOGETHER = 30
"""Entities of one record that are joined each with each; of more, only the first are: a list of members is no graph."""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """An entity or an event. ``weight`` counts its mentions, or its records."""

    id: str
    label: str
    kind: str
    weight: int


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """``kind`` is ``party`` from an event to an entity, else ``together``; ``weight`` counts the records."""

    source: str
    target: str
    kind: str
    weight: int


@dataclass(frozen=True, slots=True)
class LinkGraph:
    """Nodes and edges, the heaviest first; ``cut`` counts the records of which not all pairs are edges."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    cut: int = 0


def graph_of_links(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> LinkGraph:
    """Return the graph of the tables that ``llmx link`` wrote."""
    nodes = [GraphNode(row["entity_id"], row["name"], row["kind"], row["mentions"]) for row in tables["entities"]]
    by_record: dict[str, dict[str, None]] = defaultdict(dict)
    for row in tables["mentions"]:
        by_record[row["id"]][row["entity_id"]] = None
    together: Counter[tuple[str, str]] = Counter()
    for entities in by_record.values():
        first = sorted(list(entities)[:MOST_TOGETHER])
        together.update(combinations(first, 2))
    edges = [GraphEdge(a, b, "together", count) for (a, b), count in together.items()]
    for row in tables.get("events", ()):
        label = " ".join(filter(None, (*row["kind"][:1], *row["date"][:1]))) or "event"
        nodes.append(GraphNode(row["event_id"], label, "event", len(row["records"])))
        edges += [GraphEdge(row["event_id"], party, "party", len(row["records"])) for party in row["parties"]]
    return LinkGraph(
        tuple(sorted(nodes, key=lambda node: (-node.weight, node.id))),
        tuple(sorted(edges, key=lambda edge: (-edge.weight, edge.source, edge.target))),
        sum(len(entities) > MOST_TOGETHER for entities in by_record.values()),
    )
