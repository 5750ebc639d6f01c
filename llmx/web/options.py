"""What fetching may do, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from llmx.errors import UsageError

MIB = 1 << 20
DELAY_S = 1.0
"""The pause between two requests to one host."""


@dataclass(frozen=True, slots=True)
class WebOptions:
    """How pages are fetched. Without such a value nothing is.

    ``private_hosts`` are hosts of a private network or of this machine that may be fetched all the same, as HOST or
    HOST:PORT. ``delay_s`` is the pause between two requests to one host, None for a second, and for none to a private
    one; what a robots.txt asks for is added to it. ``user_agent`` goes in front of llmx's own name. A page may have
    ``max_bytes``, unpacked, and take ``limit_s`` seconds. ``cache`` is the folder in which pages are kept, None for
    none.
    """

    private_hosts: tuple[str, ...] = ()
    delay_s: float | None = None
    user_agent: str = ""
    max_bytes: int = 64 * MIB
    limit_s: float = 60.0
    cache: Path | None = None

    def __post_init__(self) -> None:
        if self.delay_s is not None and not 0 <= self.delay_s < float("inf"):
            raise UsageError(f"--url-delay must be a number of seconds from 0, not {self.delay_s}")
        if not (self.user_agent.isascii() and (self.user_agent + "x").isprintable()):
            raise UsageError("--user-agent must be printable ASCII", hint="such as 'example.com research@example.com'")
        for host in self.private_hosts:
            if not host or "/" in host or "@" in host or host != host.strip():
                raise UsageError(f"'{host}' is no host", hint="write HOST or HOST:PORT, such as intranet.example:8080")
