"""Makes the Pydantic model that a schema in the short notation describes, and prints it as Python."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal, Optional, cast

from pydantic import BaseModel, Field, create_model
from pydantic.fields import FieldInfo

from llmx.schema.notation import FieldLine, FieldType, inner_of_list, parse_notation

ROOT = "Record"

_PLAIN: dict[str, tuple[type[Any], str]] = {
    "text": (str, "str"), "number": (Decimal, "Decimal"), "integer": (int, "int"), "boolean": (bool, "bool"),
    "datetime": (dt.datetime, "dt.datetime"),
}  # fmt: skip
_TYPED = {
    "date": "PartialDate", "period": "DateRange", "duration": "Duration", "money": "Money", "percent": "Percent",
    "quantity": "Quantity", "country": "CountryCode", "currency": "CurrencyCode", "language": "LanguageCode",
    "person": "PersonName", "organization": "OrganizationName", "email": "Email", "phone": "Phone", "url": "Url",
    "time": "Time", "partial_datetime": "PartialDateTime",
    "percent_range": "PercentRange",
    "iban": "Iban", "vat_id": "VatId", "postcode": "Postcode", "address": "Address", "coordinates": "Coordinates",
}  # fmt: skip


def model_of_notation(text: str) -> type[BaseModel] | Any:
    """Return the class that ``text`` describes; ``list[...]`` around it gives a list of that. Raises SchemaError.

    >>> list(model_of_notation("name, founded: date?").model_fields)
    ['name', 'founded']
    """
    inner = inner_of_list(text)
    return list[_model(inner)] if inner is not None else _model(text)  # type: ignore[misc] # built at run time


def as_python(text: str) -> str:
    """Return a Python file that defines the same schema, with the same fingerprint. Raises SchemaError."""
    inner = inner_of_list(text)
    classes = list(_classes(ROOT, parse_notation(text if inner is None else inner), _Names()))
    parts = [_imports([line for _, lines in classes for line in lines])]
    parts += [_class_text(name, lines) for name, lines in classes]
    if inner is not None:
        parts.append(f"{ROOT}s = list[{ROOT}]")
    return "\n\n\n".join(parts) + "\n"


def _imports(lines: list[_NamedLine]) -> str:
    used = {_shown(line.type, line.of)[0] for line in lines}
    standard = ["import datetime as dt"] if any(each.startswith("dt.") for each in used) else []
    standard += ["from decimal import Decimal"] if "Decimal" in used else []
    standard += ["from typing import Literal"] if any(each.startswith("Literal[") for each in used) else []
    pydantic = ["from pydantic import BaseModel" + (", Field" if any(line.description for line in lines) else "")]
    typed = sorted(used & set(_TYPED.values()))
    own = [f"from llmx.types import {', '.join(typed)}"] if typed else []
    return "\n\n".join("\n".join(block) for block in (standard, pydantic, own) if block)


class _Names:
    """Gives each nested object a class name of its own."""

    def __init__(self) -> None:
        self._taken = {ROOT, "BaseModel", "Field", "Literal", "Decimal", "dt", *_TYPED.values()}

    def of(self, field_name: str) -> str:
        """Return the name for the class of the objects in a field."""
        plain = "".join(part[:1].upper() + part[1:] for part in field_name.split("_")) or "Item"
        name, number = plain, 2
        while name in self._taken:
            name, number = f"{plain}{number}", number + 1
        self._taken.add(name)
        return name


@lru_cache(maxsize=64)
def _model(text: str) -> type[BaseModel]:
    built: dict[str, type[BaseModel]] = {}
    for name, lines in _classes(ROOT, parse_notation(text), _Names()):
        fields: Any = {line.name: _definition(line, built) for line in lines}
        built[name] = create_model(name, __module__=__name__, **fields)
    return built[ROOT]


@dataclass(frozen=True, slots=True)
class _NamedLine(FieldLine):
    """A field whose objects have a class, called ``of``."""

    of: str = ""


def _classes(name: str, fields: tuple[FieldLine, ...], names: _Names) -> Iterator[tuple[str, list[_NamedLine]]]:
    """Yield the classes, those first that others hold."""
    lines = []
    for line in fields:
        below = names.of(line.name) if line.type.fields else ""
        if below:
            yield from _classes(below, line.type.fields, names)
        lines.append(_NamedLine(line.name, line.type, line.optional, line.description, below))
    yield name, lines


def _definition(line: _NamedLine, built: dict[str, type[BaseModel]]) -> tuple[Any, FieldInfo]:
    annotation: Any
    if line.of:
        annotation = built[line.of]
    elif line.type.words:
        annotation = Literal[line.type.words]
    elif line.type.name in _PLAIN:
        annotation = _PLAIN[line.type.name][0]
    else:
        annotation = getattr(import_module("llmx.types"), _TYPED[line.type.name])
    if line.type.listed:
        annotation = list[annotation]
    if line.optional:
        annotation = Optional[annotation]  # noqa: UP045 - built at run time
    more: dict[str, Any] = {"description": line.description} if line.description else {}
    if line.optional:
        more["default"] = None
    return annotation, cast("FieldInfo", Field(**more))


def _shown(kind: FieldType, of: str) -> tuple[str, str]:
    """Return how a type is written in Python: without the list around it, and with it."""
    if of:
        plain = of
    elif kind.words:
        plain = f"Literal[{', '.join(map(json.dumps, kind.words))}]"
    elif kind.fields:
        plain = ""
    else:
        plain = _PLAIN[kind.name][1] if kind.name in _PLAIN else _TYPED[kind.name]
    return plain, f"list[{plain}]" if kind.listed else plain


def _class_text(name: str, lines: list[_NamedLine]) -> str:
    out = [f"class {name}(BaseModel):"]
    for line in lines:
        annotation = _shown(line.type, line.of)[1] + (" | None" if line.optional else "")
        described = f"description={json.dumps(line.description, ensure_ascii=False)}" if line.description else ""
        if described:
            value = f" = Field({'default=None, ' if line.optional else ''}{described})"
        else:
            value = " = None" if line.optional else ""
        out.append(f"    {line.name}: {annotation}{value}")
    return "\n".join(out)
