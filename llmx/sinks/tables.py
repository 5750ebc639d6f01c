"""A record's data as tables: one row for the record, and a table of its own for each list, linked by keys.

``records`` has one column for each value; a list of objects ``deals`` becomes the table ``deals``, a list ``parties``
within it ``deals_parties``. The tables come from the JSON Schema of the user's class, as the columns of a flat output
do. A list whose elements are of the class of a list above (the sections of a section) goes on in the table of that one:
``parent_id`` names the element that holds it. What may be several things, and maps, stay JSON.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from llmx import json_pointer
from llmx.sinks.columns import Column, columns_in, paired_columns, references, resolved
from llmx.sinks.kept_columns import KeptColumns, kept_name
from llmx.sinks.writing import Model

ROOT = "records"
"""The table with a row for each record."""

Kind = Literal["text", "integer", "number", "decimal", "boolean", "date", "datetime", "json"]

PARENT = "parent_id"
"""The column with the element that holds a row which is deeper within a table of its own kind."""

_OWN = frozenset({"id", "document", "source", "status", "run_id", "record", "position", PARENT})
_TABLES = frozenset({ROOT, "evidence", "issues", "runs"})
_NO_WORD = re.compile(r"\W+")
_FORMATS: Mapping[str, Kind] = {"date": "date", "date-time": "datetime", "decimal": "decimal"}
_KINDS: Mapping[str, Kind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}


@dataclass(frozen=True, slots=True)
class NameRules:
    """What a database asks of names: at most ``most_bytes`` of them in UTF-8 (0 for any number), and with ``folds`` no
    capitals of ASCII, because it makes small letters of them where they stand without quotes.
    """

    most_bytes: int = 0
    folds: bool = False

    def of(self, name: str, *, room: int = 0) -> str:
        """Return ``name`` as the database takes it, with ``room`` for as many bytes more."""
        found = "".join(char.lower() if char.isascii() else char for char in name) if self.folds else name
        most = self.most_bytes - room
        if self.most_bytes and len(found.encode()) > most:
            mark = hashlib.sha256(name.encode()).hexdigest()[:8]
            found = found.encode()[: most - len(mark) - 1].decode(errors="ignore") + f"_{mark}"
        return found


@dataclass(frozen=True, slots=True)
class RecordTable:
    """``columns`` have names that need no quotes; ``shown`` are the same as the user's schema calls them.

    ``at`` is where the lists of a table stand in an element of the table above, None for ``records``. ``loops`` are
    the lists whose elements go on in a table above, each with the name of that; ``nested`` says that a table has some
    of a row below itself.
    """

    name: str
    columns: tuple[Column, ...]
    shown: tuple[str, ...]
    children: tuple[RecordTable, ...] = ()
    at: Column | None = None
    loops: tuple[tuple[Column, str], ...] = ()
    nested: bool = False

    @property
    def key(self) -> str:
        """The column with the key of its rows."""
        return "id" if self.at is None else f"{self.name}_id"

    def with_kept(self, kept: KeptColumns, naming: NameRules | None = None) -> RecordTable:
        """Return the table with the columns that are kept of the input behind its own."""
        rules = naming or NameRules()
        taken = {*_OWN, *(column.name for column in self.columns)}
        new = tuple(kept.columns(taken, lambda name: rules.of(safe_name(name), room=10)))
        there = {name.lower() for name in self.shown}
        shown = (f"input.{each}" if each.lower() in there else each for each in map(kept_name, new))
        return replace(self, columns=(*self.columns, *new), shown=(*self.shown, *shown))

    def walk(self) -> Iterator[RecordTable]:
        """Yield the table and all below it, the upper ones first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its table, its key, that of the row above it, its place in the list, and its cells.

    ``parent`` is the key of the element that holds it, where that is of its own kind or of one below.
    """

    table: RecordTable
    key: str
    above: str | None
    position: int | None
    cells: tuple[Any, ...]
    parent: str | None = None


def tables_of(model: Model, naming: NameRules | None = None) -> RecordTable:
    """Return the table of the records of ``model``, with those of its lists below it."""
    made = _Tables(naming or NameRules(), set(_TABLES))
    return made.marked(made.table(ROOT, paired_columns(model), homes={}))


def rows_of(root: RecordTable, data: Any, key: str) -> Iterator[TableRow]:
    """Yield the rows of one record: its own, then those of its lists, whose keys are ``key`` and their place in it."""
    yield from _rows(TableRow(root, key, None, None, ()), data, ())


def _rows(row: TableRow, data: Any, over: tuple[TableRow, ...]) -> Iterator[TableRow]:
    """Yield ``row`` with its cells, and what is below it; ``over`` are the rows above it, the upper ones first."""
    table, over = row.table, (*over, row)
    yield replace(row, cells=tuple(column.of(data) for column in table.columns))
    for child in table.children:
        assert child.at is not None
        for number, key, element in _elements(child.at, data, row.key):
            yield from _rows(TableRow(child, key, row.key, number, ()), element, over)
    for at, name in table.loops:
        home = next(number for number, each in enumerate(over) if each.table.name == name)
        for number, key, element in _elements(at, data, row.key):
            again = TableRow(over[home].table, key, over[home].above, number, (), row.key)
            yield from _rows(again, element, over[:home])


def _elements(at: Column, data: Any, key: str) -> Iterator[tuple[int, str, Any]]:
    """Yield the place, the key and the value of each element of a list in ``data``; a value alone is one element."""
    found = at.of(data)
    where = "".join(map(json_pointer.child, [""] * len(at.path), at.path))
    for number, element in enumerate(found if isinstance(found, list) else () if found is None else (found,)):
        yield number, f"{key}{where}/{number}", element


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
    """Builds tables; ``taken`` are the names that are, ``looped`` the tables that have rows below themselves.

    ``homes`` says which table the elements of a class are in, of those above.
    """

    naming: NameRules
    taken: set[str]
    looped: set[str] = field(default_factory=set)

    def table(
        self, name: str, pairs: Sequence[tuple[Column, Column]], *, homes: Mapping[str, str], at: Column | None = None
    ) -> RecordTable:
        own = [pair for pair in pairs if _items(pair[0]) is None]
        lists = [pair for pair in pairs if _items(pair[0]) is not None]
        used = set(_OWN) | {f"{name}_id"}
        columns = tuple(
            replace(dumped, name=_apart(self.naming.of(safe_name(dumped.name), room=4), used), aliases=other.path)
            for dumped, other in own
        )
        shown = tuple(".".join(column.path) or "value" for column in columns)
        children: list[RecordTable] = []
        loops: list[tuple[Column, str]] = []
        for dumped, other in lists:
            again = next((homes[each] for each in sorted(references(_items(dumped) or {})) if each in homes), None)
            if again is None:
                children.append(self._child(name, (dumped, other), homes))
            else:
                self.looped.add(again)
                loops.append((replace(dumped, aliases=other.path), again))
        return RecordTable(name, columns, shown, tuple(children), at, tuple(loops))

    def marked(self, table: RecordTable) -> RecordTable:
        """Return ``table`` and all below it, those that have rows below themselves marked as such."""
        children = tuple(self.marked(child) for child in table.children)
        return replace(table, children=children, nested=table.name in self.looped)

    def _child(self, above_name: str, pair: tuple[Column, Column], homes: Mapping[str, str]) -> RecordTable:
        dumped, other = pair
        items, others = _items(dumped), _items(other)
        assert items is not None
        plain = safe_name(dumped.name)
        called = self.naming.of(plain if above_name == ROOT else f"{above_name}_{plain}", room=8)
        name = _apart(called, self.taken)
        inner = columns_in(items, dumped.definitions)
        outer = columns_in(others, other.definitions) if others is not None else inner
        if not inner:
            value = Column("value", (), (), resolved(items, dumped.definitions), dumped.definitions)
            inner = outer = [value]
        pairs = list(zip(inner, outer if len(outer) == len(inner) else inner, strict=True))
        below = {**homes, **dict.fromkeys(references(items), name)}
        return self.table(name, pairs, homes=below, at=replace(dumped, aliases=other.path))


def _items(column: Column) -> Mapping[str, Any] | None:
    """Return the schema of the elements where ``column`` is a list, which has a table of its own, else None."""
    items = column.schema.get("items")
    return items if column.schema.get("type") == "array" and isinstance(items, Mapping) else None


def _apart(name: str, taken: set[str]) -> str:
    """Return ``name``, or one like it where it is taken in whatever case, and take it."""
    found = f"data_{name}" if name.lower() in _OWN | _TABLES and name.lower() in taken else name
    number = 1
    while (unique := found if number == 1 else f"{found}_{number}").lower() in taken:
        number += 1
    taken.add(unique.lower())
    return unique
