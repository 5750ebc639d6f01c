"""One request and its answer: bounded in size and in time, unpacked here and not by a library that takes all of it."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpcore2

from llmx.errors import DocumentError
from llmx.web.connection import DeadlineError, Guard, GuardedBackend
from llmx.web.options import MIB, WebOptions
from llmx.web.urls import shown_url

if TYPE_CHECKING:
    from httpx2 import URL

_CONNECT_S, _READ_S = 10.0, 30.0
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_BLOCK = 1 << 16
_FAULTS = (
    httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol,
    DeadlineError, zlib.error,
)  # fmt: skip


class TransferError(Exception):
    """No answer came, or not all of it: another attempt may bring it."""


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What a server answered: ``headers`` with names in lower case, ``data`` unpacked."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes = b""

    @property
    def media_type(self) -> str:
        """The type that the server calls the page, such as ``text/html``."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        """The encoding that the server names, '' for none."""
        found = _CHARSET.search(self.headers.get("content-type", ""))
        return found[1] if found else ""


class Transfer:
    """Sends requests. One connection to a host is kept at most, and no cookie."""

    def __init__(self, options: WebOptions, guard: Guard) -> None:
        self._options = options
        self._backend = GuardedBackend(guard)
        self._pools: dict[str, httpcore2.ConnectionPool] = {}

    def get(self, url: URL, headers: Mapping[str, str], *, most_bytes: int) -> WebAnswer:
        """Return the answer to a GET request. The body is read of answers with status 200 only.

        Raises TransferError where none comes in time, DocumentError where it is too large or its host is refused.
        """
        self._backend.deadline = time.monotonic() + self._options.limit_s
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        sent = [(b"Host", url.netloc), *((name.encode(), value.encode("latin-1")) for name, value in headers.items())]
        waits = {"connect": _CONNECT_S, "read": _READ_S, "write": _READ_S, "pool": _READ_S}
        try:
            with self._pool(url.scheme).stream("GET", target, headers=sent, extensions={"timeout": waits}) as response:
                answered = _headers(response.headers)
                if response.status != 200:
                    return WebAnswer(response.status, answered)
                return WebAnswer(
                    200, answered, self._body(response.iter_stream(), answered, url=url, most_bytes=most_bytes)
                )
        except _FAULTS as exc:
            if isinstance(exc, DeadlineError) or time.monotonic() >= self._backend.deadline:
                raise TransferError(f"it takes longer than {self._options.limit_s:g} s") from None
            raise TransferError(str(exc) or type(exc).__name__) from None

    def close(self) -> None:
        """Close the connections."""
        for pool in self._pools.values():
            pool.close()

    def _pool(self, scheme: str) -> httpcore2.ConnectionPool:
        """Return the connections of one kind: loading the certificates takes longer than most pages."""
        if scheme not in self._pools:
            import httpx2  # noqa: PLC0415 - heavy, and most runs fetch nothing

            context = httpx2.create_ssl_context() if scheme == "https" else None
            self._pools[scheme] = httpcore2.ConnectionPool(
                ssl_context=context, max_connections=4, max_keepalive_connections=4, keepalive_expiry=10,
                network_backend=self._backend,
            )  # fmt: skip
        return self._pools[scheme]

    def _body(self, blocks: Iterable[bytes], headers: Mapping[str, str], *, url: URL, most_bytes: int) -> bytes:
        shown = shown_url(str(url))
        hint = "download it, and name the file"
        too_large = DocumentError(f"{shown} is larger than {most_bytes / MIB:g} MiB", hint=hint)
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:20]) > most_bytes:
            raise too_large
        coding = headers.get("content-encoding", "").strip().lower()
        if coding not in {"", "identity", "gzip", "x-gzip"}:
            raise DocumentError(f"{shown} comes packed by {coding[:40]}, which nobody asked for", hint="")
        parts, size = [], 0
        for block in _unpacked(blocks) if coding.endswith("gzip") else blocks:
            size += len(block)
            if size > most_bytes:
                raise too_large
            parts.append(block)
        return b"".join(parts)


def _unpacked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip in blocks of bounded size: a thousandth of a page may say what is in all of it."""
    packed = zlib.decompressobj(wbits=31)
    for block in blocks:
        rest = block
        while rest and not packed.eof:
            yield packed.decompress(rest, _BLOCK)
            rest = packed.unconsumed_tail
    while not packed.eof and (more := packed.decompress(packed.unconsumed_tail, _BLOCK)):
        yield more
    if not packed.eof:
        raise zlib.error("the page ends before it is unpacked")


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        found.setdefault(name.decode("latin-1").lower(), value.decode("latin-1").strip())
    return found
