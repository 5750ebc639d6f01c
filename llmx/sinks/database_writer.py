"""Writes records into a database, in groups: those of a document that are there already go, with all their rows."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from llmx.errors import OutputError
from llmx.record import document_of
from llmx.sinks.database import Cells, Database, literal, quoted, spelled
from llmx.sinks.kept_columns import KeptColumns, data_of
from llmx.sinks.sql_tables import SqlTables
from llmx.sinks.tables import ROOT, RecordTable, rows_of
from llmx.sinks.targets import Target
from llmx.sinks.writing import Model, Row, output_error

_LOGGER = logging.getLogger("llmx.sinks")
_PAGE = 1000  # records that are read together where a column gets another type

Waiting = tuple[str, Row]
"""A record and the id of its document."""


class DatabaseWriter:
    """Tables as ``sql_tables.SqlTables`` has them. ``at_once`` records make a transaction.

    ``upserts`` says that records may be there already. A record whose id is there is replaced, and so are all the
    records of its document when the first of them comes. A column whose type cannot hold one of its values as it is (a
    decimal with more places, times with and without an offset) gets one that can.
    """

    readable = True

    def __init__(self, database: Database, target: Target, *, at_once: int, upserts: bool) -> None:
        self.database, self.target, self.at_once, self.upserts = database, target, at_once, upserts
        self.tables = SqlTables(database, self._note)
        self.model: Model | None = None
        self.begun = self.closed = False
        self.waiting: list[Waiting] = []
        self.ids: set[str] = set()
        self.documents: set[str] = set()
        self.settled: set[tuple[str, str]] = set()

    def write(self, row: Row, model: Model | None) -> None:
        """Take one record; its id says of which document it is."""
        self.write_of(document_of(row["id"]), row, model)

    def write_of(self, document: str, row: Row, model: Model | None) -> None:
        """Take one record of ``document``; those that wait are written once the columns are known."""
        self.model = self.model or model
        self.waiting.append((document, row))
        if len(self.waiting) >= self.at_once and self.model is not None:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting. Where the database refuses a record, those before it are in, and it is left out."""
        waiting, self.waiting = self.waiting, []
        try:
            self._put(waiting)
        except OutputError:
            if len(waiting) < 2:
                raise
            for number, each in enumerate(waiting, 1):
                try:
                    self._put([each])
                except OutputError:
                    self.waiting = waiting[number:]
                    raise

    def read(self, id_: str) -> Row | None:
        """Return the record ``id_`` that is in the database, None where there is none."""
        try:
            found = self.database.execute(f"SELECT record FROM {ROOT} WHERE id = {literal(id_)}")  # noqa: S608 -- a literal
        except self.database.errors as exc:
            raise output_error(self.database.message(exc), self.target) from None
        return _parsed(found[0][0]) if found else None

    def documents_there(self) -> set[str]:
        """Return the ids of the documents whose records are in the database."""
        try:
            if ROOT not in self.database.tables():
                return set()
            found = self.database.execute(f"SELECT DISTINCT document FROM {ROOT}")  # noqa: S608 -- our own name
            return {str(id_) for (id_,) in found}
        except self.database.errors as exc:
            raise output_error(self.database.message(exc), self.target) from None

    def close(self) -> None:
        """Write what is waiting and close the database."""
        if self.closed:
            return
        self.closed = True
        try:
            self.flush()
        finally:
            with suppress(*self.database.errors):
                self.database.close()

    def _put(self, waiting: Sequence[Waiting]) -> None:
        errors: tuple[type[Exception], ...] = (*self.database.errors, UnicodeEncodeError)
        rows = list({row["id"]: (document, row) for document, row in waiting}.values())  # of two with one id the second
        kept = self._new_kept(rows)
        try:
            if not self.begun:
                self.database.begin(making=True)
                self.tables.begin(self.model, kept)
                self.database.execute("COMMIT")
                self.begun = True
            elif kept:
                self.database.begin(making=True)
                self.tables.keep(kept)
                self.database.execute("COMMIT")
            cells = self.tables.cells(rows)
            for table in self.tables.tables:
                self._fit(table, cells[table.name])
            self.database.begin()
            self._remove(rows)
            self.tables.note_runs(rows)
            self.tables.insert(cells)
            self.database.execute("COMMIT")
        except errors as exc:
            with suppress(*self.database.errors):
                self.database.execute("ROLLBACK")
            raise output_error(self.database.message(exc), self.target) from None
        self.ids.update(row["id"] for _, row in rows)
        self.documents.update(document for document, _ in rows)

    def _new_kept(self, rows: Sequence[Waiting]) -> KeptColumns:
        """Return the columns that ``rows`` keep of the input and that the tables do not have."""
        found = KeptColumns()
        for _, row in rows:
            if "columns" in row:
                found.add(row)
        return found.filled(self.tables.kept) if found else found

    def _remove(self, rows: Sequence[Waiting]) -> None:
        ids = [row["id"] for _, row in rows]
        if self.upserts:
            documents = {document for document, _ in rows} - self.documents
            self.tables.remove(sorted(documents), ids)
        elif again := [id_ for id_ in ids if id_ in self.ids]:
            self.tables.remove([], again)

    def _fit(self, table: RecordTable, lines: Sequence[Cells]) -> None:
        """Give the columns of ``table`` types that hold their values as they are."""
        columns, text = self.tables.columns[table.name], self.database.text
        begin = list(columns).index(table.columns[0].name) if table.columns else 0
        for number, column in enumerate(table.columns, begin):
            type_, kind = columns[column.name]
            if type_ == text or not lines:
                continue
            needed = {self.database.fitting(kind, line[number]) for line in lines if line[number] is not None} - {""}
            if not needed:
                continue
            place = (table.name, column.name)
            if needed == {type_}:
                self.settled.add(place)
                continue
            wanted = self._together(needed | ({type_} if self._is_settled(place) else set()))
            self.settled.add(place)
            if wanted != type_:
                self.tables.drop_view()
                self.database.retype(table.name, column.name, wanted)
                self.tables.make_view()
                columns[column.name] = (wanted, kind)
                if self.upserts:
                    self._note(f"{table.name}.{column.name} was {type_} and is {wanted}")
                if wanted == text:
                    self._retell(table, column.name, number - begin)

    def _together(self, types: set[str]) -> str:
        found = sorted(types)
        wanted = found[0]
        for each in found[1:]:
            wanted = wanted if each == wanted else self.database.together({wanted, each})
        return wanted

    def _is_settled(self, place: tuple[str, str]) -> bool:
        """Whether a column has values."""
        if place in self.settled:
            return True
        table, column = map(quoted, place)
        return bool(self.database.execute(f"SELECT 1 FROM {table} WHERE {column} IS NOT NULL LIMIT 1"))  # noqa: S608 -- quoted

    def _retell(self, table: RecordTable, column: str, number: int) -> None:
        """Spell the values of a column that became text as their records have them: types spell them in their way."""
        run, text = self.database.execute, self.database.text
        run(f"CREATE TEMP TABLE llmx_told (key {text}, value {text})")
        for page in self._records():
            lines = [
                (each.key, spelled(each.cells[number]))
                for row in page
                for each in rows_of(self.tables.tables[0], data_of(row), row["id"])
                if each.table.name == table.name
            ]
            self.database.load("llmx_told", {"key": (text, "text"), "value": (text, "text")}, lines)
            run(
                f"UPDATE {quoted(table.name)} SET {quoted(column)} = t.value FROM llmx_told t"  # noqa: S608 -- quoted
                f" WHERE {quoted(table.name)}.{quoted(table.key)} = t.key"
            )
            run("DELETE FROM llmx_told")
        run("DROP TABLE llmx_told")

    def _records(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the records that are there, by pages."""
        last = ""
        while found := self.database.execute(
            f"SELECT id, record FROM {ROOT} WHERE id > {literal(last)} ORDER BY id LIMIT {_PAGE}"  # noqa: S608 -- literals
        ):
            yield [_parsed(text) for _, text in found]
            last = str(found[-1][0])

    def _note(self, what: str) -> None:
        _LOGGER.warning("%s: %s", self.target, what)


def _parsed(record: str | Row) -> Row:
    """Return a record, which some drivers have parsed already."""
    if isinstance(record, str):
        found: Row = json.loads(record)  # orjson makes floats of large integers
        return found
    return record
