"""The last word of a JSON Schema on a record: jsonschema-rs judges, its verdict becomes Pydantic's.

The tree of a JSON Schema says what is asked for; it cannot say everything that the schema does (pattern, minimum,
minItems, format, dependencies). What the schema refuses, the class refuses, with the place.
"""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import ModelWrapValidatorHandler, RootModel, ValidationError, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, to_jsonable_python

from llmx import json_pointer

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError as Refusal
    from jsonschema_rs import Validator

    from llmx.schema.tree import ObjectOf

_MOST_REFUSALS = 20


class UnknownReferenceError(ValueError):
    """A ``$ref`` that leads out of the file."""


class JsonObject(dict[str, Any]):
    """An object of a record whose fields are attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class JudgedModel(RootModel[Any]):
    """The base of the classes made from JSON Schema files. ``judge`` validates by the schema itself, ``tree`` says what
    is asked for, ``document`` is the schema as it was read.

    The fields of an object are attributes of an instance, as those of a Pydantic model are; one that is described and
    not there is None.
    """

    judge: ClassVar[Validator]
    tree: ClassVar[ObjectOf]
    document: ClassVar[dict[str, Any]]

    @model_validator(mode="wrap")
    @classmethod
    def accept_what_the_schema_accepts(
        cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        """Refuse what the schema refuses. A record of llmx's own may have a date and time without an offset."""
        own = isinstance(info.context, dict) and "document" in info.context
        instance = to_jsonable_python(value)
        refusals = [each for each in cls.judge.iter_errors(instance) if not (own and cls.allows(each))]
        if refusals:
            raise ValidationError.from_exception_data(cls.__name__, [_line(each) for each in refusals[:_MOST_REFUSALS]])
        return handler(_with_attributes(value))

    @classmethod
    def allows(cls, refusal: Refusal) -> bool:
        """Return whether a record of llmx's own may have what JSON Schema refuses: a null that OpenAPI's ``nullable``
        allows, a date and time without an offset.
        """
        return _is_local_time(refusal) or (refusal.instance is None and _is_nullable(cls.document, refusal))

    @classmethod
    def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
        """Return the schema as it was read, its definitions under ``$defs`` too, as Pydantic has them."""
        old, new = cls.document.get("definitions"), cls.document.get("$defs")
        if not isinstance(old, dict):
            return cls.document
        return {**cls.document, "$defs": {**old, **(new if isinstance(new, dict) else {})}}

    def __getattr__(self, name: str) -> Any:
        root = self.__dict__.get("root")
        if isinstance(root, dict) and name in root:
            return root[name]
        if not name.startswith("__") and any(member.name == name for member in type(self).tree.members):
            return None
        raise AttributeError(f"the record has no field {name!r}")


def _with_attributes(value: Any) -> Any:
    if isinstance(value, dict):
        return JsonObject({name: _with_attributes(below) for name, below in value.items()})
    return [_with_attributes(item) for item in value] if isinstance(value, list) else value


def judge_of(schema: Any) -> Validator:
    """Return the validator of ``schema``. Raises ValueError for what is no JSON Schema, or refers to another file.

    A schema that does not name its draft is taken for the newest of which it is one.
    """
    from jsonschema_rs import Draft4Validator, Draft7Validator, validator_for  # noqa: PLC0415 - heavy

    try:
        return validator_for(schema, validate_formats=True, retriever=_refuse)
    except ValueError:
        if not isinstance(schema, dict) or "$schema" in schema:
            raise
        for older in (Draft7Validator, Draft4Validator):
            with contextlib.suppress(ValueError):
                return older(schema, validate_formats=True, retriever=_refuse)
        raise


def _refuse(uri: str) -> Any:
    raise UnknownReferenceError(f"{uri} leads out of the file; only local references (#/$defs/…) work")


def _is_local_time(refusal: Refusal) -> bool:
    """Whether a date-time is refused only because it names no offset, as the words of most documents do not."""
    if list(refusal.schema_path)[-1:] != ["format"] or not isinstance(refusal.instance, str):
        return False
    try:
        return datetime.fromisoformat(refusal.instance).tzinfo is None and "T" in refusal.instance
    except ValueError:
        return False


def _is_nullable(document: Any, refusal: Refusal) -> bool:
    """Whether the part of the schema that refuses null says ``nullable``, as OpenAPI 3.0 has it."""
    here = document
    try:
        for part in list(refusal.schema_path)[:-1]:
            here = here[part]
            if part == "$ref":
                here = json_pointer.resolve(document, str(here).removeprefix("#"))
    except (KeyError, IndexError, TypeError, ValueError):
        return False
    return isinstance(here, dict) and here.get("nullable") is True


def _line(refusal: Refusal) -> InitErrorDetails:
    keyword = next((str(part) for part in reversed(list(refusal.schema_path)) if isinstance(part, str)), "schema")
    error = PydanticCustomError("json_schema", "{message}", {"message": f"{refusal.message[:300]} ({keyword})"})
    return InitErrorDetails(type=error, loc=tuple(refusal.instance_path), input=refusal.instance)
