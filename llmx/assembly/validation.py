"""The user's own class has the last word: its constraints and validators, which may look at the document.

What they refuse is asked for once more, like an answer that does not fit. What they still refuse is left out where the
schema allows it, a field as null or an element of a list as a whole, so that one bad value does not cost the record.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from llmx import json_pointer
from llmx.assembly.policies import ResolvedRecord
from llmx.documents import Document
from llmx.prompting.feedback import Fault
from llmx.record import Issue
from llmx.schema import Leaf, MapOf, ObjectOf, RootOf, Schema, TupleOf, UnionOf, nodes_of
from llmx.schema.form_pointers import node_at, to_wire_parts
from llmx.schema.forms import has_forms
from llmx.schema.per_tree import once_per_tree

document_context: contextvars.ContextVar[Document | None] = contextvars.ContextVar("document", default=None)
"""The document whose record is being validated, for validators that cannot take ``info.context``."""

_ROUNDS = 4
"""What is left out may be what another validator needs, and so on: records are rarely deeper."""

_LENGTHS = frozenset({"str_min_length", "str_max_length"})
"""What a class's configuration refuses."""

Place = tuple[int | str, ...]


@once_per_tree
def has_rules(tree: ObjectOf) -> bool:
    """Return whether the user's classes refuse anything that the wire model and the typed values let through."""
    return any(
        node.ruled if isinstance(node, Leaf) else isinstance(node, ObjectOf) and _rules(node) for node in nodes_of(tree)
    )


def _rules(node: ObjectOf) -> bool:
    model = node.model
    if isinstance(node, UnionOf | TupleOf | RootOf):
        return True
    if model is None or not issubclass(model, BaseModel):  # of a JSON Schema, an entry of a map, a dataclass …
        return True
    own = model.__pydantic_decorators__
    if own.validators or own.field_validators or own.root_validators or own.model_validators:
        return True
    if model.model_post_init is not BaseModel.model_post_init or not _LENGTHS.isdisjoint(model.model_config):
        return True
    marks = (mark for info in model.model_fields.values() for mark in info.metadata)
    return any(not type(mark).__module__.startswith("llmx.") for mark in marks)


def validated(
    model: type[BaseModel], data: Any, document: Document, *, known: Mapping[str, Any] | None = None
) -> BaseModel:
    """Return ``data`` as an instance of the user's class; ``known`` are fields of the record beside those of ``data``.

    Raises ValidationError, and what a validator raises.
    """
    token = document_context.set(document)
    if known:
        data = {**known, **data}
    try:
        return model.model_validate(data, strict=False, context={**document.meta, "document": document}, by_name=True)
    finally:
        document_context.reset(token)


def faults_on_the_wire(
    tree: ObjectOf, error: ValidationError, data: Any, *, wire: Any, known: Mapping[str, Any] | None = None
) -> Iterator[Fault]:
    """Yield what the user's class refuses of ``data``, made from the answer ``wire``, but for what is missing in it.

    Places are those of the answer: where elements of a list were left out, that of the list. Fields that are ``known``
    cannot be asked for.
    """
    for fault in error.errors(include_url=False, include_context=False):
        given = fault["input"]
        if known and fault["loc"] and fault["loc"][0] in known:
            continue
        if given is not None or not fault["loc"] or fault["type"] not in _of_pydantic():
            place = (
                json_pointer.from_parts(to_wire_parts(tree, wire, fault["loc"]))
                if has_forms(tree)
                else _on_the_wire(fault["loc"], data, wire)
            )
            yield Fault.at(place, fault["msg"]) if given is None else Fault.at(place, fault["msg"], given)


@cache
def _of_pydantic() -> frozenset[str]:
    """Return the types of the errors that pydantic finds itself: of a null they say no more than that it is missing."""
    return frozenset(get_args(ErrorType)) - {"value_error", "assertion_error"}


def _on_the_wire(loc: Place, data: Any, wire: Any) -> str:
    path = ""
    for part in loc:
        if isinstance(part, int) and not (_length(data) == _length(wire) and part < _length(wire)):
            return path
        path = json_pointer.child(path, part)
        data, wire = _below(data, part), _below(wire, part)
    return path


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else -1


def _below(value: Any, part: int | str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    return value[part] if isinstance(value, list) and isinstance(part, int) and part < len(value) else None


def validate_record(
    schema: Schema, resolved: ResolvedRecord, document: Document, *, known: Mapping[str, Any] | None = None
) -> tuple[BaseModel | None, ResolvedRecord, tuple[Issue, ...]]:
    """Return the data as an instance of the user's class, ``resolved`` less what the class refuses, and the issues.

    The instance is None where too much is refused: the whole record, a field that must be there, or one of ``known``,
    which are beside those of ``resolved``.
    """
    issues: tuple[Issue, ...] = ()
    before = len(resolved.issues)
    for _ in range(_ROUNDS):
        try:
            data = validated(schema.model, resolved.data, document, known=known)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_context=False)
            told = [e for e in errors if e["input"] is not None or not issues]  # what we made null is told already
            refused = tuple(Issue("invalid_value", json_pointer.from_parts(e["loc"]), e["msg"]) for e in told)
            issues += refused
            if schema.row is not None:  # an issue goes with its element, which may come to stand at another number
                resolved = replace(resolved, issues=resolved.issues + refused)
            lost_known = known and any(each["loc"] and each["loc"][0] in known for each in errors)
            less = None if lost_known else _without(schema.tree, resolved, errors)
            if less is None:
                break
            resolved = less
        else:
            if schema.row is not None:
                issues, resolved = resolved.issues[before:], replace(resolved, issues=resolved.issues[:before])
            return data, resolved, issues
    return None, replace(resolved, issues=resolved.issues[:before]), issues


def _without(tree: ObjectOf, resolved: ResolvedRecord, errors: Sequence[ErrorDetails]) -> ResolvedRecord | None:
    """Return ``resolved`` without the places of ``errors``; None where one is the whole record, or is missing."""
    places = {place for error in errors if (place := _smallest_loss(error["loc"], resolved.data))}
    if not places or any(not error["loc"] for error in errors):
        return None
    for place in sorted(places, key=lambda p: [(isinstance(x, int), x) for x in p], reverse=True):
        resolved = _less(resolved, place, absent=_may_be_absent(tree, resolved.data, place))
    return resolved


def _may_be_absent(tree: ObjectOf, data: Any, place: Place) -> bool:
    """Whether a place of the record may be left out as if it were not there: an entry of a map, an optional field."""
    holder = node_at(tree, data, place[:-1])
    if isinstance(holder, MapOf):
        return True
    if not isinstance(holder, ObjectOf):
        return False
    member = next((each for each in holder.members if each.name == place[-1]), None)
    return member is not None and not (member.required or member.nullable)


def _smallest_loss(loc: Place, data: Any) -> Place:
    """Return the place to leave out for an error at ``loc``: the field, or where that is null already, its element."""
    found: list[Place] = []
    value, here = data, Place()
    for number, part in enumerate(loc):
        if not isinstance(value, dict | list):  # what follows is the name of a kind in a union
            break
        if isinstance(value, dict) and part not in value and number < len(loc) - 1:
            continue  # the name of a kind in a union
        value, here = _below(value, part), (*here, part)
        if value is None:
            return next((place for place in reversed(found) if isinstance(place[-1], int)), found[-1] if found else ())
        found.append(here)
    return found[-1] if found else ()


def _less(resolved: ResolvedRecord, place: Place, *, absent: bool) -> ResolvedRecord:
    data = _copied(resolved.data, place)
    holder = data
    for part in place[:-1]:
        holder = holder[part]
    last, above, gone = place[-1], json_pointer.from_parts(place[:-1]), json_pointer.from_parts(place)
    if isinstance(last, int) or absent:
        del holder[last]
    else:
        holder[last] = [] if isinstance(holder[last], list) else None

    def moved(path: str) -> str | None:
        if json_pointer.is_below(path, gone):
            return None
        if (
            not isinstance(holder, list)
            or not isinstance(last, int)
            or path == above
            or not json_pointer.is_below(path, above)
        ):
            return path
        *held, element = json_pointer.to_parts(path)[: len(place)]
        if not element.isdecimal() or int(element) < last:
            return path
        return json_pointer.from_parts((*held, int(element) - 1, *json_pointer.to_parts(path)[len(place) :]))

    kept = {path: new for path in resolved.evidence if (new := moved(path)) is not None}
    issues = tuple(replace(issue, path=moved(issue.path) or above) for issue in resolved.issues)
    return replace(
        resolved, data=data, issues=issues,
        evidence={new: resolved.evidence[path] for path, new in kept.items()},
        confidence={new: resolved.confidence[path] for path, new in kept.items() if path in resolved.confidence},
    )  # fmt: skip


def _copied(data: Any, place: Place) -> Any:
    """Return ``data`` with copies of what holds ``place``."""
    if not place or not isinstance(data, dict | list):
        return data
    out: Any = dict(data) if isinstance(data, dict) else list(data)
    out[place[0]] = _copied(out[place[0]], place[1:])
    return out
