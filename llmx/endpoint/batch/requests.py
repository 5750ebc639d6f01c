"""The requests of a batch run: noted, answered, counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmx.endpoint.batch.file import BatchFile
from llmx.record import Usage

if TYPE_CHECKING:
    from llmx.endpoint.batch.service import BatchLine

LINE_BYTES = 160
"""What a line has beside its body: the custom id, the method, the url."""

_COMMIT_EVERY = 512

OPEN = "status is null"
"""What is true of a request without an answer."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered to a request; ``status`` 0 says that nothing was, and ``message`` why.

    ``used`` says that it was counted as paid before, ``usage`` what it took.
    """

    status: int
    body: bytes
    message: str
    used: bool
    usage: Usage


class BatchRequests(BatchFile):
    """A batch file by its requests."""

    def answer(self, key: str) -> KeptAnswer | None:
        """Return what was answered to the request with ``key``, None where nothing is known yet."""
        rows = self.rows(
            "select status, answer, message, used, input_tokens, output_tokens from requests where key = ?", key
        )
        if not rows or rows[0][0] is None:
            return None
        status, body, message, used, given, said = rows[0]
        return KeptAnswer(status, (body or "").encode(), message, bool(used), Usage(given, said))

    def knows(self, key: str) -> bool:
        """Whether the request with ``key`` was noted, answered or not."""
        return bool(self.rows("select 1 from requests where key = ?", key))

    def note(self, line: BatchLine, likely: Usage) -> bool:
        """Write a request down that is to be asked, with the tokens that it may take; return whether it is new."""
        self.begin()
        added = self.db.execute(
            "insert or ignore into requests (key, url, body, bytes, input_tokens, output_tokens)"
            " values (?, ?, ?, ?, ?, ?)",
            (line.key, line.url, line.body, len(line.body.encode()) + LINE_BYTES, likely.input_tokens,
             likely.output_tokens),
        ).rowcount  # fmt: skip
        self._uncommitted += 1
        if self._uncommitted >= _COMMIT_EVERY:
            self.commit()
        return bool(added)

    def mark_used(self, key: str) -> None:
        """Note that an answer was counted as paid."""
        self.begin()
        self.rows("update requests set used = 1 where key = ?", key)

    def waiting(self) -> int:
        """Return how many requests are noted and in no batch yet."""
        return int(self.rows(f"select count(*) from requests where batch is null and {OPEN}")[0][0])  # noqa: S608 - no input

    def counts(self) -> dict[str, int]:
        """Return how many requests there are, are answered, and failed."""
        total, answered, failed = self.rows(
            "select count(*), count(status), coalesce(sum(status is not null and status <> 200), 0) from requests"
        )[0]
        return {"requests": int(total), "answered": int(answered), "failed": int(failed)}

    def tokens(self, *, used: bool) -> Usage:
        """Return what the answers took that were ``used``; else what the others took, or may take."""
        given, said = self.rows(
            "select coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0) from requests where used = ?",
            int(used),
        )[0]
        return Usage(int(given), int(said))

    def forget_waiting(self) -> int:
        """Forget the requests that are in no batch; return how many they were."""
        self.commit()
        return self.db.execute(f"delete from requests where batch is null and {OPEN}").rowcount  # noqa: S608 - no input
