"""The data blocks of documents: plain JSON in a small page, compressed groups of documents in a large one.

A browser holds what is in a page as text. Compressed, ten thousand documents take a third of that; the page unpacks a
group when one of its documents is opened or searched.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Iterator
from typing import Any

from llmx.view.page import data_block, safe_json

PLAIN_CHARS = 4_000_000
"""Pages with no more text than this have plain blocks, which anything can read."""

GROUP_CHARS = 400_000
"""JSON in one group: some milliseconds to unpack."""


def plain_blocks(blocks: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield a data block per document, with the ids ``d0``, ``d1`` and so on."""
    for number, block in enumerate(blocks):
        yield data_block(f"d{number}", block)


def packed_blocks(blocks: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield groups of documents as gzip in base64, with the ids ``g0``, ``g1`` …; ``groups`` has the first of each."""
    firsts: list[int] = []
    group: list[str] = []
    first = size = number = 0
    for number, block in enumerate(blocks, 1):
        text = safe_json(block)
        group.append(text)
        size += len(text)
        if size >= GROUP_CHARS:
            firsts.append(first)
            yield _group(len(firsts) - 1, group)
            group, first, size = [], number, 0
    if group:
        firsts.append(first)
        yield _group(len(firsts) - 1, group)
    yield data_block("groups", {"firsts": firsts, "documents": number})


def _group(number: int, blocks: list[str]) -> str:
    packed = gzip.compress(f"[{','.join(blocks)}]".encode(), compresslevel=6, mtime=0)
    text = base64.b64encode(packed).decode()
    return f'<script type="application/gzip;base64" id="g{number}">{text}</script>\n'
