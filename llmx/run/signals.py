"""SIGINT and SIGTERM as messages to a run instead of exceptions in the middle of it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from llmx.errors import ConfigError

_CAUGHT = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def on_signals(heard: Callable[[str, int], None]) -> Iterator[None]:
    """Call ``heard`` with a signal's name and how many came so far, for as long as the block lasts.

    Raises ConfigError outside the main thread, which alone hears signals.
    """
    if threading.current_thread() is not threading.main_thread():
        raise ConfigError(
            "signals can only be caught in the main thread", hint="Leave out signals=True, or run in the main thread."
        )
    loop, times = asyncio.get_running_loop(), 0

    def hear(name: str) -> None:
        nonlocal times
        times += 1
        heard(name, times)

    def handle(number: int, _: FrameType | None) -> None:
        loop.call_soon_threadsafe(hear, signal.Signals(number).name)

    before = {number: signal.getsignal(number) for number in _CAUGHT}
    for number in _CAUGHT:
        try:
            loop.add_signal_handler(number, hear, number.name)
        except RuntimeError:  # not on Windows
            signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(RuntimeError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)
