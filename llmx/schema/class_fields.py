"""The fields of a class that stands for an object, whichever of Pydantic's kinds it is."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NotRequired, Required, TypeGuard, get_args, get_origin

from pydantic import BaseModel, PydanticUserError
from pydantic.fields import FieldInfo

from llmx.dataclass import dataclass
from llmx.errors import SchemaError
from llmx.schema.description import described

if TYPE_CHECKING:
    from pydantic import RootModel


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a class: its type, the marks on it, whether it must be there, and its description."""

    name: str
    annotation: Any
    marks: list[Any]
    required: bool
    description: str


def is_record(kind: Any) -> bool:
    """Return whether ``kind`` is a class with fields: a Pydantic model, a dataclass or a TypedDict, generic or not."""
    plain = get_origin(kind) or kind
    if not isinstance(plain, type):
        return False
    if issubclass(plain, BaseModel):
        return not is_root_model(plain)
    return dataclasses.is_dataclass(plain) or hasattr(plain, "__required_keys__")


def is_root_model(kind: Any) -> TypeGuard[type[RootModel[Any]]]:
    """Return whether ``kind`` is a ``RootModel``, which few schemas are: importing that class takes 5 ms."""
    return isinstance(kind, type) and issubclass(kind, BaseModel) and bool(kind.__pydantic_root_model__)


def named_places(kind: Any) -> dict[str, Any]:
    """Return the places of a NamedTuple with their types, nothing for another type."""
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        hints = typing.get_type_hints(kind, include_extras=True)
        return {name: hints.get(name, Any) for name in kind._fields}
    return {}


def fields_of(kind: Any, path: str) -> Iterator[Field]:
    """Yield the fields of a class that ``is_record``, in order. Raises SchemaError where a type is not defined."""
    plain = get_origin(kind) or kind
    if isinstance(plain, type) and issubclass(plain, BaseModel):
        if not plain.__pydantic_complete__:
            _complete(plain, path)
        for name, info in plain.model_fields.items():
            yield _field(name, info, required=info.is_required())
        return
    try:
        hints = typing.get_type_hints(plain, include_extras=True)
    except NameError as error:
        raise SchemaError(f"{path}: {error}", hint="Define the class, or import it.") from None
    known = dict(zip(getattr(plain, "__parameters__", ()), get_args(kind), strict=False))
    for name, hint, required, default in _hinted(plain, hints):
        annotation = known.get(hint, hint)
        info = FieldInfo.from_annotation(annotation) if default is None else FieldInfo.from_annotated_attribute(
            annotation, default
        )  # fmt: skip
        yield _field(name, info, required=required)


def _complete(model: type[BaseModel], path: str) -> None:
    try:
        model.model_rebuild(raise_errors=True)
    except (PydanticUserError, NameError) as error:
        raise SchemaError(f"{path}: {str(error).splitlines()[0]}", hint="Define the class, or import it.") from None


def _field(name: str, info: FieldInfo, *, required: bool) -> Field:
    return Field(name, info.annotation, list(info.metadata), required, described(info.description, info.examples))


def _hinted(plain: Any, hints: dict[str, Any]) -> Iterator[tuple[str, Any, bool, Any]]:
    """Yield (name, type, required, default) for the fields of a dataclass or a TypedDict."""
    if dataclasses.is_dataclass(plain):
        for each in dataclasses.fields(plain):
            if each.init:
                missing = each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
                own = each.default if isinstance(each.default, FieldInfo) else None
                required = own.is_required() if own is not None else missing
                yield each.name, hints[each.name], required, own
        return
    for name, hint in hints.items():
        needed = name in plain.__required_keys__
        while (origin := get_origin(hint)) in (Required, NotRequired) or str(origin).endswith(".ReadOnly"):
            needed = origin is Required or (needed and origin is not NotRequired)
            hint = get_args(hint)[0]  # noqa: PLW2901 - unwrapped step by step
        yield name, hint, needed, None
