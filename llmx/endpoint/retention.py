"""Where an endpoint keeps its answers, so that nobody pays for one twice: what a run needs to know of it.

A run keeps its finished records beside the answers, reads them back under the same conditions, and can repeat for
nothing only what is kept.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from llmx.dataclass import dataclass
from llmx.endpoint.settings import CACHE_BYTES, cache_folder

if TYPE_CHECKING:
    from pathlib import Path

    from llmx.endpoint.cassette import Cassette
    from llmx.endpoint.settings import EndpointSettings
    from llmx.endpoint.wire import Wire


@dataclass(frozen=True, slots=True)
class Retention:
    """``folder`` is the cache folder, None without a cache (``--no-cache``); ``limit_bytes`` bounds each store in it.

    ``url`` is the server that holds answers and records for many machines, '' where they are in the folder.
    ``reads`` is False where every request is sent although its answer is kept (``--refresh``, ``--record``).
    ``cassette`` is the one that a replay answers from.
    """

    folder: Path | None = None
    limit_bytes: int = CACHE_BYTES
    reads: bool = True
    cassette: Cassette | None = None
    url: str = field(default="", repr=False)

    @classmethod
    def of(cls, settings: EndpointSettings, wire: Wire) -> Retention:
        """Return what ``settings`` ask for, with the cassette that ``wire`` replays."""
        cassette = None
        if settings.replay is not None:
            from llmx.endpoint.cassette import ReplayWire  # noqa: PLC0415 - only on a replay

            cassette = wire.cassette if isinstance(wire, ReplayWire) else None
        folder = cache_folder(settings) if settings.cache else None
        reads = not (settings.refresh or settings.record)
        return cls(folder, settings.cache_bytes, reads=reads, cassette=cassette, url=settings.cache_url)

    @property
    def repeatable(self) -> bool:
        """Whether an answer can be had a second time without paying for it."""
        return self.folder is not None or self.cassette is not None
