"""How many requests may be in flight: found by trying, lowered at once where the endpoint says that it is too many.

Multiplicative decrease on refusals, as in TCP (Chiu and Jain 1989). Otherwise latency tells little, because a model's
answers differ so much in length; what counts is the rate of answers. A higher limit is worth it where the rate grows
with it, and a lower one is better where the rate does not fall: the endpoint only queues then.
"""

from __future__ import annotations

from typing import Literal

from llmx.dataclass import dataclass

START = 8
MOST = 256
"""Above this, one process is busy with itself: measured in docs/performance.md."""

CUT = 0.7
COOL_S = 1.0
"""Several refusals within a second are one sign, not several."""

DOUBLING = 1.3
"""What twice as many in flight must give to be tried again: the truth is 2 or 1, the rest is noise."""

QUIET = 6
"""Windows between two trials of another level."""

FAILING = 0.5
"""Share of failed requests in a window that counts as too many at once. Some are lost on any line."""


@dataclass(slots=True)
class _Window:
    """The answers since ``since_s`` (None before the first): as many as are in flight make a window.

    ``full`` says that there were always as many in flight as allowed; ``settling`` that the limit has just changed, so
    that the answers are still to requests of the one before.
    """

    since_s: float | None = None
    settling: bool = False
    answers: int = 0
    failures: int = 0
    full: bool = True


class AdaptiveConcurrency:
    """The bound on requests in flight; ``limit`` is the present one. A fixed bound only gives way to refusals."""

    def __init__(self, concurrency: int | Literal["auto"]) -> None:
        self.searching = concurrency == "auto"
        self.most = MOST if concurrency == "auto" else concurrency
        self.limit = START if concurrency == "auto" else concurrency
        self._doubling = self.searching
        self._window = _Window(settling=True)
        self._quiet_windows = 0
        self._cut_s = -COOL_S
        self._home, self._rate = self.limit, 0.0
        self._up = True

    def answered(self, now_s: float, *, full: bool, failed: bool = False) -> None:
        """Hear of an answer; ``full`` says that as many were in flight as might be."""
        window = self._window
        if window.since_s is None:
            window.since_s = now_s
            return
        window.answers += 1
        window.failures += failed
        window.full &= full
        if window.answers >= max(self.limit, 4):
            self._judge(window, now_s)

    def on_refusal(self, now_s: float) -> None:
        """Hear that the endpoint said 'too many'."""
        self._doubling = False
        if now_s - self._cut_s >= COOL_S:
            self._cut_s = now_s
            self._stay_at(max(1, int(self.limit * CUT)), now_s)
            self._rate = 0.0

    def _judge(self, window: _Window, now_s: float) -> None:
        """At the end of a window, allow more, fewer, or as many as before."""
        assert window.since_s is not None
        rate = window.answers / max(now_s - window.since_s, 1e-6)
        if window.failures > FAILING * window.answers:
            return self.on_refusal(now_s)
        if not self.searching:
            return self._stay_at(min(self.most, self.limit + max(1, self.most // 16)), now_s)
        if not window.full or window.settling:  # the source is the bound; or answers to requests of the limit before
            return self._begin(now_s)
        if self._doubling:
            return self._double(rate, now_s)
        return self._try(rate, now_s) if self.limit != self._home else self._rest(rate, now_s)

    def _double(self, rate: float, now_s: float) -> None:
        if rate >= self._rate * DOUBLING:
            self._home, self._rate = self.limit, rate
            if self.limit < self.most:
                return self._move(min(self.most, 2 * self.limit), now_s)
        self._doubling = False
        return self._stay_at(self._home, now_s)

    def _rest(self, rate: float, now_s: float) -> None:
        """At home: learn its rate, and from time to time try a limit above or below, in turn."""
        self._rate = rate if not self._rate else 0.7 * self._rate + 0.3 * rate
        self._quiet_windows += 1
        if self._quiet_windows < QUIET:
            return self._begin(now_s)
        self._quiet_windows = 0
        step = max(1, self.limit // 8)
        wanted = min(self.most, self.limit + step) if self._up else max(1, self.limit - step)
        self._up = not self._up
        return self._begin(now_s) if wanted == self.limit else self._move(wanted, now_s)

    def _try(self, rate: float, now_s: float) -> None:
        """Away from home: stay there where it gains at least, or loses at most, half of what the step could give."""
        share = (self.limit - self._home) / self._home
        if rate >= self._rate * (1 + share / 2):
            self._rate = rate
            if share > 0:
                self._up, self._quiet_windows = True, QUIET  # what gained once may gain again
            return self._stay_at(self.limit, now_s)
        return self._stay_at(self._home, now_s)

    def _stay_at(self, limit: int, now_s: float) -> None:
        """Make ``limit`` the home."""
        self._home = limit
        self._move(limit, now_s)

    def _move(self, limit: int, now_s: float) -> None:
        changed = limit != self.limit
        self.limit = limit
        self._window = _Window(now_s, settling=changed)

    def _begin(self, now_s: float) -> None:
        self._window = _Window(now_s)
