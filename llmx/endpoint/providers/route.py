"""Where questions go and with which headers: what the openai client would use, found out without importing it.

Its import takes most of a second; a test compares the two.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from llmx.dataclass import dataclass
from llmx.endpoint.settings import shown_url
from llmx.errors import AuthError, ConfigError

if TYPE_CHECKING:
    from yarl import URL

NO_KEY = "none"
"""Sent where there is no key: local servers want none, the openai client insists on one."""

OPENAI = "https://api.openai.com/v1"
"""Where OpenAI's own API is."""
_ENVIRONMENT = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}


_DEPLOYMENT = re.compile(r"/openai/deployments/[^/]+$")
"""Where Azure's older APIs have the chat completions of one model; its responses lie beside all of them."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach an API.

    ``base_url`` is its root, usually ending in ``/v1`` where it speaks OpenAI's protocol; None takes the variable that
    the provider's SDK reads (OPENAI_BASE_URL), else the provider's own. ``api_key`` is None for servers that want none.
    ``headers`` are sent with every request. ``connect_s`` bounds a TCP and TLS handshake. ``key_header`` carries the
    key where it is not the bearer of an authorization; ``key_variable`` is the one that has to hold a key, '' where
    there may be none. ``foreign`` says that the provider is not OpenAI: what the environment says of that is not for
    this host.
    """

    base_url: str | None
    api_key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    connect_s: float = 10.0
    key_header: str = ""
    key_variable: str = ""
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """The addresses of the two APIs, and the headers of every question."""

    url: URL
    responses_url: URL
    headers: dict[str, str] = field(repr=False)


def check_key(access: Access) -> None:
    """Raise AuthError where the variable that has to hold a key does not."""
    if access.key_variable and not access.api_key and "authorization" not in {name.lower() for name in access.headers}:
        hint = f"Set {access.key_variable}, or name another variable by --api-key-env."
        raise AuthError(f"there is no API key: {access.key_variable} is not set", hint=hint)


def route_of(access: Access) -> Route:
    """Return the route of the questions. Raises ConfigError where the base URL is not one, AuthError without a key."""
    check_key(access)
    from yarl import URL  # noqa: PLC0415 - heavy

    base, _, query = (access.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI).partition("?")
    base, query = base.rstrip("/"), f"?{query}" if query else ""
    url = URL(f"{base}/chat/completions{query}")
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigError(f"the base URL {shown_url(access.base_url)} cannot be used", hint="It begins with http(s)://")
    headers = {"Accept": "application/json", **_headers(access), "Content-Type": "application/json"}
    if url.user is not None:  # a password in the URL is sent by the connection itself
        headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
    return Route(url, URL(f"{_DEPLOYMENT.sub('/openai', base)}/responses{query}"), headers)


def _headers(access: Access) -> dict[str, str]:
    """Return the headers of the openai client. Those of the user come before ours, the key's included."""
    if os.environ.get("OPENAI_CUSTOM_HEADERS") and not access.foreign:  # only the client knows how these are written
        from llmx.endpoint.providers.openai_client import client_headers  # noqa: PLC0415 - heavy

        return client_headers(access)
    named = {} if access.foreign else {name: os.environ.get(variable, "") for name, variable in _ENVIRONMENT.items()}
    ours = {"User-Agent": "llmx", **named, **key_headers(access)}
    given = {name.lower() for name in access.headers}
    ours = {name: value for name, value in ours.items() if name.lower() not in given}
    return {name: value for name, value in (ours | dict(access.headers)).items() if value}


def key_headers(access: Access) -> dict[str, str]:
    """Return the header that carries the key: Bearer authorization (RFC 6750), or one of the provider's own."""
    if access.key_header:
        return {access.key_header: access.api_key or ""}
    return {"Authorization": f"Bearer {access.api_key or NO_KEY}"}
