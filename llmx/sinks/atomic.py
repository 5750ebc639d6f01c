"""Writes a file whole or not at all: beside its place, onto the disk, and then under its name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from llmx.sinks.formats import target_kind
from llmx.sinks.place import reserve
from llmx.sinks.writing import output_error


def write_atomically(target: Path, parts: Iterable[bytes]) -> None:
    """Write ``parts`` to ``target`` in place of what is there; it gets the permissions of the old file, or is for its
    owner alone.

    Folders are made as needed; a pipe or a device is written directly. Raises OutputError if the file cannot be
    written; the old one is then as it was.
    """
    if target_kind(target) == "stream":
        _write(target, parts, target=target)
        return
    place = reserve(target, overwrite=True)
    try:
        _write(place.temporary, parts, target=target)
        place.commit()
    except BaseException:
        place.discard()
        raise


def _write(path: Path, parts: Iterable[bytes], *, target: Path) -> None:
    try:
        with path.open("wb") as file:
            file.writelines(parts)
            file.flush()
            if path != target:
                os.fsync(file.fileno())  # a file of its own; pipes have nothing to sync
    except OSError as error:
        raise output_error(error, target) from error
