"""What the tree of a schema knows of a node and no JSON Schema says: the type behind a text, and the marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmx.schema.marks import Check, Cues
from llmx.schema.tree import ListOf, Node, ObjectOf


def marks_of(node: Node) -> list[Any]:
    """Return it as plain JSON values, for a fingerprint."""
    if isinstance(node, ListOf):
        return [type(node).__name__, node.cap, node.policy, node.remainder, node.complete, node.least, node.firm] + (
            [] if node.rows is None else [node.rows.pattern, node.rows.counted]
        )
    if isinstance(node, ObjectOf):
        return [type(node).__name__, node.key, node.policy, node.level, [name for name, _ in node.ends]]
    return [
        node.kind, node.label, _name_of(node.kind_of), node.policy, [_check(each) for each in node.checks],
        node.language, _cues(node.cues), node.cap, node.free, node.near, node.quoted, node.firm,
    ]  # fmt: skip


def _check(check: Check) -> list[Any]:
    return [_name_of(check.test), check.message, check.hard]


def _cues(cues: Cues | None) -> list[Any]:
    return [] if cues is None else [cues.words, cues.weak]


def _name_of(value: type[Any] | Callable[..., Any]) -> str:
    return str(getattr(value, "__qualname__", type(value).__qualname__))
