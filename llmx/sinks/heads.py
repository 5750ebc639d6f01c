"""The columns of a table that are llmx's own: keys, links to the rows above, the place in a list."""

from __future__ import annotations

from typing import Any

from llmx.sinks.tables import PARENT, RecordTable, TableRow
from llmx.sinks.writing import Row

_OF_RECORDS = ("id", "source", "status")

ISSUES = ("id", "code", "path", "message")
"""The columns of the table of issues."""


class TableHeads:
    """The heads of ``root`` and of the tables below it, for formats without references."""

    def __init__(self, root: RecordTable) -> None:
        self._above = {child.name: table for table in root.walk() for child in table.children}

    def names(self, table: RecordTable) -> tuple[str, ...]:
        """Return the names of the columns that stand before those of the schema."""
        if table.at is None:
            return _OF_RECORDS
        links = (self._above[table.name].key,) if self._is_deeper(table) else ()
        return (table.key, "id", *links, *((PARENT,) if table.nested else ()), "position")

    def cells(self, line: TableRow, row: Row) -> list[Any]:
        """Return the cells of those columns for ``line`` of the record ``row``."""
        if line.table.at is None:
            return [row[name] for name in _OF_RECORDS]
        links = [line.above] * self._is_deeper(line.table) + [line.parent] * line.table.nested
        return [line.key, row["id"], *links, line.position]

    def _is_deeper(self, table: RecordTable) -> bool:
        """Whether the table is of lists within lists: what is above it is not the record."""
        return self._above[table.name].at is not None


def proof_cells(row: Row, names: tuple[str, ...]) -> list[tuple[str, list[Any]]]:
    """Return the proofs of a record, each with the path of its value, as cells of the columns ``names``."""
    told = (
        (path, {**proof, "id": row["id"], "path": path, "confidence": row["confidence"].get(path)})
        for path, proof in row["evidence"].items()
        if proof is not None
    )
    return [(path, [each.get(name) for name in names]) for path, each in told]


def issue_cells(row: Row) -> list[list[Any]]:
    """Return the issues of a record as cells of the columns ``ISSUES``."""
    return [[row["id"], *(issue[name] for name in ISSUES[1:])] for issue in row["issues"]]
