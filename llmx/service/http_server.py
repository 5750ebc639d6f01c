"""Listens for the service over HTTP until it is stopped."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from typing import TYPE_CHECKING

from llmx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette


def listen(host: str, port: int, *, keys: bool) -> socket.socket:
    """Return a socket that listens; ``port`` 0 takes a free one.

    Raises ConfigError where the port is taken, and for a host that other machines reach while there are no ``keys``.
    """
    if not keys and not _is_loopback(host):
        hint = "Give keys with --keys-file, or leave --host away to listen on this machine alone."
        raise ConfigError(f"--host {host}: whoever reaches it could ask, since there are no keys", hint=hint)
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "there is no such port"
        raise ConfigError(f"{host}:{port}: {why}", hint="Name another --port, or leave it away.") from error


def serve(app: Starlette, listener: socket.socket, *, announce: Callable[[str], object]) -> None:
    """Serve ``app`` until Ctrl-C or SIGTERM; what is being extracted is waited for. ``announce`` gets the address."""
    import uvicorn  # noqa: PLC0415 - an extra

    host, port = listener.getsockname()[:2]
    announce(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, ws="none", lifespan="on",
                            timeout_keep_alive=5, timeout_graceful_shutdown=30)  # fmt: skip
    server = uvicorn.Server(config)
    with listener, contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
