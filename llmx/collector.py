"""When Python's collector of garbage need not look: while a command loads its code, and over what was there before.

The collector looks through new objects again and again as they become more. Code is loaded to stay, in a hundred
thousand objects: to look through them took a tenth of the time in which a short command is done.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module


@contextmanager
def loading() -> Iterator[None]:
    """Keep the collector from what is loaded in the ``with`` block, now and for as long as the process lives.

    For a process that is a command's own. What is garbage by the end of the block stays too.
    """
    mine = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if mine:
            gc.enable()


def load(*modules: str) -> None:
    """Import ``modules`` while the collector is off; do nothing where they are imported already."""
    if not sys.modules.keys() >= set(modules):
        with loading():
            for name in modules:
                import_module(name)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Let the collector pass over what was there before: looking at it again costs some 2 % of a fast run."""
    mine = gc.get_freeze_count() == 0  # else somebody has done it, who may undo it
    if mine:
        gc.freeze()
    try:
        yield
    finally:
        if mine:
            gc.unfreeze()
