"""Reads a JSON Schema: where its references lead, and what its keywords say of one place once they are put together.

``$ref``, ``allOf``, ``if``/``then``/``else`` and dependent schemas all add to what a place may hold. Here they become
one flat object for each place; which instances are valid in the end is jsonschema-rs's to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin

from llmx import json_pointer

Json = dict[str, Any]

ALTERNATIVES = ("anyOf", "oneOf")
_BRANCHES = ("then", "else")
_SCHEMA_MAPS = (
    "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies",
)  # fmt: skip
_MOST_REFERENCES = 40
"""References that one place follows in turn; a chain of more goes in a circle."""


@dataclass(frozen=True, slots=True)
class References:
    """A schema with what its references may name: places by pointer, and schemas by ``$id`` and anchor."""

    root: Any
    named: dict[str, Any] = field(default_factory=dict)
    bases: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Any) -> References:
        """Return the source of ``root``, with all the names that it gives to its parts."""
        source = cls(root)
        for schema, base in _schemas(root, ""):
            source.bases[id(schema)] = base
            if isinstance(schema.get("$id", schema.get("id")), str):
                source.named.setdefault(base, schema)
            for word in ("$anchor", "$dynamicAnchor"):
                if isinstance(schema.get(word), str):
                    source.named.setdefault(f"{base}#{schema[word]}", schema)
        return source

    def target(self, schema: Json, reference: str) -> Any:
        """Return what ``reference`` in ``schema`` names, None where it leads out of the file."""
        whole = urljoin(self.bases.get(id(schema), ""), reference)
        if whole in self.named:
            return self.named[whole]
        document, fragment = urldefrag(whole)
        root = self.named.get(document) or self.named.get(document + "#")
        if root is None and document in ("", self.bases.get(id(self.root), "")):
            root = self.root
        if root is None or (fragment and not fragment.startswith("/")):
            return self.named.get(f"{document}#{fragment}")
        try:
            return json_pointer.resolve(root, _unquoted(fragment))
        except (KeyError, ValueError, IndexError, TypeError):
            return None


def _unquoted(fragment: str) -> str:
    from urllib.parse import unquote  # noqa: PLC0415 - few schemas have such references

    return unquote(fragment) if "%" in fragment else fragment


def _schemas(value: Any, base: str) -> Iterator[tuple[Json, str]]:
    """Yield every object of a schema, with the base URI of its references."""
    todo = [(value, base)]
    while todo:
        value, base = todo.pop()
        if isinstance(value, dict):
            own = value.get("$id", value.get("id"))
            if isinstance(own, str) and "$ref" not in value:
                base = urljoin(base, own).removesuffix("#")
            yield value, base
            todo += [(below, base) for below in value.values() if isinstance(below, dict | list)]
        elif isinstance(value, list):
            todo += [(below, base) for below in value if isinstance(below, dict | list)]


def flat(schema: Any, source: References, *, opened: tuple[int, ...] = ()) -> Json | bool:
    """Return ``schema`` with its references and applicators put together; True and False are what they are."""
    if schema is False:
        return False
    if not isinstance(schema, dict):
        return True
    if id(schema) in opened or len(opened) > _MOST_REFERENCES:
        return True
    opened = (*opened, id(schema))
    out: Json = {key: value for key, value in schema.items() if key not in {"$ref", "$dynamicRef", "allOf"}}
    for part in _parts(schema, source):
        other = flat(part, source, opened=opened)
        if other is False:
            return False
        if isinstance(other, dict):
            out = merged(out, other)
    for part in _conditional(schema):
        other = flat(part, source, opened=opened)
        if isinstance(other, dict):
            out = merged(out, {"properties": other.get("properties", {})})
    return out


def _parts(schema: Json, source: References) -> Iterator[Any]:
    for word in ("$ref", "$dynamicRef", "$recursiveRef"):
        if isinstance(schema.get(word), str):
            target = source.target(schema, schema[word])
            yield True if target is None else target
    every = schema.get("allOf")
    yield from every if isinstance(every, list) else ()


def _conditional(schema: Json) -> Iterator[Any]:
    """Yield what holds under a condition: of it the fields are asked for, and none is demanded."""
    if "if" in schema:
        yield from (schema[word] for word in _BRANCHES if word in schema)
    for word in ("dependentSchemas", "dependencies"):
        each = schema.get(word)
        yield from (value for value in (each.values() if isinstance(each, dict) else ()) if isinstance(value, dict))


def merged(one: Json, other: Json) -> Json:
    """Return what both say; where they differ, what holds for both as far as a word of JSON Schema says it."""
    out = dict(one)
    for word, value in other.items():
        if word not in out:
            out[word] = value
        elif word in ("properties", "patternProperties", "$defs", "definitions"):
            out[word] = _merged_fields(out[word], value) if isinstance(value, Mapping) else out[word]
        elif word == "required":
            both = [*_names(out[word]), *_names(value)]
            out[word] = list(dict.fromkeys(both))
        elif word in ("enum", "type"):
            mine, theirs = _as_list(out[word]), _as_list(value)
            out[word] = [each for each in mine if each in theirs or (each == "integer" and "number" in theirs)] or mine
        elif word in ALTERNATIVES and out[word] != value:
            out.setdefault(f"{word} too", []).append(value)
    return out


def _merged_fields(one: Any, other: Mapping[str, Any]) -> Json:
    out = dict(one) if isinstance(one, dict) else {}
    for name, value in other.items():
        known = out.get(name)
        if known is None or known is True or known == value:
            out[name] = value
        elif value is not True:
            out[name] = {"allOf": [known, value]}
    return out


def _names(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_ASKING = frozenset({
    "$ref", "$dynamicRef", "$recursiveRef", "type", "properties", "patternProperties", "items", "prefixItems",
    "enum", "const", "allOf", "anyOf", "oneOf",
})  # fmt: skip


def is_asking(schema: Any) -> bool:
    """Return whether ``schema`` says what a value is, rather than only which of the values are valid."""
    return isinstance(schema, dict) and not _ASKING.isdisjoint(schema)


def kinds_of(schema: Json) -> list[str]:
    """Return the types that a place may hold, by its keywords where it names none; [] where it may hold anything."""
    stated = schema.get("type")
    if stated is not None:
        return [each for each in _as_list(stated) if isinstance(each, str)]
    for kind, words in _BY_WORDS.items():
        if not words.isdisjoint(schema):
            return [kind]
    return []


_BY_WORDS = {
    "object": frozenset({
        "properties", "patternProperties", "additionalProperties", "required", "propertyNames", "minProperties",
        "maxProperties", "dependentRequired", "dependentSchemas",
    }),
    "array": frozenset({"items", "prefixItems", "additionalItems", "contains", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"pattern", "format", "minLength", "maxLength", "contentEncoding", "contentMediaType"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
}  # fmt: skip
