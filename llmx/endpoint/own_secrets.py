"""The secrets that reach an endpoint beside its key: user, password and query of its address, and custom headers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

_PLAIN_HEADERS = frozenset({
    "accept", "accept-encoding", "accept-language", "content-type", "user-agent", "referer", "http-referer", "x-title",
    "anthropic-version", "anthropic-beta", "openai-beta",
})  # fmt: skip
_PLAIN_PARAMETERS = frozenset({"api-version", "version", "region", "model", "deployment"})
"""What is sent in these is published; all other headers and parameters count as secrets."""


def own_secrets(base_url: str | None, headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the secrets in ``base_url`` and ``headers``, in each way in which a server may echo them."""
    for name, value in headers:
        if name.strip().lower() not in _PLAIN_HEADERS:
            yield value
            yield from (part for each in value.split() for part in (each, *_user_and_password(each)))
    try:
        parts = urlsplit(base_url or "")
    except ValueError:  # no address; whoever uses it says so
        return
    user, colon, password = parts.netloc.rpartition("@")[0].partition(":")
    for each in (user, password):
        yield each
        yield unquote(each)
    if colon:
        yield base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    for name, value in parse_qsl(parts.query):
        if name.lower() not in _PLAIN_PARAMETERS:
            yield value


def _user_and_password(value: str) -> list[str]:
    """Return the parts of 'user:password' in base64 (RFC 7617), [] where ``value`` is something else."""
    try:
        return base64.b64decode(value, validate=True).decode().split(":", 1)
    except (binascii.Error, ValueError):
        return []
