"""The log of a run as JSON lines: one for each document, and one for whatever else happened.

It holds no key and no header, and no text of a document unless that is asked for: ids, keys of requests, times, counts.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from llmx.run.summary import Live, Onlooker, Summary
from llmx.sinks.writing import dump, output_error

if TYPE_CHECKING:
    from llmx.documents import Document, Unreadable
    from llmx.record import Record


class LogFile(Onlooker):
    """Appends to ``path`` within a ``with`` block; with ``text``, documents and issues are told in full."""

    def __init__(self, path: Path, *, text: bool = False) -> None:
        self.path, self.text = path, text
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab", buffering=1 << 16)
        except OSError as error:
            raise output_error(error, path) from error
        self._flushed_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _tell(self, event: str, **values: Any) -> None:
        self._file.write(dump({"time": round(time.time(), 3), "event": event, **values}) + b"\n")
        if time.monotonic() - self._flushed_s > 1.0:
            self._file.flush()
            self._flushed_s = time.monotonic()

    def begin(self, live: Live) -> None:
        """Tell that the run begins."""
        self._tell("begin", model=live.model)

    def finished(self, document: Document | Unreadable, record: Record[Any], seconds: float) -> None:
        """Tell what became of a document, and which requests were made for it."""
        told: dict[str, Any] = {
            "id": record.id, "source": record.source, "status": record.status, "seconds": round(seconds, 3),
            "endpoint_seconds": round(record.seconds, 3), "attempts": record.attempts, "keys": record.keys,
            "input_tokens": record.usage.input_tokens, "output_tokens": record.usage.output_tokens,
            "issues": [issue.code for issue in record.issues],
        }  # fmt: skip
        if self.text:
            told["text"] = getattr(document, "text", None)
            told["issues"] = [issue.to_json() for issue in record.issues]
        elif record.status == "failed":
            told["error"] = [i.message for i in record.issues if i.code in {"endpoint", "unreadable"}]
        self._tell("document", **told)

    def note(self, message: str) -> None:
        """Tell what a user was told."""
        self._tell("note", message=message)

    def end(self, summary: Summary) -> None:
        """Tell how the run ended."""
        self._tell("end", **summary.to_json())
        self._file.flush()
