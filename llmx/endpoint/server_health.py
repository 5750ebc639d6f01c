"""What is known of a server that keeps texts: whether it is away, and which warnings were given.

A run asks it for every answer. One that went away is left alone for a while, so that no request waits for it, and each
kind of fault is one warning.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from llmx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

_LOG = logging.getLogger("llmx.cache")
PAUSE_S = 30.0
"""A server that did not answer is asked again after so long: each look at one that is away takes time from the run."""

_MOST_CHARS = 200


class ServerHealth:
    """The health of the server that ``named`` names in messages, such as 'the cache at redis://host/0'."""

    def __init__(self, named: str, *, pause_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._named, self._pause_s, self._clock = named, pause_s, clock
        self._away_until = 0.0
        self._warned: set[str] = set()

    @property
    def away(self) -> bool:
        """Whether it went away, and is not to be asked yet."""
        return self._clock() < self._away_until

    def went_away(self, done: str, error: Exception) -> None:
        """Leave it alone for a while; ``done`` says what it could not be, 'read' or 'written'."""
        self._away_until = self._clock() + self._pause_s
        self._warn("away", f"{self._named} cannot be {done} ({told(error)}); going on without it while it is away")

    def failed(self, done: str, error: Exception) -> None:
        """Warn, once, that it could not be ``done``, and is there all the same."""
        self._warn(done, f"{self._named} cannot be {done} ({told(error)}); going on without it")

    def damaged(self, error: Exception) -> None:
        """Warn, once, that a damaged entry counts as missing."""
        self._warn("damaged", f"a damaged entry in {self._named} counts as missing ({told(error)})")

    def unreachable(self, error: Exception) -> ConfigError:
        """Return the error that it cannot be used."""
        return ConfigError(
            f"{self._named} cannot be used: {told(error)}",
            hint="Check its address and password, or leave out the setting cache_url.",
        )

    def _warn(self, kind: str, message: str) -> None:
        """Warn once per kind: without the server every answer would warn."""
        if kind not in self._warned:
            self._warned.add(kind)
            _LOG.warning("%s", message)


def told(error: Exception) -> str:
    """Return what went wrong on one line. The clients' errors hold addresses, and never what was sent."""
    return " ".join(str(error).split())[:_MOST_CHARS] or type(error).__name__
