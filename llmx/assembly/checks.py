"""Checks: what a schema says of a value with ``Check(...)``, held against the value and the document's text.

A soft check files the issue ``check`` and the value stays. A hard one is asked about again, like an answer that does
not fit; where the model insists, the issue is ``check_failed`` and ``settle`` calls the record invalid.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from llmx.endpoint import Fault
from llmx.grounding.values import Found, FoundList, FoundNode, FoundObject
from llmx.schema import Check, Leaf, ListOf, Node, ObjectOf, nodes_of

HARD = "check_failed"
SOFT = "check"


def hard_faults(tree: ObjectOf, found: FoundNode, text: str) -> Iterator[Fault]:
    """Yield a fault, with the path and the model's words, for each value that does not pass one of its hard checks."""
    if _has_checks(tree):
        yield from _faults(tree, found, text, path="")


def checked(tree: ObjectOf, found: FoundNode, text: str) -> FoundNode:
    """Return ``found`` with a remark on each value that does not pass a check of its field."""
    return _checked(tree, found, text) if _has_checks(tree) else found


def _has_checks(tree: ObjectOf) -> bool:
    return any(isinstance(node, Leaf) and node.checks for node in nodes_of(tree))


def _faults(node: Node, found: FoundNode, text: str, *, path: str) -> Iterator[Fault]:
    if isinstance(node, ObjectOf) and isinstance(found, FoundObject):
        for member in node.members:
            if member.name in found.fields:
                yield from _faults(member.node, found.fields[member.name], text, path=f"{path}/{member.name}")
    elif isinstance(node, ListOf) and isinstance(found, FoundList):
        for number, item in enumerate(found.items):
            yield from _faults(node.item, item, text, path=f"{path}/{number}")
    elif isinstance(node, Leaf) and isinstance(found, Found):
        for code, message in _failed(node, found, text):
            if code == HARD:
                yield Fault.at(path, message, found.words or found.value)


def _checked(node: Node, found: FoundNode, text: str) -> FoundNode:
    if isinstance(node, ObjectOf) and isinstance(found, FoundObject):
        nodes = {member.name: member.node for member in node.members}
        return FoundObject({n: _checked(nodes[n], f, text) if n in nodes else f for n, f in found.fields.items()})
    if isinstance(node, ListOf) and isinstance(found, FoundList):
        return replace(found, items=tuple(_checked(node.item, item, text) for item in found.items))
    if isinstance(node, Leaf) and isinstance(found, Found) and (failed := tuple(_failed(node, found, text))):
        return replace(found, remarks=found.remarks + failed, doubt=max(found.doubt, 0.5))
    return found


def _failed(leaf: Leaf, found: Found, text: str) -> Iterator[tuple[str, str]]:
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
