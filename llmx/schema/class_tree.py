"""Compiles a Pydantic class, or any other type that Pydantic validates, into the tree of ``tree.py``."""

from __future__ import annotations

import collections
import types
from collections import abc
from collections.abc import Callable
from dataclasses import field, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import Json

from llmx.dataclass import dataclass
from llmx.errors import SchemaError
from llmx.schema.class_fields import Field, fields_of, is_record, is_root_model, named_places
from llmx.schema.class_leaf import cap_of, leaf_of, least_of, plain_leaf, policy_of
from llmx.schema.forms import entry, root_of, tuple_of, union_of
from llmx.schema.marks import Check, Cues, Depth, Key, Proof, Remainder, Rows, Translated
from llmx.schema.other_types import computed, stands_for
from llmx.schema.tree import (
    DEPTH,
    LIST_CAP,
    Leaf,
    ListOf,
    MapOf,
    Member,
    Node,
    ObjectOf,
    TupleOf,
)

if TYPE_CHECKING:
    from pydantic import RootModel

_LISTS = (
    list, set, frozenset, collections.deque, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable, abc.Set,
    abc.MutableSet,
)  # fmt: skip
_MAPS = (
    dict, abc.Mapping, abc.MutableMapping, collections.OrderedDict, collections.defaultdict, collections.Counter,
)  # fmt: skip
_ITEM_MARKS = Proof | Cues | Check | Translated
_MOST_OBJECTS = 200
"""Objects of one tree: a class that contains itself in many places is followed to a smaller depth."""


@dataclass(frozen=True, slots=True)
class _Position:
    """Where the compiler is in a schema, for error messages, and within which classes, against endless depth."""

    path: str
    within: tuple[Any, ...] = ()
    depth: int = DEPTH
    made: list[int] = field(default_factory=lambda: [0])

    def into(self, name: str) -> _Position:
        return replace(self, path=f"{self.path}.{name}")


class _TooManyError(Exception):
    """The tree has too many objects at this depth."""


def compile_tree(model: Any) -> ObjectOf:
    """Return the tree of ``model``, a Pydantic class or any type that Pydantic validates.

    A class that contains itself is asked for to a depth of four levels, or as its mark ``Depth`` says; what lies below
    is not asked for. Raises SchemaError, with the path of the field, for what cannot be asked of a model.
    """
    name = getattr(model, "__name__", "Record")
    for depth in range(DEPTH, 0, -1):
        try:
            return _root(model, _Position(name, depth=depth))
        except _TooManyError:
            continue
    raise SchemaError(f"{name}: it has more than {_MOST_OBJECTS} objects", hint="Ask for a part of it.")


def _root(model: Any, position: _Position) -> ObjectOf:
    if is_record(model):
        tree = _object(model, position)
        if tree is None:
            raise SchemaError(f"{position.path}: {position.path} contains itself at once, and never ends")
        return tree
    stated = _root_annotation(model) if is_root_model(model) else (model, [])
    annotation, marks, nullable = _plain_annotation(*stated)
    node = _node(annotation, marks, position)
    if node is None:
        raise SchemaError(f"{position.path}: {position.path} contains itself at once, and never ends")
    if type(node) is ObjectOf and not nullable:
        return node
    return root_of(node, model, nullable=nullable)


def _root_annotation(model: type[RootModel[Any]]) -> tuple[Any, list[Any]]:
    info = model.model_fields["root"]
    return info.annotation, list(info.metadata)


def _object(model: Any, position: _Position) -> ObjectOf | None:
    """Return the object of a class; None where the class is within itself to the full depth."""
    level = position.within.count(model)
    if level >= position.depth:
        return None
    position.made[0] += 1
    if level and position.made[0] > _MOST_OBJECTS:
        raise _TooManyError
    fields = list(fields_of(model, position.path))
    if not fields:
        raise SchemaError(f"{position.path}: {model.__name__} has no fields", hint="Declare at least one field.")
    inner = replace(position, within=(*position.within, model))
    members, ends = [], list[tuple[str, Any]]()
    for each in fields:
        made = _member(each, inner.into(each.name))
        if isinstance(made, Member):
            members.append(made)
        elif each.required:
            if made is _NEVER:
                return None
            ends.append((each.name, made))
    if not members:
        return None
    return ObjectOf(model, tuple(members), _key_of(fields, members), level=level, ends=tuple(ends))


_NEVER = object()
"""In place of what a field holds at the end of the depth: it has no such value, so that its object has none either."""


def _member(each: Field, position: _Position) -> Any:
    """Return the member for a field, or what stands in it where it is not asked for."""
    annotation, marks, nullable = _plain_annotation(each.annotation, each.marks)
    if annotation is type(None):
        return None
    node = _node(annotation, marks, position)
    if node is not None:
        description = each.description or getattr(annotation, "wire_description", "") or ""
        return Member(each.name, node, nullable, each.required, " ".join(description.split()))
    if nullable:
        return None
    kind = get_origin(annotation) or annotation
    return [] if kind in _LISTS else {} if kind in _MAPS else _NEVER


def _plain_annotation(annotation: Any, marks: list[Any]) -> tuple[Any, list[Any], bool]:
    """Return the type without null and marks, the marks, and whether null was in it."""
    marks = list(marks)
    annotation, nullable = _without_null(annotation)
    while get_origin(annotation) is Annotated:  # Annotated[X, …] | None, or Annotated[X | None, …]
        annotation, *more = get_args(annotation)
        marks += more
        annotation, inner = _without_null(annotation)
        nullable = nullable or inner
    return annotation, marks, nullable


def _without_null(annotation: Any) -> tuple[Any, bool]:
    """Return the annotation without ``None``, and whether ``None`` was in it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal and None in arguments and len(arguments) > 1:
        return Literal[tuple(a for a in arguments if a is not None)], True
    if origin not in (Union, types.UnionType):
        return annotation, False
    rest = tuple(a for a in arguments if a is not type(None))
    nullable = len(rest) < len(arguments)
    return (rest[0] if len(rest) == 1 else Union[rest]), nullable  # noqa: UP007 - built from a tuple at run time


def _node(annotation: Any, marks: list[Any], position: _Position) -> Node | None:
    """Return the node of a type; None where it lies below the depth to which a class that contains itself is asked."""
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        marks = [*marks, *more]
    depth = next((m.levels for m in marks if isinstance(m, Depth)), position.depth)
    position = replace(position, depth=depth)
    if any(map(_is_json, marks)) or annotation is Json:
        return _json_text(Any if annotation is Json else annotation, marks, position)
    alias = getattr(annotation, "__value__", None)
    if alias is not None or getattr(get_origin(annotation), "__value__", None) is not None:
        return _alias(annotation, marks, position)
    annotation = stands_for(_resolve(annotation))
    if (reader := computed(annotation)) is not None:
        _is_not_translated(marks, position)
        return leaf_of("quote", reader.label, marks, reader=reader, kind_of=annotation)
    compiler = _compiler_for(annotation)
    return plain_leaf(annotation, marks, position.path) if compiler is None else compiler(annotation, marks, position)


_Compiler = Callable[[Any, list[Any], _Position], Node | None]


def _compiler_for(annotation: Any) -> _Compiler | None:
    """Return what compiles a type that holds others; None for a plain one."""
    kind: Any = get_origin(annotation) or annotation
    by_kind: dict[Any, _Compiler] = {tuple: _tuple, Union: _union, types.UnionType: _union}
    by_kind |= {**dict.fromkeys(_LISTS, _list), **dict.fromkeys(_MAPS, _map)}
    if (known := by_kind.get(kind)) is not None:
        return known
    if named_places(annotation):
        return _tuple
    if is_root_model(kind):
        return _nested_root
    return _nested if is_record(annotation) else None


def _json_text(annotation: Any, marks: list[Any], position: _Position) -> Node | None:
    inner = _node(annotation, [m for m in marks if not _is_json(m)], position)
    return None if inner is None else union_of([inner], encoded=True)


def _is_json(mark: Any) -> bool:
    return mark is Json or type(mark) is Json


def _nested_root(model: type[RootModel[Any]], marks: list[Any], position: _Position) -> Node | None:
    if position.within.count(model) >= position.depth:
        return None
    annotation, inner = _root_annotation(model)
    return _node(annotation, [*marks, *inner], replace(position, within=(*position.within, model)))


def _nested(model: Any, marks: list[Any], position: _Position) -> ObjectOf | None:
    if any(isinstance(m, Check) for m in marks):
        raise SchemaError(f"{position.path}: Check goes on a value", hint="For an object write a Pydantic validator.")
    tree = _object(model, position)
    return None if tree is None else replace(tree, policy=policy_of(marks))


def _alias(annotation: Any, marks: list[Any], position: _Position) -> Node | None:
    """Return the node of a ``type X = …``, which may contain itself."""
    if position.within.count(annotation) >= position.depth:
        return None
    origin = get_origin(annotation)
    value = annotation.__value__ if origin is None else origin.__value__[get_args(annotation)]
    return _node(value, marks, replace(position, within=(*position.within, annotation)))


def _is_not_translated(marks: list[Any], position: _Position) -> None:
    if any(isinstance(m, Translated) for m in marks):
        raise SchemaError(f"{position.path}: Translated goes on text", hint="Declare the field as str.")


def _resolve(annotation: Any) -> Any:
    """Return what a ``NewType`` or an unbound type variable stands for."""
    while True:
        if isinstance(annotation, TypeVar):
            bound = annotation.__bound__
            annotation = bound if bound is not None else Any
        elif (inner := getattr(annotation, "__supertype__", None)) is not None:
            annotation = inner
        else:
            return annotation


def _list(annotation: Any, marks: list[Any], position: _Position) -> ListOf | None:
    args = [a for a in get_args(annotation) if a is not Ellipsis]
    inner, _ = _without_null(args[0] if args else str)
    remainder = next((m for m in marks if isinstance(m, Remainder)), None)
    item = _node(inner, [m for m in marks if isinstance(m, _ITEM_MARKS)], position.into("[]"))
    if item is None:
        return None
    if remainder is not None and remainder.complete and not _completable(item):
        raise SchemaError(
            f"{position.path}: Remainder(complete=True) needs a list of objects with one number and Free() text fields"
        )
    return ListOf(
        item,
        **cap_of(marks, LIST_CAP),
        policy=policy_of(marks),
        remainder=remainder is not None,
        complete=remainder is not None and remainder.complete,
        least=least_of(marks),
        rows=next((m for m in marks if isinstance(m, Rows)), None),
    )


def _map(annotation: Any, marks: list[Any], position: _Position) -> MapOf | None:
    """Return the map of a mapping type; a Counter counts."""
    counts = (get_origin(annotation) or annotation) is collections.Counter
    keys, values = (*get_args(annotation), *((int,) if counts else ()), str, Any)[:2] if get_args(annotation) else (
        str, int if counts else Any,
    )  # fmt: skip
    values, nullable = _without_null(values)
    key = _node(keys, [], position.into("{key}"))
    value = _node(values, [m for m in marks if isinstance(m, _ITEM_MARKS)], position.into("{}"))
    if value is None or key is None:
        return None
    if not isinstance(key, Leaf):
        raise SchemaError(
            f"{position.path}: the keys of a mapping are no plain values", hint="Use str, int or an Enum."
        )
    return MapOf(
        entry(key, value, nullable=nullable), policy=policy_of(marks), least=least_of(marks), **cap_of(marks, LIST_CAP)
    )


def _tuple(annotation: Any, marks: list[Any], position: _Position) -> TupleOf | ListOf | None:
    args = get_args(annotation)
    if len(args) == 2 and args[1] is Ellipsis:
        return _list(annotation, marks, position)
    names = named_places(annotation)
    kinds = list(names.values()) if names else list(args)
    if not kinds:
        return _list(list, marks, position)
    members = []
    for number, kind in enumerate(kinds):
        plain, inner, nullable = _plain_annotation(kind, [m for m in marks if isinstance(m, _ITEM_MARKS)])
        name = list(names)[number] if names else f"item_{number + 1}"
        node = _node(plain, inner, position.into(name))
        if node is None:
            return None
        members.append(Member(name, node, nullable, required=True, description=""))
    return tuple_of(members, model=annotation if names else None, policy=policy_of(marks))


def _union(annotation: Any, marks: list[Any], position: _Position) -> Node | None:
    inner = [m for m in marks if isinstance(m, _ITEM_MARKS)]
    found: list[Node] = []
    for each in get_args(annotation):
        plain, more, _ = _plain_annotation(each, [])
        if plain is type(None):
            continue
        scalars = inner if not is_record(plain) else [m for m in inner if not isinstance(m, Check)]
        node = _node(plain, [*scalars, *more], position)
        if node is not None:
            found.append(node)
    return union_of(found) if found else None


def _is_numeric(leaf: Leaf) -> bool:
    return leaf.reader is not None and leaf.reader.numeric


def _completable(item: Node) -> bool:
    if not isinstance(item, ObjectOf) or not all(isinstance(m.node, Leaf) for m in item.members):
        return False
    numbers = [m for m in item.members if isinstance(m.node, Leaf) and _is_numeric(m.node) and not m.node.free]
    free = [m for m in item.members if isinstance(m.node, Leaf) and m.node.free]
    return len(numbers) == 1 and len(numbers) + len(free) == len(item.members)


def _key_of(fields: list[Field], members: list[Member]) -> str | None:
    there = {member.name for member in members}
    for each in fields:
        if each.name in there and any(isinstance(m, Key) for m in each.marks):
            return each.name
    leaves = [m for m in members if isinstance(m.node, Leaf)]
    texts = [m for m in leaves if isinstance(m.node, Leaf) and m.node.kind in ("text", "quote")]
    return next((m.name for m in texts if not m.nullable), next((m.name for m in texts), None))
