"""Finds a schema: by name, in a Python file, in a module, or in a JSON Schema file.

Loading a Python file executes it. That happens only for a path or a module that the user named, and for the folders
``./schemas`` (the user's) and the schemas that ship with llmx when a bare name is given: never for a document, a
cassette, or whatever happens to lie in the current folder. A file in ``./schemas`` that has the name of one that ships
with llmx runs only where the user confirmed it.
"""

from __future__ import annotations

import importlib
import logging
import re
import sys
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeGuard, cast, get_origin

from pydantic import BaseModel

from llmx.dataclass import dataclass
from llmx.errors import SchemaError, did_you_mean
from llmx.request import fingerprint
from llmx.resources import shipped_folder, shipped_folders
from llmx.schema.class_fields import is_record
from llmx.schema.class_tree import compile_tree
from llmx.schema.notation import is_notation
from llmx.schema.root_class import is_json_schema, root_class, row_class
from llmx.schema.schema_file import run_schema_file
from llmx.schema.sketch import sketch
from llmx.schema.tree import MOST_FIELDS, ListOf, Node, ObjectOf, marks_of, nodes_of, written_out
from llmx.schema.wire import WireModel, wire_model
from llmx.trust import is_trusted

_LOG = logging.getLogger("llmx.schema")


@dataclass(frozen=True, slots=True)
class Schema:
    """A loaded schema: the user's class, its tree, the wire model and the sketch. Made once per class.

    ``shape`` is a sha256 of the class as JSON Schema together with the wire model, all that a request shows of it;
    ``fingerprint``, which is stored with each record, is one of ``shape`` and of what no JSON Schema says: that a text
    is a number, and the marks. ``path`` is the file that defines the class, if there is one. ``row`` is the class of a
    record where a document holds several, because the root is a list; None where it is one.
    """

    name: str
    model: type[BaseModel]
    tree: ObjectOf
    wire: type[WireModel]
    sketch: str
    shape: str
    fingerprint: str
    path: Path | None = None
    row: type[BaseModel] | None = None

    @property
    def record_model(self) -> type[BaseModel]:
        """The class of a record's data."""
        return self.row or self.model

    @property
    def record_tree(self) -> Node:
        """What a record's data are described by."""
        root = self.tree.members[0].node if self.row is not None else None
        return root.item if isinstance(root, ListOf) else self.tree


_LIST_OF = re.compile(r"(?P<place>.+:)?list\[(?P<name>[^\[\]]+)\]")

SchemaLike = str | Path | type[Any] | Schema


def load_schema(reference: SchemaLike) -> Schema:
    """Return the schema that ``reference`` names.

    A Pydantic class is taken as it is; any other type that Pydantic validates, such as ``list[Invoice]`` or a
    dataclass, becomes the root of one. A string is a name (``partnership``: ./schemas first, then those that ship with
    llmx), ``path/to/file.py:Class``, ``package.module:Class``, or a JSON Schema file (``.json``). Without ``:Class``
    the one model that the file defines and that no other field uses is taken. ``list[…]`` around a name asks for any
    number of records in one document. A string with commas, brackets or ``name: type`` is the schema itself, in the
    notation of ``notation.py``. Raises SchemaError that says what was looked for, where, and what is there.
    """
    if isinstance(reference, Schema):
        return reference
    if not isinstance(reference, str | Path):
        return _schema(reference if _is_class(reference) else root_class(cast("Hashable", reference)))
    text = str(reference)
    if isinstance(reference, str) and is_notation(text):
        return _in_notation(text)
    if (many := _LIST_OF.fullmatch(text)) is not None:
        item = load_schema(f"{many['place'] or ''}{many['name']}").model
        return _schema(root_class(list[item]))  # type: ignore[valid-type] # built at run time
    return _by_place(text)


def _in_notation(text: str) -> Schema:
    from llmx.schema.notation_class import model_of_notation  # noqa: PLC0415 - only for such schemas

    made = model_of_notation(text)
    return _schema(made if _is_class(made) else root_class(made))


def _by_place(text: str) -> Schema:
    place, _, class_name = text.rpartition(":") if _has_class(text) else (text, "", "")
    if place.endswith(".json"):
        return _schema(_from_json_file(Path(place)))
    if place.endswith(".py"):
        return _schema(_pick(run_schema_file(Path(place)), class_name, place))
    if class_name:
        return _schema(_pick(_import(place), class_name, place))
    return _by_name(place)


def list_of(schema: Schema) -> Schema:
    """Return the schema of any number of records of ``schema``. Raises SchemaError where there is none."""
    return _schema(root_class(list[schema.model]))  # type: ignore[name-defined] # built at run time


def load_model(reference: SchemaLike | None) -> type[BaseModel] | None:
    """Return the class of the schema that ``reference`` names, None for None. Raises SchemaError."""
    return None if reference is None else load_schema(reference).model


def _has_class(text: str) -> bool:
    head, colon, tail = text.rpartition(":")
    return bool(colon) and tail.isidentifier() and len(head) > 1  # a drive letter is no place


def _is_class(value: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(value, type) and issubclass(value, BaseModel)


@lru_cache(maxsize=64)
def _schema(model: type[BaseModel]) -> Schema:
    tree = model.tree if is_json_schema(model) else compile_tree(model)
    if (count := written_out(tree, {})) > MOST_FIELDS:
        raise SchemaError(
            f"{model.__name__} comes to {count:,} fields when all of it is written out, more than {MOST_FIELDS:,}",
            hint="Ask for less at a time; or let fewer of its parts hold the same parts.",
        )
    wire = wire_model(tree)
    shape = fingerprint({"schema": model.model_json_schema(mode="serialization"), "wire": wire.model_json_schema()})
    whole = fingerprint([shape, [marks_of(node) for node in nodes_of(tree)]])
    source = getattr(sys.modules.get(model.__module__), "__file__", None)
    path = Path(source) if source else None
    return Schema(model.__name__, model, tree, wire, sketch(tree), shape, whole, path, row_class(model, tree))


def _by_name(name: str) -> Schema:
    if not name.replace("-", "_").isidentifier():
        raise SchemaError(
            f"no schema {name!r}",
            hint="Give a name, path/to/file.py:Class, package.module:Class, a JSON Schema file (.json), or the fields"
            " themselves: 'name, founded: date'.",
        )
    known: set[str] = set()
    for folder in shipped_folders("schemas"):
        for suffix in (".py", ".json"):
            if (path := folder / f"{name}{suffix}").is_file() and _may_stand_for(path, name):
                return load_schema(str(path))
        known |= {p.stem for p in folder.glob("*.py") if not p.name.startswith("_")}
    raise SchemaError(
        f"no schema is called {name!r}",
        hint=f"{did_you_mean(name, known)}Known: {', '.join(sorted(known)) or 'none'}. "
        "For a file of your own give path/to/file.py:Class",
    )


def _may_stand_for(path: Path, name: str) -> bool:
    """Return whether the file ``path`` is taken for ``name``: not where it would run instead of a schema of llmx's.

    A Python schema in ./schemas that has the name of one that comes with llmx has to be confirmed. Either way it is
    announced.
    """
    shipped = shipped_folder("schemas")
    ours = [file for suffix in (".py", ".json") if (file := shipped / f"{name}{suffix}").is_file()]
    if path.parent.resolve() == shipped.resolve() or not ours or path.read_bytes() == ours[0].read_bytes():
        return True
    if path.suffix == ".py" and not is_trusted(path):
        _announce(
            f"{path} has the name of a schema that comes with llmx and is not confirmed: it is not run, and the one of "
            f"llmx is used. To use it, give --schema {path}, or confirm it: llmx config trust {path}"
        )
        return False
    _announce(f"{path} is used for {name!r}, instead of the schema of that name that comes with llmx")
    return True


@lru_cache(maxsize=64)
def _announce(message: str) -> None:
    """Warn once."""
    _LOG.warning("%s", message)


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise SchemaError(
            f"the module {name!r} cannot be imported: {type(error).__name__}: {error}",
            hint="Give package.module:Class for an installed module, or path/to/file.py:Class for a file.",
        ) from error


def _pick(module: ModuleType, class_name: str, place: str) -> type[BaseModel]:
    """Return the class named, or the one model of the file that no other one contains."""
    own = {n: v for n, v in vars(module).items() if _is_model(v) and v.__module__ == module.__name__}
    known = ", ".join(sorted(own)) or "none"
    if class_name:
        found: Any = getattr(module, class_name, None)
        if found is None:
            raise SchemaError(
                f"{place}: there is no {class_name!r}", hint=f"{did_you_mean(class_name, own)}Models in it: {known}."
            )
        if _is_model(found):
            return cast("type[BaseModel]", found)
        if is_record(found) or get_origin(found) is not None:  # a dataclass, a TypedDict, Invoices = list[Invoice]
            return root_class(found)
        raise SchemaError(
            f"{place}: {class_name} is not a Pydantic model",
            hint=f"Models in it: {known}. Derive it from BaseModel.",
        )
    used = {id(inner) for v in own.values() for inner in _models_in(v)}
    roots = [v for v in own.values() if id(v) not in used]
    if len(roots) != 1:
        raise SchemaError(f"{place}: which model is meant?", hint=f"Write {place}:Class; models in it: {known}.")
    root: type[BaseModel] = roots[0]
    return root


def _models_in(model: type[BaseModel]) -> list[Any]:
    found: list[Any] = list(model.__mro__[1:])
    todo = [info.annotation for info in model.model_fields.values()]
    while todo:
        annotation: Any = todo.pop()
        found.append(annotation)
        todo += [a for a in getattr(annotation, "__args__", ()) if a not in found]
    return found


def _is_model(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseModel) and value is not BaseModel


def _from_json_file(path: Path) -> type[BaseModel]:
    from llmx.schema.json_schema import model_from_file  # noqa: PLC0415 - only for such files

    return model_from_file(path)
