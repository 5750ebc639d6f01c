"""Classes for schemas that are no class: the root of a list or a plain type, and the elements of a root list."""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, TypeGuard, Union, cast, get_args, get_origin

from pydantic import BaseModel, PydanticSchemaGenerationError, PydanticUserError

from llmx.errors import SchemaError
from llmx.schema.class_fields import is_root_model
from llmx.schema.tree import ListOf, MapOf, ObjectOf, RootOf

if TYPE_CHECKING:
    from llmx.schema.json_schema_judge import JudgedModel

_NAME_CHARS = 48


def _name_of(annotation: Any) -> str:
    """Return a name for a type, made of those of its parts: ListInvoice for list[Invoice]."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    parts = [each for each in arguments if isinstance(each, type) or get_origin(each) is not None]
    own = getattr(origin or annotation, "__name__", "Record")
    name = (own[:1].upper() + own[1:]) + "".join(map(_name_of, parts))
    return re.sub(r"\W+", "", name)[:_NAME_CHARS] or "Record"


def is_json_schema(model: type[BaseModel]) -> TypeGuard[type[JudgedModel]]:
    """Return whether ``model`` was made from a JSON Schema file."""
    if not is_root_model(model):
        return False
    from llmx.schema.json_schema_judge import JudgedModel  # noqa: PLC0415 - only for such schemas

    return issubclass(model, JudgedModel)


@lru_cache(maxsize=64)
def root_class(annotation: Any) -> type[BaseModel]:
    """Return a class whose instances hold a value of ``annotation``; an ``Iterable`` of something is a list of it."""
    if get_origin(annotation) in (Iterable, Sequence):
        annotation = types.GenericAlias(list, get_args(annotation) or (Any,))
    if annotation is None or not (
        isinstance(annotation, type) or get_origin(annotation) is not None or annotation is Any
    ):
        raise SchemaError(
            f"{annotation!r} is not a Pydantic model", hint="A schema is a class that derives from pydantic.BaseModel."
        )
    inner = [each for each in get_args(annotation) if isinstance(each, type) and issubclass(each, BaseModel)]
    if len(inner) == 1 and is_json_schema(inner[0]) and get_origin(annotation) is list:
        from llmx.schema.json_schema import array_class  # noqa: PLC0415 - only for such schemas

        return array_class(inner[0])
    from pydantic import RootModel  # noqa: PLC0415 - it takes 5 ms, and most schemas are classes with fields

    module = inner[0].__module__ if inner else __name__  # its file is that of the schema, and its code the schema's
    try:
        made = type(_name_of(annotation), (RootModel[annotation],), {"__module__": module, "__doc__": None})
    except (PydanticUserError, PydanticSchemaGenerationError, TypeError) as error:
        raise SchemaError(f"{annotation!r} is not a type that Pydantic validates: {error}") from None
    return cast("type[BaseModel]", made)


def row_class(model: type[BaseModel], tree: ObjectOf) -> type[BaseModel] | None:
    """Return the class of the elements where the root is a list, each of which is a record; None where it is none.

    Elements of a plain type, or of one of several classes, are the ``root`` of an instance. A set has no order by which
    its elements could be told apart, so that it is one record.
    """
    node = tree.members[0].node if isinstance(tree, RootOf) else None
    if not isinstance(node, ListOf) or isinstance(node, MapOf):
        return None
    if is_json_schema(model):
        from llmx.schema.json_schema import element_class  # noqa: PLC0415 - only for such schemas

        return element_class(model, node.item)
    annotation = _plain(model.model_fields["root"].annotation)
    if (get_origin(annotation) or annotation) in (set, frozenset):
        return None
    item = _plain(next((each for each in get_args(annotation) if each is not Ellipsis), Any))
    return item if isinstance(item, type) and issubclass(item, BaseModel) else root_class(item)


def _plain(annotation: Any) -> Any:
    """Return a type without marks, and without null where that leaves one."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        some = [each for each in get_args(annotation) if each is not type(None)]
        return _plain(some[0]) if len(some) == 1 else annotation
    return annotation
