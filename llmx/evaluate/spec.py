"""How records are compared: which fields there are, the rule of each, and what pairs the elements of a list.

Made from a Pydantic model, or inferred from gold. This is not the schema's tree, which describes what a model can be
asked for: evaluation also compares models that contain themselves, free mappings, unions and dataclasses.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from llmx.evaluate.comparators import Comparator, comparator
from llmx.record import dumped_name
from llmx.schema import Compare, Key, Leaf, ListOf, MapOf, Node, ObjectOf, RootOf, TupleOf, UnionOf
from llmx.schema.form_pointers import value_of
from llmx.schema.infer import UNKNOWN_LEAF, infer_tree
from llmx.schema.json_schema_judge import JudgedModel

Kind = Literal["leaf", "object", "list", "map", "unknown"]

OPTIONAL = "_optional"
KEY_NAMES = ("id", "key", "code", "name", "title", "label", "what")  # what tells things apart in most people's schemas
_RULE_OF_TYPE: tuple[tuple[type, str], ...] = (
    (bool, "exact"),
    (Enum, "exact"),
    (str, "fuzzy"),
    (int, "number"),
    (float, "number"),
    (Decimal, "number"),
    (dt.date, "date"),  # datetime too
    (dt.time, "date"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Spec:
    """One place of a record.

    ``fields`` are an object's; ``element`` is what a list's elements or a map's values are. ``comparator`` judges a
    leaf, and a list or an object that is to be one fact. ``keys`` name the fields that tell this object from its
    neighbours in a list. ``single`` says that the JSON form is neither an object nor a list. ``ignored`` places are not
    scored. ``unknown`` is a place that neither the schema nor gold
    describes.
    """

    kind: Kind
    comparator: Comparator | None = None
    fields: dict[str, Spec] = field(default_factory=dict)  # filled after creation where a model contains itself
    element: Spec | None = None
    keys: tuple[str, ...] = ()
    ignored: bool = False
    single: bool = False


UNKNOWN = Spec("unknown", comparator("auto"))


def leaf_paths(spec: Spec, path: str = "", *, inside: tuple[Spec, ...] = ()) -> list[str]:
    """Return the paths of all facts under ``spec``, in schema order; a model that contains itself is entered once."""
    if spec.ignored or spec in inside:
        return []
    if spec.kind in {"leaf", "unknown"} or spec.comparator is not None:
        return [path]
    if spec.kind == "object":
        parts = [(f"{path}.{name}" if path else name, child) for name, child in spec.fields.items()]
    else:
        parts = [(f"{path}.*" if spec.kind == "map" else path, spec.element or UNKNOWN)]
    return [leaf for at, child in parts for leaf in leaf_paths(child, at, inside=(*inside, spec))]


def spec_of_model(model: type[BaseModel]) -> Spec:
    """Return the spec of a Pydantic model: rules by ``Compare`` where the model has it, else by type.

    That of a class made from a JSON Schema follows from its tree.
    """
    return _of_schema(model.tree) if issubclass(model, JudgedModel) else _of_class(model, {})


def _of_schema(node: Node) -> Spec:
    """Return the spec of a JSON Schema's tree."""
    while isinstance(node, RootOf):
        node = node.members[0].node
    if isinstance(node, UnionOf):
        return UNKNOWN  # what the alternatives are made of, gold shows
    if isinstance(node, MapOf):
        return Spec("map", element=_of_schema(value_of(node)))
    if isinstance(node, ListOf | TupleOf):
        return Spec("list", element=_of_schema(node.item) if isinstance(node, ListOf) else UNKNOWN)
    if isinstance(node, ObjectOf):
        texts = [m.name for m in node.members if isinstance(m.node, Leaf) and m.node.kind == "text"]
        fields = {m.name: _of_schema(m.node) for m in node.members}
        return Spec("object", fields=fields, keys=likely_key(fields, texts))
    return UNKNOWN if node.kind_of is Any else _of_leaf(node)


def _of_leaf(leaf: Leaf) -> Spec:
    kind = str if leaf.kind == "text" else leaf.kind_of
    rule = next((rule for known, rule in _RULE_OF_TYPE if issubclass(kind, known)), "auto")
    return Spec("leaf", comparator("exact" if leaf.kind in ("choice", "flag") else rule))


def _of_class(cls: type, seen: dict[type, Spec]) -> Spec:
    if cls in seen:
        return seen[cls]
    if issubclass(cls, BaseModel):
        if "root" in cls.model_fields:
            root = cls.model_fields["root"]
            return _of_annotation(root.annotation, tuple(root.metadata), seen)
        members = {dumped_name(cls, name): (info.annotation, tuple(info.metadata))
                   for name, info in cls.model_fields.items() if not info.exclude}  # fmt: skip
    else:  # a dataclass, a TypedDict or a NamedTuple
        members = {name: (hint, ()) for name, hint in typing.get_type_hints(cls, include_extras=True).items()}
    fields: dict[str, Spec] = {}
    spec = seen[cls] = Spec("object", fields=fields, keys=_keys(members))
    for name, (annotation, metadata) in members.items():
        fields[name] = _of_annotation(annotation, metadata, seen)
    return spec


def _keys(members: Mapping[str, tuple[Any, tuple[Any, ...]]]) -> tuple[str, ...]:
    """The fields that tell an object from its neighbours: Compare(key=True), else Key, else the likeliest text."""
    marks = {name: (*metadata, *_marks_within(annotation)) for name, (annotation, metadata) in members.items()}
    chosen = tuple(n for n, found in marks.items() if any(isinstance(m, Compare) and m.key for m in found))
    named = tuple(n for n, found in marks.items() if any(m is Key or isinstance(m, Key) for m in found))
    texts = [name for name, (annotation, _) in members.items() if str in _plain_types(annotation)]
    return chosen or named or likely_key(list(members), texts)


def likely_key(names: Iterable[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Return the one of ``names`` that is most likely a key: a well-known one, one that ends so, the first text."""
    known = list(names)
    for wanted in KEY_NAMES:
        if wanted in known:
            return (wanted,)
    ending = [name for name in known if name.endswith(("_id", "_name", "_code"))]
    return tuple(ending[:1]) or tuple(texts)[:1]


def _marks_within(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Annotated:
        return (*annotation.__metadata__, *_marks_within(annotation.__origin__))
    if get_origin(annotation) in {Union, types.UnionType}:
        return tuple(mark for part in get_args(annotation) for mark in _marks_within(part))
    return ()


def _plain_types(annotation: Any) -> set[Any]:
    if get_origin(annotation) is Annotated:
        return _plain_types(annotation.__origin__)
    if get_origin(annotation) in {Union, types.UnionType}:
        return {plain for part in get_args(annotation) for plain in _plain_types(part)}
    return {annotation}


def _of_annotation(annotation: Any, metadata: tuple[Any, ...], seen: dict[type, Spec]) -> Spec:
    rule = next((mark.rule for mark in (*metadata, *_marks_within(annotation))
                 if isinstance(mark, Compare) and mark.rule != "auto"), None)  # fmt: skip
    spec = _by_type(annotation, seen)
    if rule is None:
        return spec
    kind: Kind = "leaf" if spec.kind == "unknown" else spec.kind  # with a rule of its own it is one fact
    return dataclasses.replace(spec, kind=kind, comparator=comparator(rule), ignored=rule == "ignore")


def _by_type(annotation: Any, seen: dict[type, Spec]) -> Spec:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _of_annotation(annotation.__origin__, annotation.__metadata__, seen)
    if hasattr(annotation, "__value__"):  # type X = ..., from 3.12 on, or of typing_extensions
        return _of_annotation(annotation.__value__, (), seen)
    if origin in {Union, types.UnionType}:
        return _of_union([part for part in get_args(annotation) if part is not type(None)], seen)
    if origin is Literal:
        return Spec("leaf", comparator("exact"), single=True)
    plain = origin or annotation
    if not isinstance(plain, type) or hasattr(plain, "from_text"):
        return UNKNOWN  # a typed value of llmx: what its JSON form is made of, gold shows
    return _by_class(plain, get_args(annotation), seen)


def _by_class(plain: type, arguments: tuple[Any, ...], seen: dict[type, Spec]) -> Spec:
    if issubclass(plain, BaseModel) or dataclasses.is_dataclass(plain) or hasattr(plain, "__total__"):
        return _of_class(plain, seen)  # __total__: a TypedDict, of typing or typing_extensions
    if issubclass(plain, Mapping):
        return Spec("map", element=_of_annotation(arguments[1], (), seen) if len(arguments) == 2 else UNKNOWN)
    if issubclass(plain, list | tuple | set | frozenset | Sequence) and not issubclass(plain, str):
        element = next((each for each in arguments if each is not ...), None)
        return Spec("list", element=UNKNOWN if element is None else _of_annotation(element, (), seen))
    rule = next((rule for known, rule in _RULE_OF_TYPE if issubclass(plain, known)), None)
    return UNKNOWN if rule is None else Spec("leaf", comparator(rule), single=True)


def _of_union(parts: list[Any], seen: dict[type, Spec]) -> Spec:
    specs = [_of_annotation(part, (), seen) for part in parts]
    if len(specs) == 1:
        return specs[0]
    if all(spec.kind == "object" for spec in specs):
        fields = {name: child for spec in reversed(specs) for name, child in spec.fields.items()}
        return Spec("object", fields=fields, keys=specs[0].keys)
    rules = {spec.comparator.rule for spec in specs if spec.kind == "leaf" and spec.comparator is not None}
    return specs[0] if len(rules) == 1 and all(spec.kind == "leaf" for spec in specs) else UNKNOWN


def spec_of_gold(golds: Iterable[Any]) -> Spec:
    """Return the spec that fits gold records: every field that one of them names, each compared by its own values."""
    spec = _of_tree(infer_tree(golds, answers=alternatives, fields=gold_fields))
    return spec if spec.kind in ("object", "list") else Spec("object")  # all of them say nothing


def gold_fields(gold: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an object of gold: its facts, and the lists whose elements are optional."""
    yield from facts(gold).items()
    free = gold.get(OPTIONAL)
    yield from free.items() if isinstance(free, dict) else ()


def _of_tree(node: Node) -> Spec:
    """Return the spec of an inferred tree: its leaves are compared by their own values."""
    if isinstance(node, ObjectOf):
        fields = {member.name: _of_tree(member.node) for member in node.members}
        texts = [m.name for m in node.members if isinstance(m.node, Leaf) and m.node.label in {"text", "date", "any"}]
        return Spec("object", fields=fields, keys=likely_key(fields, texts))
    if isinstance(node, ListOf):
        return Spec("list", element=_of_tree(node.item))
    return UNKNOWN if node is UNKNOWN_LEAF else Spec("leaf", comparator("auto"))


def refined(spec: Spec, by: Spec) -> Spec:
    """Return ``spec`` with what it does not know, such as the parts of a custom type, taken from ``by``."""
    if spec.kind == "unknown":
        return by
    if spec.kind == "object" and by.kind == "object":
        fields = {n: refined(child, by.fields[n]) if n in by.fields else child for n, child in spec.fields.items()}
        return dataclasses.replace(spec, fields=fields)
    if spec.kind == "list" and by.kind == "list" and spec.element and by.element:
        return dataclasses.replace(spec, element=refined(spec.element, by.element))
    return spec


def alternatives(gold: Any) -> list[Any]:
    """Return the answers that ``gold`` accepts: those of {"any": [...]}, or itself alone."""
    if isinstance(gold, dict) and len(gold) == 1 and isinstance(gold.get("any"), list) and gold["any"]:
        return list(gold["any"])
    return [gold]


def facts(data: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an object without annotations: a name that starts with an underscore is not a fact."""
    return {name: value for name, value in data.items() if not name.startswith("_")}
