"""The issue codes that the code can put into a record, found by reading it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import llmx

PACKAGE = Path(llmx.__path__[0])
SCHEMAS = PACKAGE.parent / "schemas"  # those that ship
NOT_RECORDS = {"cli", "evaluate", "view", "review", "sinks"}  # they file no issues
PLACE = {"Issue": 0, "issue": 0, "with_issue": 0, "unread": 1}
PAIRS = "from llmx.grounding.values import"  # some modules of the grounding yield (code, message) pairs


def issue_codes() -> set[str]:
    """Return every code: calls that make an issue, and the (code, message) pairs of the grounding."""
    from llmx.types.bounds import _MESSAGES

    codes = set(_MESSAGES)
    for path in SCHEMAS.glob("*.py"):
        codes.update(_codes(ast.parse(path.read_text("utf-8")), pairs=False))
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.relative_to(PACKAGE).parts[0] not in NOT_RECORDS:
            text = path.read_text("utf-8")
            codes.update(_codes(ast.parse(text), pairs=PAIRS in text))
    return codes


def _codes(tree: ast.Module, *, pairs: bool) -> Iterator[str]:
    constants: dict[str, object] = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    yielded = {node.value for node in ast.walk(tree) if isinstance(node, ast.Yield)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = PLACE.get(name)
            if place is not None and len(node.args) > place:
                yield from _texts(node.args[place], constants)
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code":
            yield from _texts(node.value, constants)
        elif pairs and isinstance(node, ast.Tuple) and _is_issue(node, other=node in yielded):
            yield from _texts(node.elts[0], constants)


def _texts(node: ast.expr, constants: dict[str, object]) -> Iterator[str]:
    value = constants.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None)
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body, constants)
        yield from _texts(node.orelse, constants)
    elif isinstance(value, str) and value:
        yield value


def _is_issue(pair: ast.Tuple, *, other: bool) -> bool:
    """Whether a tuple is (code, message); ``other``: pairs of other things are yielded too, with a bare word first."""
    if len(pair.elts) != 2 or (other and isinstance(pair.elts[0], ast.Constant)):
        return False
    return _is_message(pair.elts[1])


def _is_message(node: ast.expr) -> bool:
    """A message is put together, or has a blank; two bare words are something else."""
    return not isinstance(node, ast.Constant) or (isinstance(node.value, str) and " " in node.value)
