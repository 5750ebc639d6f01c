"""Where questions go and with which headers: what the openai client would use, found out without importing it.

Its import takes most of a second; a test compares the two.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmx.endpoint.settings import shown_url
from llmx.errors import ConfigError

if TYPE_CHECKING:
    from yarl import URL

NO_KEY = "none"
"""Sent where there is no key: local servers want none, the openai client insists on one."""

_OPENAI = "https://api.openai.com/v1"
_ENVIRONMENT = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach an API.

    ``base_url`` is its root, usually ending in ``/v1`` where it speaks OpenAI's protocol; None takes the variable that
    the provider's SDK reads (OPENAI_BASE_URL), else the provider's own. ``api_key`` is None for servers that want none.
    ``headers`` are sent with every request. ``connect_s`` bounds a TCP and TLS handshake.
    """

    base_url: str | None
    api_key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    connect_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Route:
    """The address of the chat completions, and the headers of every question."""

    url: URL
    headers: dict[str, str] = field(repr=False)


def route_of(access: Access) -> Route:
    """Return the route of the questions. Raises ConfigError where the base URL is not one."""
    from yarl import URL  # noqa: PLC0415 - heavy

    base, _, query = (access.base_url or os.environ.get("OPENAI_BASE_URL") or _OPENAI).partition("?")
    url = URL(f"{base.rstrip('/')}/chat/completions" + (f"?{query}" if query else ""))
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError(f"the base URL {shown_url(access.base_url)} cannot be used", hint="It begins with http(s)://")
    headers = {"Accept": "application/json", **_headers(access), "Content-Type": "application/json"}
    if url.user is not None:  # a password in the URL is sent by the connection itself
        headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
    return Route(url, headers)


def _headers(access: Access) -> dict[str, str]:
    if os.environ.get("OPENAI_CUSTOM_HEADERS"):  # only the client knows how these are written
        from llmx.endpoint.providers.openai_client import client_headers  # noqa: PLC0415 - heavy

        return client_headers(access)
    named = {name: os.environ.get(variable, "") for name, variable in _ENVIRONMENT.items()}
    key = {"Authorization": f"Bearer {access.api_key or NO_KEY}"}
    headers = {"User-Agent": "llmx", **named, **access.headers, **key}
    return {name: value for name, value in headers.items() if value}
