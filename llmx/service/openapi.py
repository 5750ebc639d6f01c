"""What the service offers, as OpenAPI 3.1 and as a page for people."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmx.service.extraction_service import ExtractionService
    from llmx.service.http_app import HttpOptions

_ANY_FILE = "application/octet-stream"
_STYLE = """:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;
padding:0 1rem}code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{overflow:auto;padding:.8rem;
border:1px solid #8884;border-radius:.4rem}h2{margin-top:2rem;font-size:1.1rem}"""


def description(service: ExtractionService, options: HttpOptions) -> dict[str, Any]:
    """Return the description of ``service``: its calls, with the form of each schema's data."""
    secured: dict[str, Any] = {"security": [{"key": []}]} if options.keys else {}
    names = list(service.sessions)
    schema = {"name": "name", "in": "path", "required": True, "schema": {"enum": names}, "description": "a schema"}
    given = {"name": "id", "in": "query", "schema": {"type": "string"}, "description": "the id of a text without one"}
    text = {
        "type": "object",
        "properties": {"text": {"type": "string"}, "id": {"type": "string"}},
        "required": ["text"],
    }
    paths = {
        "/records/{name}": {"post": secured | {
            "summary": "Extract the records of a document: a text, or the bytes of any file that llmx reads",
            "parameters": [schema, given],
            "requestBody": {"required": True, "content": {
                "text/plain": {"schema": {"type": "string"}},
                "application/json": {"schema": text},
                _ANY_FILE: {"schema": {"type": "string", "format": "binary", "maxLength": options.most_bytes}},
            }},
            "responses": {
                "200": _answer("the records, with their proofs and issues", {"$ref": "#/components/schemas/records"}),
                "400": _error("the body cannot be understood"), "401": _error("there is no valid key"),
                "404": _error("there is no such schema"), "413": _error("the document is too large"),
                "429": _error("too many documents are waiting"), "502": _error("the model cannot be asked"),
            },
        }},
        "/schemas": {"get": secured | {
            "summary": "List the schemas",
            "responses": {"200": _answer("their names", {
                "type": "object", "properties": {"schemas": {"type": "array", "items": {"type": "string"}}}})},
        }},
        "/schemas/{name}": {"get": secured | {
            "summary": "Give the JSON Schema of a record's data", "parameters": [schema],
            "responses": {"200": _answer("a JSON Schema", {"type": "object"}), "404": _error("there is no such one")},
        }},
        "/health": {"get": {
            "summary": "Say that the service is there",
            "responses": {"200": _answer("whether it is busy", {"type": "object"})},
        }},
    }  # fmt: skip
    record = {
        "type": "object", "required": ["id", "status", "data", "issues", "evidence"],
        "properties": {
            "id": {"type": "string"}, "data": {"type": ["object", "null"]},
            "status": {"enum": ["ok", "partial", "invalid", "refused", "failed"]},
            "issues": {"type": "array", "items": {"type": "object"}}, "evidence": {"type": "object"},
        },
    }  # fmt: skip
    parts: dict[str, Any] = {"schemas": {
        "record": record,
        "records": {"type": "object", "properties": {
            "records": {"type": "array", "items": {"$ref": "#/components/schemas/record"}}}},
    }}  # fmt: skip
    if options.keys:
        parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    return {"openapi": "3.1.0", "info": {"title": "llmx", "version": "1"}, "paths": paths, "components": parts}


def page(described: dict[str, Any]) -> str:
    """Return ``described`` as an HTML page, which loads nothing."""
    shown = []
    for path, calls in described["paths"].items():
        for verb, call in calls.items():
            shown.append(
                f"<h2><code>{verb.upper()} {html.escape(path)}</code></h2><p>{html.escape(call['summary'])}.</p>"
            )
            for parameter in call.get("parameters", ()):
                values = ", ".join(parameter["schema"].get("enum", ()))
                told = parameter["description"] + (f": {values}" if values else "")
                shown.append(f"<p><code>{parameter['name']}</code> ({parameter['in']}): {html.escape(told)}</p>")
            kinds = ", ".join(call.get("requestBody", {}).get("content", ()))
            shown += [f"<p>Body: <code>{kinds}</code></p>"] if kinds else []
            answers = "".join(
                f"<li><b>{code}</b> {each['description']}</li>" for code, each in call["responses"].items()
            )
            shown.append(f"<ul>{answers}</ul>")
    whole = html.escape(json.dumps(described, indent=2, ensure_ascii=False))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>llmx</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style><main><h1>llmx</h1>{"".join(shown)}'
        f'<h2>OpenAPI</h2><p><a href="/openapi.json">openapi.json</a></p><pre>{whole}</pre></main></html>'
    )


def _answer(told: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": told, "content": {"application/json": {"schema": schema}}}


def _error(told: str) -> dict[str, Any]:
    return _answer(told, {"type": "object", "properties": {"error": {"type": "string"}}})
