"""A PostgreSQL database: the tables that SQLite gets, with types, keys and references of their own.

Records are put into what is there. Nothing of the password is in an error: libpq's messages name host and user alone,
and where an address cannot be read, which may be because of the password, no part of it is repeated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from llmx.errors import OutputError
from llmx.sinks.database import Cells, Columns, is_of, listed, literal, moment_of, quoted, spelled
from llmx.sinks.database_url import DatabaseUrl
from llmx.sinks.database_writer import DatabaseWriter
from llmx.sinks.tables import Kind, NameRules
from llmx.sinks.writing import Writer, dump, output_error

_TYPES: Mapping[Kind, str] = {
    "integer": "bigint", "number": "double precision", "decimal": "numeric", "boolean": "boolean", "date": "date",
    "datetime": "timestamp with time zone", "json": "jsonb",
}  # fmt: skip
_NAIVE = "timestamp without time zone"
_WIDER = {frozenset({"bigint", "numeric"}): "numeric"}
_AT_ONCE = 500
"""Records of a transaction."""

_NAME_BYTES = 63  # NAMEDATALEN - 1; longer names are cut without an error
_BAD_ADDRESS = "the address of the database cannot be read"


class PostgreSql:
    """The database at ``url``. The parameter ``schema`` of the address names the schema of the tables, which is made
    where it is missing; else they are in the first one of the search path.
    """

    naming = NameRules(_NAME_BYTES, folds=True)
    keys = cascades = True
    text = "text"
    id = 'text COLLATE "C"'
    record = "json"  # as it was written, to the byte; jsonb takes no NUL
    errors: tuple[type[Exception], ...]

    def __init__(self, url: DatabaseUrl) -> None:
        try:
            import psycopg  # noqa: PLC0415 -- an extra
        except ImportError as exc:
            hint = "pip install 'llmx-extract[postgresql]', or write .sqlite or .duckdb"
            raise OutputError("PostgreSQL needs the package psycopg, which is not installed", hint=hint) from exc
        self.errors = (psycopg.Error, OSError)
        address, schema, self._secret = _parts(url)
        try:
            self._connection = psycopg.connect(address, autocommit=True, application_name="llmx")
        except psycopg.ProgrammingError:  # libpq quotes what it cannot read
            raise OutputError(
                f"{_BAD_ADDRESS}: {url}", hint="postgresql://user@host:5432/database; % @ / : in a password are %25 …"
            ) from None
        except self.errors as exc:
            raise output_error(self.message(exc), url) from None
        try:
            self.execute("SET client_min_messages = warning")
            if schema:
                self.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
                self.execute(f"SET search_path = {quoted(schema)}")
        except self.errors as exc:
            self._connection.close()
            raise output_error(self.message(exc), url) from None

    def type_of(self, kind: Kind, schema: Mapping[str, Any]) -> str:  # noqa: ARG002 - the values decide
        """Return the type of a column for values of ``kind``."""
        return _TYPES.get(kind, self.text)

    def fitting(self, kind: Kind, value: Any) -> str:
        """Return the type that holds ``value`` as it is."""
        if not is_of(kind, value):
            return self.text
        if kind == "integer":
            return "bigint" if -(1 << 63) <= value < 1 << 63 else "numeric"
        if kind == "datetime" and (moment := moment_of(value)):
            return _TYPES[kind] if moment.tzinfo else _NAIVE
        return _TYPES.get(kind, self.text)

    def together(self, types: set[str]) -> str:
        """Return the type that holds what each of two ``types`` holds."""
        return _WIDER.get(frozenset(types), self.text)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        found = self._connection.execute(sql.encode())
        return found.fetchall() if found.description else []

    def begin(self, *, making: bool = False) -> None:
        """Begin a transaction. Of several writers one is at it at a time; nobody who reads waits for them."""
        self.execute("BEGIN")
        self.execute(
            "SELECT pg_advisory_xact_lock(hashtext('llmx'))" if making else "LOCK records IN SHARE ROW EXCLUSIVE MODE"
        )

    def columns(self, table: str) -> dict[str, str]:
        """Return the types of the columns of ``table``."""
        found = self.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"  # noqa: S608 -- a literal
            f" WHERE attrelid = to_regclass({literal(quoted(table))}) AND attnum > 0 AND NOT attisdropped"
            " ORDER BY attnum"
        )
        return {str(name): str(type_) for name, type_ in found}

    def tables(self) -> list[str]:
        """Return the names of the tables."""
        return [name for (name,) in self.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")]

    def retype(self, table: str, column: str, type_: str) -> None:
        """Give a column another type."""
        name = quoted(column)
        self.execute(f"ALTER TABLE {quoted(table)} ALTER COLUMN {name} TYPE {type_} USING {name}::text::{type_}")

    def load(self, table: str, columns: Columns, lines: Sequence[Cells]) -> None:
        """Insert rows, by COPY."""
        kinds = [("json" if type_ == "jsonb" else "text") for type_, _ in columns.values()]
        statement = f"COPY {quoted(table)} ({listed(columns)}) FROM STDIN"
        with self._connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for line in lines:
                copy.write_row([_cell(value, kind) for value, kind in zip(line, kinds, strict=True)])

    def message(self, error: Exception) -> Exception:
        """Return ``error`` without the password, should it be in its text."""
        said = " ".join(str(error).split())
        secrets = {self._secret, unquote(self._secret)} - {""}
        return OSError("the server refused it") if any(each in said for each in secrets) else OSError(said)

    def close(self) -> None:
        """Close it."""
        self._connection.close()


def _cell(value: Any, kind: str) -> str | None:
    """Return ``value`` as PostgreSQL reads it. It has no NUL in texts: U+FFFD stands for it outside of the record."""
    if value is None:
        return None
    if kind == "json":
        return dump(_without_nul(value)).decode()
    text = spelled(value)
    return text if text is None else text.replace("\0", "\ufffd")


def _without_nul(value: Any) -> Any:
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_nul(each) for each in value]
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _parts(url: DatabaseUrl) -> tuple[str, str, str]:
    """Return the address without our own parameter, the schema that it names, and the password."""
    try:
        parts = urlsplit(url.url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        secret = parts.password or ""
    except ValueError:
        raise OutputError(f"{_BAD_ADDRESS}: {url}", hint="postgresql://user@host:5432/database") from None
    schema = next((value for name, value in query if name == "schema"), "")
    secret = secret or next((value for name, value in query if name == "password"), "")
    rest = urlencode([(name, value) for name, value in query if name != "schema"], quote_via=quote)
    return urlunsplit(parts._replace(query=rest)) if schema else url.url, schema, secret


def open_database(url: DatabaseUrl) -> Writer:
    """Return the writer that puts records into the database at ``url``, in place of those of the same documents."""
    return DatabaseWriter(PostgreSql(url), url, at_once=_AT_ONCE, upserts=True)
