"""A store of texts on a Redis server, shared by many machines, whose failures never stop a run.

An entry is a string under ``llmx:KIND:KEY``. What is evicted, and when, the server decides (``maxmemory``,
``maxmemory-policy``): llmx sets no expiry and removes nothing but by ``clear``, which leaves the keys of others alone.
A server that goes away is left alone for a while, so that no request waits for it. No message holds the password.
"""

from __future__ import annotations

import time
import urllib.parse
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from llmx.endpoint.server_health import PAUSE_S, ServerHealth
from llmx.endpoint.settings import shown_url
from llmx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    import redis

_TIMEOUT_S = 2.0  # an answer takes a tenth of a millisecond in one network; longer than this is away
_BATCH = 500  # keys in one round trip
_DEFAULT_PORT = 6379
_FORM = (
    "Write redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS; in a password, special characters "
    "are written %XX. Or postgresql://USER@HOST/DATABASE."
)


class RedisStore:
    """Texts under keys on the server at ``url``, each key prefixed by ``kind``. Opened at its first use.

    ``limit_bytes`` is 0: the server bounds what it holds. ``what`` names the store in warnings, ``clock`` says when
    ``pause_s`` are over.
    """

    limit_bytes = 0

    def __init__(
        self, url: str, kind: str, *, what: str = "cache", pause_s: float = PAUSE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        check_url(url)
        _check_client()
        self.place = shown_url(url)
        self._health = ServerHealth(f"the {what} at {self.place}", pause_s=pause_s, clock=clock)
        self._url = url
        self._prefix = f"llmx:{kind}:"
        self._store: redis.Redis | None = None

    def read(self, key: str) -> str | None:
        """Return the text under ``key``, None where there is none or it cannot be read."""
        if self._health.away:
            return None
        import redis  # noqa: PLC0415 - only where it is used

        try:
            text = self._open().get(self._prefix + key)
        except UnicodeDecodeError as error:
            self.damaged(error)
        except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
            self._health.went_away("read", error)
        except redis.RedisError as error:
            self._health.failed("read", error)
        else:
            return None if text is None else str(text)
        return None

    def write(self, entries: Iterable[tuple[str, str]]) -> None:
        """Keep ``entries`` of (key, text) in one round trip. Never raises."""
        if self._health.away:
            return
        import redis  # noqa: PLC0415 - only where it is used

        try:
            pipe = self._open().pipeline(transaction=False)
            for key, text in entries:
                pipe.set(self._prefix + key, text)
            pipe.execute()
        except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
            self._health.went_away("written", error)
        except redis.RedisError as error:
            self._health.failed("written", error)

    def entries(self) -> Iterator[tuple[str, Any]]:
        """Yield the key and the text of every entry, in no order. A text that is none comes as bytes, or as None."""
        import redis  # noqa: PLC0415 - only where it is used

        store = self._open()
        try:
            for keys in _batches(store, self._prefix):
                for key, text in zip(keys, _texts(store, keys), strict=True):
                    yield key.removeprefix(self._prefix), text
        except (redis.RedisError, OSError) as error:
            raise self._health.unreachable(error) from None

    def check(self) -> None:
        """Raise ConfigError where the server does not answer, or not to this user."""
        import redis  # noqa: PLC0415 - only where it is used

        try:
            self._open().exists(self._prefix)  # any command but PING: that one needs no right to the keys
        except (redis.RedisError, OSError) as error:
            raise self._health.unreachable(error) from None

    def clear(self) -> int:
        """Remove every entry of this kind and nothing else; return how many there were."""
        return self._total(lambda store, keys: [store.unlink(*keys)])

    def count(self) -> int:
        """Return how many entries there are."""
        return self._total(lambda _, keys: [len(keys)])

    def size_bytes(self) -> int:
        """Return how long the texts are together; the server takes somewhat more for them."""

        def lengths(store: redis.Redis, keys: list[str]) -> list[Any]:
            pipe = store.pipeline(transaction=False)
            for key in keys:
                pipe.strlen(key)
            return [each for each in pipe.execute(raise_on_error=False) if isinstance(each, int)]

        return self._total(lengths)

    def close(self) -> None:
        """Close the connections."""
        if self._store is not None:
            store, self._store = self._store, None
            store.close()

    def damaged(self, error: Exception) -> None:
        """Warn, once, that a damaged entry counts as missing."""
        self._health.damaged(error)

    def _total(self, of: Callable[[redis.Redis, list[str]], list[Any]]) -> int:
        import redis  # noqa: PLC0415 - only where it is used

        store = self._open()
        try:
            return sum(sum(of(store, keys)) for keys in _batches(store, self._prefix))
        except (redis.RedisError, OSError) as error:
            raise self._health.unreachable(error) from None

    def _open(self) -> redis.Redis:
        if self._store is None:
            self._store = _redis(self._url)
        return self._store


def _batches(store: redis.Redis, prefix: str) -> Iterator[list[str]]:
    """Yield the keys that begin with ``prefix``, each once: SCAN may give one twice."""
    found = iter(dict.fromkeys(store.scan_iter(match=f"{prefix}*", count=_BATCH)))
    while keys := list(islice(found, _BATCH)):
        yield keys


def _texts(store: redis.Redis, keys: list[str]) -> list[Any]:
    try:
        return list(store.mget(keys))
    except UnicodeDecodeError:  # one of them is no text: each by itself
        return [_text(store, key) for key in keys]


def _text(store: redis.Redis, key: str) -> Any:
    try:
        (text,) = store.mget([key])
    except UnicodeDecodeError as error:
        return error.object
    return text


def check_url(url: str) -> None:
    """Raise ConfigError where ``url`` is no address of a Redis server; the message holds no part of it."""
    try:
        parts = urllib.parse.urlsplit(url)
        fine = bool(parts.scheme in {"redis", "rediss"} and parts.hostname and (parts.port or _DEFAULT_PORT))
    except ValueError:  # its message would quote what stands where a port should, such as half of a password
        fine = False
    if not fine:
        raise ConfigError("cache_url is not the address of a Redis server or a PostgreSQL database", hint=_FORM)
    database = parts.path.removeprefix("/")
    if parts.query or parts.fragment or not (database == "" or (database.isascii() and database.isdigit())):
        raise ConfigError("cache_url has more than a database's number behind the host", hint=_FORM)


def _check_client() -> None:
    try:
        import redis  # noqa: F401, PLC0415 - only where it is used
    except ImportError:
        raise ConfigError(
            "cache_url needs the package redis", hint="Install it: pip install 'llmx-extract[redis]'"
        ) from None


def _redis(url: str) -> redis.Redis:
    """Return a client that connects at its first command, and once more where a connection has gone stale."""
    import redis  # noqa: PLC0415 - only where it is used
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    return redis.Redis.from_url(
        url,
        decode_responses=True,
        protocol=2,  # servers before 6 have no other
        socket_timeout=_TIMEOUT_S,
        socket_connect_timeout=_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),  # a server that hangs is asked once
    )
