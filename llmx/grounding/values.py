"""The tree of grounded values: what was found for a schema's tree, each value with its proof, before it is a record.

Grounding makes one such tree for each chunk, ``assembly/merge.py`` makes one out of several, and
``assembly/policies.py`` writes it out as plain data with evidence and issues by JSON pointer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from llmx.dataclass import dataclass
from llmx.record import Evidence, Issue
from llmx.schema import Member, UnionOf
from llmx.types import Reader


@dataclass(frozen=True, slots=True)
class LeafValue:
    """A leaf: the computed ``value`` (None: nothing was found), its proof, and the issues with it.

    The paths of ``issues`` are relative to the leaf (''). ``words`` are the model's. ``doubt`` in [0, 1] lowers the
    confidence; ``agreement`` is the share of samples that have the value; ``likelihood`` the mean probability of the
    tokens of the words, where the endpoint gave it; ``verified`` is the probability that the model confirms the value,
    where it was asked, and ``chance`` how likely it is right by that, or by its not having been asked beside others.
    ``seen`` are the pages in whose pictures the model may have read an unproven value; () where it
    saw none. ``read_as`` says how an unproven text is read that is a date, a number or the like; None for other text.
    """

    value: Any = None
    evidence: Evidence | None = None
    issues: tuple[Issue, ...] = ()
    words: str = ""
    doubt: float = 0.0
    agreement: float | None = None
    likelihood: float | None = None
    seen: tuple[int, ...] = ()
    verified: float | None = None
    chance: float | None = None
    read_as: Reader | None = None

    @property
    def proven(self) -> bool:
        """Whether words of the document say the value."""
        return self.evidence is not None

    def with_issue(self, code: str, message: str, *, doubt: float = 0.0) -> LeafValue:
        """Return the same value with one more issue, and at least ``doubt``."""
        return replace(self, issues=(*self.issues, Issue(code, "", message)), doubt=max(self.doubt, doubt))


@dataclass(frozen=True, slots=True)
class ObjectValue:
    """An object: what was found for each field, by its name on the wire."""

    fields: dict[str, ValueNode]


@dataclass(frozen=True, slots=True)
class ListValue:
    """A list: its elements in the order of the answers. ``capped`` says that the answer filled the wire's cap.

    ``rows`` says of each element at which row of the text it stands, by the row's start (-1: in none), where the
    elements are rows of a table; else it is empty.
    """

    items: tuple[ValueNode, ...]
    capped: bool = False
    rows: tuple[int, ...] = ()


ValueNode = LeafValue | ObjectValue | ListValue

NOTHING = LeafValue()


class _ValueParts:
    """How a tree of grounded values is taken apart, for ``schema/algebra.py``."""

    def fields(self, value: ValueNode) -> Mapping[str, ValueNode] | None:
        return value.fields if isinstance(value, ObjectValue) else None

    def items(self, value: ValueNode) -> Sequence[ValueNode] | None:
        return value.items if isinstance(value, ListValue) else None

    def with_fields(self, value: ValueNode, fields: dict[str, ValueNode]) -> ValueNode:  # noqa: ARG002 - a protocol
        return ObjectValue(fields)

    def with_items(self, value: ValueNode, items: list[ValueNode]) -> ValueNode:
        assert isinstance(value, ListValue)
        return replace(value, items=tuple(items))

    def alternative(self, node: UnionOf, value: ValueNode) -> tuple[Member, ValueNode] | None:
        if not isinstance(value, ObjectValue):
            return None
        name, inner = next(iter(value.fields.items()))
        return node.member(name), inner

    def as_alternative(self, member: Member, value: ValueNode) -> ValueNode:
        return ObjectValue({member.name: value})


VALUES = _ValueParts()


def leaf_values(tree: ValueNode) -> Iterator[LeafValue]:
    """Yield every leaf of ``tree``, in order, whatever the schema."""
    if isinstance(tree, LeafValue):
        yield tree
    else:
        for below in tree.fields.values() if isinstance(tree, ObjectValue) else tree.items:
            yield from leaf_values(below)


def map_values(tree: ValueNode, change: Callable[[LeafValue], LeafValue]) -> ValueNode:
    """Return a copy of ``tree`` in which ``change`` was applied to every leaf, in order, whatever the schema."""
    if isinstance(tree, LeafValue):
        return change(tree)
    if isinstance(tree, ObjectValue):
        return ObjectValue({name: map_values(below, change) for name, below in tree.fields.items()})
    return replace(tree, items=tuple(map_values(item, change) for item in tree.items))
