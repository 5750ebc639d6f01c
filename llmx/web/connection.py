"""Connections that lead where they were allowed to: a name is resolved once, checked, and connected to by address.

Between the check and the connection nothing is resolved again, so a name server cannot give another answer to each
(DNS rebinding). TLS is still asked for the name of the host. Every wait is bounded by one deadline for the whole page.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpcore2

from llmx.errors import DocumentError
from llmx.web.addresses import Refusal, literal_refusal, refusal
from llmx.web.options import WebOptions
from llmx.web.urls import PORTS, is_inner_name

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host, in the order in which they are tried. Raises OSError if there are none."""

_LONGEST_WAIT_S = 60.0
_ALLOW = "--allow-private-hosts {} allows it, if you trust whoever names it"


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of ``host`` as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class HostRefusedError(DocumentError):
    """A request to this host is not made, whatever it asks for."""


class DeadlineError(Exception):
    """A page takes longer than it may."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Says where a request may go. ``resolved`` is the system's resolver, or in tests that of an attacker."""

    options: WebOptions
    resolved: Resolve = resolve

    def is_private(self, host: str, port: int) -> bool:
        """Whether somebody named ``host`` as one of a private network that may be fetched."""
        return self._named(host, port) is not None

    def check(self, host: str, port: int, *, named_by: str) -> None:
        """Raise HostRefusedError where a request to ``host`` is refused by its name or its port.

        ``named_by`` is the host that leads there, by a redirect or in a list; '' where the user named the URL. A page
        of the internet does not lead into a private network, even where this may be fetched.
        """
        if self.is_private(host, port):
            if named_by and named_by != host:
                raise HostRefusedError(f"{named_by} leads to {host}, a private host, which is not followed", hint="")
            return
        if port not in PORTS:
            allowed = ", ".join(map(str, sorted(PORTS)))
            hint = f"the ports are {allowed}; --allow-private-hosts {host}:{port} allows another one"
            raise HostRefusedError(f"{host} is not fetched from port {port}", hint=hint)
        if (why := literal_refusal(host)) is not None:
            raise HostRefusedError(f"{host} is an address {why.reason}", hint=_hint(host, why))
        if ":" not in host and is_inner_name(host):
            raise HostRefusedError(f"{host} is a host of a private network", hint=_ALLOW.format(host))

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of ``host``. Raises HostRefusedError if one of them may not be connected to."""
        try:
            found = list(self.resolved(host, port))
        except (OSError, UnicodeError) as exc:
            raise httpcore2.ConnectError(f"the name {host} cannot be resolved: {exc}") from None
        named = self._named(host, port)
        for address in found:
            why = refusal(address)
            if why is None or (named is not None and (why.private or address == host)):
                continue
            shown = host if host == address else f"{host} ({address})"
            raise HostRefusedError(f"{shown} is an address {why.reason}", hint=_hint(host, why))
        return found

    def _named(self, host: str, port: int) -> str | None:
        for each in self.options.private_hosts:
            name = each.lower().removeprefix("[").replace("]", "")
            if name == f"{host}:{port}" or (name == host and port in PORTS):
                return each
        return None


def _hint(host: str, why: Refusal) -> str:
    return _ALLOW.format(host) if why.private else "no such address is fetched"


class GuardedBackend(httpcore2.NetworkBackend):
    """The network as ``guard`` allows it, until ``deadline`` on the monotonic clock."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self.deadline = float("inf")
        self._network = httpcore2.SyncBackend()

    def left(self, timeout: float | None) -> float:
        """Return how many seconds one wait may take."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise DeadlineError
        return min(left, timeout or left, _LONGEST_WAIT_S)

    def connect_tcp(  # noqa: PLR0917 - httpcore's own
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Return a connection to the first address of ``host`` that answers; all of them were checked."""
        fault: Exception = httpcore2.ConnectError(f"the name {host} has no address")
        for address in self.guard.addresses(host, port):
            try:
                stream = self._network.connect_tcp(address, port, self.left(timeout), local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as exc:
                fault = exc
            else:
                return _BoundedStream(stream, self)
        raise fault


class _BoundedStream(httpcore2.NetworkStream):
    """A connection of which no wait goes beyond the deadline: a server that sends a byte a minute is given up."""

    def __init__(self, stream: httpcore2.NetworkStream, backend: GuardedBackend) -> None:
        self._stream, self._backend = stream, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secure = self._stream.start_tls(ssl_context, server_hostname, self._backend.left(timeout))
        return _BoundedStream(secure, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
