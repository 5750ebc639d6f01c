"""The lists of a schema that stand in no other list: what may be counted of a document, and its place in a tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llmx.dataclass import dataclass
from llmx.grounding.values import NOTHING, ListValue, ObjectValue, ValueNode
from llmx.schema import ListOf, MapOf, Member, ObjectOf, TupleOf, UnionOf
from llmx.schema.per_tree import once_per_tree


@dataclass(frozen=True, slots=True)
class ListPlace:
    """A list of the schema that stands in no other list: the names that lead to it, and its field."""

    path: tuple[str, ...]
    member: Member
    node: ListOf

    def of(self, tree: ValueNode) -> ListValue | None:
        """Return what was found for the list, None where that is no list."""
        for name in self.path:
            tree = tree.fields.get(name, NOTHING) if isinstance(tree, ObjectValue) else NOTHING
        return tree if isinstance(tree, ListValue) else None

    def put(self, tree: ValueNode, value: ListValue) -> ValueNode:
        """Return ``tree`` with ``value`` for the list."""
        return _put(tree, self.path, value)


def _put(tree: ValueNode, path: Sequence[str], value: ListValue) -> ValueNode:
    if not path:
        return value
    assert isinstance(tree, ObjectValue)
    return ObjectValue({**tree.fields, path[0]: _put(tree.fields[path[0]], path[1:], value)})


@once_per_tree
def counted_lists(tree: ObjectOf) -> tuple[ListPlace, ...]:
    """Return the lists of ``tree`` whose elements may be counted."""
    return tuple(_lists(tree, ()))


def _lists(tree: ObjectOf, path: tuple[str, ...]) -> Iterator[ListPlace]:
    for member in tree.members:
        node, below = member.node, (*path, member.name)
        if isinstance(node, ListOf):
            if not (isinstance(node, MapOf) or node.remainder or node.complete):
                yield ListPlace(below, member, node)
        elif isinstance(node, ObjectOf) and not isinstance(node, UnionOf | TupleOf) and not node.level:
            yield from _lists(node, below)
