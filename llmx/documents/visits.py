"""What a source of documents and a run tell each other of the URLs that are fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that was fetched: the ``url`` that was named, the one that redirects ``led_to``, when (UTC), and its hash.

    ``sha256`` is that of the page's bytes, unpacked.
    """

    url: str
    led_to: str
    fetched_at: str
    sha256: str


def _no(_: str) -> bool:
    return False


def _ignore(_: Visit) -> None:
    return None


@dataclass(slots=True)
class Visits:
    """The visits of one source, whose documents are taken one at a time.

    ``current`` is the page of which the last document came, None for one of a file. The source asks ``is_done``
    before it fetches a URL, which it passes over where the answer is yes, and calls ``ended`` once all documents of a
    page were taken.
    """

    current: Visit | None = None
    is_done: Callable[[str], bool] = _no
    ended: Callable[[Visit], None] = _ignore
