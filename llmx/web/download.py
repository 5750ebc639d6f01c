"""Downloads one large file: a download that breaks off goes on where it ended, and a file that is not the one that was
asked for never gets its name.

What has come stands beside the target as ``.NAME.part``, with the mark of the server's file (``.NAME.part.json``): the
next attempt asks for the rest, and begins anew where the file there is another by now. Only the address that the user
gave is asked, and where it leads by https. No cookie and no login is sent.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.errors import ConfigError, OutputError
from llmx.web.urls import shown_url

if TYPE_CHECKING:
    import httpx2

Progress = Callable[[int, int], None]
"""Hears the bytes that are there, and the bytes in all (0 where the server does not say)."""

_SPARE_BYTES = 64 << 20  # left free on the disk beside the file
_CONNECT_S, _READ_S = 20.0, 60.0
_ATTEMPTS = 5
"""Attempts in a row that bring nothing new. One that brings a part of the file is not counted."""

_LONGEST_PAUSE_S = 30.0
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 8
_OK, _PARTIAL, _BEYOND_THE_END = 200, 206, 416


@dataclass(frozen=True, slots=True)
class Download:
    """What to download: ``url`` to ``target``, whose digest must be ``sha256``; '' takes the file as it comes.

    ``progress`` hears how far it is. ``sleep`` waits between attempts, and is passed in by tests.
    """

    url: str
    target: Path
    sha256: str = ""
    progress: Progress | None = None
    sleep: Callable[[float], None] = time.sleep

    @property
    def part(self) -> Path:
        """What has come so far."""
        return self.target.with_name(f".{self.target.name}.part")

    @property
    def mark(self) -> Path:
        """What is known of the file of which ``part`` is a part."""
        return self.target.with_name(f".{self.target.name}.part.json")


class _BrokenOffError(Exception):
    """The connection failed, or the server will be there again later; what has come stays."""


def download(wanted: Download) -> str:
    """Fetch the file, or the rest of it, and return its SHA-256 in hexadecimal digits.

    Raises ConfigError where the server does not have it, keeps breaking off, or has a file with another digest;
    OutputError where the disk is full or may not be written. What has come stays for the next time, unless its digest
    is wrong.
    """
    try:
        wanted.target.parent.mkdir(parents=True, exist_ok=True)
        _fetch(wanted)
        found = _digest(wanted.part)
        if wanted.sha256 and found != wanted.sha256.lower():
            _forget(wanted)
            hint = "The file there is another, or damaged: it was removed. Look at the address and at the digest."
            raise ConfigError(f"{shown_url(wanted.url)} has the SHA-256 {found}, not {wanted.sha256}", hint=hint)
        wanted.part.replace(wanted.target)
        _forget(wanted)
    except OSError as error:
        raise _unwritable(error, wanted) from error
    return found


def _fetch(wanted: Download) -> None:
    import httpx2  # noqa: PLC0415 - heavy, and most commands download nothing

    timeout = httpx2.Timeout(_READ_S, connect=_CONNECT_S)
    left = _ATTEMPTS
    with httpx2.Client(timeout=timeout, follow_redirects=False, headers={"Accept-Encoding": "identity"}) as client:
        while True:
            before = _size(wanted.part)
            try:
                _fetch_rest(client, wanted)
            except (_BrokenOffError, httpx2.TransportError) as fault:
                left = _ATTEMPTS if _size(wanted.part) > before else left - 1
                if not left:
                    raise _given_up(wanted, fault) from None
                wanted.sleep(min(2.0 ** (_ATTEMPTS - left), _LONGEST_PAUSE_S))
            else:
                return


def _fetch_rest(client: httpx2.Client, wanted: Download) -> None:
    """Ask for what is not there yet, and append it. Raises _BrokenOffError, and what httpx raises of the connection."""
    known, there = _read_mark(wanted), _size(wanted.part)
    headers = {}
    if there and known.get("tag"):
        headers = {"Range": f"bytes={there}-", "If-Range": str(known["tag"])}
    with closing(_answered(client, wanted.url, headers)) as response:
        if response.status_code == _BEYOND_THE_END and there == known.get("size"):
            return
        if response.status_code == _BEYOND_THE_END:
            _forget(wanted)
            raise _BrokenOffError("the file there is shorter by now")
        _check_status(response.status_code, wanted)
        goes_on = response.status_code == _PARTIAL and _begins_at(response) == there
        if response.status_code == _PARTIAL and not goes_on:
            _forget(wanted)
            raise _BrokenOffError("the server sent another part of the file")
        start = there if goes_on else 0
        size = _whole_size(response, start)
        _check_disk(wanted, size - start)
        tag = response.headers.get("etag") or response.headers.get("last-modified") or ""
        weak = tag.startswith("W/")  # names a file of the same meaning, not of the same bytes
        wanted.mark.write_text(json.dumps({"url": wanted.url, "tag": "" if weak else tag, "size": size}), "utf-8")
        _append(response.iter_raw(), wanted, start=start, size=size)
    if size and _size(wanted.part) < size:
        raise _BrokenOffError(f"the connection ended after {_size(wanted.part):,} of {size:,} bytes")


def _answered(client: httpx2.Client, url: str, headers: dict[str, str]) -> httpx2.Response:
    """Return the answer, unread, at ``url``, or at where it leads to. Raises ConfigError where it may not."""
    import httpx2  # noqa: PLC0415 - loaded already

    for _ in range(_MOST_REDIRECTS):
        response = client.send(client.build_request("GET", url, headers=headers), stream=True)
        location = response.headers.get("location")
        if response.status_code not in _REDIRECTS or not location:
            return response
        response.close()
        target = httpx2.URL(url).join(location)
        if target.scheme not in ("http", "https") or (url.startswith("https:") and target.scheme != "https"):
            raise ConfigError(f"{shown_url(url)} leads on to {target.scheme}://{target.host}, which is not followed")
        url = str(target)
    raise ConfigError(f"{shown_url(url)} leads on and on, through {_MOST_REDIRECTS} redirects")


def _append(blocks: Iterator[bytes], wanted: Download, *, start: int, size: int) -> None:
    with wanted.part.open("r+b" if start else "wb") as out:
        if start:
            out.truncate(start)
            out.seek(start)
        done = start
        for block in blocks:
            out.write(block)
            done += len(block)
            if wanted.progress is not None:
                wanted.progress(done, size)


def _check_status(status: int, wanted: Download) -> None:
    if status in _PASSING:
        raise _BrokenOffError(f"HTTP {status}")
    if status not in (_OK, _PARTIAL):
        hint = "it wants a login: download it yourself, and name the file" if status in (401, 403) else ""
        raise ConfigError(f"{shown_url(wanted.url)} cannot be downloaded: HTTP {status}", hint=hint)


def _begins_at(response: httpx2.Response) -> int:
    """Return at which byte a part begins, -1 where that is not said."""
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    first = rest.partition("-")[0].strip()
    return int(first) if unit == "bytes" and first.isdecimal() else -1


def _whole_size(response: httpx2.Response, start: int) -> int:
    """Return the size of the whole file, 0 where it is not said."""
    length = response.headers.get("content-length", "")
    return start + int(length) if length.isdecimal() else 0


def _check_disk(wanted: Download, missing: int) -> None:
    free = shutil.disk_usage(wanted.target.parent).free
    if missing and free < missing + _SPARE_BYTES:
        raise OutputError(
            f"the rest of {shown_url(wanted.url)} needs {missing / 1e9:.2f} GB in {wanted.target.parent}, where "
            f"{free / 1e9:.2f} GB are free",
            hint="Free some space, or set LLMX_CACHE_DIR to a folder on another disk.",
        )


def _read_mark(wanted: Download) -> dict[str, Any]:
    """Return what is known of the part that is there, {} where it is of another file."""
    try:
        known = json.loads(wanted.mark.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) and known.get("url") == wanted.url else {}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _forget(wanted: Download) -> None:
    for path in (wanted.part, wanted.mark):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _given_up(wanted: Download, fault: Exception) -> ConfigError:
    there = _size(wanted.part)
    hint = f"The same command goes on: {there:,} bytes are there." if there else "Look at the address and the network."
    return ConfigError(f"{shown_url(wanted.url)} cannot be downloaded: {fault or type(fault).__name__}", hint=hint)


def _unwritable(error: OSError, wanted: Download) -> OutputError:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    hint = (
        "Free some space, or set LLMX_CACHE_DIR to a folder on another disk; the same command goes on."
        if full
        else "Set LLMX_CACHE_DIR to a folder that you may write."
    )
    why = "the disk is full" if full else error.strerror or str(error)
    return OutputError(f"cannot write {wanted.target}: {why}", hint=hint)
