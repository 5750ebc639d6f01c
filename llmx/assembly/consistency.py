"""What cannot be true together: a name that is an organisation's in one place of a record is no person's in another.

Small models list the two companies as the people who signed. The types say enough to see it, whatever the schema.
"""

from __future__ import annotations

from typing import Any

from llmx.grounding.values import VALUES, LeafValue, ValueNode
from llmx.schema import Leaf, ObjectOf, nodes_of
from llmx.schema.algebra import leaves, map_leaves
from llmx.schema.per_tree import once_per_tree


def drop_contradictions(tree: ObjectOf, found: ValueNode) -> ValueNode:
    """Return ``found`` without the persons whose name an organisation of the same record bears."""
    if not _has_both(tree):
        return found
    from llmx.types import OrganizationName, PersonName  # noqa: PLC0415 - not every schema has names

    organizations = {
        _plain(place.value.value)
        for place in leaves(tree, found, parts=VALUES)
        if isinstance(place.value, LeafValue) and place.value.value is not None and _is(place.leaf, OrganizationName)
    }
    if not organizations:
        return found

    def without_organization(leaf: Leaf, found: ValueNode) -> ValueNode:
        assert isinstance(found, LeafValue)
        if not _is(leaf, PersonName) or found.value is None or not _bears(_plain(found.value), organizations):
            return found
        return LeafValue(words=found.words).with_issue("contradiction", f"{str(found.value)!r} is an organisation")

    return map_leaves(tree, found, without_organization, parts=VALUES)


def contradicts(tree: ObjectOf, data: Any) -> bool:
    """Return whether a record's ``data``, by the names of the fields, has a person with the name of an organisation."""
    if not _has_both(tree):
        return False
    from llmx.types import OrganizationName, PersonName  # noqa: PLC0415 - not every schema has names

    names = [(place.leaf, _plain(place.value)) for place in leaves(tree, data) if place.value is not None]
    organizations = {name for leaf, name in names if _is(leaf, OrganizationName)}
    return any(_is(leaf, PersonName) and _bears(name, organizations) for leaf, name in names)


@once_per_tree
def _has_both(tree: ObjectOf) -> bool:
    """Whether a schema has names of organisations and of persons."""
    from llmx.types import OrganizationName, PersonName  # noqa: PLC0415 - not every schema has names

    kinds = [node for node in nodes_of(tree) if isinstance(node, Leaf)]
    return any(_is(leaf, OrganizationName) for leaf in kinds) and any(_is(leaf, PersonName) for leaf in kinds)


def _bears(name: str, organizations: set[str]) -> bool:
    """Whether ``name`` is an organisation's, or an organisation's name of several words with more around it."""
    return name in organizations or any(" " in each and each in name for each in organizations)


def _is(node: Leaf, kind: type) -> bool:
    return isinstance(node.kind_of, type) and issubclass(node.kind_of, kind)


def _plain(value: object) -> str:
    return " ".join(str(value).casefold().split())
