"""A bound on requests or tokens a minute, as a token bucket."""

from __future__ import annotations

BURST_S = 5.0
"""How much of a minute's allowance may go out at once. Burst and steady rate together never pass it in any minute."""


class TokenBucket:
    """An allowance a minute that fills steadily. ``now_s`` comes from any monotonic clock."""

    def __init__(self, per_minute: float) -> None:
        self._room = max(1.0, per_minute * BURST_S / 60)
        self._rate = max(per_minute - self._room, per_minute / 60) / 60
        self._level = self._room
        self._at_s: float | None = None

    def wait_s(self, amount: float, now_s: float) -> float:
        """Return the seconds until ``amount`` may be taken. More than the bucket holds may be when it is full."""
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
