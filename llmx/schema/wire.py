"""The wire model: what the language model is asked to fill.

It differs from the user's schema on purpose. Typed values are asked for as words of the text; optional fields are
nullable and required (a constrained small model skips optional keys: required-nullable doubled its recall); arrays and
strings are capped, so that a loop cannot run to the token limit; unknown keys are refused.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Optional

from pydantic import BaseModel, ConfigDict, Field, create_model

from llmx.schema.tree import Leaf, ListOf, Node, ObjectOf


class WireModel(BaseModel):
    """The base of all wire models, which refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, protected_namespaces=())


def wire_model(tree: ObjectOf, name: str | None = None) -> type[WireModel]:
    """Return a Pydantic class with the fields of ``tree``, in order, each required."""
    fields: dict[str, Any] = {}
    for member in tree.members:
        kind = _annotation(member.node, f"{name or tree.model.__name__}_{member.name}")
        lists = isinstance(member.node, ListOf)
        nullable = member.nullable or (not member.required and not lists)
        fields[member.name] = (
            Optional[kind] if nullable else kind,  # noqa: UP045 - kind is a value, not a name
            Field(description=member.description or None),
        )
    made: type[WireModel] = create_model(
        name or tree.model.__name__, __base__=WireModel, __doc__=tree.model.__doc__, **fields
    )
    return made


def _annotation(node: Node, name: str) -> Any:
    if isinstance(node, ListOf):
        return Annotated[list[_annotation(node.item, name)], Field(max_length=node.cap)]  # type: ignore[misc] # built
    if isinstance(node, ObjectOf):
        return wire_model(node, name)
    return _leaf_annotation(node, name)


def _leaf_annotation(leaf: Leaf, name: str) -> Any:
    text = Annotated[str, Field(max_length=leaf.cap)]
    if leaf.translated:
        return _pair(name, words=text, value=text)
    value: Any = Literal[leaf.choices] if leaf.kind == "choice" else bool if leaf.kind == "flag" else text
    if leaf.quoted:
        return _pair(name, quote=Optional[text], value=value)  # noqa: UP045 - text is a value, not a name
    return value


def _pair(name: str, **kinds: Any) -> type[WireModel]:
    """Return an object of two: the words of the text come first, so that the model looks before it answers."""
    fields: dict[str, Any] = {field: (kind, Field()) for field, kind in kinds.items()}
    made: type[WireModel] = create_model(name, __base__=WireModel, **fields)
    return made
