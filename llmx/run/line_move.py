"""Puts the lines of an output in another order, so that a kill at any moment loses none.

The new places are in the manifest before the new file takes its name: whichever of the two a later run finds, it knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmx.run.manifest import Manifest


class LineMove:
    """The move that ``manifest`` knows of, planned and then finished or dropped."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest

    @property
    def planned(self) -> bool:
        """Whether a move was planned, and neither finished nor dropped."""
        return self._manifest.fact("moving") == "yes"

    def plan(self, moves: Iterable[tuple[str, int, int]]) -> None:
        """Note where the lines are going to stand: (id, at, bytes) of each."""
        with self._manifest.together() as db:
            db.execute("delete from moved")
            db.executemany("insert into moved values (?, ?, ?)", moves)
            db.execute("replace into facts values ('moving', 'yes')")

    def finish(self) -> None:
        """Take over the new places: the new file has its name."""
        with self._manifest.together() as db:
            db.execute("update documents set (at, bytes) = (select at, bytes from moved where moved.id = documents.id) "
                       "where id in (select id from moved)")  # fmt: skip
            db.execute("delete from moved")
            db.execute("delete from facts where name = 'moving'")

    def drop(self) -> None:
        """Forget the new places: the new file never got its name."""
        with self._manifest.together() as db:
            db.execute("delete from moved")
            db.execute("delete from facts where name = 'moving'")
