"""The cache of answers on a Redis server, for many machines: the same entries under the same keys as on disk."""

from __future__ import annotations

from llmx.endpoint.cache import Answers
from llmx.endpoint.redis_store import RedisStore


class SharedCache(RedisStore, Answers):
    """Answers on the Redis server at ``url``."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "answers")
