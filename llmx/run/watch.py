"""Watches a folder, and has what arrives in it extracted: what is new or has changed, once nothing writes to it.

What a run does with documents that it knows is the manifest's: every run here goes on with the output, as ``--resume``.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from llmx.documents.find import File, FileSearch, folder_files
from llmx.errors import UsageError
from llmx.run.summary import Summary

Files = Mapping[str, tuple[int, int]]
"""Files by path, with the time of their last change in nanoseconds and their bytes."""

_PASSES = frozenset({"", "endpoint"})
"""How a run may end that another may follow: to its end, or because the endpoint was away."""


def files_in(folder: Path, *, exclude: Iterable[Path] = ()) -> Files:
    """Return the files that a run over ``folder`` would read, but for ``exclude``. None is an empty folder."""
    search = FileSearch(frozenset(os.path.realpath(path) for path in exclude), Counter())
    found: dict[str, tuple[int, int]] = {}
    with suppress(UsageError):  # which says that there is no document, yet
        for file in folder_files(folder, search):
            if isinstance(file, File):
                with suppress(OSError):  # it has gone meanwhile
                    stat = file.path.stat()
                    found[str(file.path)] = (stat.st_mtime_ns, stat.st_size)
    return found


async def watch_folder(
    look: Callable[[], Files], extract: Callable[[], Awaitable[Summary]], wait: Callable[[], Awaitable[bool]]
) -> int:
    """Call ``extract`` whenever ``look`` finds other files than before and finds the same a second time.

    ``wait`` is awaited between two looks, and says whether to go on. A run that an outage ended is repeated; one that
    ended early for another reason is the last. Returns the exit code of the last run, 0 where there was none.
    """
    done: Files = {}
    before: Files = {}
    code = 0
    while True:
        now = look()
        if now and now == before and now != done:
            summary = await extract()
            code = summary.exit_code
            if summary.stopped not in _PASSES:
                return code
            done = done if summary.stopped else now
        before = now
        if not await wait():
            return code
