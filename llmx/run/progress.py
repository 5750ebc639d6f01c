"""The progress of a run on a terminal: one line with documents, rate, cost, and what the run is waiting for."""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llmx.run.budget import Price, price_of
from llmx.run.dollars import shown_usd
from llmx.run.observer import EVERY_S, Expected, Live, NullObserver, RunObserver, expect

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live as Screen
    from rich.text import Text

    from llmx.documents import Document, Unreadable
    from llmx.record import Record
    from llmx.run.summary import Summary

_RATE_S = 10.0  # the rate is that of the last seconds
LINE_EVERY_S = 60.0
"""How often a log gets a line."""


def run_progress(*, console: Console | None = None, expected: Expected = lambda: None) -> RunObserver:
    """Return an observer that draws on stderr; where that is no terminal, it prints a line a minute."""
    if console is None:
        if not sys.stderr.isatty():
            return ProgressLines(expected)
        from rich.console import Console  # noqa: PLC0415 - heavy

        console = Console(stderr=True)
    return Progress(console, expected)


def document_lines(*, expected: Expected = lambda: None) -> RunObserver:
    """Return an observer that prints a line on stderr for each document, and one a minute for the run."""
    return DocumentLines(expected)


class ProgressLines(NullObserver):
    """Prints on stderr how far a run is, every ``every_s``, and why it pauses or stops: of many runs a log is all."""

    def __init__(self, expected: Expected = lambda: None, *, every_s: float = LINE_EVERY_S) -> None:
        self._expected, self._every_s = expected, every_s
        self._told_s, self._told_done = 0.0, 0

    def begin(self, live: Live) -> None:
        """Begin to count the time."""
        self._live, self._told_s = live, time.monotonic()
        self._prices = [price_of(account.model, account.base_url) for account in live.accounts]
        expect(live, self._expected)

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:  # noqa: ARG002 - an observer's
        """Print a line, if it is time."""
        now_s = time.monotonic()
        if (passed_s := now_s - self._told_s) >= self._every_s:
            rate = (self._live.done - self._told_done) / passed_s if passed_s else 0.0
            self._told_s, self._told_done = now_s, self._live.done
            self.note(", ".join(told(self._live, rate=rate, prices=self._prices)))

    def note(self, message: str) -> None:
        """Print it."""
        print(f"llmx: {message}", file=sys.stderr, flush=True)  # noqa: T201 - for people


class DocumentLines(ProgressLines):
    """Prints a line for each document, too: its status, how long it took, its tokens, and its issues by code."""

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:
        """Print it."""
        codes = Counter(issue.code for issue in record.issues)
        issues = "".join(f", {code}{f' {count}' if count > 1 else ''}" for code, count in codes.items())
        tokens = f", {record.usage.total_tokens:,} tokens" if record.usage.total_tokens else ""
        self.note(f"{record.id}: {record.status}, {seconds:.1f} s{tokens}{issues}")
        super().finished(document, record, seconds)


class Progress(NullObserver):
    """Draws the state of a run on ``console`` every ``EVERY_S``."""

    def __init__(self, console: Console, expected: Expected = lambda: None) -> None:
        self._console, self._expected = console, expected
        self._screen: Screen | None = None
        self._live: Live | None = None
        self._prices: list[Price | None] = []
        self._drawn_s = -math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._marks: list[tuple[float, int]] = []

    def begin(self, live: Live) -> None:
        """Begin to draw."""
        from rich.live import Live as Screen  # noqa: PLC0415 - heavy

        self._live = live
        expect(live, self._expected)
        self._prices = [price_of(account.model, account.base_url) for account in live.accounts]
        self._screen = Screen(
            console=self._console,
            auto_refresh=False,
            transient=True,
            get_renderable=self._line,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._screen.start()
        self._by_the_clock()

    def started(self, document: Document | Unreadable) -> None:  # noqa: ARG002 - an observer's
        """Draw, if it is time."""
        self._tick()

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:  # noqa: ARG002 - an observer's
        """Draw, if it is time."""
        self._tick()

    def note(self, message: str) -> None:
        """Print the note above the line."""
        self._console.print(f"llmx: {message}", style="yellow", highlight=False, markup=False)

    def end(self, summary: Summary) -> None:  # noqa: ARG002 - an observer's
        """Take the line away; the caller prints the summary."""
        if self._timer is not None:
            self._timer.cancel()
        if self._screen is not None:
            self._screen.stop()
            self._screen = None

    def _by_the_clock(self) -> None:
        """Draw every ``EVERY_S`` whatever happens: a slow model may be silent for minutes."""
        self._tick()
        with contextlib.suppress(RuntimeError):  # no loop runs: then only what happens is drawn
            self._timer = asyncio.get_running_loop().call_later(EVERY_S, self._by_the_clock)

    def _tick(self) -> None:
        now_s = time.monotonic()
        if self._screen is not None and self._live is not None and now_s - self._drawn_s >= EVERY_S:
            self._drawn_s = now_s
            self._marks.append((now_s, self._live.done))
            while len(self._marks) > 2 and now_s - self._marks[0][0] > _RATE_S:
                self._marks.pop(0)
            self._screen.refresh()

    def _line(self) -> Text:
        from rich.text import Text  # noqa: PLC0415 - heavy

        assert self._live is not None
        return Text(" · ".join(told(self._live, rate=self._rate(), prices=self._prices)))

    def _rate(self) -> float:
        if len(self._marks) < 2:
            return 0.0
        (begin_s, before), (now_s, now) = self._marks[0], self._marks[-1]
        return (now - before) / (now_s - begin_s) if now_s > begin_s else 0.0


def told(live: Live, *, rate: float = 0.0, prices: Sequence[Price | None] = ()) -> list[str]:
    """Return the parts of the line; ``rate`` is in documents per second, ``prices`` are those of the live accounts.

    >>> told(Live(done=3, working=2, in_flight=2, limit=8, expected=1000), rate=1.5)
    ['3 of 1,000 documents (0 %)', '1.5/s', '11 min left', '2 in flight of 8']
    """
    seen = live.done + live.skipped
    total = live.expected if live.expected is not None and live.expected >= seen else None  # else the source has grown
    parts = [f"{live.done:,} documents"]
    if total:
        parts = [f"{seen:,} of {total:,} documents ({100 * seen // total} %)"]
    if live.skipped:
        parts.append(f"{live.skipped:,} done before")
    parts += [f"{n:,} {status}" for status, n in live.statuses.items() if n and status != "ok"]
    if rate:
        slow = f"{60 * rate:.1f}/min" if rate < 0.1 else f"{rate:.1f}/s"
        parts.append(slow if rate < 100 else f"{rate:,.0f}/s")
        parts += [f"{_span(math.ceil((total - seen) / rate))} left"] if total and total > seen else []
    parts.append(f"{live.in_flight} in flight of {live.limit}")
    if (stats := live.stats) is not None:
        limited = stats.statuses.get(429, 0)
        parts += [
            f"{n:,} {what}"
            for n, what in ((stats.retries, "retries"), (limited, "429s"), (stats.cache_hits, "from the cache"))
            if n
        ]
        if stats.paid.total_tokens:
            parts.append(f"{stats.paid.total_tokens:,} tokens{_cost(live, prices)}")
    if live.pause:
        parts.append(f"waiting: {live.pause}")
    return parts


def _span(seconds: int) -> str:
    """Return a number of seconds as people say it: 40 s, 12 min, 3 h 20 min."""
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod((seconds + 30) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _cost(live: Live, prices: Sequence[Price | None]) -> str:
    """Return what the paid tokens cost, '' where a price of them is not known."""
    paid = [
        (price, usage)
        for price, account in zip(prices, live.accounts, strict=False)
        if (usage := account.stats.paid).total_tokens
    ]
    if not paid or any(price is None for price, _ in paid):
        return ""
    return f" = {shown_usd(sum(price.of(usage) for price, usage in paid if price is not None))} USD"
