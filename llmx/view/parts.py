"""A run too large for one page is split: each part is a page of its own, with links to the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from llmx.evaluate.run_file import RunFile
from llmx.view.texts import DocumentText

PART_DOCUMENTS = 20_000
PART_CHARS = 200_000_000
"""The most text in one page: compressed, some 100 MB of HTML."""

DOCUMENT_CHARS = 2_000
"""What a document takes beside its text, its record and its line in the list."""


def parts_of(ids: Sequence[str], texts: Mapping[str, DocumentText]) -> Iterator[list[str]]:
    """Yield the ids of each part, in order; at least one part, and in none of them more than fits."""
    part: list[str] = []
    size = 0
    for id_ in ids:
        chars = len(texts[id_].text or "") + DOCUMENT_CHARS
        if part and (len(part) >= PART_DOCUMENTS or size + chars > PART_CHARS):
            yield part
            part, size = [], 0
        part.append(id_)
        size += chars
    yield part


def part_paths(target: Path, count: int) -> list[Path]:
    """Return where each of ``count`` parts goes.

    >>> [path.name for path in part_paths(Path("view.html"), 3)]
    ['view.html', 'view-2.html', 'view-3.html']
    """
    return [target, *(target.with_stem(f"{target.stem}-{number}") for number in range(2, count + 1))]


def only(runs: Sequence[RunFile], ids: Collection[str]) -> list[RunFile]:
    """Return ``runs`` with the records of ``ids`` alone."""
    wanted = frozenset(ids)
    return [replace(run, rows={id_: row for id_, row in run.rows.items() if id_ in wanted}) for run in runs]
