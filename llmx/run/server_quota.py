"""What is left of a server's own limits, as the headers of its answers say."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime


class ServerQuota:
    """What is left of one of the server's allowances by its own headers, and when it is whole again."""

    def __init__(self) -> None:
        self._left = 0.0
        self._rate = 0.0
        self._until_s = 0.0
        self._at_s = 0.0
        self.known = False

    def hear(self, left: float, reset_s: float, *, limit: float | None, now_s: float) -> None:
        """Remember what an answer's headers said."""
        self._left, self._at_s, self._until_s = left, now_s, now_s + reset_s
        self._rate = (limit - left) / reset_s if limit is not None and reset_s > 0 else 0.0
        self.known = True

    def wait_s(self, amount: float, now_s: float) -> float:
        """Return the seconds until ``amount`` may be taken."""
        if not self.known or now_s >= self._until_s:
            return 0.0
        left = self._left + (now_s - self._at_s) * self._rate
        if left >= amount:
            return 0.0
        wait_s = (amount - left) / self._rate if self._rate > 0 else self._until_s - now_s
        return min(wait_s, self._until_s - now_s)

    def take(self, amount: float) -> None:
        """Count what was sent since the headers came."""
        self._left -= amount


# OpenAI and the many that copy it; Anthropic; the IETF's draft (RateLimit header fields, requests only)
_ANTHROPIC = "anthropic-ratelimit-"
_NAMES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "requests": (
        ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", "x-ratelimit-limit-requests"),
        (f"{_ANTHROPIC}requests-remaining", f"{_ANTHROPIC}requests-reset", f"{_ANTHROPIC}requests-limit"),
        ("ratelimit-remaining", "ratelimit-reset", "ratelimit-limit"),
    ),
    "tokens": (
        ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", "x-ratelimit-limit-tokens"),
        (f"{_ANTHROPIC}tokens-remaining", f"{_ANTHROPIC}tokens-reset", f"{_ANTHROPIC}tokens-limit"),
    ),
}  # fmt: skip


def read_quota(headers: Mapping[str, str], kind: str) -> tuple[float, float, float | None] | None:
    """Return (left, seconds to the reset, limit or None) of the allowance ``kind``, None where the headers say nothing.

    >>> read_quota({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "6m2s"}, "requests")
    (3.0, 362.0, None)
    """
    for left, reset, limit in _NAMES[kind]:
        if left in headers:
            try:
                bound = _number(headers[limit].partition(",")[0]) if limit in headers else None
                return _number(headers[left]), _seconds(headers.get(reset, "")), bound
            except ValueError:
                return None
    return None


_PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


_EPOCH = 10**9
"""Seconds since 1970 from here on, as some gateways send them; a wait of thirty years was not meant."""


def _number(text: str) -> float:
    """Return a finite number. Raises ValueError."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


def _seconds(text: str) -> float:
    """Return the seconds that '1s', '6m0s', '20ms', '1.5' or a moment stand for. Raises ValueError.

    Moments come by RFC 3339, where one without a zone is in UTC, or as seconds or milliseconds since 1970.
    """
    text = text.strip()
    if parts := _PARTS.findall(text):
        return sum(float(number) * _UNITS[unit] for number, unit in parts)
    try:
        number = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        until_s = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    else:
        if _number(text) < _EPOCH:
            return max(0.0, number)
        until_s = number / 1000 if number >= 1000 * _EPOCH else number
    return max(0.0, until_s - datetime.now(UTC).timestamp())
