"""Reads a JSON Schema file as a class: its tree asks for what the schema describes, the schema has the last word."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from llmx import json_pointer
from llmx.errors import SchemaError
from llmx.schema.forms import root_of
from llmx.schema.json_schema_judge import JudgedModel, judge_of
from llmx.schema.json_schema_tree import tree_of_json_schema
from llmx.schema.tree import Node, ObjectOf

_NAME_CHARS = 60
_SHARED = ("$schema", "$defs", "definitions", "components")
"""What the whole schema says for its parts."""


def model_from_file(path: Path) -> type[JudgedModel]:
    """Return a class for the JSON Schema in ``path``. Raises SchemaError with the file and the place."""
    root = _loaded(path)
    if not isinstance(root, dict | bool):
        raise SchemaError(f"{path}: a JSON Schema is an object", hint='Start with {"type": "object", "properties": …}.')
    try:
        judge = judge_of(root)
    except ValueError as error:
        raise SchemaError(f"{path}: at #: it is no JSON Schema: {str(error).splitlines()[0]}") from None
    title = root.get("title") if isinstance(root, dict) else None
    name = class_name(title if isinstance(title, str) else path.stem)
    try:
        tree = tree_of_json_schema(root, title=name)
    except SchemaError as error:
        raise SchemaError(f"{path}: {error.args[0]}", hint=error.hint) from None
    except RecursionError:
        raise SchemaError(f"{path}: at #: it is nested too deeply to be asked for") from None
    return _judged(name, judge, tree=tree, document=root if isinstance(root, dict) else {})


def _loaded(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise SchemaError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SchemaError(f"{path}: cannot be read: {error}") from None
    except json.JSONDecodeError as error:
        raise SchemaError(f"{path}: not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except ValueError as error:  # a number of too many digits
        raise SchemaError(f"{path}: not JSON: {error}") from None
    except RecursionError:
        raise SchemaError(f"{path}: it is nested too deeply to be read") from None


def array_class(model: type[JudgedModel]) -> type[JudgedModel]:
    """Return the class of any number of records of ``model``. Raises SchemaError where it refers to its own root."""
    document = {"type": "array", "items": model.document}
    document |= {word: model.document[word] for word in _SHARED if word in model.document}
    try:
        judge = judge_of(document)
        tree = tree_of_json_schema(document, title=f"List{model.__name__}")
    except ValueError as error:
        hint = 'Write a schema of {"type": "array", "items": …}.'
        raise SchemaError(f"list[{model.__name__}]: {str(error).splitlines()[0]}", hint=hint) from None
    return _judged(f"List{model.__name__}", judge, tree=tree, document=document)


def _judged(name: str, judge: Any, *, tree: ObjectOf, document: dict[str, Any]) -> type[JudgedModel]:
    made: Any = type(name, (JudgedModel,), {"__module__": __name__, "__doc__": tree.about or None})
    made.judge, made.tree, made.document = judge, tree, document
    judged: type[JudgedModel] = made
    return judged


def element_class(model: type[JudgedModel], item: Node) -> type[JudgedModel]:
    """Return the class of the elements of ``model``, whose root is a list: one of them is judged by its own part."""
    document = _element_document(model.document)
    try:
        judge = judge_of(document)
    except ValueError:  # it refers to a place of the whole schema
        document = {}
        judge = judge_of(document)
    title = document.get("title")
    name = class_name(title if isinstance(title, str) else f"{model.__name__} item")
    tree = item if type(item) is ObjectOf else root_of(item, None, title=name)
    return _judged(name, judge, tree=tree, document=document)


def _element_document(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an element of a root list, with what it may refer to; {} where that is not plain to see."""
    root: Any = document
    while isinstance(root, dict) and isinstance(reference := root.get("$ref"), str) and reference.startswith("#/"):
        try:
            root = json_pointer.resolve(document, reference[1:])
        except KeyError:
            return {}
    items = root.get("items") if isinstance(root, dict) else None
    if not isinstance(items, dict):
        return {}
    shared = {word: document[word] for word in _SHARED if word in document}
    return {**shared, **items}


def class_name(text: str) -> str:
    """Return ``text`` as the name of a class and of a function on the wire.

    >>> class_name("invoice line"), class_name("Kundendaten (2024)"), class_name("发票")
    ('InvoiceLine', 'Kundendaten2024', 'Record')
    """
    words = re.findall(r"[A-Za-z0-9]+", text)
    name = "".join(each.capitalize() if each.islower() else each for each in words)[:_NAME_CHARS]
    return name if name.isidentifier() else "Record"
