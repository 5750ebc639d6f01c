"""Bank statements of any length, their schema, and a server that writes out their rows as models do. It is no model.

``StatementServer`` reads the rows in what it is asked about and answers with them, in the form of the JSON schema or
the prompt of langextract. ``habit`` says what it gets wrong: ``truncates`` (an answer ends at its limit of tokens, with
finish_reason length), ``stops`` (it ends early and says that it is done), ``skips`` (it always leaves out some rows).
"""

from __future__ import annotations

import json
import random
import re
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field

from bench.mock_server import Mock, http

Habit = Literal["truncates", "stops", "skips"]
HABITS: tuple[Habit, ...] = ("truncates", "stops", "skips")

OUTPUT_TOKENS = 4096
"""What the server writes at most where a request names no limit, as many models do."""

STOPS_AT = 60
SKIPS_EACH = 13

_TEXTS = ("Card payment", "Direct debit", "Transfer in", "Standing order", "Cash withdrawal", "Salary", "Refund")
_PLACES = ("grocer", "rent", "city works", "energy", "phone", "books", "travel", "pharmacy")
_ROW = re.compile(r"(\d{4}-\d\d-\d\d) \| (T\d{6}) \| ([^|\n]+?) \| (-?[\d,]+\.\d\d)")


class Transaction(BaseModel):
    """A row of the statement."""

    booked_on: str = Field(description="the day of booking")
    reference: str
    text: str = Field(description="what it is for")
    amount: Decimal


class Statement(BaseModel):
    """A bank statement."""

    account: str
    transactions: list[Transaction]


def statement(rows: int, *, seed: int = 7) -> str:
    """Return the text of a statement with so many rows, on pages of 60 with a heading each."""
    chance = random.Random(seed)
    lines = ["Statement of account NO93 8601 1117 947", ""]
    total = 0
    for number in range(rows):
        if number % 60 == 0:
            lines += [*([""] if number else []), "| Date | Reference | Text | Amount |", "|---|---|---|---|"]
        cents = chance.randrange(-90_000, 120_000)
        total += cents
        day = f"2026-{1 + number * 12 // rows:02d}-{1 + number % 28:02d}"
        said = f"{chance.choice(_TEXTS)} {chance.choice(_PLACES)}"
        lines.append(f"| {day} | T{number:06d} | {said} | {cents / 100:,.2f} |")
    return "\n".join([*lines, "", f"Balance on the last day: {total / 100:,.2f}", ""])


def references(rows: int) -> set[str]:
    """Return what tells the rows of ``statement(rows)`` apart."""
    return {f"T{number:06d}" for number in range(rows)}


class StatementServer(Mock):
    """Answers with the rows that it is asked about, less what its ``habit`` costs."""

    def __init__(self, habit: Habit, **more: Any) -> None:
        super().__init__(**more)
        self.habit = habit
        self.output_tokens = 0

    def reply(self, body: bytes) -> tuple[str, bytes]:
        """Return ('', whole HTTP answer) for a chat request."""
        asked = json.loads(body)
        self.kinds["ok"] += 1
        limit = int(asked.get("max_tokens") or asked.get("max_completion_tokens") or OUTPUT_TOKENS)
        schema, named = _schema_of(asked)
        if schema and not {"transactions", "items", "extractions"} & set(schema.get("properties", ())):
            return super().reply(body)  # a probe of what the server honours
        rows = self._rows(asked)
        text = _for_langextract(rows) if "extractions" in schema.get("properties", {}) else _in_schema(schema, rows)
        cut = len(text) // 4 > limit
        text = text[: 4 * limit]
        self.output_tokens += len(text) // 4
        return "", http(200, _completion(body, text, named, cut=cut))

    def _rows(self, asked: dict[str, Any]) -> list[tuple[str, ...]]:
        """Return the rows of the last message that has any: a question names the rows that it is about."""
        said = [str(message.get("content") or "") for message in asked["messages"] if message["role"] != "assistant"]
        last = said[-1]
        rows = _ROW.findall(last) or [row for each in said for row in _ROW.findall(each)]
        if "already there:" in last and not _ROW.findall(last):
            known = set(re.findall(r"[^|;:]+", last.partition("already there:")[2]))
            rows = [row for row in rows if not {row[0], row[1]} & {each.strip() for each in known}]
        if "Q: " in last:  # langextract's prompt has an example before the text
            rows = _ROW.findall(last.rpartition("Q: ")[2])
        if self.habit == "stops":
            return rows[:STOPS_AT]
        if self.habit == "skips":
            return [row for row in rows if int(row[1][1:]) % SKIPS_EACH]
        return rows


def _schema_of(asked: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the JSON schema that is asked for, and the name of the tool where it is one's."""
    if asked.get("tools"):
        function = asked["tools"][0]["function"]
        return function["parameters"], str(function["name"])
    return ((asked.get("response_format") or {}).get("json_schema") or {}).get("schema") or {}, ""


def _in_schema(schema: dict[str, Any], rows: list[tuple[str, ...]]) -> str:
    names = list(schema.get("properties", ("account", "transactions")))
    items = [dict(zip(("booked_on", "reference", "text", "amount"), row, strict=True)) for row in rows]
    if not _wants_words(schema):
        items = [{**each, "amount": each["amount"].replace(",", "")} for each in items]
    return json.dumps({name: "NO93 8601 1117 947" if name == "account" else items for name in names})


def _wants_words(schema: dict[str, Any]) -> bool:
    return '"amount": {"type": "string"' in json.dumps(schema) or '"maxLength"' in json.dumps(schema)


def _for_langextract(rows: list[tuple[str, ...]]) -> str:
    found = [
        {"transaction": reference, "transaction_attributes": {"booked_on": day, "text": text, "amount": amount}}
        for day, reference, text, amount in rows
    ]
    return json.dumps({"extractions": found})


def _completion(body: bytes, text: str, named: str, *, cut: bool) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None if named else text, "refusal": None}
    if named:
        call = {"id": "call_1", "type": "function", "function": {"name": named, "arguments": text}}
        message["tool_calls"] = [call]
    finish = "length" if cut else "tool_calls" if named else "stop"
    usage = {"prompt_tokens": len(body) // 4, "completion_tokens": len(text) // 4,
             "total_tokens": (len(body) + len(text)) // 4}  # fmt: skip
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1790000000, "model": "mock", "usage": usage,
        "choices": [{"index": 0, "finish_reason": finish, "logprobs": None, "message": message}],
    }  # fmt: skip
