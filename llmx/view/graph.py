"""The graph of a linked run, as the page of figures draws it: its places are worked out here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from llmx.link.graph import graph_of_links
from llmx.link.graph_formats import MOST_DRAWN, layout
from llmx.link.kept_tables import is_linked, read_links

_MOST_RECORDS = 50  # of a node that the page can open


def graph_block(run: Path, shown: Mapping[str, int]) -> dict[str, Any] | None:
    """Return the graph of ``run``, None where it is not linked. ``shown`` has the place of each document on the page.

    Nodes have a place within 1,200 by 1,200, the places of their documents, and the names that were taken for one.
    """
    if not is_linked(run):
        return None
    tables = read_links(run)
    graph = graph_of_links(tables)
    nodes = graph.nodes[:MOST_DRAWN]
    number = {node.id: place for place, node in enumerate(nodes)}
    edges = [edge for edge in graph.edges if edge.source in number and edge.target in number]
    at, records = layout(nodes, edges), _records(tables)
    names = {row["entity_id"]: row["names"] for row in tables["entities"]}
    return {
        "nodes": [
            {
                "label": node.label, "kind": node.kind, "weight": node.weight, "names": names.get(node.id, []),
                "x": round(at[node.id][0]), "y": round(at[node.id][1]),
                "documents": [shown[id_] for id_ in records[node.id] if id_ in shown][:_MOST_RECORDS],
            }
            for node in nodes
        ],
        "edges": [[number[edge.source], number[edge.target], edge.weight] for edge in edges],
        "count": len(graph.nodes),
    }  # fmt: skip


def _records(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, dict[str, None]]:
    """Return the records that name each entity, or tell of each event, in their order."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for row in tables["mentions"]:
        found[row["entity_id"]][row["id"]] = None
    for row in tables.get("events", ()):
        found[row["event_id"]] |= dict.fromkeys(row["records"])
    return found
