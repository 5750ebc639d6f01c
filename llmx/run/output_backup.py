"""The output that --overwrite replaces: kept hidden beside it until the new one has something in it.

So a run that never comes to its first record (a refused key, an endpoint that is away) leaves what was there. What a
killed run left beside the output is put in order here too, before the next one looks at it.
"""

from __future__ import annotations

from glob import escape
from pathlib import Path

from llmx.private_file import take_permissions
from llmx.run.manifest import SUFFIX
from llmx.sinks.place import PART

_ENDS = (SUFFIX, f"{SUFFIX}-wal", f"{SUFFIX}-shm")  # SQLite finds its log by the name of the database


class OutputBackup:
    """The hidden place beside ``target``. Whoever uses it holds the output's lock."""

    def __init__(self, target: Path) -> None:
        self.target, self.hidden = target, target.with_name(f".{target.name}.replaced")

    def put(self) -> None:
        """Move the output and its manifest there. The output goes last: its being there says that all of it is.

        A manifest whose output is gone tells of nothing: it is removed, so that it is not put back over the new one.
        """
        if not self.target.exists():
            for visible, _ in self._manifests():
                visible.unlink(missing_ok=True)
            return
        for visible, hidden in self._manifests():
            if visible.exists():
                visible.replace(hidden)
        if self.target.exists():
            self.target.replace(self.hidden)

    def keep_or_restore(self, *, complete: bool = False) -> None:
        """Keep the new output where it is ``complete`` or holds something, else put the old one back."""
        if self.hidden.exists():
            if self.target.exists() and (complete or self.target.stat().st_size):
                self._drop()
                return
            self.hidden.replace(self.target)
            for visible, _ in self._manifests():
                visible.unlink(missing_ok=True)  # the new run's, which came to nothing
        for visible, hidden in self._manifests():
            if hidden.exists():
                hidden.replace(visible)

    def sweep(self) -> None:
        """Remove what killed runs left of a file that is written as a whole: its records come from the cache again."""
        for part in self.target.parent.glob(f".{escape(self.target.name)}.*{PART}"):
            part.unlink(missing_ok=True)

    def _drop(self) -> None:
        take_permissions(self.target, self.hidden)
        for _, hidden in self._manifests():
            hidden.unlink(missing_ok=True)
        self.hidden.unlink()

    def _manifests(self) -> list[tuple[Path, Path]]:
        return [
            (self.target.with_name(self.target.name + end), self.hidden.with_name(self.hidden.name + end))
            for end in _ENDS
        ]
