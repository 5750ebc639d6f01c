"""The pages that were fetched, on disk: one private file a page, so that none is fetched twice without need.

A file is a line of JSON that says what the page is, and then its bytes. One that is damaged counts as not there. The
oldest go once all of them together are larger than a bound.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from llmx.private_file import open_private

LIMIT_BYTES = 1 << 30
_LOOK_EVERY = 50  # pages; then the folder's size is looked at


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page as it was fetched.

    ``url`` is the one that was asked, ``fetched_at`` the time (UTC, as in ``2026-11-27T20:15:03Z``) and ``sha256`` that
    of ``data``, which is unpacked. ``fresh_until`` is the time in seconds since 1970 until which the server says it
    stays as it is; ``etag`` and ``modified`` are what it is asked by after that.
    """

    url: str
    data: bytes
    fetched_at: str
    sha256: str
    media_type: str = ""
    charset: str = ""
    etag: str = ""
    modified: str = ""
    fresh_until: float = 0.0


class PageCache:
    """The pages in ``folder``, which is made where it is not there."""

    def __init__(self, folder: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder, self._limit_bytes = folder, limit_bytes
        self._put = 0

    def get(self, url: str) -> WebPage | None:
        """Return the page of ``url``, None where it is not there or damaged."""
        try:
            head, _, data = self._path(url).read_bytes().partition(b"\n")
            page = WebPage(data=data, **json.loads(head))
        except (OSError, ValueError, TypeError):
            return None
        return page if page.url == url and page.sha256 == hashlib.sha256(data).hexdigest() else None

    def put(self, page: WebPage) -> None:
        """Keep ``page``. Where the disk says no, it is not kept."""
        head = {name: value for name, value in asdict(page).items() if name != "data"}
        path = self._path(page.url)
        part = path.with_suffix(f".{os.getpid()}.part")
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                with open_private(part, "wb") as file:
                    file.write(json.dumps(head).encode() + b"\n" + page.data)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
            self._put += 1
            if self._put % _LOOK_EVERY == 1:
                self._bound()

    def forget(self, url: str) -> None:
        """Remove the page of ``url``."""
        with suppress(OSError):
            self._path(url).unlink()

    def size(self) -> tuple[int, int]:
        """Return how many pages there are, and their bytes."""
        sizes = [path.stat().st_size for path in self._folder.glob("*.page")]
        return len(sizes), sum(sizes)

    def clear(self) -> int:
        """Remove all pages; return how many there were."""
        pages = list(self._folder.glob("*.page"))
        for path in pages:
            with suppress(OSError):
                path.unlink()
        return len(pages)

    def _bound(self) -> None:
        found = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self._folder.glob("*.page"))
        total = sum(size for _, size, _ in found)
        for _, size, path in found:
            if total <= self._limit_bytes:
                return
            path.unlink(missing_ok=True)
            total -= size

    def _path(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()}.page"
