"""A file that appears under its name when it is whole: written beside its place and renamed at the end."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from llmx.dataclass import dataclass
from llmx.errors import OutputError
from llmx.private_file import PRIVATE, take_permissions
from llmx.sinks.writing import output_error

PART = ".part"
"""How the name of a file ends that is not whole yet; it begins with a dot and the output's name."""


@dataclass(frozen=True, slots=True)
class ReservedFile:
    """Where an output goes (``target``), and where it is written until it is done (``temporary``, beside it)."""

    target: Path
    temporary: Path
    overwrite: bool

    def commit(self) -> Path:
        """Rename the file to its target and return that. An output that appeared there meanwhile is not replaced."""
        if not self.overwrite and self.target.exists():
            aside = self._aside()
            self.temporary.replace(aside)
            raise OutputError(
                f"{self.target} was written by another process meanwhile", hint=f"this run's records are in {aside}"
            )
        take_permissions(self.temporary, self.target)
        self.temporary.replace(self.target)
        return self.target

    def keep(self) -> Path:
        """Keep an unfinished file, and return where: under its own name, or beside an output that is there."""
        path = self._aside() if self.target.exists() else self.target
        self.temporary.replace(path)
        return path

    def discard(self) -> None:
        """Remove what was written."""
        with suppress(OSError):
            self.temporary.unlink()

    def _aside(self) -> Path:
        return self.target.with_suffix(f".partial{self.target.suffix}")


def reserve(target: Path, *, overwrite: bool) -> ReservedFile:
    """Return a reserved file for an output; its temporary file is created.

    Raises OutputError if ``target`` exists and may not be replaced, or nothing can be written there: before the
    first document is paid for.
    """
    real = Path(os.path.realpath(target))  # through a link, so that its file is replaced and not the link
    if real.is_dir():
        raise OutputError(f"{target} is a folder", hint="Name a file in it.")
    if real.exists() and not overwrite:
        raise exists_error(target)
    temporary = real.with_name(f".{real.name}.{secrets.token_hex(4)}{PART}")
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
    except OSError as exc:
        raise output_error(exc, target) from exc
    return ReservedFile(real, temporary, overwrite)


def exists_error(target: Path) -> OutputError:
    """Return the error for an output that is there already."""
    return OutputError(f"{target} exists already", hint="--overwrite replaces it; or name another file")
