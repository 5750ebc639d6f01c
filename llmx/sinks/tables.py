"""A record's data as tables: one row for the record, and a table of its own for each list, linked by keys.

``records`` has one column for each value; a list of objects ``deals`` becomes the table ``deals``, a list ``parties``
within it ``deals_parties``. The tables come from the JSON Schema of the user's class, as the columns of a flat output
do. What may be several things, maps, and lists of a class within itself stay JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from llmx import json_pointer
from llmx.sinks.columns import Column, columns_in, paired_columns, references, resolved
from llmx.sinks.writing import Model

ROOT = "records"
"""The table with a row for each record."""

Kind = Literal["text", "integer", "number", "decimal", "boolean", "date", "datetime", "json"]

_OWN = frozenset({"id", "source", "status", "record", "position"})
_TABLES = frozenset({ROOT, "evidence", "issues"})
_NO_WORD = re.compile(r"\W+")
_FORMATS: Mapping[str, Kind] = {"date": "date", "date-time": "datetime", "decimal": "decimal"}
_KINDS: Mapping[str, Kind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}


@dataclass(frozen=True, slots=True)
class RecordTable:
    """``columns`` have names that need no quotes; ``shown`` are the same as the user's schema calls them.

    ``at`` is where the lists of a table stand in an element of the table above, None for ``records``.
    """

    name: str
    columns: tuple[Column, ...]
    shown: tuple[str, ...]
    children: tuple[RecordTable, ...] = ()
    at: Column | None = None

    @property
    def key(self) -> str:
        """The column with the key of its rows."""
        return "id" if self.at is None else f"{self.name}_id"

    def walk(self) -> Iterator[RecordTable]:
        """Yield the table and all below it, the upper ones first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its table, its key, that of the row above it, its place in the list, and its cells."""

    table: RecordTable
    key: str
    above: str | None
    position: int | None
    cells: tuple[Any, ...]


def tables_of(model: Model) -> RecordTable:
    """Return the table of the records of ``model``, with those of its lists below it."""
    pairs, above = paired_columns(model)
    return _Tables(set(_TABLES)).table(ROOT, pairs, above=above)


def rows_of(
    table: RecordTable, data: Any, key: str, *, above: str | None = None, position: int | None = None
) -> Iterator[TableRow]:
    """Yield the rows of one record: its own, then those of its lists, whose keys are ``key`` and their place in it."""
    yield TableRow(table, key, above, position, tuple(column.of(data) for column in table.columns))
    for child in table.children:
        assert child.at is not None
        found = child.at.of(data)
        where = "".join(map(json_pointer.child, [""] * len(child.at.path), child.at.path))
        for number, element in enumerate(found if isinstance(found, list) else () if found is None else (found,)):
            yield from rows_of(child, element, f"{key}{where}/{number}", above=key, position=number)


def kind_of(column: Column) -> Kind:
    """Return what the cells of ``column`` hold."""
    kind = str(column.schema.get("type"))
    if kind == "string":
        return _FORMATS.get(str(column.schema.get("format")), "text")
    return _KINDS.get(kind, "json")


def safe_name(name: str) -> str:
    """Return ``name`` as a name that SQL takes without quotes, but for words of its own.

    >>> safe_name("salary.amount"), safe_name("unit/price"), safe_name("2nd")
    ('salary_amount', 'unit_price', '_2nd')
    """
    plain = _NO_WORD.sub("_", name).strip("_") or "value"
    return f"_{plain}" if plain[0].isdigit() else plain


@dataclass(slots=True)
class _Tables:
    """Builds tables; ``taken`` are the names that are."""

    taken: set[str]

    def table(
        self, name: str, pairs: Sequence[tuple[Column, Column]], *, above: frozenset[str], at: Column | None = None
    ) -> RecordTable:
        own: list[tuple[Column, Column]] = []
        lists: list[tuple[Column, Column]] = []
        for pair in pairs:
            (lists if _items(pair[0], above) is not None else own).append(pair)
        used = set(_OWN) | {f"{name}_id"}
        columns = tuple(
            replace(dumped, name=_apart(safe_name(dumped.name), used, "data_"), aliases=other.path)
            for dumped, other in own
        )
        shown = tuple(".".join(column.path) or "value" for column in columns)
        children = tuple(self._child(name, pair, above) for pair in lists)
        return RecordTable(name, columns, shown, children, at)

    def _child(self, above_name: str, pair: tuple[Column, Column], above: frozenset[str]) -> RecordTable:
        dumped, other = pair
        items, others = _items(dumped, above), _items(other, above)
        assert items is not None
        plain = safe_name(dumped.name)
        name = _apart(plain if above_name == ROOT else f"{above_name}_{plain}", self.taken, "data_")
        inner = columns_in(items, dumped.definitions)
        outer = columns_in(others, other.definitions) if others is not None else inner
        if not inner:
            value = Column("value", (), (), resolved(items, dumped.definitions), dumped.definitions)
            inner = outer = [value]
        pairs = list(zip(inner, outer if len(outer) == len(inner) else inner, strict=True))
        return self.table(name, pairs, above=above | references(items), at=replace(dumped, aliases=other.path))


def _items(column: Column, above: frozenset[str]) -> Mapping[str, Any] | None:
    """Return the schema of the elements where ``column`` is a list with a table of its own, else None."""
    items = column.schema.get("items")
    if column.schema.get("type") != "array" or not isinstance(items, Mapping) or references(items) & above:
        return None
    return items


def _apart(name: str, taken: set[str], prefix: str) -> str:
    """Return ``name``, or one like it where it is taken in whatever case, and take it."""
    found = f"{prefix}{name}" if name.lower() in _OWN | _TABLES and name.lower() in taken else name
    number = 1
    while (unique := found if number == 1 else f"{found}_{number}").lower() in taken:
        number += 1
    taken.add(unique.lower())
    return unique
