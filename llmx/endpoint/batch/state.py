"""What is known of the batches of a run, in a private file beside its output: ``OUT.batch``.

A process may be killed at any moment, and nothing is asked or paid twice. A request is written down before its batch is
planned, a batch before it is submitted, and an answer before it is used. No key and no password stands in the file;
what the requests and answers hold of documents does, so it is for its owner alone.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from llmx.endpoint.batch.requests import OPEN, BatchRequests
from llmx.endpoint.batch.service import BatchLimits, BatchLine, LineAnswer, PlannedBatch
from llmx.record import Usage

MOST_TRIES = 3
"""Batches in which a line may be lost before its document fails."""

IN_FLIGHT = ("planned", "in progress")
"""Phases of a batch that is not over: planned, and perhaps submitted without our knowing; or known to be under way."""

_ANTHROPIC = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_GOOGLE = ("candidatesTokenCount", "thoughtsTokenCount")
"""What a provider tells apart, and bills all the same."""

_WAITING_URLS = "select distinct url from requests where batch is null and status is null"


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it is known. ``phase`` is planned, in progress, exported, collected or failed."""

    number: int
    tag: str
    url: str
    lines: int
    phase: str
    id: str
    told: str
    planned_s: float
    message: str


class BatchState(BatchRequests):
    """A batch file by its batches, and so the whole of it."""

    def plan(self, limits: BatchLimits) -> list[Batch]:
        """Put the requests that wait into batches within ``limits``, and return all batches that are planned."""
        self.commit()
        self.begin()
        for url in [row[0] for row in self.rows(_WAITING_URLS)]:
            waiting = self.rows(
                f"select key, bytes from requests where batch is null and {OPEN} and url = ? order by key",  # noqa: S608 - no input
                url,
            )
            for part in _split(waiting, limits):
                self._plan_one(url, part)
        self.commit()
        return self.batches("planned")

    def _plan_one(self, url: str, part: Sequence[tuple[str, int]]) -> None:
        tag = f"llmx-{secrets.token_hex(12)}"
        number = self.db.execute(
            "insert into batches (tag, url, lines, bytes, phase, planned) values (?, ?, ?, ?, 'planned', ?)",
            (tag, url, len(part), sum(size for _, size in part), time.time()),
        ).lastrowid
        self.db.executemany(
            "update requests set batch = ?, tries = tries + 1 where key = ?", [(number, key) for key, _ in part]
        )

    def batches(self, *phases: str) -> list[Batch]:
        """Return the batches in ``phases``, of any without them, in the order in which they were planned."""
        among = f"where phase in ({', '.join('?' * len(phases))})" if phases else ""
        rows = self.rows(
            f"select number, tag, url, lines, phase, id, told, planned, message from batches {among} order by number",  # noqa: S608 - no input
            *phases,
        )
        return [Batch(*row) for row in rows]

    def planned(self, batch: Batch) -> PlannedBatch:
        """Return ``batch`` as it is to be submitted."""
        known = frozenset(each.id for each in self.batches() if each.id)
        keys = frozenset(row[0] for row in self.rows("select key from requests where batch = ?", batch.number))
        return PlannedBatch(batch.tag, batch.url, batch.lines, batch.planned_s, known, keys)

    def lines(self, batch: Batch) -> list[BatchLine]:
        """Return the lines of ``batch``."""
        rows = self.rows("select key, url, body from requests where batch = ? order by key", batch.number)
        return [BatchLine(*row) for row in rows]

    def set_phase(self, batch: Batch, phase: str, *, batch_id: str = "", told: str = "", message: str = "") -> None:
        """Note where ``batch`` is; what is '' stays as it was."""
        self.rows(
            "update batches set phase = ?, id = case ? when '' then id else ? end, told = ?, message = ?"
            " where number = ?",
            phase, batch_id, batch_id, told, message, batch.number,
        )  # fmt: skip

    def keep(self, batch: Batch | None, answers: Iterable[LineAnswer]) -> int:
        """Write down what was answered; return how many answers belong to no request that waits.

        Of several answers to one request the first counts. With ``batch``, only its own lines are looked at.
        """
        strange = 0
        self.begin()
        for each in answers:
            where = "key = ? and status is null" + ("" if batch is None else f" and batch = {batch.number}")
            rows = self.rows(f"select tries from requests where {where}", each.key)  # noqa: S608 - a number of ours
            strange += not rows and not self.knows(each.key)
            if rows and each.lost and rows[0][0] < MOST_TRIES:
                again = ", batch = null" if batch is None else ""
                self.rows(f"update requests set message = ?{again} where key = ?", each.message, each.key)  # noqa: S608 - no input
            elif rows:
                self._keep_one(each)
        self.commit()
        return strange

    def _keep_one(self, answer: LineAnswer) -> None:
        usage = _usage(answer.body) if answer.status == 200 else Usage()
        body = None if answer.body is None else orjson.dumps(answer.body).decode()
        self.rows(
            "update requests set status = ?, answer = ?, message = ?, body = null, batch = null, input_tokens = ?,"
            " output_tokens = ? where key = ?",
            0 if answer.lost else answer.status, None if answer.lost else body, answer.message,
            usage.input_tokens, usage.output_tokens, answer.key,
        )  # fmt: skip

    def close_batch(self, batch: Batch, phase: str, *, message: str = "") -> int:
        """Note that ``batch`` is over, and return how many of its lines were not answered: they wait for another one.

        Those that were lost too often fail. A batch that was refused as a whole costs its lines no try.
        """
        self.begin()
        tries = ", tries = tries - 1" if phase == "failed" else ""
        if phase != "failed":
            self.rows(
                "update requests set status = 0, body = null, batch = null, input_tokens = 0, output_tokens = 0,"
                " message = case message when '' then 'the batch had no answer to it' else message end"
                " where batch = ? and status is null and tries >= ?",
                batch.number, MOST_TRIES,
            )  # fmt: skip
        left = self.db.execute(f"update requests set batch = null{tries} where batch = ?", (batch.number,)).rowcount  # noqa: S608 - no input
        self.set_phase(batch, phase, message=message)
        self.commit()
        return left


def _split(waiting: Sequence[tuple[str, int]], limits: BatchLimits) -> Iterator[list[tuple[str, int]]]:
    """Yield (key, bytes) of as many requests as one batch may hold."""
    part: list[tuple[str, int]] = []
    size = 0
    for key, length in waiting:
        if part and (len(part) >= limits.lines or size + length > limits.bytes):
            yield part
            part, size = [], 0
        part.append((key, length))
        size += length
    if part:
        yield part


def _usage(body: dict[str, Any] | None) -> Usage:
    """Return the tokens of an answer, by whatever names a provider has for them."""
    used = (body or {}).get("usage") or (body or {}).get("usageMetadata") or {}
    if not isinstance(used, dict):
        return Usage()
    given = used.get("prompt_tokens") or _sum(used, _ANTHROPIC) or used.get("promptTokenCount") or 0
    said = used.get("completion_tokens") or used.get("output_tokens") or _sum(used, _GOOGLE)
    return Usage(int(given), int(said))


def _sum(used: dict[str, Any], names: Iterable[str]) -> int:
    return sum(int(used.get(name) or 0) for name in names)
