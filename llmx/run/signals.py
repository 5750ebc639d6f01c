"""SIGINT and SIGTERM as messages to a run instead of exceptions in the middle of it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_CAUGHT = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def on_signals(heard: Callable[[str, int], None]) -> Iterator[None]:
    """Call ``heard`` with a signal's name and how many came so far, for as long as the block lasts.

    Does nothing outside the main thread, and where the loop knows no signals (Windows).
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, times, caught = asyncio.get_running_loop(), 0, []

    def hear(name: str) -> None:
        nonlocal times
        times += 1
        heard(name, times)

    before = {number: signal.getsignal(number) for number in _CAUGHT}
    for number in _CAUGHT:
        with suppress(RuntimeError, ValueError):
            loop.add_signal_handler(number, hear, number.name)
            caught.append(number)
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
