"""Checks: what a schema says of a value with ``Check(...)``, held against the value and the document's text.

A soft check files the issue ``check`` and the value stays. A hard one is asked about again, like an answer that does
not fit; where the model insists, the issue is ``check_failed`` and ``policies.py`` calls the record invalid.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llmx.grounding.values import VALUES, LeafValue, ValueNode
from llmx.prompting.feedback import Fault
from llmx.schema import Check, Leaf, ObjectOf, nodes_of
from llmx.schema.algebra import leaves, map_leaves
from llmx.schema.per_tree import once_per_tree

HARD = "check_failed"
SOFT = "check"


def hard_faults(tree: ObjectOf, found: ValueNode, text: str) -> Iterator[Fault]:
    """Yield a fault, with the path and the model's words, for each value that does not pass one of its hard checks."""
    if not _has_checks(tree):
        return
    for place in leaves(tree, found, parts=VALUES):
        assert isinstance(place.value, LeafValue)
        for code, message in _failed(place.leaf, place.value, text):
            if code == HARD:
                yield Fault.at(place.pointer, message, place.value.words or place.value.value)


def apply_checks(tree: ObjectOf, found: ValueNode, text: str) -> ValueNode:
    """Return ``found`` with an issue on each value that does not pass a check of its field."""
    if not _has_checks(tree):
        return found

    def check_leaf(leaf: Leaf, found: ValueNode) -> ValueNode:
        assert isinstance(found, LeafValue)
        for code, message in _failed(leaf, found, text):
            found = found.with_issue(code, message, doubt=0.5)
        return found

    return map_leaves(tree, found, check_leaf, parts=VALUES)


@once_per_tree
def _has_checks(tree: ObjectOf) -> bool:
    return any(isinstance(node, Leaf) and node.checks for node in nodes_of(tree))


def _failed(leaf: Leaf, found: LeafValue, text: str) -> Iterator[tuple[str, str]]:
    if found.value is None:
        return
    for check in leaf.checks:
        message = _message(check, found.value, text)
        if message:
            yield HARD if check.hard else SOFT, message


def _message(check: Check, value: Any, text: str) -> str:
    """Return what is wrong with ``value``, '' where nothing is. A check that fails itself is told, not hidden."""
    try:
        verdict = check.test(value, text)
    except Exception as error:  # noqa: BLE001 - the user's function may raise anything; the document is not lost by it
        return f"the check itself fails: {type(error).__name__}: {error}"
    if isinstance(verdict, str):
        return verdict
    return "" if verdict else f"{value} {check.message}"
