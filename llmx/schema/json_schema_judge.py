"""The last word of a JSON Schema on a record: jsonschema-rs judges, its verdict becomes Pydantic's.

The fields of a model made from a JSON Schema say what is asked for; they cannot say everything that the schema does
(pattern, minimum, minItems, format, dependencies). What the schema refuses, the model refuses too, with the place.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError as Refusal
    from jsonschema_rs import Validator

_MOST_REFUSALS = 20


class UnknownReferenceError(ValueError):
    """A ``$ref`` that leads out of the file."""


class JudgedModel(BaseModel):
    """The base of the models made from JSON Schema files. ``judge`` validates by the schema itself."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())

    judge: ClassVar[Validator]

    @model_validator(mode="wrap")
    @classmethod
    def accept_what_the_schema_accepts(
        cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        """Refuse what the schema refuses. A record of llmx's own is judged without the nulls of its absent fields."""
        made = handler(value)
        if "judge" not in cls.__dict__:  # a nested model: the root's schema judges the whole
            return made
        own = isinstance(info.context, dict) and "document" in info.context
        instance = _as_written(made, made.model_dump(mode="json")) if own else value
        refusals = [refusal for refusal in cls.judge.iter_errors(instance) if not _is_local_time(refusal)]
        if refusals:
            raise ValidationError.from_exception_data(cls.__name__, [_line(each) for each in refusals[:_MOST_REFUSALS]])
        return made


def judge_of(schema: dict[str, Any]) -> Validator:
    """Return the validator of ``schema``. Raises ValueError for what is no JSON Schema, or refers to another file."""
    from jsonschema_rs import validator_for  # noqa: PLC0415 - heavy

    def refuse(uri: str) -> Any:
        raise UnknownReferenceError(f"{uri} leads out of the file; only local references (#/$defs/…) work")

    return validator_for(schema, validate_formats=True, retriever=refuse)


def _as_written(made: Any, dumped: Any) -> Any:
    """Return ``dumped``, which is ``made`` as JSON, without the optional fields that are null.

    In a record of llmx, null stands for an optional field that the document does not fill.
    """
    if isinstance(made, JudgedModel):
        fields = type(made).model_fields
        return {
            name: _as_written(getattr(made, name), value)
            for name, value in dumped.items()
            if value is not None or (name in fields and fields[name].is_required())
        }
    if isinstance(made, list):
        return [_as_written(item, value) for item, value in zip(made, dumped, strict=True)]
    return dumped


def _is_local_time(refusal: Refusal) -> bool:
    """Whether a date-time is refused only because it names no offset, as the words of most documents do not."""
    if list(refusal.schema_path)[-1:] != ["format"] or not isinstance(refusal.instance, str):
        return False
    try:
        return datetime.fromisoformat(refusal.instance).tzinfo is None and "T" in refusal.instance
    except ValueError:
        return False


def _line(refusal: Refusal) -> InitErrorDetails:
    keyword = next((str(part) for part in reversed(list(refusal.schema_path)) if isinstance(part, str)), "schema")
    error = PydanticCustomError("json_schema", "{message}", {"message": f"{refusal.message[:300]} ({keyword})"})
    return InitErrorDetails(type=error, loc=tuple(refusal.instance_path), input=refusal.instance)
