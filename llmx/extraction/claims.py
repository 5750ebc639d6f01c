"""What a model can be asked about in a record: its values, each with the field that it is of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from llmx.grounding.values import NOTHING, LeafValue, ListValue, ObjectValue, ValueNode
from llmx.schema import Leaf, ListOf, Member, ObjectOf, UnionOf

_MOST_CHARS = 300
"""Of a value, in a question."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A value to ask about: what its field is called, how it is described, and which value of which object it is.

    ``droppable``: nothing else goes with it, neither the record nor the element that cannot be without it. ``listed``:
    it is one of several values of the field, which is ``leaf``.
    """

    found: LeafValue
    leaf: Leaf
    label: str
    description: str
    of: str
    droppable: bool
    listed: bool = False

    @property
    def within_list(self) -> bool:
        """Whether it is an element of a list, or of a field of one."""
        return self.listed or bool(self.of)

    @property
    def name(self) -> str:
        """What the field is called, and of what it is."""
        return f"{self.label} of {self.of}" if self.of else self.label

    @property
    def words(self) -> str:
        """The words of the value: those of the text, where it has any."""
        found = self.found
        words = found.evidence.quote if found.evidence is not None else found.words or str(found.value)
        words = " ".join(words.split())
        return words if len(words) <= _MOST_CHARS else words[:_MOST_CHARS] + "…"


def is_asked_about(leaf: Leaf) -> bool:
    """Return whether values of ``leaf`` can be asked about: not the model's own words, and no flags."""
    return not leaf.free and leaf.kind != "flag"


def claims_of(node: ObjectOf, found: ValueNode, *, of: str = "") -> Iterator[Claim]:
    """Yield the values below an object that can be asked about: not the model's own words, flags, nor what code found
    in the text itself.
    """
    if not isinstance(found, ObjectValue):
        return
    for member in node.members:
        value = found.fields.get(member.name)
        if isinstance(value, LeafValue) and isinstance(member.node, Leaf):
            whose = "" if value.words == of else of
            yield from _claim(member, member.node, value, of=whose, droppable=member.nullable or not member.required)
        elif isinstance(value, ListValue) and isinstance(member.node, ListOf) and not member.node.complete:
            yield from _of_list(member, member.node, value, of=of)
        elif type(member.node) is ObjectOf:
            yield from claims_of(member.node, NOTHING if value is None else value, of=of)


def _of_list(member: Member, node: ListOf, found: ListValue, *, of: str) -> Iterator[Claim]:
    for item in found.items:
        if isinstance(item, LeafValue) and isinstance(node.item, Leaf):
            yield from _claim(member, node.item, item, of=of, droppable=not node.least, listed=True)
        elif isinstance(node.item, ObjectOf) and not isinstance(node.item, UnionOf):
            yield from claims_of(node.item, item, of=_name_of(node.item, item))


def _claim(member: Member, leaf: Leaf, value: LeafValue, **more: Any) -> Iterator[Claim]:
    if value.value is None or not is_asked_about(leaf):
        return
    label = member.name.replace("_", " ")
    yield Claim(value, leaf, label, member.description, **more)


def _name_of(node: ObjectOf, item: ValueNode) -> str:
    """Return the words by which an element of a list is called: those of its key, or of its first value."""
    if not isinstance(item, ObjectValue):
        return ""
    values = [item.fields.get(member.name) for member in node.members]
    words = [value.words for value in values if isinstance(value, LeafValue) and value.words]
    key = item.fields.get(node.key or "")
    return key.words if isinstance(key, LeafValue) and key.words else next(iter(words), "")
