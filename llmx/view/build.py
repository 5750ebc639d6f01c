"""Writes the view: reads runs, gold and texts, and puts them into one page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.errors import UsageError
from llmx.evaluate.load import load_gold
from llmx.evaluate.run_file import RunFile
from llmx.evaluate.several import gold_by_record
from llmx.schema import load_schema
from llmx.sinks.atomic import write_atomically
from llmx.view.blocks import PLAIN_CHARS, packed_blocks, plain_blocks
from llmx.view.data import PageContent, document_blocks, document_ids, page_content
from llmx.view.graph import graph_block
from llmx.view.index import Index
from llmx.view.page import Assets, data_block, load_assets, page_head, page_tail, policy
from llmx.view.pages import PICTURES_BYTES, PictureBudget
from llmx.view.parts import only, part_paths, parts_of
from llmx.view.runs import fields_of, read_run
from llmx.view.texts import DocumentsLike, find_texts

if TYPE_CHECKING:
    from llmx.schema import SchemaLike

_HERE = "llmx.view"
_SCRIPTS = (
    "dom.js", "pointer.js", "spans.js", "list.js", "keys.js", "tree.js", "paper.js", "filters.js", "record.js",
    "charts.js", "graph.js", "store.js", "values.js", "view.js",
)  # fmt: skip


def write_view(
    runs: Sequence[Path],
    target: Path,
    *,
    documents: DocumentsLike = (),
    gold: Path | None = None,
    schema: SchemaLike | None = None,
    title: str = "",
) -> Path:
    """Write the page that shows ``runs`` (outputs such as out.jsonl) to ``target``, and return its path.

    ``documents`` are where the texts are found again: ready Documents, files, folders or globs; a record's own source
    is tried as well. ``gold`` is a folder or file of gold records; ``schema`` makes comparisons follow its types. The
    file needs nothing beside it; a run that is too large for one becomes several (``view-2.html`` …). Raises
    UsageError if an input is wrong, OutputError where the file cannot be written.
    """
    if not runs:
        raise UsageError("no run to view", hint="Name at least one output, such as out.jsonl.")
    loaded = None if schema is None else load_schema(schema)
    model = None if loaded is None else loaded.record_model
    read = _named_apart([read_run(Path(run), model=model) for run in runs])
    golds = gold_by_record(load_gold(gold), read) if gold is not None else {}
    places: dict[str, str | None] = {}
    for run in read:
        for id_, row in run.rows.items():
            places[id_] = places.get(id_) or (str(row["source"]) if row.get("source") else None)
    texts = find_texts(places, documents, fields=fields_of(read), beside=[run.path for run in read])
    title = title or " · ".join(run.name for run in read)
    parts = list(parts_of(document_ids(read), texts))
    paths = part_paths(target, len(parts))
    for number, (path, ids) in enumerate(zip(paths, parts, strict=True)):
        here = read if len(parts) == 1 else only(read, ids)
        page = page_content(title, here, texts=texts, golds=golds, schema=model)
        page = replace(page, parts=tuple(each.name for each in paths) if len(paths) > 1 else (), part=number)
        write_atomically(path, (piece.encode() for piece in _pieces(page)))
    return target


def _named_apart(runs: list[RunFile]) -> list[RunFile]:
    """Name runs by their paths if their names are the same."""
    names = [run.name for run in runs]
    return [replace(run, name=str(run.path)) if names.count(run.name) > 1 else run for run in runs]


def view_assets() -> Assets:
    """Return the body, style and script of the view."""
    styles = [(_HERE, "frame.css"), (_HERE, "view.css")]
    return load_assets((_HERE, "view.html"), styles, [(_HERE, name) for name in _SCRIPTS])


def _pieces(page: PageContent) -> Iterator[str]:
    """Yield the page piece by piece, so that only one document's block is in memory at a time."""
    assets = view_assets()
    yield page_head(assets, title=f"{page.title} · llmx", csp=policy(assets))
    ids, index = document_ids(page.runs), Index(page)
    chars = sum(len(page.texts[id_].text or "") for id_ in ids)
    made = _noted(page, ids, index)
    yield from packed_blocks(made) if chars > PLAIN_CHARS else plain_blocks(made)
    yield from _pictures(page, ids)
    yield data_block("index", index.to_json())
    yield data_block("tables", index.tables.to_json())
    places = {id_: number for number, id_ in enumerate(ids)}
    yield data_block("graphs", [graph_block(run.path, places) for run in page.runs])
    yield page_tail(assets)


def _noted(page: PageContent, ids: Sequence[str], index: Index) -> Iterator[dict[str, Any]]:
    """Yield the blocks of all documents, each after ``index`` has noted it."""
    for id_, block in zip(ids, document_blocks(page), strict=True):
        index.add(id_, block)
        yield block


def _pictures(page: PageContent, ids: Sequence[str]) -> Iterator[str]:
    """Yield the pictures of pages, as far as there is room for them."""
    views = [page.texts[id_].pages for id_ in ids]
    budget = PictureBudget(PICTURES_BYTES, sum(view is not None for view in views))
    for number, (id_, view) in enumerate(zip(ids, views, strict=True)):
        if view is not None:
            for sheet, picture in budget.pictures(view, [run.rows.get(id_) for run in page.runs]):
                yield data_block(f"d{number}-p{sheet}", picture)
