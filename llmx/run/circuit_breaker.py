"""Distinguishes an endpoint that is away from a document that breaks it, and holds requests back while it is away.

Many failures in a row, from several documents and without one answer in between, mean that the endpoint is away. Then
one request at a time tests whether it is back. A single document that always fails never holds up the others.
"""

from __future__ import annotations

import math

IN_A_ROW = 8
DOCUMENTS = 3
"""A document alone fails for reasons of its own; three different ones do not."""

FIRST_TRY_S = 1.0
LAST_TRY_S = 15.0
SLOWER = 1.6
REFUSED_AT_FIRST = 20
"""Requests that are refused for good (400, 404) before any was answered: the next million would fare no better."""


class CircuitBreaker:
    """``open`` while the endpoint counts as away. ``now_s`` comes from any monotonic clock."""

    def __init__(self) -> None:
        self.open = False
        self.since_s = 0.0
        self.error: BaseException | None = None
        self._answered = False
        self._failures = 0
        self._refusals = 0
        self._documents: set[str] = set()
        self._next_s = 0.0
        self._pause_s = FIRST_TRY_S
        self._trying = False

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until a request may go: 0 while closed, math.inf while another one is trying."""
        if not self.open:
            return 0.0
        return math.inf if self._trying else max(0.0, self._next_s - now_s)

    def sent(self) -> None:
        """Hear that a request goes out."""
        self._trying = self.open

    def let_go(self, now_s: float) -> None:
        """Hear that the request that tried was given up by us, which says nothing."""
        self._trying = False
        self._next_s = now_s

    def answered(self) -> None:
        """Hear of an answer: the endpoint is there."""
        self.open = self._trying = False
        self._answered = True
        self._failures = 0
        self._documents.clear()
        self._pause_s = FIRST_TRY_S

    @property
    def refuses_all(self) -> bool:
        """Whether every request was refused for good, and there were enough of them to tell."""
        return not self._answered and self._refusals >= REFUSED_AT_FIRST

    def on_refusal(self, error: BaseException) -> bool:
        """Hear that a request was refused for good; return whether all are, so that going on is pointless."""
        answered = self._answered
        self.answered()
        self._answered = answered
        self._refusals += 1
        self.error = error
        return self.refuses_all

    def failed(self, document: str, error: BaseException, now_s: float) -> None:
        """Hear that there was no answer, or one that says that the endpoint is out of order."""
        self.error = error
        self._failures += 1
        self._documents.add(document)
        if self.open:
            if self._trying:
                self._trying = False
                self._pause_s = min(LAST_TRY_S, self._pause_s * SLOWER)
                self._next_s = now_s + self._pause_s
            return
        several = len(self._documents) >= DOCUMENTS or not self._answered
        if self._failures >= IN_A_ROW and several:
            self.open, self.since_s = True, now_s
            self._next_s = now_s + self._pause_s
