"""The connections to one server, shared by the straight path and by the openai client.

aiohttp's pool does not slow down with the requests in flight, as httpcore's does, which looks at every open connection
for each of them. Certificates are loaded for https only: that takes 0.1 s.
"""

from __future__ import annotations

import ssl
import urllib.request
from urllib.parse import urlsplit

import aiohttp

from llmx.errors import RequestError

_IDLE_S = 4.0  # uvicorn and llama.cpp close an idle connection after 5 s: not to be in the middle of sending then

MOST_BODY_BYTES = 32 * 2**20
"""How much of an answer is read, decompressed: a hundred times what a model says, with the log probabilities of each
token. More is no answer, and would fill the memory: a megabyte of gzip may hold a gigabyte."""


async def body_of(response: aiohttp.ClientResponse, *, most_bytes: int = MOST_BODY_BYTES) -> bytes:
    """Return the whole body of ``response``, decompressed. Raises RequestError where it has more than ``most_bytes``.

    aiohttp decompresses some 100 KB at a time where it is read in parts, and all at once where it is read whole.
    """
    parts: list[bytes] = []
    size = 0
    while part := await response.content.readany():
        parts.append(part)
        size += len(part)
        if size > most_bytes:
            response.close()  # what is still on the way is not read either
            raise RequestError(
                f"the endpoint answered {response.status} with more than {most_bytes / 2**20:g} MB, which are not read",
                hint="No model says that much: is the base URL that of an API?",
                status=response.status,
            )
    return parts[0] if len(parts) == 1 else b"".join(parts)


def connected(base_url: str, *, connect_s: float) -> aiohttp.ClientSession:
    """Return the connections to ``base_url``, none of them open yet; ``connect_s`` bounds the handshakes of one.

    How many are in flight is the runner's business, not the pool's. The proxies are those of the environment
    (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, less NO_PROXY), looked up once.
    """
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_S, ssl=_certificates(base_url))
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_s)
    cookies = aiohttp.DummyCookieJar()
    return aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=cookies, proxy=proxy_of(base_url), max_line_size=2**16,
        max_field_size=2**16,
    )  # fmt: skip


def _certificates(base_url: str) -> ssl.SSLContext | bool:
    if urlsplit(base_url).scheme != "https":
        return True
    import httpx2  # noqa: PLC0415 - the openai client's certificates, where there are any to look at

    return httpx2.create_ssl_context()


def proxy_of(url: str) -> str | None:
    """Return the proxy that the environment names for ``url``, None for none."""
    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or not parts.hostname or urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
