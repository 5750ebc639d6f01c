"""The ``.jsonl`` output of a run: it grows in place, and every line that its manifest knows is whole.

A line is handed to the operating system before its row is committed. What stands behind the last line of the manifest
is cut off when a run goes on with the file.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from llmx.errors import OutputError
from llmx.private_file import open_private, take_permissions
from llmx.run.finished_records import FinishedRecord, dump_rows
from llmx.run.line_move import LineMove
from llmx.sinks.growing import GrowingFile
from llmx.sinks.writing import dump, output_error

if TYPE_CHECKING:
    from llmx.record import Record
    from llmx.run.manifest import Manifest, Row


class JsonLinesFile:
    """The file at ``path``, opened at the end of the last line that ``manifest`` knows. ``file`` is passed in by tests.

    Raises OutputError where the file was changed since it was written, or cannot be.
    """

    def __init__(self, path: Path, manifest: Manifest, *, file: IO[bytes] | None = None) -> None:
        self.path, self.manifest = path, manifest
        self._scratch = path.with_name(f".{path.name}.sorting")
        self._move = LineMove(manifest)
        self._end_move()
        end = self._end() if path.exists() else 0
        self._file = GrowingFile(file or self._opened(end), path, size=end)
        if not end:
            self._forget_lines_beyond(0)

    def _opened(self, end: int) -> IO[bytes]:
        try:
            file: IO[bytes] = open_private(self.path, "r+b" if self.path.exists() else "w+b", buffering=0)
            file.truncate(end)
        except OSError as error:
            raise output_error(error, self.path) from error
        return file

    def write(self, record: Record[Any]) -> tuple[int, int]:
        """Append the line of ``record``, or one for each of its rows; return where they stand and their length."""
        lines = record.line + b"\n" if isinstance(record, FinishedRecord) else dump_rows(record) + b"\n"
        return self._file.add(lines), len(lines)

    def read(self, row: Row) -> dict[str, Any]:
        """Return the record of a line that stands in the file. Raises OutputError where it cannot be read."""
        try:
            with self.path.open("rb") as file:
                file.seek(row.at)
                line: dict[str, Any] = json.loads(file.read(row.bytes))  # orjson makes floats of large integers
        except (OSError, ValueError) as error:
            raise output_error(error, self.path) from error
        return line

    def tidy(self, *, ordered: bool) -> None:
        """Write the file anew where later lines replace earlier ones or, with ``ordered``, lines are out of order."""
        self.manifest.commit()
        total = int(self.manifest.query("select coalesce(sum(bytes), 0) from documents where at >= 0")[0][0])
        if total == self._file.size and not (ordered and self._out_of_order()):
            return
        self._move.plan(self._sorted_lines("position, at" if ordered else "at"))
        self._file.close()  # Windows replaces no open file
        take_permissions(self._scratch, self.path)
        self._scratch.replace(self.path)
        self._move.finish()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _end(self) -> int:
        """Return where the last line ends that the manifest knows; what follows was not finished."""
        self._forget_lines_beyond(self.path.stat().st_size)
        rows = self.manifest.query("select id, at, bytes from documents where at >= 0 order by at desc limit 1")
        rows += self.manifest.query("select id, at, bytes from documents where at >= 0 order by at limit 1")
        with self.path.open("rb") as file:
            for key, at, length in rows:
                file.seek(at)
                line = file.read(length)
                if not line.endswith(b"\n") or not _is_of(key.partition("\0")[0], line[:-1].split(b"\n")):
                    raise OutputError(
                        f"{self.path} was changed since it was written: the line of {key!r} is not at byte {at:,}",
                        hint="--overwrite begins anew; answers that the cache holds cost nothing.",
                    )
        return int(rows[0][1] + rows[0][2]) if rows else 0

    def _forget_lines_beyond(self, size: int) -> None:
        """Forget the documents whose lines end behind ``size`` bytes: the file has lost them."""
        self.manifest.query("delete from documents where at >= 0 and at + bytes > ?", size)

    def _sorted_lines(self, order: str) -> Iterator[tuple[str, int, int]]:
        """Write the lines to the scratch file, one at a time; yield where each of them stands there."""
        at = 0
        with self.path.open("rb") as source, open_private(self._scratch, "wb") as target:
            for row in self.manifest.rows(order):
                source.seek(row.at)
                target.write(source.read(row.bytes))
                yield row.id, at, row.bytes
                at += row.bytes
            target.flush()
            os.fsync(target.fileno())

    def _out_of_order(self) -> bool:
        places = (row.at for row in self.manifest.rows("position, at") if row.at >= 0)
        return any(now < before for before, now in pairwise(places))

    def _end_move(self) -> None:
        """End what a killed ``tidy`` began: the new file got its name, or it did not."""
        if self._move.planned:
            if self._scratch.exists():
                self._move.drop()
            else:
                self._move.finish()
        self._scratch.unlink(missing_ok=True)


def _is_of(document_id: str, lines: list[bytes]) -> bool:
    """Whether these are the line of a document, or those of the records that it holds."""
    if len(lines) == 1 and dump(document_id) in lines[0]:
        return True
    named = re.compile(re.escape(dump(document_id)[:-1]) + rb'#(\d+)"')
    found = [int(match[1]) for line in lines if (match := named.search(line))]
    return len(found) == len(lines) and all(now > before for before, now in pairwise(found))  # pages may be blank
