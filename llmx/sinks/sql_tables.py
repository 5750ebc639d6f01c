"""What databases have in common: their tables, how these grow with a schema, and how a record gets into them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from llmx.errors import OutputError
from llmx.sinks.database import Cells, Columns, Database, literal, quoted
from llmx.sinks.kept_columns import KeptColumns, data_of, kept_name
from llmx.sinks.tables import PARENT, ROOT, Kind, RecordTable, TableRow, kind_of, rows_of, tables_of
from llmx.sinks.writing import Model, Row, dump

_HEAD = ("id", "source", "status")
_RUN = ("schema", "prompt", "model", "mode")
_EVIDENCE: Mapping[str, Kind] = {
    "id": "text", "path": "text", "quote": "text", "start": "integer", "end": "integer", "kind": "text",
    "score": "number", "confidence": "number", "page": "integer", "boxes": "json",
}  # fmt: skip
_ISSUES = ("id", "code", "path", "message")
_OF_RECORD = " REFERENCES records (id) ON DELETE CASCADE"
_SMALL: Mapping[str, Any] = {"minimum": 0, "maximum": 0}


class SqlTables:
    """The tables of one output: ``records``, one for each list, ``evidence``, ``issues`` and ``runs``; and a view of
    the records with the names of the user's schema.

    ``begin`` makes what is missing of them; ``note`` hears what it did to tables that were there.
    """

    def __init__(self, database: Database, note: Callable[[str], None]) -> None:
        self.database, self.note = database, note
        self.tables: tuple[RecordTable, ...] = ()
        self.columns: dict[str, Columns] = {}
        self.view = ""
        self._above: dict[str, RecordTable] = {}
        self._older: tuple[str, ...] = ()
        self._made: set[str] = set()
        self._runs: set[str] = set()

    @property
    def kept(self) -> list[str]:
        """The columns that the tables keep of the input, as that calls them."""
        return [name for column in self.tables[0].columns if (name := kept_name(column))] if self.tables else []

    def keep(self, kept: KeptColumns) -> None:
        """Make further columns that are kept of the input."""
        self.drop_view()
        root = self.tables[0].with_kept(kept, self.database.naming)
        self.tables = (root, *self.tables[1:])
        self._make(ROOT, dict(self._head(root)), root)
        if self.view:
            self.make_view()

    def begin(self, model: Model | None, kept: KeptColumns) -> None:
        """Make the tables for the records of ``model``, or what is missing of them; None where no record has data.

        ``kept`` are columns of the input that are kept.
        """
        root = tables_of(model, self.database.naming) if model is not None else RecordTable(ROOT, (), ())
        root = root.with_kept(kept, self.database.naming)
        self.tables = tuple(root.walk())
        self._above = {child.name: table for table in self.tables for child in table.children}
        there = set(self.database.tables())
        for table in self.tables:
            self._make(table.name, dict(self._head(table)), table)
            if table.at is not None and table.name not in there:
                above = self._above[table.name]
                self._index(table.name, "id", *([above.key] if above.at is not None else []))
        self._make_details(there)
        ours = {table.name for table in self.tables}
        self._older = tuple(sorted(name for name in there - ours if self._is_child(name)))
        if model is not None:
            taken = {name.lower() for name in (*ours, "evidence", "issues", "runs")}
            self.view = f"{model.__name__}_view" if model.__name__.lower() in taken else model.__name__
            self.drop_view()
            self.make_view()

    def make_view(self) -> None:
        """Make the view of the records with the columns as the user's schema calls them."""
        root, naming = self.tables[0], replace(self.database.naming, folds=False)
        names = map(naming.of, _apart(root.shown))
        shown = [f"{quoted(c.name)} AS {quoted(own)}" for c, own in zip(root.columns, names, strict=True)]
        columns = ", ".join([*_HEAD, *shown])
        self.database.execute(f"CREATE VIEW {quoted(self.view)} AS SELECT {columns} FROM records")  # noqa: S608 -- quoted

    def drop_view(self) -> None:
        """Remove the view, which some databases want before one of its columns gets another type."""
        if self.view:
            self.database.execute(f"DROP VIEW IF EXISTS {quoted(self.view)}")

    def cells(self, rows: Sequence[tuple[str, Row]]) -> dict[str, list[Cells]]:
        """Return the rows of records, each with its document's id, in each table; the upper tables come first."""
        found: dict[str, list[Cells]] = {table.name: [] for table in self.tables}
        found |= {"evidence": [], "issues": []}
        for document, row in rows:
            for each in rows_of(self.tables[0], data_of(row), row["id"]):
                found[each.table.name].append(self._line(each, document, row))
            found["evidence"].extend(_proofs(row))
            found["issues"].extend((row["id"], *(issue[name] for name in _ISSUES[1:])) for issue in row["issues"])
        return found

    def note_runs(self, rows: Sequence[tuple[str, Row]]) -> None:
        """Put in what the records of ``rows`` were made with, where it is new."""
        for _, row in rows:
            if (key := run_id(row)) in self._runs:
                continue
            self._runs.add(key)
            values = ", ".join(map(literal, (key, *(str(row.get(name) or "") for name in _RUN))))
            self.database.execute(f"INSERT INTO runs VALUES ({values}) ON CONFLICT DO NOTHING")  # noqa: S608 -- literals

    def remove(self, documents: Sequence[str], ids: Sequence[str]) -> None:
        """Take out all records of ``documents``, and those with ``ids``."""
        if not documents and not ids:
            return
        run = self.database.execute
        columns: Columns = {"id": (self.database.id, "text"), "whole": (self.database.text, "text")}
        run("DELETE FROM llmx_named")
        run("DELETE FROM llmx_gone")
        named = [(id_, "document") for id_ in documents] + [(id_, "record") for id_ in ids]
        self.database.load("llmx_named", columns, named)
        run(
            "INSERT INTO llmx_gone SELECT r.id FROM records r JOIN llmx_named n"
            " ON r.document = n.id WHERE n.whole = 'document'"
            " UNION SELECT r.id FROM records r JOIN llmx_named n ON r.id = n.id"
        )
        below = [] if self.database.cascades else [*self.columns, *self._older]
        for name in (*(each for each in below if each not in (ROOT, "runs")), ROOT):
            run(f"DELETE FROM {quoted(name)} WHERE id IN (SELECT id FROM llmx_gone)")  # noqa: S608 -- quoted

    def insert(self, found: Mapping[str, Sequence[Cells]]) -> None:
        """Put rows into the tables."""
        for name, lines in found.items():
            if lines:
                self.database.load(name, self.columns[name], lines)

    def _line(self, each: TableRow, document: str, row: Row) -> Cells:
        if each.table.at is None:
            return (row["id"], document, row["source"], row["status"], run_id(row), *each.cells, dump(row).decode())
        links = (each.above,) if self._above[each.table.name].at is not None else ()
        parent = (each.parent,) if each.table.nested else ()
        return (each.key, row["id"], *links, *parent, each.position, *each.cells)

    def _head(self, table: RecordTable) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield the columns that are not the schema's: each with its type, and what its declaration says besides."""
        id_, text = self.database.id, self.database.text
        key = " PRIMARY KEY" if self.database.keys else " NOT NULL"
        reference = _OF_RECORD if self.database.keys else ""
        if table.at is None:
            yield from (("id", (id_, key)), ("document", (id_, "")), ("source", (text, "")))
            yield from (("status", (text, " NOT NULL")), ("run_id", (text, "")))
            return
        yield from ((table.key, (id_, key)), ("id", (id_, f" NOT NULL{reference}")))
        above = self._above[table.name]
        if above.at is not None:
            to_above = f" REFERENCES {quoted(above.name)} ({quoted(above.key)}) ON DELETE CASCADE" if reference else ""
            yield above.key, (id_, f" NOT NULL{to_above}")
        if table.nested:
            yield PARENT, (id_, "")
        yield "position", (self.database.type_of("integer", _SMALL), " NOT NULL")

    def _make(self, name: str, head: Mapping[str, tuple[str, str]], table: RecordTable | None = None) -> None:
        """Make a table, or the columns that it lacks."""
        wanted: Columns = {column: (type_, "text") for column, (type_, _) in head.items()}
        for column in table.columns if table is not None else ():
            wanted[column.name] = (self.database.type_of(kind_of(column), column.schema), kind_of(column))
        if name == ROOT:
            wanted["record"] = (self.database.record, "text")
        there = self.database.columns(name)
        if name == ROOT and there and not {"id", "status", "record"} <= there.keys():
            raise OutputError(
                "the database has a table records that is not of llmx", hint="Name another database or schema."
            )
        if not there:
            declared = ", ".join(
                f"{quoted(column)} {type_}{head[column][1] if column in head else ''}"
                for column, (type_, _) in wanted.items()
            )
            self.database.execute(f"CREATE TABLE {quoted(name)} ({declared})")
            self._made.add(name)
        known = {column.lower(): type_ for column, type_ in there.items()}
        for called, (type_, kind) in wanted.items():
            if there and called.lower() not in known:
                self.database.execute(f"ALTER TABLE {quoted(name)} ADD COLUMN {quoted(called)} {type_}")
                if name not in self._made:  # of a table that this output has just made nobody knows other columns
                    self.note(f"{name} has a new column {called}")
            wanted[called] = (known.get(called.lower(), type_), kind)
        if there and (gone := [c for c in there if c.lower() not in {w.lower() for w in wanted}]) and table is not None:
            self.note(f"{name} keeps {', '.join(gone)}, which the schema does not have; new rows leave it empty")
        self.columns[name] = wanted

    def _make_details(self, there: set[str]) -> None:
        """Make the tables that are the same for all schemas."""
        run, kinds, text, id_ = self.database.execute, self.database.type_of, self.database.text, self.database.id
        of = f" NOT NULL{_OF_RECORD}" if self.database.keys else ""
        evidence = {name: (kinds(kind, {}), "") for name, kind in _EVIDENCE.items()} | {"id": (id_, of)}
        self._make("evidence", evidence)
        self._make("issues", {"id": (id_, of), **dict.fromkeys(_ISSUES[1:], (text, ""))})
        self.columns["evidence"] = {name: (self.columns["evidence"][name][0], kind) for name, kind in _EVIDENCE.items()}
        run(f"CREATE TABLE IF NOT EXISTS runs (run_id {text} PRIMARY KEY, {', '.join(f'{n} {text}' for n in _RUN)})")
        for name, column in {"evidence": "id", "issues": "id", ROOT: "document"}.items():
            if name not in there:
                self._index(name, column)
        run("UPDATE records SET document = id WHERE document IS NULL")
        run(f"CREATE TEMP TABLE llmx_named (id {id_}, whole {text})")
        run(f"CREATE TEMP TABLE llmx_gone (id {id_})")

    def _index(self, table: str, *columns: str) -> None:
        if self.database.keys:
            for column in columns:
                name = quoted(self.database.naming.of(f"{table}_by_{column}"))
                self.database.execute(f"CREATE INDEX {name} ON {quoted(table)} ({quoted(column)})")

    def _is_child(self, name: str) -> bool:
        """Whether a table has the columns of a list's, so that an earlier schema may have made it."""
        return {f"{name}_id", "id", "position"} <= self.database.columns(name).keys()


def run_id(row: Row) -> str:
    """Return the key of what a record was made with: the same for the same schema, prompt, model and mode."""
    return hashlib.sha256(dump([row.get(name) or "" for name in _RUN])).hexdigest()[:16]


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
        yield (row["id"], path, *(told.get(name) for name in list(_EVIDENCE)[2:]))
