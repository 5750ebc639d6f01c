"""What the clients of batch APIs have in common: one host, and results line by line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2

from llmx.endpoint.faults import connect_error
from llmx.errors import RequestError

if TYPE_CHECKING:
    from llmx.endpoint.providers.route import Access

MOVE_S = 600.0
"""How long a file of some 200 MB may take over a slow line."""


def open_http(access: Access) -> httpx2.AsyncClient:
    """Return a client for files of batches; close it.

    It asks one host, the first it is sent to: a redirect, or an address in an answer, would take documents and the key
    to one that the user did not name.
    """
    timeout = httpx2.Timeout(MOVE_S, connect=access.connect_s)
    return httpx2.AsyncClient(follow_redirects=False, timeout=timeout, event_hooks={"request": [_one_host()]})


def _one_host() -> Callable[[httpx2.Request], Awaitable[None]]:
    hosts: list[str] = []

    async def check(request: httpx2.Request) -> None:
        host = urlsplit(str(request.url)).netloc
        hosts.append(host)
        if host != hosts[0]:
            raise RequestError(
                f"the batch API at {hosts[0]} names an address at {host}, which is not asked",
                hint="Where a gateway stands in between, it has to put its own address into what it hands on.",
            )

    return check


async def split_lines(parts: AsyncIterator[bytes], where: str) -> AsyncIterator[bytes]:
    """Yield the lines of a body that comes in ``parts``, without their ends."""
    rest: list[bytes] = []
    try:
        async for part in parts:
            *whole, last = part.split(b"\n")
            for line in whole:
                rest.append(line)
                yield b"".join(rest)
                rest = []
            rest.append(last)
    except httpx2.HTTPError as error:
        raise connect_error(error, where) from None
    yield b"".join(rest)
