"""The leaves of a class: plain types and their marks as a node of ``tree.py``."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from enum import Enum
from typing import Any, ForwardRef, Literal, get_args, get_origin

from llmx.errors import SchemaError
from llmx.schema.marks import Cap, Check, Cues, Free, Near, Policy, Proof, Translated
from llmx.schema.other_types import kind_of_text
from llmx.schema.tree import TEXT_CAP, Leaf, LeafKind


def plain_leaf(annotation: Any, marks: list[Any], path: str) -> Leaf:
    """Return the leaf of a type that is inferred or taken as words. Raises SchemaError for one that is neither."""
    if get_origin(annotation) is Literal:
        return _choice([e.value if isinstance(e, Enum) else e for e in get_args(annotation)], marks, path)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        names = tuple(e.name for e in annotation)
        return _choice([e.value for e in annotation], marks, path, names=names)
    if annotation is bool:
        return leaf_of("flag", "true or false", marks)
    if annotation is object or annotation is Any:
        return leaf_of("text", "text", marks, kind_of=Any)
    if isinstance(annotation, type) and issubclass(annotation, str):
        return leaf_of("text", "text", marks, ruled=annotation is not str)
    if isinstance(annotation, ForwardRef | str):
        raise SchemaError(f"{path}: {annotation!r} is not defined", hint="Define the class, or import it.")
    if kind_of_text(annotation):
        return leaf_of("text", "text", marks, ruled=True)
    raise SchemaError(
        f"{path}: the type {typing.cast('Any', annotation)!r} cannot be asked of a model",
        hint="Use str, int, float, Decimal, bool, date, datetime, Enum, Literal, an llmx type, a BaseModel or a list.",
    )


def _choice(values: list[Any], marks: list[Any], path: str, *, names: tuple[str, ...] = ()) -> Leaf:
    if not values or not all(isinstance(value, str | int | float) for value in values):
        raise SchemaError(
            f"{path}: a choice between {values!r} cannot be asked of a model",
            hint="Give the members of the Enum strings or numbers as values.",
        )
    spelled = names if names and not all(isinstance(value, str) for value in values) else ()
    return leaf_of("choice", "choice", marks, choices=tuple(values), names=spelled)


def leaf_of(kind: LeafKind, label: str, marks: list[Any], *, ruled: bool = False, **more: Any) -> Leaf:
    """Return a leaf with what its marks say."""
    return Leaf(
        kind,
        label,
        policy=policy_of(marks),
        checks=tuple(m for m in marks if isinstance(m, Check)),
        language=next((m.language for m in marks if isinstance(m, Translated)), None),
        cues=next((m for m in marks if isinstance(m, Cues)), None),
        **cap_of(marks, TEXT_CAP),
        free=any(isinstance(m, Free) for m in marks),
        near=next((m.chars for m in marks if isinstance(m, Near)), None),
        ruled=ruled or any(not type(m).__module__.startswith("llmx.") for m in marks),
        **more,
    )


def _bounds(marks: list[Any], name: str) -> Iterator[int]:
    for mark in marks:
        for each in (mark, *getattr(mark, "metadata", ())):  # Field(…) within Annotated keeps its own marks
            if isinstance(bound := getattr(each, name, None), int):
                yield bound


def cap_of(marks: list[Any], most: int) -> dict[str, Any]:
    """Return how many elements or characters may be written, and whether the schema says so; else it is ``most``."""
    caps = [m.most for m in marks if isinstance(m, Cap)]
    caps += [bound for bound in _bounds(marks, "max_length") if bound]
    return {"cap": min(caps, default=most), "firm": bool(caps)}


def least_of(marks: list[Any]) -> int:
    """Return how many elements must be there."""
    return max(_bounds(marks, "min_length"), default=0)


def policy_of(marks: list[Any]) -> Policy | None:
    """Return the policy that a mark ``Proof`` sets, None without one."""
    return next((m.policy for m in marks if isinstance(m, Proof)), None)
