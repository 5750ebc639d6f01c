"""The outline: a schema as a list of its fields in words, for prompts that show no notation that could be repeated.

It says what the sketch says (``sketch.py``), with the same words for the same kinds of values, so that an answer that
repeats them is known for an echo.
"""

from __future__ import annotations

import json

from llmx.schema.sketch import placeholders
from llmx.schema.tree import Leaf, ListOf, Member, Node, ObjectOf, UnionOf


def outline(tree: ObjectOf) -> str:
    """Return the list: a field a line, what it holds, and its description; the fields of an object indented."""
    return "\n".join(_fields(tree, ""))


def _fields(tree: ObjectOf, indent: str) -> list[str]:
    return [line for member in tree.members for line in _member(member, indent)]


def _member(member: Member, indent: str) -> list[str]:
    node = member.node
    lists = isinstance(node, ListOf)
    absent = " ([] where there is none)" if lists else " or null" if member.nullable or not member.required else ""
    told = f". {member.description}" if member.description else ""
    line = f"{indent}- {json.dumps(member.name, ensure_ascii=False)}: {_kind(node)}{absent}{told}"
    return [line, *(each for inner in _objects(node) for each in _fields(inner, indent + "  "))]


def _objects(node: Node) -> list[ObjectOf]:
    """Return the objects whose fields follow; none of a class within itself, whose fields stand there already."""
    if isinstance(node, ListOf):
        return _objects(node.item)
    if isinstance(node, UnionOf):
        return [each for member in node.members for each in _objects(member.node)]
    return [node] if isinstance(node, ObjectOf) and not node.level else []


def _kind(node: Node) -> str:
    if isinstance(node, Leaf):
        return _leaf(node)
    if isinstance(node, UnionOf):
        return " or ".join(dict.fromkeys(_kind(member.node) for member in node.members))
    if isinstance(node, ObjectOf):
        return _object(node)
    return f"a list; each element is {_kind(node.item)}"


def _object(node: ObjectOf) -> str:
    if not node.level:
        return f"an object {node.name}"
    ends = ", ".join(name for name, _ in node.ends)
    return f"an object {node.name}, whose fields are given{f', without {ends}' if ends else ''}"


def _leaf(leaf: Leaf) -> str:
    words = placeholders(leaf)
    if leaf.translated:
        return f'an object of "words" ({words[0]}) and "value" ({words[1]})'
    if leaf.quoted:
        return f'an object of "quote" ({words[0]}, or null) and "value" ({_value(leaf, words[1:])})'
    return _value(leaf, words)


def _value(leaf: Leaf, words: tuple[str, ...]) -> str:
    if leaf.kind == "choice":
        spelled = [json.dumps(each, ensure_ascii=False) for each in leaf.choices]
        named = [f"{each} ({name})" for each, name in zip(spelled, leaf.names, strict=False)]
        return f"one of {', '.join(named or spelled)}"
    return "true or false" if leaf.kind == "flag" else words[-1]
