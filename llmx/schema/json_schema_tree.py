"""Compiles a JSON Schema into the tree of ``tree.py``: what a model is asked for.

It reads the schema generously. What a place holds follows from all of its keywords together; which instances are valid
in the end is not decided here but by ``json_schema_judge.py``. A schema that contains itself is asked for to a depth.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from llmx import json_pointer
from llmx.errors import SchemaError
from llmx.schema.description import described
from llmx.schema.forms import entry, root_of, tuple_of, union_of
from llmx.schema.json_schema_reading import ALTERNATIVES, Json, References, flat, is_asking, kinds_of, merged
from llmx.schema.tree import (
    DEPTH,
    LIST_CAP,
    TEXT_CAP,
    UNSET,
    Leaf,
    ListOf,
    MapOf,
    Member,
    Node,
    ObjectOf,
    TupleOf,
)
from llmx.types import reader_for

_MOST_OBJECTS = 60
"""Objects of a schema that contains itself: one that does so in many places is asked for to a smaller depth."""

_MOST_PLACES = 600
"""Places of such a schema, for the same reason."""

_MOST_NODES = 50_000
_MOST_LEVELS = 64

_FORMATS: dict[str, Any] = {"date": date, "date-time": datetime}
_NUMBERS: dict[str, Any] = {"integer": int, "number": float}
ANY = Leaf("text", "text", kind_of=Any)

NodeAndNull = tuple[Node | None, bool]
"""A node, None where there is none to ask for, and whether the place may be null."""


class _TooManyError(Exception):
    """The tree has too many objects at this depth."""


def tree_of_json_schema(root: Any, *, title: str) -> ObjectOf:
    """Return the tree of the JSON Schema ``root``. Raises SchemaError where nothing of it can be asked of a model."""
    source = References.of(root)
    for depth in range(DEPTH, 0, -1):
        try:
            node, nullable = _Compiler(source, depth).node(root, "#")
        except _TooManyError:
            continue
        if node is None:
            raise SchemaError("at #: no value fits it that could be asked for", hint="Say which type the root has.")
        about = _described(root) if isinstance(root, dict) else ""
        if type(node) is ObjectOf and not nullable:
            return replace(node, title=title, about=about)
        return root_of(node, None, nullable=nullable, title=title, about=about)
    raise SchemaError(f"at #: it has more than {_MOST_NODES} places", hint="Ask for a part of it.")


@dataclass(slots=True)
class _Compiler:
    """Compiles the places of one schema; ``within`` are the schemas around the present one."""

    source: References
    depth: int
    within: list[int] = field(default_factory=list)
    known: dict[int, NodeAndNull] = field(default_factory=dict)
    recursive: set[int] = field(default_factory=set)
    alive: list[Any] = field(default_factory=list)  # places are told apart by identity
    made: int = 0
    objects: int = 0

    def node(self, schema: Any, where: str) -> NodeAndNull:
        """Return what to ask for at a place; what does not contain itself is compiled once."""
        place = self._final(schema)
        self.alive.append(place)
        key = id(place)
        if key in self.known:
            return self.known[key]
        level = self.within.count(key)
        if level:
            self.recursive.add(key)
            if level >= self.depth:
                return None, False
        if len(self.within) > _MOST_LEVELS:
            return None, False
        before = frozenset(self.recursive)
        self.within.append(key)
        found = self._compiled(place, where, level=level)
        self.within.pop()
        if not ({*self.recursive} - before) & {*self.within} and not before & {*self.within} and not level:
            self.known[key] = found
        return found

    def _final(self, schema: Any) -> Any:
        """Return the schema at the end of references that stand alone."""
        for _ in range(_MOST_LEVELS):
            if not isinstance(schema, dict) or len(schema) != 1 or not isinstance(schema.get("$ref"), str):
                return schema
            target = self.source.target(schema, schema["$ref"])
            if target is None:
                return schema
            schema = target
        return schema

    def _compiled(self, schema: Any, where: str, *, level: int) -> NodeAndNull:
        self.made += 1
        if self.made > _MOST_NODES or (self.recursive and self.depth > 1 and self.made > _MOST_PLACES):
            raise _TooManyError
        words = flat(schema, self.source)
        if words is False:
            return None, False
        if not isinstance(words, dict):
            return ANY, False
        return self.place(words, where, level=level)

    def place(self, words: Json, where: str, *, level: int = 0) -> NodeAndNull:
        """Return what to ask for where ``words`` are all that the schema says."""
        nullable = words.get("nullable") is True
        if "enum" in words or "const" in words:
            found = _choice(words)
        elif (word := _alternatives_of(words)) is not None:
            found = self._union(words[word], {key: each for key, each in words.items() if key != word}, where)
        else:
            found = self._typed(words, where, level=level)
        return found[0], found[1] or nullable

    def _union(self, alternatives: list[Any], common: Json, where: str) -> NodeAndNull:
        """Return the alternatives of a place, each with what holds for all of them."""
        nodes: list[Node] = []
        nullable = False
        asked = {key: value for key, value in common.items() if key not in {"description", "title", "default"}}
        for one in alternatives:
            place = self._final(one)
            self.alive.append(place)
            level = self.within.count(id(place))
            words = flat(place, self.source)
            if level:
                self.recursive.add(id(place))
            if level >= self.depth or words is False or len(self.within) > _MOST_LEVELS:
                continue
            self.within.append(id(place))
            node, null = self.place(merged(words, asked) if isinstance(words, dict) else common, where, level=level)
            self.within.pop()
            nullable = nullable or null
            nodes += [] if node is None else [node]
        return (union_of(nodes), nullable) if nodes else (None, nullable)

    def _typed(self, words: Json, where: str, *, level: int) -> NodeAndNull:
        kinds = kinds_of(words)
        nodes = [self._of_kind(kind, words, where, level=level) for kind in kinds if kind != "null"]
        stated = [node for node in nodes if node is not None]
        if not kinds or kinds == ["any"]:
            return ANY, False
        return (union_of(stated) if stated else None), "null" in kinds

    def _of_kind(self, kind: str, words: Json, where: str, *, level: int) -> Node | None:
        if kind == "object":
            return self._object(words, where, level=level)
        if kind == "array":
            return self._array(words, where)
        if kind == "boolean":
            return Leaf("flag", "true or false")
        if kind in _NUMBERS:
            return _quoted(_NUMBERS[kind])
        if kind == "string":
            return _text(words)
        raise SchemaError(f"at {where}: there is no type {kind!r}", hint="Allowed: those of JSON Schema.")

    def _object(self, words: Json, where: str, *, level: int) -> Node | None:
        properties = words.get("properties")
        fields: Json = dict(properties) if isinstance(properties, dict) else {}
        required = [each for each in words.get("required") or () if isinstance(each, str)]
        if fields:
            fields |= {name: self._unnamed(words, name) for name in required if name not in fields}
            return self._fields(fields, required, words, where=where, level=level)
        return self._map(words, where)

    def _unnamed(self, words: Json, name: str) -> Any:
        """Return the schema of a property that is demanded without being described."""
        extra = words.get("additionalProperties", True)
        return extra if isinstance(extra, dict) else name not in ("", None)

    def _fields(self, fields: Json, required: list[str], words: Json, *, where: str, level: int) -> Node | None:
        self.objects += 1
        if self.recursive and self.objects > _MOST_OBJECTS and self.depth > 1:
            raise _TooManyError
        members, ends = [], list[tuple[str, Any]]()
        for name, child in fields.items():
            node, nullable = self.node(child, json_pointer.child(f"{where}/properties", name))
            needed = name in required
            if node is not None:
                members.append(Member(name, node, nullable, needed, _described(child, self.source), _default(child)))
            elif needed and not nullable and not self._may_be_empty(child):
                return None
            elif needed:
                ends.append((name, None if nullable else []))
        if not members:
            return None
        title = words.get("title") if isinstance(words.get("title"), str) else ""
        about = _described(words)
        return ObjectOf(None, tuple(members), _key_of(members), title=str(title), about=about, level=level,
                        ends=tuple(ends))  # fmt: skip

    def _may_be_empty(self, schema: Any) -> bool:
        words = flat(schema, self.source)
        return isinstance(words, dict) and "array" in kinds_of(words) and not words.get("minItems")

    def _map(self, words: Json, where: str) -> Node | None:
        """Return an object with free keys; None where it may have none."""
        patterns = words.get("patternProperties")
        kinds = list(patterns.values()) if isinstance(patterns, dict) else []
        extra = words.get("additionalProperties", words.get("unevaluatedProperties", not kinds))
        kinds += [extra] if extra is not False else []
        found = [self.node(kind, f"{where}/additionalProperties") for kind in kinds]
        nodes = [node for node, _ in found if node is not None] or [ANY for _, null in found if null][:1]
        if not nodes:
            return None
        names = flat(words.get("propertyNames", True), self.source)
        key = self.place(names, where)[0] if isinstance(names, dict) and {"enum", "const"} & set(names) else None
        item = entry(key if isinstance(key, Leaf) else Leaf("text", "text"), union_of(nodes),
                     nullable=any(null for _, null in found))  # fmt: skip
        return MapOf(item, **_cap(words, "maxProperties", LIST_CAP), least=_count(words, "minProperties", 0))

    def _array(self, words: Json, where: str) -> Node | None:
        items = words.get("items", True)
        places = words.get("prefixItems", items if isinstance(items, list) else None)
        least = _count(words, "minItems", 0)
        if isinstance(places, list) and places:
            rest = words.get("additionalItems", True) if isinstance(items, list) else items
            return self._tuple(places, rest, where, least=least)
        item, _ = self.node(items, f"{where}/items") if items is not True else (ANY, False)
        return None if item is None else ListOf(item, **_cap(words, "maxItems", LIST_CAP), least=least)

    def _tuple(self, places: list[Any], rest: Any, where: str, *, least: int) -> TupleOf | None:
        members = []
        for number, each in enumerate(places):
            node, nullable = self.node(each, f"{where}/prefixItems/{number}")
            if node is None:
                return None
            name = f"item_{number + 1}"
            members.append(Member(name, node, nullable, number < least, _described(each, self.source)))
        behind = self.node(rest, f"{where}/items")[0] if isinstance(rest, dict) else None
        return tuple_of(members, rest=behind)


def _alternatives_of(words: Json) -> str | None:
    """Return the word whose alternatives say what a place is, None where they only say what is valid."""
    return next((w for w in ALTERNATIVES if isinstance(words.get(w), list) and any(map(is_asking, words[w]))), None)


def _choice(words: Json) -> NodeAndNull:
    """Return the choice between JSON values; null is no choice but the absence of one."""
    given = words["enum"] if isinstance(words.get("enum"), list) else [words.get("const")]
    if "const" in words and words["const"] not in given:
        given = [words["const"]]
    kinds = kinds_of(words) if "type" in words else []
    values = [value for value in given if value is not None and (not kinds or _is_kind(value, kinds))]
    nullable = None in given and (not kinds or "null" in kinds)
    if not values:
        return None, nullable
    wire = tuple(dict.fromkeys(_on_the_wire(value) for value in values))
    whole = tuple((spelled, value) for value in values if (spelled := _on_the_wire(value)) != value)
    flags = all(isinstance(value, bool) for value in values)
    if flags and len(values) == 2:
        return Leaf("flag", "true or false"), nullable
    return Leaf("choice", "choice", choices=wire, meanings=whole), nullable


def _on_the_wire(value: Any) -> Any:
    """Return a choice as a model may write it: JSON text for an object, a list or a number that is no integer."""
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_kind(value: Any, kinds: list[str]) -> bool:
    names: dict[type, tuple[str, ...]] = {
        bool: ("boolean",), int: ("integer", "number"), float: ("number", "integer"), str: ("string",),
        list: ("array",), dict: ("object",),
    }  # fmt: skip
    return any(name in kinds for name in names.get(type(value), ()))


def _quoted(kind: Any) -> Leaf:
    reader = reader_for(kind)
    assert reader is not None
    return Leaf("quote", reader.label, reader=reader, kind_of=kind)


def _text(words: Json) -> Leaf:
    kind = _FORMATS.get(words["format"]) if isinstance(words.get("format"), str) else None
    return Leaf("text", "text", **_cap(words, "maxLength", TEXT_CAP)) if kind is None else _quoted(kind)


def _cap(words: Json, word: str, most: int) -> dict[str, Any]:
    stated = _count(words, word, -1)
    return {"cap": most, "firm": False} if stated < 0 else {"cap": stated, "firm": True}


def _count(words: Json, word: str, otherwise: int) -> int:
    value = words.get(word)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        return otherwise
    return int(value)


def _described(schema: Any, source: References | None = None) -> str:
    """Return what a schema says of itself: its description or its title; that of a field its examples, too."""
    words = flat(schema, source) if source is not None else schema
    if not isinstance(words, dict):
        return ""
    text = words.get("description") or (words.get("title") if source is not None else "") or ""
    return described(str(text), words.get("examples") if source is not None else None)


def _default(schema: Any) -> Any:
    return schema["default"] if isinstance(schema, dict) and "default" in schema else UNSET


def _key_of(members: list[Member]) -> str | None:
    kinds: tuple[Literal["text", "quote"], ...] = ("text", "quote")
    texts = [m for m in members if isinstance(m.node, Leaf) and m.node.kind in kinds]
    return next((m.name for m in texts if m.required and not m.nullable), next((m.name for m in texts), None))
