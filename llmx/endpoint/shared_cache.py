"""The cache of answers on a server, for many machines: the same entries under the same keys as on disk."""

from __future__ import annotations

from llmx.endpoint.cache import Answers
from llmx.endpoint.postgres_store import SCHEMES, PostgresStore
from llmx.endpoint.redis_store import RedisStore
from llmx.endpoint.store import Texts


class RedisCache(RedisStore, Answers):
    """Answers on the Redis server at ``url``."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "answers")


class PostgresCache(PostgresStore, Answers):
    """Answers in the PostgreSQL database at ``url``."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "answers")


def open_shared_cache(url: str) -> Answers:
    """Return the cache at ``url``, by what its address begins with. Raises ConfigError where it is no address."""
    return PostgresCache(url) if _is_postgres(url) else RedisCache(url)


def open_shared_store(url: str, kind: str, *, what: str) -> Texts:
    """Return the store of ``kind`` at ``url``; ``what`` names it in warnings."""
    return PostgresStore(url, kind, what=what) if _is_postgres(url) else RedisStore(url, kind, what=what)


def _is_postgres(url: str) -> bool:
    return url.partition("://")[0].lower() in SCHEMES
