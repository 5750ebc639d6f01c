"""Puts the schema of an answer into the part of JSON Schema that Gemini's API documents.

What falls away is checked on the answer: the wire model has the last word.

Source: ``GenerateContentConfig.response_json_schema`` of the google-genai SDK, which lists the keywords.
"""

from __future__ import annotations

from typing import Any

from llmx.endpoint.rewriting import mapped

Json = dict[str, Any]

KEYWORDS = frozenset(
    {
        "$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items", "prefixItems",
        "minItems", "maxItems", "minimum", "maximum", "anyOf", "oneOf", "properties", "additionalProperties",
        "required", "propertyOrdering",
    }
)  # fmt: skip
"""The keywords that the API takes."""


def gemini_schema(schema: Json) -> Json:
    """Return ``schema`` in Gemini's keywords: a constant is a choice of one, and nothing stands beside a reference.

    >>> gemini_schema({"const": "a", "type": "string"})
    {'type': 'string', 'enum': ['a']}
    >>> gemini_schema({"$ref": "#/$defs/Party", "description": "who pays"})
    {'anyOf': [{'$ref': '#/$defs/Party'}], 'description': 'who pays'}
    """
    return mapped(schema, _lowered)


def _lowered(part: Json) -> Json:
    out = {name: value for name, value in part.items() if name in KEYWORDS}
    if "const" in part and "enum" not in out:
        out["enum"] = [part["const"]]
    beside = {name: value for name, value in out.items() if not name.startswith("$")}
    if "$ref" not in out or not beside:
        return out
    return {"anyOf": [{"$ref": out["$ref"]}], **beside}
