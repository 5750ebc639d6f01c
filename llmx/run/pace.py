"""Requests and tokens a minute: what the user allows, and what the server's headers say is left."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

BURST_S = 5.0
"""How much of a minute's allowance may go out at once. Burst and steady rate together never pass it in any minute."""


class Pace:
    """An allowance a minute, as a bucket that fills steadily. ``now_s`` comes from any monotonic clock."""

    def __init__(self, per_minute: float) -> None:
        self._room = max(1.0, per_minute * BURST_S / 60)
        self._rate = max(per_minute - self._room, per_minute / 60) / 60
        self._level = self._room
        self._at_s: float | None = None

    def wait_s(self, amount: float, now_s: float) -> float:
        """Return the seconds until ``amount`` may go. More than the bucket holds goes when it is full."""
        self._fill(now_s)
        need = min(amount, self._room)
        return 0.0 if self._level >= need - 1e-9 else (need - self._level) / self._rate

    def take(self, amount: float, now_s: float) -> None:
        """Take ``amount``, which may leave a debt; a negative one gives back."""
        self._fill(now_s)
        self._level = min(self._room, self._level - amount)

    def _fill(self, now_s: float) -> None:
        if self._at_s is not None:
            self._level = min(self._room, self._level + (now_s - self._at_s) * self._rate)
        self._at_s = now_s


class Told:
    """What a server says is left of one of its allowances, and when it is whole again."""

    def __init__(self) -> None:
        self._left = 0.0
        self._rate = 0.0
        self._until_s = 0.0
        self._at_s = 0.0
        self.known = False

    def hear(self, left: float, reset_s: float, *, limit: float | None, now_s: float) -> None:
        """Take down what an answer's headers said."""
        self._left, self._at_s, self._until_s = left, now_s, now_s + reset_s
        self._rate = (limit - left) / reset_s if limit is not None and reset_s > 0 else 0.0
        self.known = True

    def wait_s(self, amount: float, now_s: float) -> float:
        """Return the seconds until ``amount`` may go, by what was said."""
        if not self.known or now_s >= self._until_s:
            return 0.0
        left = self._left + (now_s - self._at_s) * self._rate
        if left >= amount:
            return 0.0
        wait_s = (amount - left) / self._rate if self._rate > 0 else self._until_s - now_s
        return min(wait_s, self._until_s - now_s)

    def take(self, amount: float) -> None:
        """Count what was sent since."""
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


def told_by(headers: Mapping[str, str], kind: str) -> tuple[float, float, float | None] | None:
    """Return (left, seconds to the reset, limit or None) of the allowance ``kind``, None where the headers say nothing.

    >>> told_by({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "6m2s"}, "requests")
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
