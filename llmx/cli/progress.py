"""Bars on stderr, only where it is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@contextmanager
def weights_progress() -> Iterator[Callable[[int, int], None] | None]:
    """Yield a callback (bytes done, bytes in all) that draws a bar while the weights are put together."""
    if not sys.stderr.isatty():
        yield None
        return
    with ExitStack() as stack:
        drawn: list[tuple[Progress, TaskID]] = []

        def update(done: int, total: int) -> None:
            if not drawn:
                drawn.append(stack.enter_context(_bar(total)))
            bar, task = drawn[0]
            bar.update(task, completed=done)
            if done >= total:
                bar.stop()

        yield update


@contextmanager
def _bar(total: int) -> Iterator[tuple[Progress, TaskID]]:
    """A bar that leaves stdout and stderr as they are: others ask them whether they are a terminal."""
    from rich.console import Console  # noqa: PLC0415 - heavy
    from rich.progress import Progress  # noqa: PLC0415 - heavy

    console = Console(stderr=True)
    with Progress(console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        yield bar, bar.add_task("weights", total=total)
