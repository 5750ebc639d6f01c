"""Puts a JSON Schema into the subset that OpenAI accepts with ``strict: true``.

Strict mode refuses a request whose schema uses a keyword outside its subset, leaves a property optional, or allows
others. So objects are closed, all their properties are required, and every keyword outside the subset is dropped. The
schema on the wire then allows more than the wire model does, and the wire model checks the answer afterwards. Where
dropping would leave nothing to constrain, or closing would forbid what is right, there is no strict form, and a
SchemaError names the place.

The subset is that of https://platform.openai.com/docs/guides/structured-outputs (read in November 2026). Some models
accept minItems, maxItems, pattern, format and bounds of numbers too; fine-tuned models, Azure and other servers do not,
so these are dropped for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmx import json_pointer
from llmx.dataclass import dataclass
from llmx.errors import SchemaError

_KEPT = frozenset({"type", "title", "description", "enum"})
_TYPED = ("type", "anyOf", "enum", "$ref")

Json = dict[str, Any]


def strict_schema(schema: Mapping[str, Any]) -> Json:
    """Return ``schema`` in OpenAI's strict subset.

    The result accepts every instance of ``schema`` that has all the named properties and no others. References with a
    description beside them, which OpenAI refuses, are replaced by what they refer to. Raises SchemaError where a part
    cannot be expressed: free-form maps, ``allOf`` of several, tuples, a place without a type.
    """
    lowering = _Lowering(schema.get("$defs", {}))
    root = {key: value for key, value in schema.items() if key != "$defs"}
    if "$ref" in root:  # a model that contains itself
        root = {**lowering.definition(root, ""), **root}
        del root["$ref"]
    root = lowering.lowered(root, "")
    if root.get("type") != "object":
        raise _no_strict_form("", "the root is not an object")
    needed: dict[str, Json] = {}
    queue = _references(root)
    while queue:
        name = queue.pop()
        if name not in needed:
            inside = _Lowering(lowering.definitions, (name,))
            needed[name] = inside.lowered(lowering.definitions[name], f"$defs/{name}")
            queue += _references(needed[name])
    ordered = {name: needed[name] for name in lowering.definitions if name in needed}
    return {**({"$defs": ordered} if ordered else {}), **root}


@dataclass(frozen=True, slots=True)
class _Lowering:
    """Lowers the parts of one schema; ``within`` are the definitions that the present part belongs to."""

    definitions: Mapping[str, Any]
    within: tuple[str, ...] = ()

    def lowered(self, schema: Any, place: str) -> Json:
        """Return the strict form of ``schema``, which stands at ``place``."""
        if not isinstance(schema, Mapping):
            raise _no_strict_form(place, "it allows everything or nothing")
        if "$ref" in schema:
            return self._reference(schema, place)
        parts: list[Json] = schema.get("allOf", [])
        if len(parts) == 1:
            rest = {key: value for key, value in schema.items() if key != "allOf"}
            return self.lowered({**parts[0], **rest}, place)
        out: Json = {key: value for key, value in schema.items() if key in _KEPT}
        if "const" in schema:
            out["enum"] = [schema["const"]]
        if branches := schema.get("anyOf") or schema.get("oneOf"):
            out["anyOf"] = [self.lowered(each, f"{place}/anyOf/{n}") for n, each in enumerate(branches)]
        kind: Any = schema.get("type", [])
        kinds = [kind] if isinstance(kind, str) else kind
        if "object" in kinds or "properties" in schema:
            out |= self._members(schema, place)
        if "array" in kinds:
            if "items" not in schema:
                raise _no_strict_form(place, "a list without one schema for all its items")
            out["items"] = self.lowered(schema["items"], f"{place}/items")
        if not any(key in out for key in _TYPED):
            raise _no_strict_form(place, "it has no type")
        return out

    def _members(self, schema: Mapping[str, Any], place: str) -> Json:
        properties: Mapping[str, Any] = schema.get("properties", {})
        if not properties and schema.get("additionalProperties") is not False:
            raise _no_strict_form(place, "an object that does not name its properties")
        return {
            "type": schema.get("type", "object"),
            "properties": {
                name: self.lowered(each, json_pointer.child(place, name)) for name, each in properties.items()
            },
            "required": list(properties),
            "additionalProperties": False,
        }

    def _reference(self, schema: Mapping[str, Any], place: str) -> Json:
        definition, name = self.definition(schema, place), _name(schema["$ref"])
        beside = {key: value for key, value in schema.items() if key in {"title", "description"}}
        if not beside or name in self.within:
            return {"$ref": schema["$ref"]}
        return _Lowering(self.definitions, (*self.within, name)).lowered({**definition, **beside}, place)

    def definition(self, schema: Mapping[str, Any], place: str) -> Mapping[str, Any]:
        """Return what the reference ``schema`` refers to."""
        if _name(schema["$ref"]) not in self.definitions:
            raise _no_strict_form(place, f"the reference {schema['$ref']} does not lead to a definition in it")
        found: Mapping[str, Any] = self.definitions[_name(schema["$ref"])]
        return found


def _references(schema: Any) -> list[str]:
    """Return the names of the definitions that ``schema`` refers to."""
    if isinstance(schema, list):
        return [name for each in schema for name in _references(each)]
    if not isinstance(schema, dict):
        return []
    target = schema.get("$ref")
    inner = [name for each in schema.values() for name in _references(each)]
    return [_name(target), *inner] if isinstance(target, str) else inner


def _name(reference: str) -> str:
    return reference.removeprefix("#/$defs/")


def _no_strict_form(place: str, why: str) -> SchemaError:
    return SchemaError(
        f"the schema has no strict form at {place or 'its root'}: {why}",
        hint="Leave out --strict: the schema then goes to the endpoint as it is.",
    )
