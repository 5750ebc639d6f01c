"""Writes the graph of a run: GraphML for Gephi, yEd and networkx, CSV for everything else, a picture for the eye."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from llmx.errors import OutputError, choices
from llmx.link.graph import GraphEdge, GraphNode, LinkGraph
from llmx.sinks.atomic import write_atomically
from llmx.sinks.delimited import guarded

MOST_DRAWN = 150
"""Nodes of a picture, the heaviest ones: more cannot be read."""

_SIZE = 1200  # pixels of the picture's sides
_MARGIN = 120
_STEPS = 120
_PULL = 0.4  # towards the middle, so that parts without a connection stay in the picture
_COLOURS = {"organization": "#2a6fb0", "person": "#b3562b", "event": "#4f8a3c", "other": "#777777"}
_NO_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))


def write_graph(graph: LinkGraph, target: Path, *, overwrite: bool = False) -> list[Path]:
    """Write ``graph`` to ``target``, whose suffix chooses the format, and return the files.

    ``.graphml`` and ``.svg`` are one file; for ``.csv`` two are written beside each other, ``NAME_nodes.csv`` and
    ``NAME_edges.csv``. Raises OutputError for another suffix, and where a file is there and may not be replaced.
    """
    suffix = target.suffix.lower()
    if suffix not in FORMATS:
        raise OutputError(f"{target}: a graph cannot be written so", hint=choices(suffix, FORMATS))
    files = {target.with_name(target.stem + ending): text for ending, text in FORMATS[suffix](graph).items()}
    for path in files:
        if path.exists() and not overwrite:
            raise OutputError(f"{path} exists", hint="Replace it with --overwrite, or name another file with --output.")
    for path, text in files.items():
        write_atomically(path, [text.encode("utf-8", "replace")])
    return list(files)


def _graphml(graph: LinkGraph) -> dict[str, str]:
    return {".graphml": "\n".join(_graphml_lines(graph)) + "\n"}


def _graphml_lines(graph: LinkGraph) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    for name, of, type_ in (("label", "node", "string"), ("kind", "node", "string"), ("mentions", "node", "int"),
                            ("relation", "edge", "string"), ("weight", "edge", "int")):  # fmt: skip
        yield f'  <key id="{name}" for="{of}" attr.name="{name}" attr.type="{type_}"/>'
    yield '  <graph edgedefault="undirected">'
    for node in graph.nodes:
        data = {"label": node.label, "kind": node.kind, "mentions": str(node.weight)}
        yield f"    <node id={quoteattr(node.id)}>{_data(data)}</node>"
    for edge in graph.edges:
        data = {"relation": edge.kind, "weight": str(edge.weight)}
        yield f"    <edge source={quoteattr(edge.source)} target={quoteattr(edge.target)}>{_data(data)}</edge>"
    yield "  </graph>"
    yield "</graphml>"


def _data(values: Mapping[str, str]) -> str:
    return "".join(f'<data key="{key}">{escape(value.translate(_NO_XML))}</data>' for key, value in values.items())


def _csv(graph: LinkGraph) -> dict[str, str]:
    nodes = [(node.id, guarded(node.label), node.kind, node.weight) for node in graph.nodes]
    edges = [(edge.source, edge.target, edge.kind, edge.weight) for edge in graph.edges]
    return {
        "_nodes.csv": _lines(("id", "label", "kind", "mentions"), nodes),
        "_edges.csv": _lines(("source", "target", "relation", "weight"), edges),
    }


def _lines(head: tuple[str, ...], rows: list[tuple[str, str, str, int]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def _svg(graph: LinkGraph) -> dict[str, str]:
    nodes = graph.nodes[:MOST_DRAWN]
    drawn = {node.id for node in nodes}
    edges = [edge for edge in graph.edges if edge.source in drawn and edge.target in drawn]
    places = layout(nodes, edges)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}"',
        ' font-family="sans-serif" font-size="11">',
        f"<title>{len(nodes)} of {len(graph.nodes)} nodes</title>",
        f'<rect width="{_SIZE}" height="{_SIZE}" fill="#ffffff"/>',
    ]
    for edge in edges:
        (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
        width = 0.6 + min(3.0, math.log1p(edge.weight))
        lines.append(f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="#bbbbbb"'
                     f' stroke-width="{width:.1f}"/>')  # fmt: skip
    for node in nodes:
        x, y = places[node.id]
        label = escape((node.label if len(node.label) <= 40 else node.label[:39] + "…").translate(_NO_XML))
        lines.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{4 + 2 * math.log1p(node.weight):.1f}"'
                     f' fill="{_COLOURS.get(node.kind, "#777777")}"><title>{label}, {node.weight}</title></circle>'
                     f'<text x="{x:.0f}" y="{y - 9:.0f}" text-anchor="middle">{label}</text>')  # fmt: skip
    return {".svg": "\n".join([*lines, "</svg>", ""])}


def layout(nodes: tuple[GraphNode, ...], edges: list[GraphEdge]) -> dict[str, tuple[float, float]]:
    """Return a place for each node: Fruchterman and Reingold's forces, from a circle, the same in every run."""
    count = max(1, len(nodes))
    ideal = _SIZE / math.sqrt(count) / 1.6
    at = {
        node.id: (
            _SIZE / 2 + _SIZE / 3 * math.cos(2 * math.pi * n / count),
            _SIZE / 2 + _SIZE / 3 * math.sin(2 * math.pi * n / count),
        )
        for n, node in enumerate(nodes)
    }
    for step in range(_STEPS):
        push = dict.fromkeys(at, (0.0, 0.0))
        for one, (x1, y1) in at.items():
            px, py = (_SIZE / 2 - x1) * _PULL, (_SIZE / 2 - y1) * _PULL
            for two, (x2, y2) in at.items():
                if one != two:
                    dx, dy = x1 - x2, y1 - y2
                    force = ideal * ideal / max(1.0, dx * dx + dy * dy)
                    px, py = px + dx * force, py + dy * force
            push[one] = (px, py)
        for edge in edges:
            (x1, y1), (x2, y2) = at[edge.source], at[edge.target]
            dx, dy = x1 - x2, y1 - y2
            force = math.hypot(dx, dy) / ideal
            (ax, ay), (bx, by) = push[edge.source], push[edge.target]
            push[edge.source], push[edge.target] = (
                (ax - dx * force, ay - dy * force),
                (bx + dx * force, by + dy * force),
            )
        most = _SIZE / 10 * (1 - step / _STEPS)
        for id_, (px, py) in push.items():
            x, y = at[id_]
            length = max(1e-9, math.hypot(px, py))
            far = min(length, most)
            at[id_] = (x + px / length * far, y + py / length * far)
    return _fitted(at)


def _fitted(at: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """Return the places moved and scaled so that all are within the picture, with room for the names."""
    if not at:
        return {}
    left, top = (min(place[axis] for place in at.values()) for axis in (0, 1))
    wide, high = (max(place[axis] for place in at.values()) - least for axis, least in ((0, left), (1, top)))
    scale = (_SIZE - 2 * _MARGIN) / max(wide, high, 1.0)
    beside, above = (_SIZE - wide * scale) / 2, (_SIZE - high * scale) / 2
    return {id_: (beside + (x - left) * scale, above + (y - top) * scale) for id_, (x, y) in at.items()}


FORMATS: Mapping[str, Callable[[LinkGraph], dict[str, str]]] = {".graphml": _graphml, ".csv": _csv, ".svg": _svg}
"""What makes the files of each format: by the ending of their names."""
