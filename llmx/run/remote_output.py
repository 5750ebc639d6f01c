"""Outputs in an object store: a run writes to this machine, and what it wrote is put into the store.

Nothing can be appended to an object. So a ``.jsonl`` output grows in a folder of its own here and is put into the store
once a minute and at the end, with its manifest; other formats are put there when they are whole. A run that is killed
loses what came since then, and gets the answers from the cache when it goes on.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from llmx.errors import OutputError, did_you_mean
from llmx.remote import exists, open_store, remote_name, telling
from llmx.run.manifest import SUFFIX, manifest_path
from llmx.sinks.formats import FORMATS, is_json_lines

if TYPE_CHECKING:
    from llmx.run.options import OutputOptions

EVERY_S = 60.0
"""How often an output that grows is put into the store; less often where that takes more than a tenth of the time."""
_ATTEMPTS = 3


def check_remote_output(output: OutputOptions) -> None:
    """Raise OutputError where the output in a store cannot be written as asked. Nothing is written for that."""
    name = remote_name(output.path)
    if "::" in name or name.startswith("zip://"):
        raise OutputError(f"{name}: nothing is written into archives", hint="Name a file of its own.")
    suffix = Path(name).suffix.lower()
    if suffix not in FORMATS:
        hint = f"{did_you_mean(suffix, FORMATS)}Outputs end in {', '.join(FORMATS)}."
        raise OutputError(f"{name}: there is no format for '{suffix}'", hint=hint)
    store, path = open_store(name)
    with telling(name, OutputError):
        there, noted = exists(store, path), exists(store, path + SUFFIX)
    if there and not (output.resumes or output.overwrite):
        hint = "--resume does what is missing or stale, --overwrite begins anew; or name another file with -o"
        raise OutputError(f"{name} exists already", hint=hint)
    if there and output.resumes and not noted:
        hint = "--overwrite begins anew; answers that the cache holds cost nothing."
        raise OutputError(f"{name} cannot be gone on with: its manifest is missing", hint=hint)


class StagedOutput:
    """The copy of a remote output on this machine, ``local``; ``put`` brings it into the store."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.local = name, folder / name.rpartition("/")[2]
        self.took_s = 0.0
        self._folder = folder
        self._store, self._path = open_store(name)

    def fetch(self) -> None:
        """Bring here what is in the store: the output and its manifest."""
        for path, local in ((self._path, self.local), (self._path + SUFFIX, manifest_path(self.local))):
            with telling(self.name, OutputError):
                if exists(self._store, path):
                    self._store.get_file(path, str(local))
                    local.chmod(0o600)

    def put(self) -> None:
        """Put the output and its manifest into the store. A run may be writing them: lines that it adds stay behind."""
        began = time.monotonic()
        manifest, copy = manifest_path(self.local), self._folder / "manifest.copy"
        if manifest.exists():  # first, so that it knows no line that the output does not have
            with closing(sqlite3.connect(manifest)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
                target.execute("pragma journal_mode=delete")
        with telling(self.name, OutputError):
            if self.local.exists():
                self._store.put_file(str(self.local), self._path)
            if copy.exists():
                self._store.put_file(str(copy), self._path + SUFFIX)
        copy.unlink(missing_ok=True)
        self.took_s = time.monotonic() - began


@asynccontextmanager
async def staged_output(output: OutputOptions, *, every_s: float = EVERY_S) -> AsyncIterator[OutputOptions]:
    """Give an output on this machine in place of one in a store; what is in it at the end is put into the store.

    Raises OutputError where that fails; the message says where the records are then.
    """
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="llmx-output-"))
    staged = StagedOutput(remote_name(output.path), folder)
    if output.resumes:
        await asyncio.to_thread(staged.fetch)
    growing = asyncio.create_task(_put_again(staged, every_s)) if is_json_lines(staged.local) else None
    try:
        yield replace(output, path=staged.local)
    finally:
        if growing is not None:
            growing.cancel()
            await asyncio.gather(growing, return_exceptions=True)
        await _put_at_the_end(staged, folder)


async def _put_again(staged: StagedOutput, every_s: float) -> None:
    while True:
        await asyncio.sleep(max(every_s, 10 * staged.took_s))
        with suppress(OutputError, sqlite3.Error):  # the end, or the next time, may do better
            await asyncio.to_thread(staged.put)


async def _put_at_the_end(staged: StagedOutput, folder: Path) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            await asyncio.to_thread(staged.put)
            break
        except OutputError as error:
            if attempt == _ATTEMPTS:
                hint = f"The records are in {staged.local}, with the manifest beside it: put both there yourself."
                raise OutputError(error.message, hint=hint) from None
            await asyncio.sleep(attempt)
    if staged.local.exists():  # else a run that stopped has left its part under another name, and says so
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
