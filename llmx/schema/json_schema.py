"""Turns a JSON Schema file into a Pydantic model, so that a schema can come from another language or tool.

Objects, arrays, strings (with enum, const, and the formats date and date-time), numbers, integers, booleans, null,
local ``$ref``, and anyOf/oneOf with null can be asked for; what cannot is refused with its place. Every other keyword
(pattern, minimum, minItems, format …) is judged by ``json_schema_judge.py``: none is ignored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Optional

from pydantic import Field, create_model
from pydantic.errors import PydanticUserError

from llmx import json_pointer
from llmx.errors import SchemaError
from llmx.schema.json_schema_judge import JudgedModel, judge_of

_SCALARS: dict[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool}
_FORMATS: dict[str, Any] = {"date": date, "date-time": datetime}
_REFUSED = ("patternProperties", "allOf", "not", "if", "dependentSchemas", "prefixItems", "$dynamicRef")


@dataclass(frozen=True, slots=True)
class _Source:
    """The file and its root, for references and error messages."""

    path: Path
    root: dict[str, Any]
    open_refs: tuple[str, ...] = ()

    def fail(self, where: str, what: str, hint: str = "") -> SchemaError:
        return SchemaError(f"{self.path}: at {where or '#'}: {what}", hint=hint)


def model_from_file(path: Path) -> type[JudgedModel]:
    """Return a Pydantic model for the JSON Schema in ``path``. Raises SchemaError with the file and the place."""
    try:
        root = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise SchemaError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SchemaError(f"{path}: cannot be read: {error}") from None
    except json.JSONDecodeError as error:
        raise SchemaError(f"{path}: not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    source = _Source(path, root if isinstance(root, dict) else {}, ("#",))
    root, source = _follow(source.root, source, "#")
    if "properties" not in root:
        raise source.fail(
            "#", "the root is not an object with properties", 'Start with {"type": "object", "properties": …}.'
        )
    model = _model(root, source, "#", name=_class_name(str(root.get("title") or path.stem)))
    model.judge = _judge(source)
    return model


def _judge(source: _Source) -> Any:
    try:
        return judge_of(source.root)
    except ValueError as error:
        raise source.fail("#", f"it is no JSON Schema: {str(error).splitlines()[0]}") from None


def _class_name(text: str) -> str:
    name = "".join(
        part.capitalize() if part.islower() else part for part in text.replace("-", " ").replace("_", " ").split()
    )
    return name if name.isidentifier() else "Record"


def _model(node: dict[str, Any], source: _Source, where: str, *, name: str) -> type[JudgedModel]:
    properties = node.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise source.fail(where, "an object without properties cannot be asked for")
    required = set(node.get("required") or ())
    fields: dict[str, Any] = {}
    for key, child in properties.items():
        place = json_pointer.child(f"{where}/properties", key)
        kind = _type(child, source, place, name=f"{name}{_class_name(key)}")
        default = child.get("default") if isinstance(child, dict) else None
        optional = key not in required and default is None
        described = Field(... if key in required else default, description=_text(child))
        fields[key] = (Optional[kind] if optional else kind, described)  # noqa: UP045 - kind is a value
    try:
        return create_model(
            name,
            __base__=JudgedModel,
            __doc__=_text(node),
            **fields,
        )
    except (NameError, TypeError, PydanticUserError) as error:
        raise source.fail(where, f"the names of its properties cannot be asked for: {error}") from None


def _text(node: Any) -> str | None:
    return " ".join(str(node.get("description") or "").split()) or None if isinstance(node, dict) else None


def _type(node: Any, source: _Source, where: str, *, name: str) -> Any:
    if not isinstance(node, dict):
        raise source.fail(where, "not a schema object")
    for word in _REFUSED:
        if word in node:
            raise source.fail(where, f"{word!r} is not supported", "Write the object out, or use a Pydantic class.")
    if "$ref" in node:
        target, inner = _follow(node, source, where)
        return _type(target, inner, where, name=_class_name(json_pointer.last(str(node["$ref"]).removeprefix("#"))))
    if "enum" in node or "const" in node:
        choices = tuple(node.get("enum", [node.get("const")]))
        kind: Any = Literal[tuple(c for c in choices if c is not None)]
        return Optional[kind] if None in choices else kind  # noqa: UP045 - kind is a value
    if alternatives := node.get("anyOf") or node.get("oneOf"):
        return _union(alternatives, source, where, name=name)
    return _plain(node, source, where, name=name)


def _union(alternatives: list[Any], source: _Source, where: str, *, name: str) -> Any:
    rest = [a for a in alternatives if not (isinstance(a, dict) and a.get("type") == "null")]
    if len(rest) != 1:
        raise source.fail(
            where, "a choice between several types cannot be asked for", "Keep one type, or null and one."
        )
    kind = _type(rest[0], source, where, name=name)
    return Optional[kind] if len(rest) < len(alternatives) else kind  # noqa: UP045 - kind is a value


def _plain(node: dict[str, Any], source: _Source, where: str, *, name: str) -> Any:
    stated = node.get("type", "object" if "properties" in node else None)
    names = [t for t in (stated if isinstance(stated, list) else [stated]) if t != "null"]
    if len(names) != 1 or names[0] not in (*_SCALARS, "object", "array"):
        raise source.fail(
            where, f"the type {stated!r} cannot be asked for", f"Allowed: {', '.join(_SCALARS)}, object, array."
        )
    kind: Any
    if names[0] == "object":
        kind = _model(node, source, where, name=name)
    elif names[0] == "array":
        kind = list[_type(node.get("items", {"type": "string"}), source, f"{where}/items", name=name)]  # type: ignore[misc] # built at run time
    else:
        kind = _FORMATS.get(node.get("format", ""), _SCALARS[names[0]])
    return Optional[kind] if isinstance(stated, list) and "null" in stated else kind  # noqa: UP045 - kind is a value


def _follow(node: dict[str, Any], source: _Source, where: str) -> tuple[dict[str, Any], _Source]:
    """Resolve a local reference; recursion is refused with its place."""
    while "$ref" in node:
        reference = str(node["$ref"])
        if reference in source.open_refs:
            raise source.fail(
                where, f"{reference} contains itself", "Endless depth cannot be asked for: write levels out."
            )
        source = _Source(source.path, source.root, (*source.open_refs, reference))
        try:
            target: Any = json_pointer.resolve(source.root, reference.removeprefix("#"))  # '#' alone is the root
        except (KeyError, ValueError):
            target = None
        if not reference.startswith("#") or not isinstance(target, dict):
            raise source.fail(
                where, f"{reference} leads nowhere in this file", "Only local references (#/$defs/…) work."
            )
        node = target
    return node, source
