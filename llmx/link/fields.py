"""Says which fields of a schema name entities, and which make an event of a record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

from llmx.errors import UsageError
from llmx.link.names import KINDS, Kind
from llmx.record import dumped_name
from llmx.schema.tree import Leaf, ListOf, Node, ObjectOf
from llmx.types import CountryCode, OrganizationName, PersonName, Url

if TYPE_CHECKING:
    from llmx.schema import Schema

Path: TypeAlias = tuple[str, ...]
"""The names of fields from the root down; ``[]`` stands for each element of a list."""

_ALLOWED = re.compile(r"[^.\[\]]+(?:\[\])*(?:\.[^.\[\]]+(?:\[\])*)*")


@dataclass(frozen=True, slots=True)
class EntityField:
    """A field whose values are names of ``kind``. ``country``, ``site`` and ``beside`` are the fields of the same
    object with the country and the website of what it names, and with the organisation of a person; '' for none.
    """

    path: Path
    kind: Kind
    country: str = ""
    site: str = ""
    beside: str = ""

    @property
    def shown(self) -> str:
        """The path as people write it."""
        return shown(self.path)


@dataclass(frozen=True, slots=True)
class EventFields:
    """What makes an event of a record: who takes part in it, when it was, of which kind it is. () for none."""

    parties: Path
    date: Path = ()
    kind: Path = ()


def shown(path: Path) -> str:
    """Return a path as people write it.

    >>> shown(("parties", "[]", "name"))
    'parties[].name'
    """
    return ".".join(path).replace(".[]", "[]")


def parsed_path(text: str) -> Path:
    """Return the path that ``text`` writes, such as ``parties[].name``; raises UsageError if it is none."""
    if not _ALLOWED.fullmatch(text):
        raise UsageError(f"{text!r} is no path of a field", hint="Such as seller, or parties[].name.")
    return tuple(part for piece in text.split(".") for part in piece.replace("[]", ".[]").split("."))


def named_fields(given: Iterable[str], known: tuple[EntityField, ...]) -> tuple[EntityField, ...]:
    """Return the fields that a user names, as PATH or PATH:KIND.

    The kind is that of the schema's type where the field is among ``known``, else organization.
    """
    of_schema = {field.path: field for field in known}
    found: list[EntityField] = []
    for text in given:
        head, sign, kind = text.rpartition(":")
        path = parsed_path(head if sign else text)
        if sign and kind not in KINDS:
            raise UsageError(f"{text!r}: there is no kind {kind!r}", hint=f"There are {', '.join(KINDS)}.")
        field = of_schema.get(path, EntityField(path, "organization"))
        found.append(EntityField(path, cast("Kind", kind), field.country, field.site, field.beside) if sign else field)
    return tuple(found)


def entity_fields(schema: Schema) -> tuple[EntityField, ...]:
    """Return the fields of ``schema`` whose type says that they name organisations or persons, in its order."""
    return tuple(_entities(schema.record_tree, ()))


def _entities(node: Node, path: Path, beside: Mapping[str, str] | None = None) -> Iterator[EntityField]:
    if isinstance(node, ListOf):
        yield from _entities(node.item, (*path, "[]"), beside)
    elif isinstance(node, ObjectOf):
        types = {dumped_name(node.model, member.name): member.node for member in node.members}
        roles = {
            "country": next((name for name, each in types.items() if _is(each, CountryCode)), ""),
            "site": next((name for name, each in types.items() if _is(each, Url)), ""),
            "beside": next((name for name, each in types.items() if _is(each, OrganizationName)), ""),
        }
        for name, each in types.items():
            yield from _entities(each, (*path, name), roles)
    elif _is(node, OrganizationName):
        yield EntityField(path, "organization", (beside or {}).get("country", ""), (beside or {}).get("site", ""))
    elif _is(node, PersonName):
        yield EntityField(path, "person", beside=(beside or {}).get("beside", ""))


def _is(node: Node, wanted: type) -> bool:
    return isinstance(node, Leaf) and isinstance(node.kind_of, type) and issubclass(node.kind_of, wanted)


def event_fields(schema: Schema, fields: tuple[EntityField, ...]) -> EventFields | None:
    """Return what makes events of the records of ``schema``: the first list of organisations, the first date of the
    record itself, and its first choice; None where it has no such list or no date.
    """
    parties = next((field.path for field in fields if field.kind == "organization" and "[]" in field.path), None)
    date: Path = ()
    kind: Path = ()
    root = schema.record_tree
    members = (
        [(dumped_name(root.model, each.name), each.node) for each in root.members] if isinstance(root, ObjectOf) else []
    )
    for name, node in members:
        if not date and isinstance(node, Leaf) and node.reader is not None and node.label == "date":
            date = (name,)
        if not kind and isinstance(node, Leaf) and node.kind == "choice":
            kind = (name,)
    return EventFields(parties, date, kind) if parties and date else None
