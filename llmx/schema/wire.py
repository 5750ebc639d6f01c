"""The wire model: what the language model is asked to fill.

It differs from the user's schema on purpose. Typed values are asked for as words of the text; optional fields are
nullable and required (a constrained small model skips optional keys: required-nullable doubled its recall); arrays and
strings are capped, so that a loop cannot run to the token limit; unknown keys are refused.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Optional, Union

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, create_model
from pydantic_core import CoreSchema

from llmx.dataclass import dataclass
from llmx.schema.tree import Leaf, ListOf, Node, ObjectOf, UnionOf

TEXT_LIMIT = 20_000
"""Characters of a text that no schema limits: what is longer is a loop of the model's."""

_NO_WORD = re.compile(r"\W+")


class WireModel(BaseModel):
    """The base of all wire models, which refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, protected_namespaces=(), serialize_by_alias=True)


def wire_model(tree: ObjectOf, name: str | None = None) -> type[WireModel]:
    """Return a Pydantic class with the fields of ``tree``, in order, each required."""
    return _model(tree, name or tree.name, {})


def _model(tree: ObjectOf, name: str, made: dict[int, type[WireModel]]) -> type[WireModel]:
    """Return the class of an object; one for each node, which may stand in several places of a tree."""
    if (known := made.get(id(tree))) is not None:
        return known
    fields: dict[str, Any] = {}
    for number, member in enumerate(tree.members):
        kind = _annotation(member.node, f"{name}_{_identifier(member.name)}", made)
        lists = isinstance(member.node, ListOf)
        nullable = member.nullable or (not member.required and not lists)
        kind = Optional[kind] if nullable else kind  # noqa: UP045 - kind is a value, not a name
        fields |= wire_field(number, member.name, kind, description=member.description)
    model: type[WireModel] = create_model(name, __base__=WireModel, __doc__=tree.description, **fields)
    made[id(tree)] = model
    return model


def wire_field(number: int, name: str, kind: Any, *, description: str = "") -> dict[str, Any]:
    """Return field ``number`` of a wire model for ``create_model``; a name that no field may have is its alias."""
    plain = _is_plain(name)
    info = Field(description=description or None, alias=None if plain else name)
    return {name if plain else f"field_{number}": (kind, info)}


def _is_plain(name: str) -> bool:
    """Return whether ``name`` may be that of a Pydantic field, which is no attribute of every model."""
    return name.isidentifier() and not name.startswith("_") and not hasattr(WireModel, name)


def _identifier(name: str) -> str:
    return name if name.isidentifier() else _NO_WORD.sub("_", name)


def _annotation(node: Node, name: str, made: dict[int, type[WireModel]]) -> Any:
    if isinstance(node, ListOf):
        item = _annotation(node.item, name, made)
        bound = Field(max_length=node.cap) if node.firm else _Guard("maxItems", node.cap)
        return Annotated[list[item], bound]  # type: ignore[valid-type] # built
    if isinstance(node, UnionOf):
        return _union(node, name, made)
    if isinstance(node, ObjectOf):
        return _model(node, name, made)
    return _leaf_annotation(node, name)


def _union(node: UnionOf, name: str, made: dict[int, type[WireModel]]) -> Any:
    """Return the alternatives; those that are asked for alike, such as words, stand there once."""
    kinds: list[Any] = []
    longest = max((m.node.cap for m in node.members if _is_words(m.node)), default=0)  # type: ignore[union-attr] # words are leaves
    for member in node.members:
        if _is_words(member.node):
            kind: Any = _text(longest, firm=False)
        else:
            kind = _annotation(member.node, name if len(node.members) == 1 else f"{name}_{member.name}", made)
        if kind not in kinds:
            kinds.append(kind)
    return Union[tuple(kinds)]  # noqa: UP007 - built from a tuple at run time


@dataclass(frozen=True, slots=True)
class _Guard:
    """A cap that endpoints may keep to and that no answer is refused for."""

    word: str
    most: int

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), self.word: self.most}


def _text(cap: int, *, firm: bool) -> Any:
    """Return text of at most ``cap`` characters: the schema's own cap is validated, llmx's own only guards."""
    if firm:
        return Annotated[str, Field(max_length=cap)]
    return Annotated[str, Field(max_length=TEXT_LIMIT), _Guard("maxLength", cap)]


def _is_words(node: Node) -> bool:
    return isinstance(node, Leaf) and node.kind in ("quote", "text") and not node.translated


def _leaf_annotation(leaf: Leaf, name: str) -> Any:
    text = _text(leaf.cap, firm=leaf.firm)
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
