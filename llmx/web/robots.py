"""What the robots.txt of a host allows, by RFC 9309: read once a run for each host, and obeyed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmx.errors import DocumentError
from llmx.web.connection import HostRefusedError
from llmx.web.urls import host_of, port_of, shown_url

if TYPE_CHECKING:
    from httpx2 import URL

PRODUCT = "llmx"
"""The name by which a robots.txt may speak of llmx."""
MOST_BYTES = 512 * 1024
"""So much of a robots.txt counts (RFC 9309 asks for 500 KiB at least)."""
_LONGEST_DELAY_S = 60.0


@dataclass(slots=True)
class Robots:
    """The rules of each host. ``read`` returns the text of a robots.txt, '' where there is none.

    It raises DocumentError where the file cannot be read: then nothing of the host is fetched.
    """

    read: Callable[[URL], str]
    _rules: dict[tuple[str, int], Any] = field(default_factory=dict)

    def delay_s(self, url: URL) -> float:
        """Return the pause between requests that the host asks for, 0 for none; a minute at most.

        Raises DocumentError where the host does not allow ``url`` to be fetched, or its rules cannot be read.
        """
        rules = self._of(url)
        if isinstance(rules, DocumentError):
            raise rules
        if not rules.can_fetch(str(url), PRODUCT):
            raise DocumentError(
                f"{shown_url(str(url))} is not fetched: the robots.txt of {host_of(url)} asks not to", hint=""
            )
        return min(float(rules.crawl_delay(PRODUCT) or 0.0), _LONGEST_DELAY_S)

    def _of(self, url: URL) -> Any:
        key = (url.scheme + host_of(url), port_of(url))
        if key not in self._rules:
            from protego import Protego  # noqa: PLC0415 - most runs fetch nothing

            try:
                self._rules[key] = Protego.parse(self.read(url.copy_with(raw_path=b"/robots.txt")))
            except HostRefusedError as exc:
                self._rules[key] = exc
            except DocumentError as exc:
                what = f"the robots.txt of {host_of(url)} cannot be read, so nothing of it is fetched: {exc.message}"
                self._rules[key] = DocumentError(what, hint=exc.hint)
        return self._rules[key]
