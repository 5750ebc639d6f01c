"""A store of texts in a PostgreSQL database, shared by many machines, whose failures never stop a run.

An entry is a row of the table ``llmx_KIND``: its key and its text. Nothing is removed but by ``clear``, and what is in
other tables stays as it is. A server that goes away is left alone for a while. No message holds the password.
"""

from __future__ import annotations

import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from llmx.endpoint.server_health import PAUSE_S, ServerHealth
from llmx.endpoint.settings import shown_url
from llmx.errors import ConfigError

if TYPE_CHECKING:
    import psycopg

T = TypeVar("T")

SCHEMES = frozenset({"postgresql", "postgres"})
_TIMEOUT_S = 2  # an answer takes a millisecond in one network; longer than this is away
_BATCH = 500  # rows in one round trip
_FORM = (
    "Write postgresql://[USER:PASSWORD@]HOST[:PORT][/DATABASE]; in a password, special characters are written %XX. "
    "?schema=NAME names the schema of the tables."
)


class PostgresStore:
    """Texts under keys in the table of ``kind`` in the database at ``url``. Opened at its first use.

    ``limit_bytes`` is 0: the server bounds what it holds. ``what`` names the store in warnings, ``clock`` says when
    ``pause_s`` are over.
    """

    limit_bytes = 0

    def __init__(
        self, url: str, kind: str, *, what: str = "cache", pause_s: float = PAUSE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._address, schema = _address(url)
        self.place = shown_url(url)
        self._health = ServerHealth(f"the {what} at {self.place}", pause_s=pause_s, clock=clock)
        self._schema, self._table = _quoted(schema), f"{_quoted(schema)}.llmx_{kind}" if schema else f"llmx_{kind}"
        self._connection: psycopg.Connection[Any] | None = None

    def read(self, key: str) -> str | None:
        """Return the text under ``key``, None where there is none or it cannot be read."""
        rows = self._tried("read", lambda found: found.execute(self._sql("SELECT text FROM {} WHERE key = %s"), [key]))
        row = None if rows is None else rows.fetchone()
        return None if row is None else str(row[0])

    def write(self, entries: Iterable[tuple[str, str]]) -> None:
        """Keep ``entries`` of (key, text) in one transaction and one round trip. Never raises."""
        kept = sorted(dict(entries).items())  # in one order: two machines that wait for each other would be a deadlock
        if not kept:
            return
        put = self._sql(
            "INSERT INTO {} (key, text) SELECT * FROM unnest(%s::text[], %s::text[])"
            " ON CONFLICT (key) DO UPDATE SET text = excluded.text"
        )

        def write(found: psycopg.Connection[Any]) -> None:
            with found.pipeline(), found.transaction():
                found.execute("SET LOCAL synchronous_commit = off")  # a crash may cost the last answers, and no other
                found.execute(put, [[key for key, _ in kept], [text for _, text in kept]])

        self._tried("written", write)

    def entries(self) -> Iterator[tuple[str, Any]]:
        """Yield the key and the text of every entry, in no order."""
        import psycopg  # noqa: PLC0415 - only where it is used

        try:
            found = self._open()
            with found.transaction(), found.cursor("llmx_entries") as cursor:
                cursor.itersize = _BATCH
                yield from cursor.execute(self._sql("SELECT key, text FROM {}"))
        except (psycopg.Error, OSError) as error:
            raise self._health.unreachable(error) from None

    def check(self) -> None:
        """Raise ConfigError where the server does not answer, or not to this user."""
        self._asked("SELECT FROM {} LIMIT 0")

    def clear(self) -> int:
        """Remove every entry of this kind and nothing else; return how many there were."""
        return self._asked("WITH gone AS (DELETE FROM {} RETURNING 1) SELECT count(*) FROM gone")

    def count(self) -> int:
        """Return how many entries there are."""
        return self._asked("SELECT count(*) FROM {}")

    def size_bytes(self) -> int:
        """Return how long the texts are together; the server packs long ones, and takes some 100 bytes for a row."""
        return self._asked("SELECT coalesce(sum(octet_length(text)), 0) FROM {}")

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def damaged(self, error: Exception) -> None:
        """Warn, once, that a damaged entry counts as missing."""
        self._health.damaged(error)

    def _sql(self, words: str) -> bytes:
        return words.replace("{}", self._table).encode()

    def _asked(self, words: str) -> int:
        """Return the number that a statement gives, 0 where it gives no row. Raises ConfigError."""
        import psycopg  # noqa: PLC0415 - only where it is used

        try:
            row = self._twice(lambda found: found.execute(self._sql(words)).fetchone())
        except (psycopg.Error, OSError) as error:
            raise self._health.unreachable(error) from None
        return int(row[0]) if row else 0

    def _tried(self, done: str, ask: Callable[[psycopg.Connection[Any]], T]) -> T | None:
        """Return what ``ask`` gives, None with a warning where it fails."""
        if self._health.away:
            return None
        import psycopg  # noqa: PLC0415 - only where it is used

        try:
            return self._twice(ask)
        except (psycopg.Error, OSError) as error:
            if self._connection is None or self._connection.closed:
                self.close()
                self._health.went_away(done, error)
            else:
                self._health.failed(done, error)
        return None

    def _twice(self, ask: Callable[[psycopg.Connection[Any]], T]) -> T:
        """Return what ``ask`` gives, over a new connection where the one that was open has gone stale."""
        import psycopg  # noqa: PLC0415 - only where it is used

        was_open = self._connection is not None
        try:
            return ask(self._open())
        except (psycopg.OperationalError, psycopg.InterfaceError):
            if not was_open or (self._connection is not None and not self._connection.closed):
                raise
            self.close()
            return ask(self._open())

    def _open(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            import psycopg  # noqa: PLC0415 - only where it is used

            found = psycopg.connect(
                self._address, autocommit=True, application_name="llmx", client_encoding="utf8",
                prepare_threshold=None,  # a pooler between may hand each statement to another connection
                connect_timeout=_TIMEOUT_S, tcp_user_timeout=_TIMEOUT_S * 1000,
            )  # fmt: skip
            try:
                self._make_table(found)
            except BaseException:
                found.close()
                raise
            self._connection = found
        return self._connection

    def _make_table(self, found: psycopg.Connection[Any]) -> None:
        """Make the table where it is missing: who may only use one need not be allowed to make any."""
        row = found.execute("SELECT to_regclass(%s)", [self._table]).fetchone()
        if row and row[0] is not None:
            return
        with found.transaction():
            found.execute("SELECT pg_advisory_xact_lock(hashtext('llmx'))")  # two at once would be an error
            if self._schema:
                found.execute(b"CREATE SCHEMA IF NOT EXISTS " + self._schema.encode())
            found.execute(
                self._sql(
                    'CREATE TABLE IF NOT EXISTS {} (key text COLLATE "C" PRIMARY KEY, text text COLLATE "C" NOT NULL)'
                )
            )


def _address(url: str) -> tuple[str, str]:
    """Return ``url`` as libpq takes it, and the schema that it names, '' for none.

    Raises ConfigError where it is no address of a database; the message holds no part of it.
    """
    try:
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - only where it is used
    except ImportError:
        raise ConfigError(
            "cache_url needs the package psycopg", hint="Install it: pip install 'llmx-extract[postgresql]'"
        ) from None
    import psycopg  # noqa: PLC0415 - only where it is used

    try:
        parts = urllib.parse.urlsplit(url)
        query = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
        rest = urllib.parse.urlencode([each for each in query if each[0] != "schema"], quote_via=urllib.parse.quote)
        address = urllib.parse.urlunsplit(parts._replace(query=rest))
        whole = parts.port != 0 and "@" not in parts.path  # else a password was cut by a slash that is not %2F
        fine = bool(parts.hostname) and whole and bool(conninfo_to_dict(address))
    except (ValueError, psycopg.Error):  # their messages would quote it
        fine = False
    if not fine:
        raise ConfigError("cache_url is not the address of a PostgreSQL database", hint=_FORM)
    return address, next((value for name, value in query if name == "schema"), "")


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""')) if name else ""
