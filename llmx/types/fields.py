"""How a typed value is a Pydantic field: an instance or its JSON form is accepted, and it dumps to JSON.

Words are accepted too where they say one value without a doubt, so that a record may also be written by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, TypeVar, cast

from pydantic import PlainSerializer, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from llmx.types.digits import to_json_number
from llmx.types.reading import TypedValue, shorten

T = TypeVar("T")

#: An exact number as a field of a model; in JSON an integer where it is whole.
Amount = Annotated[
    int | Decimal,
    PlainSerializer(to_json_number, when_used="json"),
    WithJsonSchema({"type": "number"}),
]


def value_schema(
    cls: type[T], *, load: Callable[[Any], T | None], dump: Callable[[T], Any], json_schema: CoreSchema
) -> CoreSchema:
    """Return the Pydantic schema of a typed value.

    ``load`` returns the value of a JSON form, None where the input is not one; ``dump`` gives the JSON form;
    ``json_schema`` is the schema of that JSON form, for ``model_json_schema``.
    """

    def validate(given: Any) -> T:
        if isinstance(given, cls):
            return given
        loaded = load(given)
        if loaded is not None:
            return loaded
        message = f"{shorten(repr(given))} is no {cls.__name__}"
        if isinstance(given, str):
            reading = cast("type[TypedValue]", cls).from_text(given)
            if reading.value is not None and not reading.doubts:
                return cast("T", reading.value)
            message = "; ".join(issue.message for issue in reading.issues) or message
        raise PydanticCustomError("llmx_value", "{reason}", {"reason": message})

    return core_schema.no_info_plain_validator_function(
        validate,
        json_schema_input_schema=json_schema,
        serialization=core_schema.plain_serializer_function_ser_schema(
            dump, return_schema=json_schema, when_used="json"
        ),
    )
