"""How many requests may be in flight: found by trying, lowered at once where the endpoint says that it is too many.

Additive increase, multiplicative decrease (Chiu and Jain 1989), as TCP does it, with one difference: answers of a model
take so differently long that latency alone says little. What is watched is the rate of answers. More in flight is
worth it as long as the rate grows; where it does not, the endpoint only queues.
"""

from __future__ import annotations

from typing import Literal

START = 8
MOST = 256
"""Above this, one process is busy with itself: measured in docs/performance.md."""

CUT = 0.7
COOL_S = 1.0
"""Several refusals within a second are one sign, not several."""

WORTH_IT = 1.15
"""Twice as many in flight must give at least this much more; less is noise, or a queue."""

FAILING = 0.5
"""Share of failed requests in a window that counts as too many at once. Some are lost on any line."""


class Level:
    """The bound on requests in flight; ``limit`` is the present one. A fixed bound only gives way to refusals."""

    def __init__(self, concurrency: int | Literal["auto"]) -> None:
        self.searching = concurrency == "auto"
        self.most = MOST if concurrency == "auto" else concurrency
        self.limit = START if concurrency == "auto" else concurrency
        self._doubling = self.searching
        self._answers = 0
        self._failures = 0
        self._full = True
        self._since_s: float | None = None
        self._cut_s = -COOL_S
        self._rate = 0.0
        self._before = self.limit

    def answered(self, now_s: float, *, full: bool, failed: bool = False) -> None:
        """Hear of an answer; ``full`` says that as many were in flight as might be."""
        if self._since_s is None:
            self._since_s = now_s
        self._answers += 1
        self._failures += failed
        self._full &= full
        if self._answers > max(self.limit, 4):
            self._judge(now_s)

    def refused(self, now_s: float) -> None:
        """Hear that the endpoint said 'too many'."""
        self._doubling = False
        if now_s - self._cut_s >= COOL_S:
            self._cut_s = now_s
            self._set(max(1, int(self.limit * CUT)), now_s)
            self._rate = 0.0

    def _judge(self, now_s: float) -> None:
        """A window is over, as many answers as there are in flight: more, less, or as it was."""
        assert self._since_s is not None
        rate = (self._answers - 1) / max(now_s - self._since_s, 1e-6)
        if self._failures > FAILING * self._answers:
            return self.refused(now_s)
        if not self._full:  # the source is the bound
            return self._set(self.limit, now_s)
        if not self.searching:
            return self._set(min(self.most, self.limit + max(1, self.most // 16)), now_s)
        grown = rate > self._rate * (WORTH_IT if self._doubling else 0.97)
        if grown:
            self._before, self._rate = self.limit, rate
            step = self.limit if self._doubling else max(1, self.limit // 16)
            return self._set(min(self.most, self.limit + step), now_s)
        self._doubling = False
        self._rate = rate if self._before == self.limit else self._rate * 0.98  # what was once possible may be no more
        return self._set(max(1, min(self._before, self.limit - max(1, self.limit // 16))), now_s)

    def _set(self, limit: int, now_s: float) -> None:
        self.limit = limit
        self._answers = self._failures = 0
        self._full = True
        self._since_s = now_s
