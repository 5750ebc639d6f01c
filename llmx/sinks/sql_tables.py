"""What databases have in common: their tables, and the statements that write one record into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from llmx.sinks.tables import ROOT, Kind, RecordTable, TableRow, kind_of, rows_of, tables_of
from llmx.sinks.writing import Model, Row, dump

EVIDENCE = ("id", "path", "quote", "start", "end", "kind", "score", "confidence", "page", "boxes")
ISSUES = ("id", "code", "path", "message")
_HEAD = ("id", "source", "status")
_MOST_LINES = 100

Cells = tuple[Any, ...]


class Connection(Protocol):
    """A database, as Python's database API has them."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Any:
        """Run one statement."""
        ...

    def executemany(self, sql: str, parameters: Any, /) -> Any:
        """Run one statement for each row of parameters."""
        ...


@dataclass(frozen=True, slots=True)
class SqlDialect:
    """What differs: the types of columns, the value of a cell in a column, whether tables have keys and indexes, and
    whether one statement takes ``many`` rows.
    """

    type_of: Callable[[Kind, Mapping[str, Any]], str]
    cell: Callable[[Any, Kind], Any]
    keys: bool = True
    many: bool = False


class SqlTables:
    """The tables of one output: ``records``, one for each list, ``evidence`` and ``issues``; and a view of the records
    with the names of the user's schema. ``begin`` makes them, ``write`` puts a record in, in place of one with its id.
    """

    def __init__(self, database: Connection, dialect: SqlDialect) -> None:
        self.database, self.dialect = database, dialect
        self.tables: tuple[RecordTable, ...] = ()
        self._above: dict[str, RecordTable] = {}
        self._columns: dict[str, tuple[str, ...]] = {"evidence": EVIDENCE, "issues": ISSUES}

    def make_details(self) -> None:
        """Make the tables of proofs and issues, which are the same for all schemas."""
        text, whole, real = (self.dialect.type_of(kind, {}) for kind in ("text", "integer", "number"))
        types = {"start": whole, "end": whole, "score": real, "confidence": real, "page": whole}
        columns = ", ".join(f"{quoted(name)} {types.get(name, text)}" for name in EVIDENCE)
        key = ", PRIMARY KEY (id, path)" if self.dialect.keys else ""
        self.database.execute(f"CREATE TABLE evidence ({columns}{key})")
        self.database.execute(f"CREATE TABLE issues ({', '.join(f'{name} {text}' for name in ISSUES)})")
        self._index("issues", "issues_id")

    def begin(self, model: Model | None) -> None:
        """Make the tables for the records of ``model``; None where no record has any data."""
        root = tables_of(model) if model is not None else RecordTable(ROOT, (), ())
        self.tables = tuple(root.walk())
        self._above = {child.name: table for table in self.tables for child in table.children}
        for table in self.tables:
            head = list(self._head(table, self._above.get(table.name)))
            names = [name for name, _ in head] + [column.name for column in table.columns]
            typed = [f"{quoted(name)} {type_}" for name, type_ in head]
            typed += [f"{quoted(c.name)} {self.dialect.type_of(kind_of(c), c.schema)}" for c in table.columns]
            if table.at is None:
                names.append("record")
                typed.append(f"record {self.dialect.type_of('text', {})} NOT NULL")
            self.database.execute(f"CREATE TABLE {quoted(table.name)} ({', '.join(typed)})")
            if table.at is not None:
                self._index(table.name, f"{table.name}_of")
            self._columns[table.name] = tuple(names)
        if model is not None:
            self._make_view(root, model.__name__)

    def write(self, rows: Sequence[Row], *, replaced: bool = True) -> None:
        """Write records within the transaction that is open. Those whose ids may be there are ``replaced``."""
        self.insert(self.cells(rows), ids=[row["id"] for row in rows] if replaced else [])

    def cells(self, rows: Sequence[Row]) -> dict[str, list[Cells]]:
        """Return the rows of ``rows`` in each table, as they are to be inserted."""
        found: dict[str, list[Cells]] = {}
        for row in rows:
            for each in rows_of(self.tables[0], row["data"], row["id"]):
                found.setdefault(each.table.name, []).append(self._line(each, row))
            found.setdefault("evidence", []).extend(_proofs(row))
            told = ((row["id"], issue["code"], issue["path"], issue["message"]) for issue in row["issues"])
            found.setdefault("issues", []).extend(told)
        return found

    def insert(self, found: Mapping[str, Sequence[Cells]], *, ids: Sequence[str] = ()) -> None:
        """Put rows into the tables, after taking out what they hold of the records ``ids``."""
        for name in (*(table.name for table in self.tables), "evidence", "issues") if ids else ():
            listed = ", ".join("?" * len(ids))
            self.database.execute(f"DELETE FROM {quoted(name)} WHERE id IN ({listed})", ids)  # noqa: S608 -- quoted
        for name, lines in found.items():
            if lines:
                self._insert(name, lines)

    def _insert(self, name: str, lines: Sequence[Cells]) -> None:
        columns = self._columns[name]
        listed, places = ", ".join(map(quoted, columns)), f"({', '.join('?' * len(columns))})"
        statement = f"INSERT INTO {quoted(name)} ({listed}) VALUES "  # noqa: S608 -- quoted
        if not self.dialect.many:
            self.database.executemany(statement + places, lines)
            return
        for at in range(0, len(lines), _MOST_LINES):
            some = lines[at : at + _MOST_LINES]
            self.database.execute(statement + ", ".join([places] * len(some)), [cell for line in some for cell in line])

    def _line(self, each: TableRow, row: Row) -> Cells:
        kinds = map(kind_of, each.table.columns)
        cells = [self.dialect.cell(value, kind) for value, kind in zip(each.cells, kinds, strict=True)]
        if each.table.at is None:
            return (*(row[name] for name in _HEAD), *cells, dump(row).decode())
        links = (each.above,) if self._above[each.table.name].at is not None else ()
        return (each.key, row["id"], *links, each.position, *cells)

    def _head(self, table: RecordTable, above: RecordTable | None) -> Iterator[tuple[str, str]]:
        """Yield (name, type) of the columns that are not the schema's."""
        text = self.dialect.type_of("text", {})
        key = f"{text} PRIMARY KEY" if self.dialect.keys else f"{text} NOT NULL"
        if above is None:
            yield from (("id", key), ("source", text), ("status", f"{text} NOT NULL"))
            return
        yield from ((table.key, key), ("id", f"{text} NOT NULL"))
        if above.at is not None:
            yield above.key, f"{text} NOT NULL"
        yield "position", f"{self.dialect.type_of('integer', {'minimum': 0, 'maximum': 0})} NOT NULL"

    def begins(self, table: RecordTable) -> int:
        """Return the place of the first of the schema's own columns in the rows of ``table``."""
        return self._columns[table.name].index(table.columns[0].name) if table.columns else 0

    def _index(self, table: str, name: str) -> None:
        if self.dialect.keys:
            self.database.execute(f"CREATE INDEX {quoted(name)} ON {quoted(table)} (id)")

    def _make_view(self, root: RecordTable, name: str) -> None:
        """Make a view of the records with the columns as the user's schema calls them."""
        taken = {table.name.lower() for table in self.tables} | {"evidence", "issues"}
        shown = [f"{quoted(c.name)} AS {quoted(own)}" for c, own in zip(root.columns, _apart(root.shown), strict=True)]
        called = quoted(f"{name}_view" if name.lower() in taken else name)
        columns = ", ".join([*_HEAD, *shown])
        self.database.execute(f"CREATE VIEW {called} AS SELECT {columns} FROM records")  # noqa: S608 -- quoted


def quoted(name: str) -> str:
    """Return ``name`` in SQL's quotes."""
    return '"' + name.replace('"', '""') + '"'


def _apart(names: tuple[str, ...]) -> Iterator[str]:
    """Yield ``names`` so that none is another one's, or a head's, in another case."""
    taken = set(_HEAD)
    for name in names:
        unique = f"data.{name}" if name.lower() in _HEAD else name
        while unique.lower() in taken:
            unique += "_"
        taken.add(unique.lower())
        yield unique


def _proofs(row: Row) -> Iterator[Cells]:
    for path, proof in row["evidence"].items():
        told = {**(proof or {}), "confidence": row["confidence"].get(path)}
        if "boxes" in told:
            told["boxes"] = dump(told["boxes"]).decode()
        yield (row["id"], path, *(told.get(name) for name in EVIDENCE[2:]))
