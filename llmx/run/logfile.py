"""The log of a run as JSON lines: one for each document, and one for whatever else happened.

Where it cannot be written, because the disk is full, the run goes on without it and says so once.

It holds ids, keys of requests, times and counts: no API key, no header, and no text of a document unless asked for.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.documents import Document
from llmx.private_file import open_private
from llmx.run.observer import Live, NullObserver
from llmx.run.summary import Summary
from llmx.sinks.writing import dump_line, output_error

if TYPE_CHECKING:
    from llmx.documents import Unreadable
    from llmx.record import Record
    from llmx.run.options import RunOptions

_LOG = logging.getLogger("llmx.run")


@contextmanager
def opened_log(options: RunOptions) -> Iterator[LogFile | None]:
    """Give the log that ``options`` ask for within the ``with`` block, None where they ask for none."""
    if options.log_file is None:
        yield None
        return
    log = LogFile(options.log_file, text=options.log_text)
    try:
        yield log
    finally:
        log.close()


class LogFile(NullObserver):
    """Appends to ``path``; with ``text``, documents and issues are written in full. Raises OutputError."""

    def __init__(self, path: Path, *, text: bool = False) -> None:
        self.path, self.text = path, text
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open_private(path, "ab", buffering=1 << 16)
        except OSError as error:
            raise output_error(error, path) from error
        self._flushed_s = 0.0
        self._broken = False

    def close(self) -> None:
        """Close the file."""
        with self._bearing():
            self._file.close()

    def _write(self, event: str, **values: Any) -> None:
        with self._bearing():
            self._file.write(dump_line({"time": round(time.time(), 3), "event": event, **values}))
            if event == "end" or time.monotonic() - self._flushed_s > 1.0:
                self._file.flush()
                self._flushed_s = time.monotonic()

    @contextmanager
    def _bearing(self) -> Iterator[None]:
        """Go on without the log where it cannot be written."""
        try:
            yield
        except OSError as error:
            if not self._broken:
                self._broken = True
                _LOG.warning("the log %s cannot be written (%s); going on without it", self.path, error.strerror)

    def begin(self, live: Live) -> None:
        """Write that the run begins."""
        self._write("begin", model=", ".join(account.model for account in live.accounts))

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:
        """Write what became of a document, and which requests were made for it."""
        told: dict[str, Any] = {
            "id": record.id, "source": record.source, "status": record.status, "seconds": round(seconds, 3),
            "endpoint_seconds": round(record.seconds, 3), "attempts": record.attempts, "keys": record.keys,
            "input_tokens": record.usage.input_tokens, "output_tokens": record.usage.output_tokens,
            "issues": [issue.code for issue in record.issues],
        }  # fmt: skip
        if self.text:
            told["text"] = document.text if isinstance(document, Document) else None
            told["issues"] = [issue.to_json() for issue in record.issues]
        elif record.status == "failed":
            told["error"] = [i.message for i in record.issues if i.code in {"endpoint", "unreadable"}]
        self._write("document", **told)

    def note(self, message: str) -> None:
        """Write what the user was told."""
        self._write("note", message=message)

    def end(self, summary: Summary) -> None:
        """Write how the run ended."""
        self._write("end", **summary.to_json())
