"""A schema as a tree: what llmx needs to know about a Pydantic model, compiled once.

Wire model, sketch, grounding and merging all walk this tree; none of them looks at Pydantic's insides again.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

from llmx.errors import SchemaError
from llmx.schema.marks import Cap, Check, Cues, Free, Key, Near, Policy, Proof, Remainder, Translated
from llmx.schema.per_tree import once_per_tree
from llmx.types import Reader, reader_for

LeafKind = Literal["quote", "text", "choice", "flag"]

LIST_CAP = 16  # elements; a list that is longer in truth is continued by asking what else there is
TEXT_CAP = 240  # characters; a runaway string cannot run to the token limit
_CONTAINERS = (list, tuple, set, frozenset)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value at the end of a path. ``quote``: the model gives words and ``reader`` computes; ``text``: the words are
    the value; ``choice``: one of ``choices``, inferred; ``flag``: true or false, inferred.

    ``quoted``: beside an inferred value the model is asked for words that say it.
    """

    kind: LeafKind
    label: str
    reader: Reader | None = None
    choices: tuple[Any, ...] = ()
    policy: Policy | None = None
    checks: tuple[Check, ...] = ()
    language: str | None = None
    cues: Cues | None = None
    cap: int = TEXT_CAP
    free: bool = False
    near: int | None = None
    quoted: bool = False
    kind_of: Any = str

    @property
    def translated(self) -> bool:
        """Whether the model gives words of the text and, beside them, the value in another language."""
        return self.kind == "text" and self.language is not None and not self.free


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of ``item``, of which the model may write ``cap``; ``remainder`` as the mark says."""

    item: Node
    cap: int = LIST_CAP
    policy: Policy | None = None
    remainder: bool = False
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A field of an object: its node, whether null is allowed, whether it has a default, and its description."""

    name: str
    node: Node
    nullable: bool
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """A nested model with its fields in order; ``key`` names the field that tells its instances apart."""

    model: type[BaseModel]
    members: tuple[Member, ...]
    key: str | None
    policy: Policy | None = None

    def member(self, name: str) -> Member:
        """Return the field called ``name``; KeyError if there is none."""
        for each in self.members:
            if each.name == name:
                return each
        raise KeyError(name)


Node = Leaf | ListOf | ObjectOf


@once_per_tree
def nodes_of(tree: ObjectOf) -> tuple[Node, ...]:
    """Return ``tree`` and all nodes below it."""
    return tuple(_walk(tree))


@dataclass(frozen=True, slots=True)
class _Position:
    """Where the compiler is in a schema, for error messages and against recursion."""

    path: str
    models: tuple[type[BaseModel], ...] = field(default=())

    def into(self, name: str) -> _Position:
        return _Position(f"{self.path}.{name}", self.models)


def compile_tree(model: type[BaseModel]) -> ObjectOf:
    """Return the tree of ``model``.

    Raises SchemaError, with the path of the field, for what cannot be asked of a model: recursive classes, mappings
    with free keys, unions of several classes, fields of a type without a JSON form.
    """
    return _object(model, _Position(model.__name__))


def _object(model: type[BaseModel], position: _Position) -> ObjectOf:
    if model in position.models:
        raise SchemaError(
            f"{position.path}: {model.__name__} contains itself",
            hint="A model cannot be asked for endless depth: write the levels that you need as classes of their own.",
        )
    if issubclass(model, RootModel):
        raise SchemaError(
            f"{position.path}: {model.__name__} is a RootModel, which cannot be asked for",
            hint="Declare the field with the inner type, or give the root a field: items: list[X].",
        )
    if not model.model_fields:
        raise SchemaError(f"{position.path}: {model.__name__} has no fields", hint="Declare at least one field.")
    inner = _Position(position.path, (*position.models, model))
    members = tuple(_member(name, info, inner.into(name)) for name, info in model.model_fields.items())
    return ObjectOf(model, members, _key_of(model, members))


def _member(name: str, info: FieldInfo, position: _Position) -> Member:
    annotation, nullable = _without_null(info.annotation)
    marks = list(info.metadata)
    while get_origin(annotation) is Annotated:  # Annotated[X, …] | None, or Annotated[X | None, …]
        annotation, *more = get_args(annotation)
        marks += more
        annotation, inner = _without_null(annotation)
        nullable = nullable or inner
    node = _node(annotation, marks, position)
    return Member(name, node, nullable, info.is_required(), _description(info, annotation))


def _description(info: FieldInfo, annotation: Any) -> str:
    return " ".join((info.description or getattr(annotation, "wire_description", "") or "").split())


def _without_null(annotation: Any) -> tuple[Any, bool]:
    """Return the annotation without ``None``, and whether ``None`` was in it."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    rest = tuple(a for a in get_args(annotation) if a is not type(None))
    nullable = len(rest) < len(get_args(annotation))
    return (rest[0] if len(rest) == 1 else Union[rest]), nullable  # noqa: UP007 - built from a tuple at run time


def _node(annotation: Any, marks: list[Any], position: _Position) -> Node:
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        marks = [*marks, *more]
    annotation = _resolve(annotation)
    if (reader := reader_for(annotation)) is not None:
        _is_not_translated(marks, position)
        return _leaf("quote", reader.label, marks, reader=reader, kind_of=annotation)
    if get_origin(annotation) in _CONTAINERS or annotation in _CONTAINERS:
        return _list(annotation, marks, position)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if any(isinstance(m, Check) for m in marks):
            raise SchemaError(
                f"{position.path}: Check goes on a value", hint="For an object write a Pydantic validator."
            )
        tree = _object(annotation, position)
        return ObjectOf(tree.model, tree.members, tree.key, _policy(marks))
    return _plain(annotation, marks, position)


def _is_not_translated(marks: list[Any], position: _Position) -> None:
    if any(isinstance(m, Translated) for m in marks):
        raise SchemaError(f"{position.path}: Translated goes on text", hint="Declare the field as str.")


def _resolve(annotation: Any) -> Any:
    """Return what a ``NewType`` or a ``type X = …`` stands for."""
    while (inner := getattr(annotation, "__supertype__", None) or getattr(annotation, "__value__", None)) is not None:
        annotation = inner
    return annotation


def _list(annotation: Any, marks: list[Any], position: _Position) -> ListOf:
    args = [a for a in get_args(annotation) if a is not Ellipsis]
    if len(args) > 1:
        raise SchemaError(
            f"{position.path}: a tuple of mixed types", hint="Use a class with named fields, or list[X] for any number."
        )
    inner, _ = _without_null(args[0] if args else str)
    caps = [m.most for m in marks if isinstance(m, Cap)]
    caps += [m.max_length for m in marks if getattr(m, "max_length", None)]
    remainder = next((m for m in marks if isinstance(m, Remainder)), None)
    item_marks = [m for m in marks if isinstance(m, Proof | Cues | Check | Translated)]
    item = _node(inner, item_marks, position.into("[]"))
    if remainder is not None and remainder.complete and not _completable(item):
        raise SchemaError(
            f"{position.path}: Remainder(complete=True) needs a list of objects with one number and Free() text fields"
        )
    return ListOf(
        item,
        min(caps, default=LIST_CAP),
        _policy(marks),
        remainder=remainder is not None,
        complete=remainder is not None and remainder.complete,
    )


def _is_numeric(leaf: Leaf) -> bool:
    return leaf.reader is not None and leaf.reader.numeric


def _completable(item: Node) -> bool:
    if not isinstance(item, ObjectOf) or not all(isinstance(m.node, Leaf) for m in item.members):
        return False
    numbers = [m for m in item.members if isinstance(m.node, Leaf) and _is_numeric(m.node) and not m.node.free]
    free = [m for m in item.members if isinstance(m.node, Leaf) and m.node.free]
    return len(numbers) == 1 and len(numbers) + len(free) == len(item.members)


def _plain(annotation: Any, marks: list[Any], position: _Position) -> Leaf:
    if get_origin(annotation) is Literal:
        return _leaf("choice", "choice", marks, choices=get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _leaf("choice", "choice", marks, choices=tuple(e.value for e in annotation))
    if annotation is bool:
        return _leaf("flag", "true or false", marks)
    if annotation is Any or annotation is str or (isinstance(annotation, type) and issubclass(annotation, str)):
        return _leaf("text", "text", marks)
    if get_origin(annotation) is Union and all(_is_scalar(a) for a in get_args(annotation)):
        return _leaf("text", "text", marks)
    if annotation is dict or get_origin(annotation) is dict:
        raise SchemaError(
            f"{position.path}: a mapping with free keys cannot be asked for",
            hint="Use a list of objects with two fields, such as list[Entry] with Entry(key: str, value: str).",
        )
    raise SchemaError(
        f"{position.path}: the type {typing.cast('Any', annotation)!r} cannot be asked of a model",
        hint="Use str, int, float, Decimal, bool, date, datetime, Enum, Literal, an llmx type, a BaseModel or a list.",
    )


def _is_scalar(annotation: Any) -> bool:
    return annotation is str or reader_for(annotation) is not None or annotation is bool


def _leaf(kind: LeafKind, label: str, marks: list[Any], **more: Any) -> Leaf:
    caps = [m.most for m in marks if isinstance(m, Cap)]
    caps += [m.max_length for m in marks if getattr(m, "max_length", None)]
    return Leaf(
        kind,
        label,
        policy=_policy(marks),
        checks=tuple(m for m in marks if isinstance(m, Check)),
        language=next((m.language for m in marks if isinstance(m, Translated)), None),
        cues=next((m for m in marks if isinstance(m, Cues)), None),
        cap=min(caps, default=TEXT_CAP),
        free=any(isinstance(m, Free) for m in marks),
        near=next((m.chars for m in marks if isinstance(m, Near)), None),
        **more,
    )


def _policy(marks: list[Any]) -> Policy | None:
    return next((m.policy for m in marks if isinstance(m, Proof)), None)


def _key_of(model: type[BaseModel], members: tuple[Member, ...]) -> str | None:
    for name, info in model.model_fields.items():
        if any(isinstance(m, Key) for m in info.metadata):
            return name
    leaves = [m for m in members if isinstance(m.node, Leaf)]
    texts = [m for m in leaves if isinstance(m.node, Leaf) and m.node.kind in ("text", "quote")]
    return next((m.name for m in texts if not m.nullable), next((m.name for m in texts), None))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, ListOf):
        yield from _walk(node.item)
    elif isinstance(node, ObjectOf):
        for member in node.members:
            yield from _walk(member.node)
