"""What cannot be true together: a name that is an organisation's in one place of a record is no person's in another.

Small models list the two companies as the people who signed. The types say enough to see it, whatever the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from llmx.grounding.values import Found, FoundList, FoundNode, FoundObject
from llmx.schema import Leaf, ListOf, Node, ObjectOf, nodes_of


def consistent(tree: ObjectOf, found: FoundNode) -> FoundNode:
    """Return ``found`` without the persons whose name an organisation of the same record bears."""
    from llmx.types import OrganizationName, PersonName  # noqa: PLC0415 - not every schema has names

    kinds = [node for node in nodes_of(tree) if isinstance(node, Leaf)]
    if not (any(_is(leaf, OrganizationName) for leaf in kinds) and any(_is(leaf, PersonName) for leaf in kinds)):
        return found
    organizations = {_plain(leaf.value) for node, leaf in _leaves(tree, found) if _is(node, OrganizationName)}
    if not organizations:
        return found

    def judged(node: Leaf, leaf: Found) -> Found:
        if _is(node, PersonName) and leaf.value is not None and _bears(_plain(leaf.value), organizations):
            return Found(None, None, (("contradiction", f"{str(leaf.value)!r} is an organisation"),), leaf.words)
        return leaf

    return _mapped(tree, found, judged)


def _bears(name: str, organizations: set[str]) -> bool:
    """Whether ``name`` is an organisation's, or an organisation's name of several words with more around it."""
    return name in organizations or any(" " in each and each in name for each in organizations)


def _is(node: Leaf, kind: type) -> bool:
    return isinstance(node.kind_of, type) and issubclass(node.kind_of, kind)


def _plain(value: object) -> str:
    return " ".join(str(value).casefold().split())


def _leaves(node: Node, found: FoundNode) -> Iterator[tuple[Leaf, Found]]:
    if isinstance(node, Leaf) and isinstance(found, Found):
        if found.value is not None:
            yield node, found
    elif isinstance(node, ListOf) and isinstance(found, FoundList):
        for item in found.items:
            yield from _leaves(node.item, item)
    elif isinstance(node, ObjectOf) and isinstance(found, FoundObject):
        for member in node.members:
            if member.name in found.fields:
                yield from _leaves(member.node, found.fields[member.name])


def _mapped(node: Node, found: FoundNode, change: Callable[[Leaf, Found], Found]) -> FoundNode:
    """Return a copy of the tree with ``change`` applied to every leaf."""
    if isinstance(node, Leaf) and isinstance(found, Found):
        return change(node, found)
    if isinstance(node, ListOf) and isinstance(found, FoundList):
        return FoundList(tuple(_mapped(node.item, item, change) for item in found.items), found.capped)
    if isinstance(node, ObjectOf) and isinstance(found, FoundObject):
        changed = {
            m.name: _mapped(m.node, found.fields[m.name], change) for m in node.members if m.name in found.fields
        }
        return FoundObject({**found.fields, **changed})
    return found
