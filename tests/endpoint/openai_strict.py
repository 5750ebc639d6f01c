"""Refuses what OpenAI documents as unsupported in strict mode, in its words: what a scripted server does with a schema.

By https://platform.openai.com/docs/guides/structured-outputs, at its narrowest (fine-tuned models).
"""

from __future__ import annotations

from typing import Any

from tests.fault_server import Received, Step, status

REFUSED = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "object": {"patternProperties", "unevaluatedProperties", "propertyNames", "minProperties", "maxProperties"},
    "array": {"unevaluatedItems", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems"},
    "any": {"allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "default", "const"},
}
UNSUPPORTED = set().union(*REFUSED.values())


def strict_part(received: Received) -> dict[str, Any] | None:
    """Return the schema that was sent with the strict flag, None where there was none."""
    body = received.body
    for part, member in (
        (body["tools"][0]["function"] if "tools" in body else {}, "parameters"),
        (body.get("response_format", {}).get("json_schema", {}), "schema"),
    ):
        if part.get("strict"):
            schema: dict[str, Any] = part[member]
            return schema
    return None


def refusal(received: Received) -> Step | None:
    """Return the 400 by which OpenAI refuses a strict schema, None where it takes it."""
    schema = strict_part(received)
    if schema is None:
        return None
    fault = "schema must be a JSON Schema of 'type: \"object\"'" if schema.get("type") != "object" else fault_of(schema)
    return status(400, f"Invalid schema for response_format 'X': {fault}") if fault else None


def fault_of(schema: dict[str, Any], context: tuple[str, ...] = ()) -> str:
    """Return what is wrong with a part of a strict schema, '' for nothing."""
    if "$ref" in schema:
        more = set(schema) - {"$ref"}
        return f"In context={context}, $ref cannot have keywords {more}." if more else ""
    kind = schema.get("type", ())
    rules = (
        (bool(UNSUPPORTED & set(schema)), f"{sorted(UNSUPPORTED & set(schema))} is not permitted."),
        (not {"type", "anyOf", "enum"} & set(schema), "schema must have a 'type' key."),
        ("array" in kind and "items" not in schema, "array schema missing items."),
        (
            "object" in kind and schema.get("additionalProperties") is not False,
            "'additionalProperties' is required to be supplied and to be false.",
        ),
        (
            set(schema.get("required", ())) != set(schema.get("properties", {})),
            "'required' is required to be supplied and to be an array including every key in properties.",
        ),
    )
    for broken, message in rules:
        if broken:
            return f"In context={context}, {message}"
    inner = [*schema.get("$defs", {}).items(), *schema.get("properties", {}).items()]
    inner += [("items", schema["items"])] if "items" in schema else []
    inner += [(f"anyOf/{n}", part) for n, part in enumerate(schema.get("anyOf", ()))]
    return next((fault for name, part in inner if (fault := fault_of(part, (*context, name)))), "")
