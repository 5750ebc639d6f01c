"""The seam of the databases: what SQLite, DuckDB and PostgreSQL do each in their own way, and what fits a column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from llmx.sinks.tables import Kind, NameRules
from llmx.sinks.writing import dump

Cells = Sequence[Any]

Columns = dict[str, tuple[str, Kind]]
"""The type and the kind of each column by its name, in the order of a row's cells."""


class Database(Protocol):
    """An open database.

    ``keys`` says whether its tables have keys and indexes, ``cascades`` whether the rows below a record go with it.
    ``text``, ``id`` and ``record`` are the types of texts, of ids, and of a whole record in JSON.
    """

    naming: NameRules
    keys: bool
    cascades: bool
    text: str
    id: str
    record: str
    errors: tuple[type[Exception], ...]

    def type_of(self, kind: Kind, schema: Mapping[str, Any]) -> str:
        """Return the type of a column for values of ``kind``."""
        ...

    def fitting(self, kind: Kind, value: Any) -> str:
        """Return the type that holds ``value`` as it is."""
        ...

    def together(self, types: set[str]) -> str:
        """Return the type that holds what each of two ``types`` holds."""
        ...

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        ...

    def begin(self, *, making: bool = False) -> None:
        """Begin a transaction; with ``making`` it is one that makes tables."""
        ...

    def columns(self, table: str) -> dict[str, str]:
        """Return the types of the columns of ``table`` by their names, {} where there is no such table."""
        ...

    def tables(self) -> list[str]:
        """Return the names of the tables that are there."""
        ...

    def retype(self, table: str, column: str, type_: str) -> None:
        """Give a column another type."""
        ...

    def load(self, table: str, columns: Columns, lines: Sequence[Cells]) -> None:
        """Insert rows; ``columns`` has the type and the kind of each, in the order of the cells."""
        ...

    def message(self, error: Exception) -> Exception:
        """Return ``error`` in the form in which it may be shown."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


def quoted(name: str) -> str:
    """Return ``name`` in SQL's quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | None) -> str:
    """Return ``text`` as a value in SQL."""
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def listed(names: Iterable[str]) -> str:
    """Return ``names`` as SQL lists them."""
    return ", ".join(map(quoted, names))


def spelled(value: Any) -> str | None:
    """Return ``value`` as text, as it stands in the record: a text as it is, all else as JSON."""
    if value is None or isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else dump(value).decode()


def is_of(kind: Kind, value: Any) -> bool:
    """Whether ``value``, as a record has it, is of ``kind``."""
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "number"):
        return isinstance(value, int if kind == "integer" else int | float) and not isinstance(value, bool)
    if kind == "decimal":
        return decimal_of(value) is not None
    if kind == "date":
        with suppress(ValueError, TypeError):
            found: str = date.fromisoformat(value).isoformat()
            return found == str(value)
        return False
    return kind != "datetime" or moment_of(value) is not None


def decimal_of(value: Any) -> Decimal | None:
    """Return the number that the text ``value`` says, None where it says none."""
    if isinstance(value, str):
        with suppress(InvalidOperation):
            found = Decimal(value)
            return found if found.is_finite() else None
    return None


def moment_of(value: Any) -> datetime | None:
    """Return the time that the text ``value`` says, None where it says none."""
    with suppress(ValueError, TypeError):
        return datetime.fromisoformat(value)
    return None
