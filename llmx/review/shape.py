"""What a gold record looks like to the form: which fields there are, what each holds, how its words are read.

Taken from the schema where there is one, else inferred from the records; the form and the readers walk this tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from llmx.evaluate.spec import OPTIONAL, alternatives, facts

if TYPE_CHECKING:
    from llmx.schema import Leaf, Node, ObjectOf

LeafType = Literal["text", "typed", "number", "choice", "flag", "date", "any"]
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?|--\d{2}(-\d{2})?")


@dataclass(frozen=True, slots=True)
class Shape:
    """One place of a record. ``type`` says how a leaf is edited and read; ``leaf`` is the schema's, where there is one.

    ``typed`` leaves are computed from words by llmx's readers, and their JSON form may be an object.
    """

    kind: Literal["object", "list", "leaf"]
    fields: Mapping[str, Shape] = field(default_factory=dict)
    item: Shape | None = None
    type: LeafType = "any"
    label: str = ""
    choices: tuple[Any, ...] = ()
    description: str = ""
    leaf: Leaf | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what the form needs of it."""
        out: dict[str, Any] = {"kind": self.kind}
        if self.kind == "object":
            out["fields"] = [{"name": name, **each.to_json()} for name, each in self.fields.items()]
        elif self.kind == "list":
            out["item"] = (self.item or ANY).to_json()
        else:
            out |= {"type": self.type, "label": self.label, "choices": list(self.choices)}
        if self.description:
            out["description"] = self.description
        return out

    def empty(self) -> Any:
        """Return a value of this shape that says nothing: null, an empty list, an object of such."""
        if self.kind == "object":
            return {name: each.empty() for name, each in self.fields.items()}
        return [] if self.kind == "list" else None

    def at(self, pointer: str) -> Shape:
        """Return the shape at a JSON pointer; alternatives (/any/0) and ``_optional`` are seen through."""
        here = self
        for token in [each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:]]:
            if here.kind == "object" and token in here.fields:
                here = here.fields[token]
            elif here.kind == "list" and token.isdigit():
                here = here.item or ANY
            elif token in {"any", OPTIONAL}:
                continue
            elif here.kind == "leaf" and token.isdigit():
                continue  # the number of an alternative
            else:
                return ANY
        return here


ANY = Shape("leaf")


def shape_of_schema(tree: ObjectOf) -> Shape:
    """Return the shape of a compiled schema."""
    return _of_node(tree, "")


def _of_node(node: Node, description: str) -> Shape:
    from llmx.schema import ListOf, ObjectOf  # noqa: PLC0415 - brings all types; only those with a schema need it

    if isinstance(node, ObjectOf):
        fields = {member.name: _of_node(member.node, member.description) for member in node.members}
        return Shape("object", fields, description=description)
    if isinstance(node, ListOf):
        return Shape("list", item=_of_node(node.item, ""), description=description)
    types: dict[str, LeafType] = {"quote": "typed", "text": "text", "choice": "choice", "flag": "flag"}
    label = "" if node.label == "text" else node.label
    return Shape("leaf", type=types[node.kind], label=label, choices=node.choices, description=description, leaf=node)


def shape_of_values(values: Iterable[Any]) -> Shape:
    """Return the shape that fits ``values``, the data of records and gold; what is always null can be anything."""
    said = [each for value in values for each in alternatives(value) if each is not None]
    objects = [each for each in said if isinstance(each, dict)]
    if objects:
        found: dict[str, list[Any]] = {}
        for each in objects:
            free = each.get(OPTIONAL)
            for name, value in facts(each).items():
                found.setdefault(name, []).append(value)
            for name, value in free.items() if isinstance(free, dict) else ():
                found.setdefault(name, []).append(value)
        return Shape("object", {name: shape_of_values(each) for name, each in found.items()})
    lists = [each for each in said if isinstance(each, list)]
    if lists:
        return Shape("list", item=shape_of_values([one for each in lists for one in each]))
    return Shape("leaf", type=_type_of(said))


def _type_of(said: list[Any]) -> LeafType:
    if not said:
        return "any"
    if all(isinstance(each, bool) for each in said):
        return "flag"
    if all(isinstance(each, int | float) and not isinstance(each, bool) for each in said):
        return "number"
    if all(isinstance(each, str) for each in said):
        return "date" if all(_DATE.fullmatch(each) for each in said) else "text"
    return "any"
