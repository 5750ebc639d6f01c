"""What follows from a schema's tree alone is worked out once for each tree, not once for each document."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from llmx.schema.tree import ObjectOf

T = TypeVar("T")

_MOST_TREES = 64


def once_per_tree(function: Callable[[ObjectOf], T]) -> Callable[[ObjectOf], T]:
    """Keep what ``function`` returns for the last trees. Trees are told apart by identity: hashing one walks it."""
    known: dict[int, tuple[ObjectOf, T]] = {}

    @wraps(function)
    def kept(tree: ObjectOf) -> T:
        entry = known.get(id(tree))
        if entry is None or entry[0] is not tree:
            if len(known) >= _MOST_TREES:
                known.clear()
            entry = known[id(tree)] = (tree, function(tree))
        return entry[1]

    return kept
