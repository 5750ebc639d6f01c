"""Bars on stderr, only where it is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def weights_progress() -> Iterator[Callable[[int, int], None] | None]:
    """Yield a callback (bytes done, bytes in all) that draws a bar the first time the weights are put together."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - heavy
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: list[int] = []

        def update(done: int, total: int) -> None:
            if not tasks:
                tasks.append(bar.add_task("weights", total=total))
            bar.update(tasks[0], completed=done)  # type: ignore[arg-type] # TaskID is an int

        yield update
